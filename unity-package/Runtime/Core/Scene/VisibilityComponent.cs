using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The entity's own visibility; its parents may still hide it.</summary>
    public sealed class VisibilityComponent : Component
    {
        public VisibilityComponent(bool isVisible)
        {
            IsVisible = isVisible;
        }

        public bool IsVisible { get; }

        public override string Key => "visibility";

        public static VisibilityComponent Read(JsonValue json, string location)
        {
            return new VisibilityComponent(json.Required("visible", location).AsBool(location + ".visible"));
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("visible", IsVisible);

        protected override void AddToDigest(ref Digest digest) => digest.Add(IsVisible ? 1u : 0u);
    }
}
