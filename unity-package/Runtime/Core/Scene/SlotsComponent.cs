using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The materials of a mesh, by the slots that its submeshes name.</summary>
    public sealed class SlotsComponent : Component
    {
        public const string Name = "slots";

        /// <summary>A mesh without slots.</summary>
        public static readonly SlotsComponent None = new SlotsComponent(Array.Empty<string>());

        const int MaxSlots = 32767;

        /// <param name="materials">The uuids, null for a slot without a material. Is never changed.</param>
        public SlotsComponent(string[] materials)
        {
            Materials = materials;
        }

        public string[] Materials { get; }

        public override string Key => Name;

        public override bool IsDefault => Materials.Length == 0;

        public override IEnumerable<string> References => Materials;

        /// <summary>Returns the uuid of a slot; null for one without a material, and beyond the last slot.</summary>
        public string Find(int slot) => slot < Materials.Length ? Materials[slot] : null;

        public static SlotsComponent Read(JsonValue json, string location)
        {
            string listLocation = location + ".materials";
            List<JsonValue> items = json.Required("materials", location).AsArray(listLocation);
            if (items.Count > MaxSlots)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "too many slots", listLocation);
            }
            return new SlotsComponent(items.ConvertAll(item => ReadUuid(item, listLocation)).ToArray());
        }

        /// <summary>Reads the uuid of a material, or null.</summary>
        internal static string ReadUuid(JsonValue json, string location) =>
            json.IsNull ? null : Uuid.Check(json.AsString(location), location);

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue list = JsonValue.Array();
            foreach (string uuid in Materials) { list.Add(uuid); }
            return JsonValue.Object().With("materials", list);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add((uint)Materials.Length);
            foreach (string uuid in Materials) { digest.Add(uuid); }
        }
    }
}
