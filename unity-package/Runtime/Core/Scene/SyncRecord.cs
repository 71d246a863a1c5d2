using System;
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
            string text = digests ?? "";
            for (int start = 0; start < text.Length;)
            {
                int end = text.IndexOf(';', start);
                if (end < 0) { end = text.Length; }
                int equals = text.IndexOf('=', start, end - start);
                if (equals > 0 && ulong.TryParse(text.AsSpan(equals + 1, end - equals - 1),
                    NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong digest))
                {
                    record.Digests[KeyAt(text, start, equals - start)] = digest;
                }
                start = end + 1;
            }
            return record;
        }

        /// <summary>One of the known keys where it is one, because there are many records and few keys.</summary>
        static string KeyAt(string text, int start, int length)
        {
            foreach (string key in Component.Keys)
            {
                if (key.Length == length && string.CompareOrdinal(text, start, key, 0, length) == 0) { return key; }
            }
            return text.Substring(start, length);
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

        public SyncRecord Clone()
        {
            SyncRecord clone = new SyncRecord { Version = Version };
            foreach (KeyValuePair<string, ulong> digest in Digests) { clone.Digests[digest.Key] = digest.Value; }
            return clone;
        }
    }
}
