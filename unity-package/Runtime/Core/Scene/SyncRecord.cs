using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// The last state of an entity that scene and daemon shared: its version, and a digest of each component. The scene
    /// stores it, so that a change made while disconnected is found after a restart.
    /// </summary>
    public sealed class SyncRecord
    {
        /// <summary>The log sequence of the last acknowledged change; 0 if there is none yet.</summary>
        public long Version;

        /// <summary>Component key to <see cref="Component.Digest"/>.</summary>
        public readonly Dictionary<string, ulong> Digests = new Dictionary<string, ulong>();

        /// <summary>
        /// Reads the text that <see cref="WriteDigests"/> wrote. Skips damaged parts, so that those components are sent
        /// again.
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
                if (equals > 0 && ulong.TryParse(text.Substring(equals + 1, end - equals - 1),
                    NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong digest))
                {
                    record.Digests[InternKey(text, start, equals - start)] = digest;
                }
                start = end + 1;
            }
            return record;
        }

        /// <summary>Returns the shared string of a known key, because many records use few keys.</summary>
        static string InternKey(string text, int start, int length)
        {
            foreach (ComponentKind kind in ComponentKind.All)
            {
                string key = kind.Key;
                if (key.Length == length && string.CompareOrdinal(text, start, key, 0, length) == 0) { return key; }
            }
            return text.Substring(start, length);
        }

        /// <summary>Returns the shared string of a key.</summary>
        public static string InternKey(string key) => InternKey(key, 0, key.Length);

        /// <summary>Writes one line: <c>name=1f...;transform=...</c>.</summary>
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

        /// <summary>Replaces the digests of the components that <paramref name="content"/> has.</summary>
        public void SetDigests(Entity content)
        {
            foreach (Component component in content.Components.Values) { Digests[component.Key] = component.Digest(); }
        }

        public SyncRecord Clone()
        {
            SyncRecord clone = new SyncRecord { Version = Version };
            foreach (KeyValuePair<string, ulong> digest in Digests) { clone.Digests[digest.Key] = digest.Value; }
            return clone;
        }
    }
}
