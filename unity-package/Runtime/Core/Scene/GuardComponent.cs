using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Whether people keep an object, and all objects below it, from agents.</summary>
    public sealed class GuardComponent : Component
    {
        public GuardComponent(bool isHumanOnly)
        {
            IsHumanOnly = isHumanOnly;
        }

        public bool IsHumanOnly { get; }

        public override string Key => "guard";

        public override bool IsDefault => !IsHumanOnly;

        public static GuardComponent Read(JsonValue json, string location)
        {
            return new GuardComponent(json.Required("human_only", location).AsBool(location + ".human_only"));
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("human_only", IsHumanOnly);

        protected override void AddToDigest(ref Digest digest) => digest.Add(IsHumanOnly ? 1u : 0u);
    }
}
