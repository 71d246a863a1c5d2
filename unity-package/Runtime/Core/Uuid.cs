using System;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VibeSync.Core
{
    /// <summary>Creates and checks uuids in the form of the wire: lower-case and hyphenated.</summary>
    public static class Uuid
    {
        public static string New() => Guid.NewGuid().ToString("D");

        /// <summary>Returns the uuid of version 5 of a name: the same wherever namespace and name are the same.</summary>
        public static string FromName(string space, string name)
        {
            byte[] prefix = ReadHex(space.Replace("-", ""));
            byte[] text = Encoding.UTF8.GetBytes(name);
            byte[] input = new byte[prefix.Length + text.Length];
            prefix.CopyTo(input, 0);
            text.CopyTo(input, prefix.Length);
            byte[] hash;
            using (SHA1 sha = SHA1.Create()) { hash = sha.ComputeHash(input); }
            hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
            hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
            StringBuilder uuid = new StringBuilder(36);
            for (int i = 0; i < 16; i++)
            {
                if (i == 4 || i == 6 || i == 8 || i == 10) { uuid.Append('-'); }
                uuid.Append(hash[i].ToString("x2", CultureInfo.InvariantCulture));
            }
            return uuid.ToString();
        }

        /// <summary>Returns whether a uuid is one of <see cref="FromName"/>.</summary>
        public static bool IsFromName(string uuid) => uuid.Length > 14 && uuid[14] == '5';

        static byte[] ReadHex(string digits)
        {
            byte[] bytes = new byte[digits.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = byte.Parse(digits.Substring(i * 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }
            return bytes;
        }

        public static bool IsValid(string text)
        {
            return text != null && Guid.TryParseExact(text, "D", out Guid guid) && guid.ToString("D") == text;
        }

        /// <summary>Returns the text; throws VS-1006 if it is not a uuid.</summary>
        public static string Check(string text, string location)
        {
            return IsValid(text) ? text : throw new SyncException(ErrorCode.MessageMalformed, "not a uuid", location);
        }
    }
}
