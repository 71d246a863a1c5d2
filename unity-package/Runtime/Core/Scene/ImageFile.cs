using System;
using System.IO;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// The encoded file of an image: its length and its digest, and its bytes on request. A file on the disk is read in
    /// pieces, so that many large images need no memory.
    /// </summary>
    public sealed class ImageFile
    {
        const int PieceBytes = 1 << 16;

        readonly Func<byte[]> load;

        ImageFile(long length, ulong digest, Func<byte[]> load)
        {
            Length = length;
            ContentDigest = digest;
            this.load = load;
        }

        public long Length { get; }

        /// <summary>A digest of the bytes, as those of components.</summary>
        public ulong ContentDigest { get; }

        /// <summary>Returns a file in memory.</summary>
        public static ImageFile Of(byte[] bytes)
        {
            using (MemoryStream stream = new MemoryStream(bytes, false)) { return Read(stream, () => bytes); }
        }

        /// <summary>Reads a file on the disk once; throws an <see cref="IOException"/> if that is not possible.</summary>
        public static ImageFile Open(string path)
        {
            using (FileStream stream = OpenRead(path)) { return Read(stream, () => File.ReadAllBytes(path)); }
        }

        /// <summary>Opens a file that another program may be writing.</summary>
        internal static FileStream OpenRead(string path) =>
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        /// <summary>
        /// Returns the bytes. A file that has gone meanwhile is empty, which the daemon refuses; its deletion is noticed later.
        /// </summary>
        public byte[] Load()
        {
            try
            {
                return load();
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return Array.Empty<byte>();
            }
        }

        static ImageFile Read(Stream stream, Func<byte[]> load)
        {
            Digest digest = default;
            byte[] piece = new byte[PieceBytes];
            long length = 0;
            for (int count = Fill(stream, piece); count > 0; count = Fill(stream, piece))
            {
                length += count;
                // The last piece is filled up with zeros; the length tells them from zeros of the file.
                Array.Clear(piece, count, piece.Length - count);
                for (int at = 0; at < count; at += 4) { digest.Add(BitConverter.ToUInt32(piece, at)); }
            }
            digest.Add((uint)length);
            digest.Add((uint)(length >> 32));
            return new ImageFile(length, digest.Value, load);
        }

        static int Fill(Stream stream, byte[] piece)
        {
            int filled = 0;
            while (filled < piece.Length)
            {
                int count = stream.Read(piece, filled, piece.Length - filled);
                if (count == 0) { break; }
                filled += count;
            }
            return filled;
        }
    }
}
