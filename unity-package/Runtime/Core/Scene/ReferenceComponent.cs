using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>A reference to another entity (`parent` or `data`), or to none.</summary>
    public sealed class ReferenceComponent : Component
    {
        public ReferenceComponent(string key, string uuid)
        {
            Key = key;
            Uuid = uuid;
        }

        public override string Key { get; }

        /// <summary>The uuid of the entity, or null.</summary>
        public string Uuid { get; }

        public override IEnumerable<string> References => new[] { Uuid };

        public static ReferenceComponent Read(string key, JsonValue json, string location)
        {
            JsonValue uuid = json.Required("uuid", location);
            string target = uuid.IsNull ? null : Core.Uuid.Check(uuid.AsString(location + ".uuid"), location + ".uuid");
            return new ReferenceComponent(key, target);
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("uuid", Uuid);

        protected override void AddToDigest(ref Digest digest) => digest.Add(Uuid);
    }
}
