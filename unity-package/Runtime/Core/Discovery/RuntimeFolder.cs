using System;

namespace VibeSync.Core.Discovery
{
    /// <summary>Finds the folder in which daemons announce themselves; docs/protocol.md, part 1.</summary>
    public static class RuntimeFolder
    {
        /// <summary>Returns the folder's path, or null if the environment names none.</summary>
        /// <param name="platform">The system whose rules apply.</param>
        /// <param name="variable">Reads an environment variable; returns null if it is not set.</param>
        public static string Find(Platform platform, Func<string, string> variable)
        {
            string own = variable("VIBESYNC_RUNTIME_DIR");
            if (!string.IsNullOrEmpty(own)) { return own; }
            switch (platform)
            {
                case Platform.Windows: return Join(variable("LOCALAPPDATA"), "\\", "vibesync\\run");
                case Platform.MacOs: return Join(variable("HOME"), "/", "Library/Application Support/vibesync/run");
                default:
                    return Join(variable("XDG_RUNTIME_DIR"), "/", "vibesync")
                        ?? Join(variable("HOME"), "/", ".local/state/vibesync/run");
            }
        }

        static string Join(string parent, string separator, string path)
        {
            if (string.IsNullOrEmpty(parent)) { return null; }
            return parent.EndsWith(separator, StringComparison.Ordinal) ? parent + path : parent + separator + path;
        }
    }
}
