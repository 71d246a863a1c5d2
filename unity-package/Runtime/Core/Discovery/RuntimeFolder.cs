using System;
using System.Collections.Generic;

namespace VibeSync.Core.Discovery
{
    /// <summary>Finds the folders in which daemons announce themselves; docs/protocol.md, part 1.</summary>
    public static class RuntimeFolder
    {
        /// <summary>Returns the folders' paths; empty if the environment names none.</summary>
        /// <param name="platform">The system whose rules apply.</param>
        /// <param name="variable">Reads an environment variable; returns null if it is not set.</param>
        public static List<string> FindAll(Platform platform, Func<string, string> variable)
        {
            List<string> found = new List<string>();
            void Add(string name, string rest)
            {
                string parent = variable(name);
                if (!string.IsNullOrEmpty(parent)) { found.Add(parent + rest); }
            }

            Add("VIBESYNC_RUNTIME_DIR", "");
            if (found.Count > 0) { return found; }
            switch (platform)
            {
                case Platform.Windows:
                    Add("LOCALAPPDATA", "\\vibesync\\run");
                    break;
                case Platform.MacOs:
                    Add("HOME", "/Library/Application Support/vibesync/run");
                    break;
                default:
                    // A program in a sandbox sees the home folder and nothing of /run.
                    Add("XDG_RUNTIME_DIR", "/vibesync");
                    Add("HOME", "/.local/state/vibesync/run");
                    break;
            }
            return found;
        }
    }
}
