using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The maps of a material: which channel of which image gives a value of its surface.</summary>
    public sealed class MapsComponent : Component
    {
        public const string Name = "maps";
        public const string BaseColor = "base_color";
        public const string Alpha = "alpha";
        public const string Metallic = "metallic";
        public const string Roughness = "roughness";
        public const string Normal = "normal";
        public const string Occlusion = "occlusion";
        public const string Emission = "emission";

        /// <summary>The names of the fields on the wire, which can all be locked.</summary>
        public static readonly string[] Fields = { BaseColor, Alpha, Metallic, Roughness, Normal, Occlusion, Emission };

        /// <summary>A material without maps.</summary>
        public static readonly MapsComponent None = new MapsComponent(new Dictionary<string, TextureMap>());

        static readonly string[] ColorFields = { BaseColor, Normal, Emission };

        readonly Dictionary<string, TextureMap> maps;

        /// <param name="maps">The maps by field; null and absent are the same. Is never changed.</param>
        public MapsComponent(Dictionary<string, TextureMap> maps)
        {
            this.maps = maps;
        }

        public override string Key => Name;

        public override bool IsDefault => Array.TrueForAll(Fields, field => Find(field) == null);

        public override IEnumerable<string> References
        {
            get
            {
                foreach (string field in Fields)
                {
                    TextureMap map = Find(field);
                    if (map != null) { yield return map.Image; }
                }
            }
        }

        /// <summary>Returns the map of a field; null without one.</summary>
        public TextureMap Find(string field) => maps.TryGetValue(field, out TextureMap map) ? map : null;

        /// <summary>Returns a copy in which each map is replaced.</summary>
        public MapsComponent Select(Func<string, TextureMap, TextureMap> replace)
        {
            Dictionary<string, TextureMap> replaced = new Dictionary<string, TextureMap>();
            foreach (string field in Fields) { replaced[field] = replace(field, Find(field)); }
            return new MapsComponent(replaced);
        }

        public static MapsComponent Read(JsonValue json, string location)
        {
            Dictionary<string, TextureMap> maps = new Dictionary<string, TextureMap>();
            foreach (string field in Fields)
            {
                JsonValue map = json.Required(field, location);
                bool hasColors = Array.IndexOf(ColorFields, field) >= 0;
                if (!map.IsNull) { maps[field] = TextureMap.Read(map, hasColors, location + "." + field); }
            }
            return new MapsComponent(maps);
        }

        public override bool Matches(Component readBack)
        {
            MapsComponent other = (MapsComponent)readBack;
            return Array.TrueForAll(Fields, field => TextureMap.AreSame(Find(field), other.Find(field)));
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue json = JsonValue.Object();
            foreach (string field in Fields) { json.With(field, Find(field)?.ToJson() ?? JsonValue.Null); }
            return json;
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (string field in Fields)
            {
                TextureMap map = Find(field);
                if (map == null) { digest.Add(0u); }
                else { map.AddToDigest(ref digest); }
            }
        }
    }
}
