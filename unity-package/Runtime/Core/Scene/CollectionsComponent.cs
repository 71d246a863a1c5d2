using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The collections that an object is in.</summary>
    public sealed class CollectionsComponent : Component
    {
        public const string Name = "collections";

        /// <summary>The most collections that an object or a collection is in.</summary>
        const int Most = 1024;

        /// <summary>An object that is in the scene alone.</summary>
        public static readonly CollectionsComponent SceneAlone = new CollectionsComponent(Array.Empty<string>(), true);

        CollectionsComponent(string[] around, bool isInScene)
        {
            Around = around;
            IsInScene = isInScene;
        }

        /// <summary>The uuids of the collections. Is never changed.</summary>
        public string[] Around { get; }

        /// <summary>Whether the object is also directly in the scene.</summary>
        public bool IsInScene { get; }

        public override string Key => Name;

        public override bool IsDefault => Around.Length == 0 && IsInScene;

        public override IEnumerable<string> References => Around;

        /// <summary>Returns a copy in which a collection has another uuid.</summary>
        public CollectionsComponent WithRenamed(string uuid, string renamed) =>
            new CollectionsComponent(Rename(Around, uuid, renamed), IsInScene);

        public static CollectionsComponent Read(JsonValue json, string location)
        {
            string[] around = ReadUuids(json, "in", location);
            bool isInScene = json.Required("root", location).AsBool(location + ".root");
            if (around.Length > 0 || isInScene) { return new CollectionsComponent(around, isInScene); }
            throw new SyncException(ErrorCode.ComponentInvalid, "an object is in a collection or in the scene", location + ".in");
        }

        public override JsonValue ToJson(List<byte[]> attachments) =>
            JsonValue.Object().With("in", Write(Around)).With("root", IsInScene);

        protected override void AddToDigest(ref Digest digest) => AddTo(ref digest, Around, IsInScene);

        internal static void AddTo(ref Digest digest, string[] around, bool isInScene)
        {
            digest.Add((uint)around.Length);
            foreach (string uuid in around) { digest.Add(uuid); }
            digest.Add(isInScene ? 1u : 0u);
        }

        internal static string[] ReadUuids(JsonValue json, string key, string location)
        {
            string listLocation = location + "." + key;
            List<JsonValue> items = json.Required(key, location).AsArray(listLocation);
            if (items.Count > Most) { throw new SyncException(ErrorCode.ComponentInvalid, "too many collections", listLocation); }
            return items.ConvertAll(item => Uuid.Check(item.AsString(listLocation), listLocation)).ToArray();
        }

        internal static JsonValue Write(string[] uuids)
        {
            JsonValue list = JsonValue.Array();
            foreach (string uuid in uuids) { list.Add(uuid); }
            return list;
        }

        /// <summary>Returns the uuids in order, with another one for <paramref name="uuid"/>.</summary>
        internal static string[] Rename(string[] uuids, string uuid, string renamed)
        {
            string[] all = Array.ConvertAll(uuids, each => each == uuid ? renamed : each);
            Array.Sort(all, StringComparer.Ordinal);
            return all;
        }
    }
}
