using System;
using System.Security.Cryptography;
using System.Text;

namespace VibeSync.Core.Wire
{
    /// <summary>The two proofs of the handshake: each side shows that it holds the token without sending it.</summary>
    public static class Proof
    {
        public static string OfClient(byte[] token, string daemonNonce, string clientNonce, string projectId)
        {
            return Sign(token, "vibesync-client-1\n" + daemonNonce + "\n" + clientNonce + "\n" + projectId);
        }

        public static string OfDaemon(byte[] token, string daemonNonce, string clientNonce, string projectId)
        {
            return Sign(token, "vibesync-daemon-1\n" + clientNonce + "\n" + daemonNonce + "\n" + projectId);
        }

        /// <summary>A fresh challenge: 32 random bytes as hex.</summary>
        public static string NewNonce()
        {
            byte[] bytes = new byte[32];
            using (RandomNumberGenerator generator = RandomNumberGenerator.Create()) { generator.GetBytes(bytes); }
            return Hex.Write(bytes);
        }

        /// <summary>Compares without telling by its duration where the first difference is.</summary>
        public static bool Matches(string expected, string actual)
        {
            int difference = expected.Length ^ actual.Length;
            for (int i = 0; i < expected.Length && i < actual.Length; i++) { difference |= expected[i] ^ actual[i]; }
            return difference == 0;
        }

        static string Sign(byte[] token, string text)
        {
            using (HMACSHA256 hmac = new HMACSHA256(token))
            {
                return Hex.Write(hmac.ComputeHash(Encoding.ASCII.GetBytes(text)));
            }
        }
    }

    /// <summary>Lower-case hexadecimal.</summary>
    public static class Hex
    {
        const string Digits = "0123456789abcdef";

        public static string Write(byte[] bytes)
        {
            StringBuilder text = new StringBuilder(bytes.Length * 2);
            foreach (byte b in bytes) { text.Append(Digits[b >> 4]).Append(Digits[b & 15]); }
            return text.ToString();
        }

        /// <summary>The bytes, or null when the text is not an even count of lower-case hex digits.</summary>
        public static byte[] Read(string text)
        {
            if (text.Length % 2 != 0) { return null; }
            byte[] bytes = new byte[text.Length / 2];
            for (int i = 0; i < text.Length; i++)
            {
                int digit = Digits.IndexOf(text[i]);
                if (digit < 0) { return null; }
                bytes[i / 2] = (byte)(bytes[i / 2] << 4 | digit);
            }
            return bytes;
        }
    }
}
