using System;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Counts the imports, moves and deletions of files that may have clips, which come without an event of the scene.</summary>
    public sealed class ActionImports : AssetPostprocessor
    {
        /// <summary>Grows with each import, move or deletion of such a file.</summary>
        public static int Count { get; private set; }

        static void OnPostprocessAllAssets(string[] importedAssets, string[] deletedAssets, string[] movedAssets,
            string[] movedFromAssetPaths)
        {
            bool hasFiles = Array.Exists(importedAssets, path => path.EndsWith(".asset", StringComparison.OrdinalIgnoreCase));
            // A deleted folder has no extension.
            if (hasFiles || deletedAssets.Length + movedAssets.Length > 0) { Count++; }
        }
    }
}
