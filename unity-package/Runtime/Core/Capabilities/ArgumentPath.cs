using System;
using System.Collections.Generic;
using System.Text;

namespace VibeSync.Core.Capabilities
{
    /// <summary>
    /// Judges paths in calls of agents by their letters alone, by the rules of <c>crates/capability/src/path.rs</c>. They
    /// are those of Linux, macOS and Windows together, so that a path means the same file everywhere. Links are resolved
    /// by the caller.
    /// </summary>
    public static class ArgumentPath
    {
        const int MaxPath = 1024;
        const int MaxPart = 255;
        const string Refused = "~$%<>\"|?*`";

        static readonly char[] Separators = { '/', '\\' };
        static readonly string[] Private = { ".vibesync", ".git_safety", ".git" };

        /// <summary>First and last of the characters that cannot be seen or that change the order of others.</summary>
        static readonly int[] Hidden =
        {
            0x00, 0x1f, 0x7f, 0x9f, 0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b,
            0x180f, 0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x206f, 0x3164, 0x3164, 0xd800, 0xf8ff, 0xfe00, 0xfe0f,
            0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0, 0xfffb, 0x1d173, 0x1d17a, 0xe0000, 0x10ffff,
        };

        /// <summary>
        /// Returns the path in one form: parts joined by <c>/</c>, without <c>.</c> and <c>..</c>; null if it is refused.
        /// </summary>
        /// <param name="roots">The folders in which absolute paths are allowed.</param>
        public static string Normalize(string path, IReadOnlyList<string> roots)
        {
            if (path.Length == 0 || !HasAllowedCharacters(path)) { return null; }
            if (!TrySplitStart(path, roots, out string start, out string rest) || rest.IndexOf(':') >= 0) { return null; }
            List<string> parts = new List<string>();
            foreach (string part in rest.Split(Separators))
            {
                if (part == "..")
                {
                    if (parts.Count == 0) { return null; }
                    parts.RemoveAt(parts.Count - 1);
                }
                else if (part.Length > 0 && part != ".")
                {
                    if (!IsAllowed(part)) { return null; }
                    parts.Add(part);
                }
            }
            return parts.Count == 0 ? null : start + string.Join("/", parts);
        }

        static bool HasAllowedCharacters(string path)
        {
            int count = 0;
            for (int i = 0; i < path.Length; i++, count++)
            {
                int code = path[i];
                if (char.IsHighSurrogate(path[i]) && i + 1 < path.Length && char.IsLowSurrogate(path[i + 1]))
                {
                    code = char.ConvertToUtf32(path[i], path[++i]);
                }
                if (Refused.IndexOf((char)code) >= 0 && code < 0x80) { return false; }
                for (int range = 0; range < Hidden.Length; range += 2)
                {
                    if (code >= Hidden[range] && code <= Hidden[range + 1]) { return false; }
                }
            }
            return count <= MaxPath;
        }

        /// <summary>Splits a path into its start (nothing, <c>//</c>, or a root with <c>/</c>) and the rest.</summary>
        static bool TrySplitStart(string path, IReadOnlyList<string> roots, out string start, out string rest)
        {
            start = "";
            rest = path;
            if (path.StartsWith("//", StringComparison.Ordinal))
            {
                start = "//";
                rest = path.Substring(2);
                return rest.Length == 0 || (rest[0] != '/' && rest[0] != '\\');
            }
            bool isDevice = path.StartsWith("\\\\", StringComparison.Ordinal)
                || path.StartsWith("/\\", StringComparison.Ordinal);
            if (isDevice) { return false; }
            if (!HasDrive(path) && path[0] != '/' && path[0] != '\\') { return true; }
            foreach (string root in roots)
            {
                if (!TryTakeRoot(path, root, out rest)) { continue; }
                start = root.Replace('\\', '/').TrimEnd('/') + "/";
                return true;
            }
            return false;
        }

        /// <summary>Finds the rest of an absolute path below a root; with a drive, ASCII letters of both cases are one.</summary>
        static bool TryTakeRoot(string path, string root, out string rest)
        {
            rest = path;
            bool hasDrive = HasDrive(root);
            if (!hasDrive && (!root.StartsWith("/", StringComparison.Ordinal) || path[0] == '\\')) { return false; }
            foreach (string part in root.TrimEnd(Separators).Split(Separators))
            {
                int end = rest.IndexOfAny(Separators);
                if (end < 0) { return false; }
                string first = rest.Substring(0, end);
                rest = rest.Substring(end + 1);
                if (first != part && !(hasDrive && LowerAscii(first) == LowerAscii(part))) { return false; }
            }
            return true;
        }

        static bool HasDrive(string path) => path.Length > 1 && path[1] == ':' && IsAsciiLetter(path[0]);

        static bool IsAsciiLetter(char c) => (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        static bool IsAllowed(string part)
        {
            bool endsBadly = part.EndsWith(".", StringComparison.Ordinal) || part.EndsWith(" ", StringComparison.Ordinal);
            if (endsBadly || Encoding.UTF8.GetByteCount(part) > MaxPart) { return false; }
            // Two letters become ASCII in file systems that ignore case: the long s and the sign of Kelvin.
            string folded = LowerAscii(part.Replace('\u017f', 's').Replace('\u212a', 'k'));
            return Array.IndexOf(Private, folded) < 0 && !IsDevice(folded.Split('.')[0].TrimEnd());
        }

        static bool IsDevice(string name)
        {
            if (name == "con" || name == "prn" || name == "aux" || name == "nul") { return true; }
            bool isPort = name.StartsWith("com", StringComparison.Ordinal)
                || name.StartsWith("lpt", StringComparison.Ordinal);
            return isPort && name.Length == 4 && "0123456789\u00b9\u00b2\u00b3".IndexOf(name[3]) >= 0;
        }

        static string LowerAscii(string text)
        {
            StringBuilder lower = new StringBuilder(text.Length);
            foreach (char c in text) { lower.Append(c >= 'A' && c <= 'Z' ? (char)(c + 32) : c); }
            return lower.ToString();
        }
    }
}
