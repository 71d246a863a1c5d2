using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The object whose armature deforms an object.</summary>
    public sealed class SkinComponent : Component
    {
        public const string Name = "skin";

        /// <summary>An object that nothing deforms.</summary>
        public static readonly SkinComponent None = new SkinComponent(null);

        public SkinComponent(string armature)
        {
            Armature = armature;
        }

        /// <summary>The uuid of the object that poses the armature; null for none.</summary>
        public string Armature { get; }

        public override string Key => Name;

        public override bool IsDefault => Armature == null;

        public override IEnumerable<string> References => new[] { Armature };

        public static SkinComponent Read(JsonValue json, string location) =>
            new SkinComponent(SlotsComponent.ReadUuid(json.Required("armature", location), location + ".armature"));

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("armature", Armature);

        protected override void AddToDigest(ref Digest digest) => digest.Add(Armature);
    }
}
