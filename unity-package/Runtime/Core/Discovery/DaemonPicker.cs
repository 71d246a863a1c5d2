using System;
using System.Collections.Generic;
using System.Text;

namespace VibeSync.Core.Discovery
{
    /// <summary>Chooses the daemon of the scene that is open in the editor; docs/protocol.md, part 1.</summary>
    public static class DaemonPicker
    {
        const string LongPath = "\\\\?\\";
        const string LongShare = "UNC\\";
        const string Share = "\\\\";

        /// <summary>
        /// Returns the daemon of the scene: the one whose id it stores, else the nearest root that holds it. Null: the
        /// window asks the person, also if there is just one daemon.
        /// </summary>
        /// <param name="daemons">The discovery files.</param>
        /// <param name="projectId">
        /// The project id stored in the scene; empty if it has none. Only the daemon of this id matches then.
        /// </param>
        /// <param name="openPath">
        /// The absolute path of the open scene, or of the Unity project while the scene is unsaved.
        /// </param>
        /// <param name="platform">The system whose rules for paths apply.</param>
        /// <param name="resolve">
        /// Follows symbolic links. No project is certain if it leads to another one.
        /// </param>
        public static DiscoveryFile Pick(IReadOnlyList<DiscoveryFile> daemons, string projectId, string openPath,
            Platform platform, Func<string, string> resolve)
        {
            if (!string.IsNullOrEmpty(projectId))
            {
                foreach (DiscoveryFile daemon in daemons)
                {
                    if (daemon.ProjectId == projectId) { return daemon; }
                }
                return null;
            }
            if (string.IsNullOrEmpty(openPath)) { return null; }
            DiscoveryFile asNamed = FindNearest(daemons, openPath, platform, path => path);
            DiscoveryFile resolved = FindNearest(daemons, openPath, platform, resolve);
            if (asNamed != null && resolved != null) { return asNamed == resolved ? asNamed : null; }
            return asNamed ?? resolved;
        }

        static DiscoveryFile FindNearest(IReadOnlyList<DiscoveryFile> daemons, string openPath, Platform platform,
            Func<string, string> spell)
        {
            List<string> file = Split(spell(openPath), platform);
            if (file == null) { return null; }
            DiscoveryFile nearest = null;
            int depth = 0;
            foreach (DiscoveryFile daemon in daemons)
            {
                List<string> root = Split(spell(daemon.ProjectRoot), platform);
                if (root == null || root.Count <= depth || !BeginsWith(file, root)) { continue; }
                nearest = daemon;
                depth = root.Count;
            }
            return nearest;
        }

        static bool BeginsWith(List<string> path, List<string> root)
        {
            if (path.Count < root.Count) { return false; }
            for (int i = 0; i < root.Count; i++)
            {
                if (path[i] != root[i]) { return false; }
            }
            return true;
        }

        /// <summary>
        /// Splits an absolute path. Returns null for a relative path, and for one with "..", whose folder links could
        /// change.
        /// </summary>
        static List<string> Split(string path, Platform platform)
        {
            bool isWindows = platform == Platform.Windows;
            if (isWindows) { path = path.Replace('/', '\\'); }
            string root = isWindows ? ReadWindowsRoot(ref path) : path.StartsWith("/", StringComparison.Ordinal) ? "/"
                : null;
            if (root == null) { return null; }
            List<string> parts = new List<string> { root };
            foreach (string name in path.Split(isWindows ? '\\' : '/'))
            {
                if (name == "..") { return null; }
                if (name.Length > 0 && name != ".") { parts.Add(isWindows ? Fold(name) : name); }
            }
            return parts;
        }

        /// <summary>Returns the drive, or "\\" of a share, and takes it from the path. Null without either.</summary>
        static string ReadWindowsRoot(ref string path)
        {
            string rest = path;
            if (rest.StartsWith(LongPath, StringComparison.Ordinal))
            {
                rest = rest.Substring(LongPath.Length);
                if (rest.StartsWith(LongShare, StringComparison.OrdinalIgnoreCase))
                {
                    path = rest.Substring(LongShare.Length);
                    return Share;
                }
            }
            else if (rest.StartsWith(Share, StringComparison.Ordinal))
            {
                path = rest.Substring(Share.Length);
                return Share;
            }
            bool hasDrive = rest.Length > 2 && rest[1] == ':' && rest[2] == '\\' && IsLetter(rest[0]);
            if (!hasDrive) { return null; }
            path = rest.Substring(3);
            return rest.Substring(0, 1).ToUpperInvariant();
        }

        static bool IsLetter(char letter) => (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');

        /// <summary>Windows compares names in upper case, each character by itself.</summary>
        static string Fold(string name)
        {
            StringBuilder folded = new StringBuilder(name.Length);
            foreach (char letter in name) { folded.Append(char.ToUpperInvariant(letter)); }
            return folded.ToString();
        }
    }
}
