using System;
using System.Collections.Generic;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Counts the imports and deletions of materials, which come without an event of the scene.</summary>
    public sealed class MaterialImports : AssetPostprocessor
    {
        /// <summary>Grows with each import, move or deletion of a file that may have materials.</summary>
        public static int Count { get; private set; }

        static void OnPostprocessAllAssets(string[] importedAssets, string[] deletedAssets, string[] movedAssets,
            string[] movedFromAssetPaths)
        {
            // A model may have materials, too, and a deleted folder has no extension.
            bool hasMaterials = deletedAssets.Length + movedAssets.Length > 0 || HasMaterials(importedAssets);
            if (hasMaterials) { Count++; }
        }

        static bool HasMaterials(IEnumerable<string> paths)
        {
            foreach (string path in paths)
            {
                foreach (string extension in new[] { ".mat", ".fbx", ".obj", ".blend", ".gltf", ".glb", ".shader", ".shadergraph" })
                {
                    if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) { return true; }
                }
            }
            return false;
        }
    }
}
