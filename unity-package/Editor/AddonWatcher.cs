using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEditor.PackageManager;
using VibeSync.Core.Capabilities;

namespace VibeSync.Editor
{
    /// <summary>Notes that add-ons may have come, gone or changed: packages, imports, and a domain reload.</summary>
    public sealed class AddonWatcher : AssetPostprocessor
    {
        static bool isSeen;
        static List<string> folders;

        /// <summary>Returns whether something may have changed since the last call; true at the first one.</summary>
        public static bool TakeChanged()
        {
            bool taken = !isSeen;
            isSeen = true;
            return taken;
        }

        /// <summary>Sets the asset paths of the folders whose files are watched.</summary>
        public static void Watch(List<string> assetPaths) => folders = assetPaths;

        [InitializeOnLoadMethod]
        static void Listen() => Events.registeredPackages += OnPackages;

        static void OnPackages(PackageRegistrationEventArgs packages) => isSeen = false;

        static void OnPostprocessAllAssets(string[] imported, string[] deleted, string[] moved, string[] movedFrom)
        {
            foreach (string[] paths in new[] { imported, deleted, moved, movedFrom })
            {
                if (Array.Exists(paths, IsWatched)) { isSeen = false; }
            }
        }

        static bool IsWatched(string path)
        {
            return path.EndsWith("/" + AddonFolder.ManifestName, StringComparison.Ordinal)
                || (folders != null && folders.Exists(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)));
        }
    }
}
