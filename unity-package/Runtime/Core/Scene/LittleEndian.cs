using System;

namespace VibeSync.Core.Scene
{
    /// <summary>Converts arrays of 4-byte values to little-endian bytes and back.</summary>
    public static class LittleEndian
    {
        /// <param name="values">An array of float or int; -0.0 is written as 0.0.</param>
        public static byte[] ToBytes(Array values)
        {
            if (values is float[] floats)
            {
                float[] plain = new float[floats.Length];
                // Adding zero turns -0.0 into 0.0 and changes nothing else.
                for (int i = 0; i < floats.Length; i++) { plain[i] = floats[i] + 0f; }
                values = plain;
            }
            byte[] bytes = new byte[values.Length * 4];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            SwapOnBigEndian(bytes);
            return bytes;
        }

        public static float[] ToFloats(byte[] bytes)
        {
            float[] values = new float[bytes.Length / 4];
            Copy(bytes, values);
            return values;
        }

        public static int[] ToInts(byte[] bytes)
        {
            int[] values = new int[bytes.Length / 4];
            Copy(bytes, values);
            return values;
        }

        static void Copy(byte[] bytes, Array values)
        {
            byte[] native = bytes;
            if (!BitConverter.IsLittleEndian)
            {
                native = (byte[])bytes.Clone();
                SwapOnBigEndian(native);
            }
            Buffer.BlockCopy(native, 0, values, 0, values.Length * 4);
        }

        /// <summary>Copies words of 4 bytes to an array of float or int.</summary>
        public static void Copy(byte[] bytes, int from, Array words, int to, int count)
        {
            byte[] native = bytes;
            if (!BitConverter.IsLittleEndian)
            {
                native = new byte[count * 4];
                Buffer.BlockCopy(bytes, from, native, 0, native.Length);
                SwapOnBigEndian(native);
                from = 0;
            }
            Buffer.BlockCopy(native, from, words, to * 4, count * 4);
        }

        static void SwapOnBigEndian(byte[] bytes)
        {
            if (BitConverter.IsLittleEndian) { return; }
            for (int i = 0; i < bytes.Length; i += 4) { Array.Reverse(bytes, i, 4); }
        }
    }
}
