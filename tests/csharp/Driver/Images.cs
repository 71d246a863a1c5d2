using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Reads images and maps from Unity's own files and properties, and makes a user's edits of them. The record of the package
    /// has the values for which Unity has no property.
    /// </summary>
    static class Images
    {
        const string Folder = "Assets/Mine";

        static readonly (string Field, string Property)[] Direct =
            { ("base_color", "_MainTex"), ("normal", "_BumpMap"), ("emission", "_EmissionMap"), ("occlusion", "_OcclusionMap") };

        /// <summary>Puts an image file into the project, and assigns it to a material.</summary>
        internal static JsonValue Link(JsonValue command)
        {
            string source = command.RequiredString("path", "");
            Directory.CreateDirectory(Path.Combine(Engine.ProjectFolder, Folder));
            string path = AssetDatabase.GenerateUniqueAssetPath(Folder + "/" + Path.GetFileName(source));
            File.Copy(source, Path.Combine(Engine.ProjectFolder, path));
            AssetDatabase.ImportAsset(path);
            Material target = Materials.Find(command.RequiredString("uuid", ""));
            Undo.RecordObject(target, "Texture");
            target.SetTexture(command.RequiredString("property", ""), AssetDatabase.LoadAssetAtPath<Texture>(path));
            return JsonValue.Object().With("uuid", UserImages.FindUuid(path));
        }

        /// <summary>Replaces the file of an image, as a painting program does.</summary>
        internal static void Paint(JsonValue command)
        {
            string path = PathOf(command);
            File.Copy(command.RequiredString("path", ""), Path.Combine(Engine.ProjectFolder, path), true);
            AssetDatabase.ImportAsset(path);
        }

        /// <summary>Returns the path of an image, and its bytes as text.</summary>
        internal static JsonValue Read(JsonValue command)
        {
            string path = PathOf(command);
            byte[] bytes = path.Length == 0 ? new byte[0] : File.ReadAllBytes(Path.Combine(Engine.ProjectFolder, path));
            return JsonValue.Object().With("asset", path).With("file", Convert.ToBase64String(bytes));
        }

        /// <summary>Returns the maps of a material; null for none.</summary>
        internal static JsonValue ReadMaps(Material material, JsonValue kept)
        {
            JsonValue maps = JsonValue.Object();
            foreach (string field in new[] { "base_color", "alpha", "metallic", "roughness", "normal", "occlusion", "emission" })
            {
                maps.With(field, kept == null ? JsonValue.Null : kept.Required(field, ""));
            }
            foreach ((string field, string property) in Direct)
            {
                Texture texture = material.GetTexture(property);
                string shown = texture == null ? null : FindAll().Find(each => each.File == texture)?.Uuid;
                JsonValue before = maps.Required(field, "");
                if (shown == null && texture == null) { maps.With(field, JsonValue.Null); }
                if (shown == null || (!before.IsNull && before.RequiredString("image", "") == shown)) { continue; }
                maps.With(field, MakeMap(shown, field == "occlusion" ? "g" : "rgb", material));
            }
            return maps.AsObject("").Values.All(map => map.IsNull) ? null : maps;
        }

        static JsonValue MakeMap(string image, string channel, Material material)
        {
            Vector2 offset = material.GetTextureOffset("_MainTex");
            Vector2 tile = material.GetTextureScale("_MainTex");
            return JsonValue.Object().With("image", image).With("channel", channel).With("scale", 1).With("bias", 0).With("uv", 0)
                .With("offset", JsonValue.Array(offset.x, offset.y)).With("rotation", 0).With("tile", JsonValue.Array(tile.x, tile.y))
                .With("wrap", JsonValue.Array("repeat", "repeat")).With("filter", "linear");
        }

        static List<ImageIdentity> FindAll() => MeshRecords.GetSceneRecord(false)?.Images ?? new List<ImageIdentity>();

        static string PathOf(JsonValue command)
        {
            ImageIdentity found = FindAll().Find(each => each.Uuid == command.RequiredString("uuid", ""));
            return found == null || found.File == null ? "" : AssetDatabase.GetAssetPath(found.File);
        }
    }
}
