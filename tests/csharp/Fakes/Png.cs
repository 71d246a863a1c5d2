using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;

namespace UnityFakes
{
    /// <summary>Writes and reads files of 8 bits a channel, without interlacing and without filters.</summary>
    public static class Png
    {
        static readonly byte[] Signature = { 137, 80, 78, 71, 13, 10, 26, 10 };

        /// <param name="pixels">The channels of each pixel, the lowest row first.</param>
        /// <param name="channels">3, or 4 with alpha.</param>
        internal static byte[] Encode(int width, int height, byte[] pixels, int channels = 3)
        {
            int row = width * channels;
            MemoryStream file = new MemoryStream();
            file.Write(Signature, 0, Signature.Length);
            WriteChunk(file, "IHDR", Number(width).Concat(Number(height)).Concat(new byte[] { 8, (byte)(channels == 4 ? 6 : 2), 0, 0, 0 }).ToArray());
            byte[] rows = new byte[height * (row + 1)];
            for (int y = 0; y < height; y++) { Array.Copy(pixels, (height - 1 - y) * row, rows, y * (row + 1) + 1, row); }
            WriteChunk(file, "IDAT", Compress(rows));
            WriteChunk(file, "IEND", new byte[0]);
            return file.ToArray();
        }

        /// <summary>Returns the size and the rows of a file, the highest row first.</summary>
        public static (int Width, int Height, byte[] Pixels) Decode(byte[] file)
        {
            if (!file.Take(8).SequenceEqual(Signature)) { throw new InvalidDataException("no signature"); }
            int width = 0, height = 0, channels = 3;
            MemoryStream data = new MemoryStream();
            for (int at = 8; at < file.Length;)
            {
                int length = ReadNumber(file, at);
                string type = Encoding.ASCII.GetString(file, at + 4, 4);
                if (type == "IHDR") { (width, height, channels) = (ReadNumber(file, at + 8), ReadNumber(file, at + 12), file[at + 17] == 6 ? 4 : 3); }
                if (type == "IDAT") { data.Write(file, at + 8, length); }
                uint sum = (uint)ReadNumber(file, at + 8 + length);
                if (sum != Crc(file, at + 4, length + 4)) { throw new InvalidDataException("wrong checksum of " + type); }
                at += length + 12;
            }
            data.Position = 2;
            int row = width * channels;
            byte[] rows = new byte[height * (row + 1)];
            using (DeflateStream inflate = new DeflateStream(data, CompressionMode.Decompress))
            {
                for (int read = 1, at = 0; read > 0 && at < rows.Length; at += read) { read = inflate.Read(rows, at, rows.Length - at); }
            }
            byte[] pixels = new byte[height * row];
            for (int y = 0; y < height; y++) { Array.Copy(rows, y * (row + 1) + 1, pixels, y * row, row); }
            return (width, height, pixels);
        }

        static byte[] Compress(byte[] rows)
        {
            MemoryStream packed = new MemoryStream();
            packed.Write(new byte[] { 0x78, 0x01 }, 0, 2);
            using (DeflateStream deflate = new DeflateStream(packed, CompressionLevel.Fastest, true)) { deflate.Write(rows, 0, rows.Length); }
            uint a = 1, b = 0;
            foreach (byte value in rows)
            {
                a = (a + value) % 65521;
                b = (b + a) % 65521;
            }
            packed.Write(Number((int)((b << 16) | a)), 0, 4);
            return packed.ToArray();
        }

        static void WriteChunk(Stream file, string type, byte[] content)
        {
            byte[] chunk = Encoding.ASCII.GetBytes(type).Concat(content).ToArray();
            file.Write(Number(content.Length), 0, 4);
            file.Write(chunk, 0, chunk.Length);
            file.Write(Number((int)Crc(chunk, 0, chunk.Length)), 0, 4);
        }

        static byte[] Number(int value) => new[] { (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value };

        static int ReadNumber(byte[] file, int at) => (file[at] << 24) | (file[at + 1] << 16) | (file[at + 2] << 8) | file[at + 3];

        static uint Crc(byte[] bytes, int from, int count)
        {
            uint crc = uint.MaxValue;
            for (int i = from; i < from + count; i++)
            {
                crc ^= bytes[i];
                for (int bit = 0; bit < 8; bit++) { crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1; }
            }
            return ~crc;
        }
    }
}
