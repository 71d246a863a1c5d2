using System;
using System.Collections.Generic;

namespace VibeSync.Core.Discovery
{
    /// <summary>Chooses the daemon that serves what is open in the editor.</summary>
    public static class DaemonPicker
    {
        /// <summary>The daemon to connect to, or null when none is clearly the right one.</summary>
        /// <param name="daemons">All discovery files.</param>
        /// <param name="projectId">The project id stored in the scene; empty when it has none. A scene of one project
        /// is
        /// never joined to another, so no other rule is tried then.</param>
        /// <param name="openPath">The absolute path of the open scene, or of the Unity project while it is
        /// unsaved.</param>
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
                bool nearer = nearest == null || daemon.ProjectRoot.Length > nearest.ProjectRoot.Length;
                if (Holds(daemon.ProjectRoot, openPath) && nearer) { nearest = daemon; }
            }
            return nearest ?? (daemons.Count == 1 ? daemons[0] : null);
        }

        static bool Holds(string root, string path)
        {
            if (string.IsNullOrEmpty(root) || string.IsNullOrEmpty(path)) { return false; }
            string folder = Plain(root);
            string file = Plain(path);
            // Windows names drives with a letter and does not tell cases apart.
            bool windows = folder.Length > 1 && folder[1] == ':';
            StringComparison comparison = windows ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            return file.Equals(folder, comparison) || file.StartsWith(folder + "/", comparison);
        }

        static string Plain(string path) => path.Replace('\\', '/').TrimEnd('/');
    }
}
