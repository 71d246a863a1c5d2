using System.Text;

namespace VibeSync.Core.Wire
{
    /// <summary>Writes and reads lower-case hexadecimal.</summary>
    public static class Hex
    {
        const string Digits = "0123456789abcdef";

        public static string Write(byte[] bytes)
        {
            StringBuilder text = new StringBuilder(bytes.Length * 2);
            foreach (byte b in bytes) { text.Append(Digits[b >> 4]).Append(Digits[b & 15]); }
            return text.ToString();
        }

        /// <summary>Returns the bytes, or null if the text is not an even number of lower-case hex digits.</summary>
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
