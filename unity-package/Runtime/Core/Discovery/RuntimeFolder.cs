using System;

namespace VibeSync.Core.Discovery
{
    /// <summary>Which rules for folders hold.</summary>
    public enum Platform
    {
        Unix,
        MacOs,
        Windows,
    }

    /// <summary>Where daemons announce themselves; docs/protocol.md, part 1.</summary>
    public static class RuntimeFolder
    {
        /// <summary>The folder's path, or null when the environment names none.</summary>
        /// <param name="platform">Whose rules to follow.</param>
        /// <param name="variable">Reads an environment variable; null when it is not set.</param>
        public static string Find(Platform platform, Func<string, string> variable)
        {
            string own = variable("VIBESYNC_RUNTIME_DIR");
            if (!string.IsNullOrEmpty(own)) { return own; }
            switch (platform)
            {
                case Platform.Windows: return Under(variable("LOCALAPPDATA"), "\\", "vibesync\\run");
                case Platform.MacOs: return Under(variable("HOME"), "/", "Library/Application Support/vibesync/run");
                default:
                    return Under(variable("XDG_RUNTIME_DIR"), "/", "vibesync")
                        ?? Under(variable("HOME"), "/", ".local/state/vibesync/run");
            }
        }

        static string Under(string parent, string separator, string path)
        {
            if (string.IsNullOrEmpty(parent)) { return null; }
            return parent.EndsWith(separator, StringComparison.Ordinal) ? parent + path : parent + separator + path;
        }
    }
}
