using System;
using System.Collections.Generic;

namespace VibeSync.Core.Discovery
{
    /// <summary>Chooses the daemon of the scene that is open in the editor.</summary>
    public static class DaemonPicker
    {
        /// <summary>Returns the daemon of the scene, or null if that is not clear.</summary>
        /// <param name="daemons">The discovery files.</param>
        /// <param name="projectId">
        /// The project id stored in the scene; empty if it has none. Only the daemon of this id matches then.
        /// </param>
        /// <param name="openPath">
        /// The absolute path of the open scene, or of the Unity project while the scene is unsaved.
        /// </param>
        public static DiscoveryFile Pick(IReadOnlyList<DiscoveryFile> daemons, string projectId, string openPath)
        {
            if (!string.IsNullOrEmpty(projectId))
            {
                foreach (DiscoveryFile daemon in daemons)
                {
                    if (daemon.ProjectId == projectId) { return daemon; }
                }
                return null;
            }
            DiscoveryFile nearest = null;
            foreach (DiscoveryFile daemon in daemons)
            {
                bool isNearer = nearest == null || daemon.ProjectRoot.Length > nearest.ProjectRoot.Length;
                if (Contains(daemon.ProjectRoot, openPath) && isNearer) { nearest = daemon; }
            }
            return nearest ?? (daemons.Count == 1 ? daemons[0] : null);
        }

        static bool Contains(string root, string path)
        {
            if (string.IsNullOrEmpty(root) || string.IsNullOrEmpty(path)) { return false; }
            string folder = Normalize(root);
            string file = Normalize(path);
            // Windows names drives with a letter, and servers with two slashes; it ignores case.
            bool isWindows = folder.Length > 1 && (folder[1] == ':' || folder.StartsWith("//", StringComparison.Ordinal));
            StringComparison comparison = isWindows ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            return file.Equals(folder, comparison) || file.StartsWith(folder + "/", comparison);
        }

        static string Normalize(string path) => path.Replace('\\', '/').TrimEnd('/');
    }
}
