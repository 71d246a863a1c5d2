using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The object of a prefab asset that an object comes from.</summary>
    public sealed class PrefabComponent : Component
    {
        public const string Name = "prefab";

        /// <summary>An object that comes from no asset.</summary>
        public static readonly PrefabComponent None = new PrefabComponent(null, false, 0);

        public PrefabComponent(string asset, bool isRoot, long file)
        {
            (Asset, IsRoot, File) = (asset, isRoot, file);
        }

        /// <summary>The GUID of the asset; null for none.</summary>
        public string Asset { get; }

        /// <summary>Whether the object is the instance as a whole, and not a part of it.</summary>
        public bool IsRoot { get; }

        /// <summary>The number of the object in the asset.</summary>
        public long File { get; }

        public override string Key => Name;

        public override bool IsDefault => Asset == null;

        public static PrefabComponent Read(JsonValue json, string location)
        {
            JsonValue asset = json.Required("asset", location);
            bool isRoot = json.Required("root", location).AsBool(location + ".root");
            string file = json.RequiredString("file", location);
            if (asset.IsNull) { return None; }
            bool isNumber = long.TryParse(file, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
            if (isNumber) { return new PrefabComponent(asset.AsString(location + ".asset"), isRoot, number); }
            throw new SyncException(ErrorCode.ComponentInvalid, "not a whole number of 64 bits", location + ".file");
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("asset", Asset)
            .With("root", IsRoot).With("file", Asset == null ? "" : File.ToString(CultureInfo.InvariantCulture));

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add(Asset);
            digest.Add(IsRoot ? 1u : 0u);
            digest.Add((uint)File);
            digest.Add((uint)(File >> 32));
        }
    }
}
