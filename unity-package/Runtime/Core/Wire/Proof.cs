using System;
using System.Security.Cryptography;
using System.Text;

namespace VibeSync.Core.Wire
{
    /// <summary>
    /// Computes the two proofs of the handshake: each side proves that it has the token without sending it.
    /// </summary>
    public static class Proof
    {
        public static string SignClient(byte[] token, string daemonNonce, string clientNonce, string projectId)
        {
            return Sign(token, "vibesync-client-1\n" + daemonNonce + "\n" + clientNonce + "\n" + projectId);
        }

        public static string SignDaemon(byte[] token, string daemonNonce, string clientNonce, string projectId)
        {
            return Sign(token, "vibesync-daemon-1\n" + clientNonce + "\n" + daemonNonce + "\n" + projectId);
        }

        /// <summary>Returns a new nonce: 32 random bytes as hex.</summary>
        public static string NewNonce()
        {
            byte[] bytes = new byte[32];
            using (RandomNumberGenerator generator = RandomNumberGenerator.Create()) { generator.GetBytes(bytes); }
            return Hex.Write(bytes);
        }

        /// <summary>Compares in constant time, so that the duration does not reveal the first difference.</summary>
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
}
