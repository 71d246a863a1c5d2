using System;
using System.Text;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>Names asset files, and makes their folders.</summary>
    public static class AssetNames
    {
        const int MaxLength = 60;

        /// <summary>Creates a folder below that of VibeSync, and the latter, if they do not exist.</summary>
        public static void MakeFolder(string path)
        {
            foreach (string folder in new[] { MeshFiles.Folder, path })
            {
                int slash = folder.LastIndexOf('/');
                if (AssetDatabase.IsValidFolder(folder)) { continue; }
                AssetDatabase.CreateFolder(folder.Substring(0, slash), folder.Substring(slash + 1));
            }
        }

        /// <summary>Returns a file name that is one on each system.</summary>
        /// <param name="name">The name that a person gave.</param>
        /// <param name="other">The name of a file whose name has nothing that is allowed.</param>
        public static string MakeFileName(string name, string other)
        {
            StringBuilder safe = new StringBuilder();
            foreach (char c in name)
            {
                bool isAllowed = !char.IsControl(c) && !char.IsSurrogate(c) && "/\\?<>:*|\"#".IndexOf(c) < 0;
                safe.Append(isAllowed ? c : '_');
            }
            string text = safe.ToString(0, Math.Min(safe.Length, MaxLength)).Trim(' ', '.');
            return text.Length == 0 ? other : text;
        }

        /// <summary>Returns the GUID of the file of an asset; empty without a file.</summary>
        public static string FindGuid(Object asset)
        {
            string path = AssetDatabase.GetAssetPath(asset);
            return path.Length == 0 ? "" : AssetDatabase.AssetPathToGUID(path);
        }

        /// <summary>Returns the place of an asset file on the disk.</summary>
        public static string FullPath(string path) =>
            System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Application.dataPath), path);
    }
}
