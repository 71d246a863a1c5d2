using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// What is known to be the same here and in the daemon: the entity's version there and a digest of each component.
    /// It is kept with the scene, so that a change made while apart is found again after a restart.
    /// </summary>
    public sealed class SyncRecord
    {
        /// <summary>The log sequence of the last acknowledged change; 0 when there is none yet.</summary>
        public long Version;

        /// <summary>Component key to <see cref="Component.Digest"/>.</summary>
        public readonly Dictionary<string, ulong> Digests = new Dictionary<string, ulong>();

        /// <summary>
        /// Reads <see cref="WriteDigests"/>'s form; parts that are damaged are left out and so sent anew.
        /// </summary>
        public static SyncRecord Read(long version, string digests)
        {
            SyncRecord record = new SyncRecord { Version = version };
            foreach (string part in (digests ?? "").Split(';'))
            {
                string[] pair = part.Split('=');
                if (pair.Length == 2 && ulong.TryParse(pair[1], NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out ulong digest))
                {
                    record.Digests[pair[0]] = digest;
                }
            }
            return record;
        }

        /// <summary>One line: <c>name=1f...;transform=...</c>.</summary>
        public string WriteDigests()
        {
            StringBuilder text = new StringBuilder();
            foreach (KeyValuePair<string, ulong> digest in Digests)
            {
                text.Append(digest.Key).Append('=').Append(digest.Value.ToString("x",
                    CultureInfo.InvariantCulture)).Append(';');
            }
            return text.ToString();
        }

        public SyncRecord Clone() => Read(Version, WriteDigests());
    }
}
