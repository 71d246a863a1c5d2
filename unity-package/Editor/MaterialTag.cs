using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// The record inside of a material that VibeSync created: an override tag, which Unity saves with the material and which
    /// no shader reads.
    /// </summary>
    public sealed class MaterialTag
    {
        const string Key = "VibeSync";

        public string Uuid { get; set; }

        /// <summary>The GUID of the asset file: a duplicate of the file has another one.</summary>
        public string Guid { get; set; }

        /// <summary>The name that the daemon has, and that of the asset at that time.</summary>
        public string Name { get; set; }

        public string AssetName { get; set; }

        /// <summary>The components that editor and daemon shared last.</summary>
        public PbrComponent Pbr { get; set; }

        public EmissionComponent Emission { get; set; }

        public MapsComponent Maps { get; set; } = MapsComponent.None;

        /// <summary>The part of the maps that Unity showed then.</summary>
        public ShownMaps Shown { get; set; } = ShownMaps.None;

        /// <summary>Returns the text of the tag; empty without one.</summary>
        public static string ReadText(Material material) => material.GetTag(Key, false, "");

        /// <summary>Reads the text of a tag; returns null if it has none or is damaged.</summary>
        public static MaterialTag Parse(string text)
        {
            if (text.Length == 0) { return null; }
            try
            {
                JsonValue json = JsonReader.Read(text);
                MaterialTag tag = new MaterialTag
                {
                    Uuid = Core.Uuid.Check(json.RequiredString("uuid", ""), "uuid"),
                    Guid = json.RequiredString("guid", ""),
                    Name = json.RequiredString("name", ""),
                    AssetName = json.RequiredString("asset", ""),
                    Pbr = PbrComponent.Read(json.Required("pbr", ""), "pbr"),
                    Emission = EmissionComponent.Read(json.Required("emission", ""), "emission"),
                };
                // A material of an earlier package has none.
                JsonValue maps = json.Find(MapsComponent.Name);
                if (maps == null) { return tag; }
                tag.Maps = MapsComponent.Read(maps, MapsComponent.Name);
                tag.Shown = ShownMaps.Read(json.Required("shown", ""), "shown");
                return tag;
            }
            catch (SyncException)
            {
                // Somebody edited the file: the material is then the user's own.
                return null;
            }
        }

        /// <summary>Returns the text of the tag.</summary>
        public string Write()
        {
            JsonValue json = JsonValue.Object().With("uuid", Uuid).With("guid", Guid).With("name", Name)
                .With("asset", AssetName).With("pbr", Pbr.ToJson(null)).With("emission", Emission.ToJson(null));
            if (!Maps.IsDefault) { json.With(MapsComponent.Name, Maps.ToJson(null)).With("shown", Shown.ToJson()); }
            return JsonWriter.Write(json);
        }

        public static void WriteText(Material material, string text) => material.SetOverrideTag(Key, text);
    }
}
