using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The collection that an object shows at its own place.</summary>
    public sealed class InstanceComponent : Component
    {
        public const string Name = "instance";

        /// <summary>An object that shows no collection.</summary>
        public static readonly InstanceComponent None = new InstanceComponent(null);

        public InstanceComponent(string of)
        {
            Of = of;
        }

        /// <summary>The uuid of the collection; null for none.</summary>
        public string Of { get; }

        public override string Key => Name;

        public override bool IsDefault => Of == null;

        public override IEnumerable<string> References => new[] { Of };

        public static InstanceComponent Read(JsonValue json, string location) =>
            new InstanceComponent(SlotsComponent.ReadUuid(json.Required("of", location), location + ".of"));

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("of", Of);

        protected override void AddToDigest(ref Digest digest) => digest.Add(Of);
    }
}
