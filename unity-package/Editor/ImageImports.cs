using System;
using System.Collections.Generic;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Counts the imports, moves and deletions of image files, which come without an event of the scene.</summary>
    public sealed class ImageImports : AssetPostprocessor
    {
        static readonly string[] Extensions =
            { ".png", ".jpg", ".jpeg", ".exr", ".hdr", ".tga", ".tif", ".tiff", ".bmp", ".webp" };

        /// <summary>Grows with each import, move or deletion of a file that may be an image.</summary>
        public static int Count { get; private set; }

        static void OnPostprocessAllAssets(string[] importedAssets, string[] deletedAssets, string[] movedAssets,
            string[] movedFromAssetPaths)
        {
            // A deleted folder has no extension.
            if (deletedAssets.Length + movedAssets.Length > 0 || HasImages(importedAssets)) { Count++; }
        }

        static bool HasImages(IEnumerable<string> paths)
        {
            foreach (string path in paths)
            {
                if (Array.Exists(Extensions, end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase))) { return true; }
            }
            return false;
        }
    }
}
