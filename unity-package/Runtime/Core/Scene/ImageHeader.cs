using System;
using System.IO;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads the format and the size of an image from the beginning of its file, without its pixels.</summary>
    public static class ImageHeader
    {
        /// <summary>The most parts of a file that are read in search of the size.</summary>
        const int MostParts = 1000;

        /// <summary>The longest text of a header.</summary>
        const int LongestText = 256;

        /// <summary>
        /// Returns the format of a file with its width and height in pixels; null if it is none that is synchronized.
        /// </summary>
        public static string Find(string path, out int width, out int height)
        {
            using (FileStream stream = ImageFile.OpenRead(path)) { return Find(stream, path, out width, out height); }
        }

        /// <param name="path">A TGA file is known by its extension alone.</param>
        public static string Find(Stream stream, string path, out int width, out int height)
        {
            (width, height) = (0, 0);
            string format = FindFormat(stream, path);
            if (format == null) { return null; }
            try
            {
                Bytes bytes = new Bytes(stream);
                switch (format)
                {
                    case "png": (width, height) = (bytes.Big(16, 4), bytes.Big(20, 4)); break;
                    case "bmp": (width, height) = (bytes.Little(18, 4), Math.Abs(bytes.Little(22, 4))); break;
                    case "tga": (width, height) = (bytes.Little(12, 2), bytes.Little(14, 2)); break;
                    case "jpeg": (width, height) = FindJpeg(bytes); break;
                    case "tiff": (width, height) = FindTiff(bytes); break;
                    case "hdr": (width, height) = FindHdr(bytes); break;
                    default: (width, height) = FindExr(bytes); break;
                }
            }
            catch (Exception error) when (error is EndOfStreamException || error is OverflowException)
            {
                return null;
            }
            return width > 0 && height > 0 && width <= 65536 && height <= 65536 ? format : null;
        }

        static string FindFormat(Stream stream, string path)
        {
            byte[] head = new byte[8];
            stream.Position = 0;
            int count = stream.Read(head, 0, head.Length);
            bool Begins(params byte[] mark)
            {
                for (int i = 0; i < mark.Length; i++)
                {
                    if (i >= count || head[i] != mark[i]) { return false; }
                }
                return true;
            }
            if (Begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) { return "png"; }
            if (Begins(0xff, 0xd8, 0xff)) { return "jpeg"; }
            if (Begins(0x76, 0x2f, 0x31, 0x01)) { return "exr"; }
            if (Begins((byte)'#', (byte)'?')) { return "hdr"; }
            if (Begins((byte)'I', (byte)'I', 42, 0) || Begins((byte)'M', (byte)'M', 0, 42)) { return "tiff"; }
            if (Begins((byte)'B', (byte)'M')) { return "bmp"; }
            return path.EndsWith(".tga", StringComparison.OrdinalIgnoreCase) ? "tga" : null;
        }

        /// <summary>Looks for the frame among the segments.</summary>
        static (int, int) FindJpeg(Bytes bytes)
        {
            long at = 2;
            for (int i = 0; i < MostParts; i++)
            {
                int mark = bytes.Big(at, 2);
                bool isFrame = mark >= 0xffc0 && mark <= 0xffcf && mark != 0xffc4 && mark != 0xffc8 && mark != 0xffcc;
                if (isFrame) { return (bytes.Big(at + 7, 2), bytes.Big(at + 5, 2)); }
                at += mark == 0xffff ? 1 : 2 + bytes.Big(at + 2, 2);
            }
            return (0, 0);
        }

        static (int, int) FindTiff(Bytes bytes)
        {
            bool isBig = bytes.Big(0, 1) == 'M';
            int Read(long at, int count) => isBig ? bytes.Big(at, count) : bytes.Little(at, count);
            long directory = (uint)Read(4, 4);
            int width = 0, height = 0;
            int entries = Math.Min(Read(directory, 2), MostParts);
            for (int i = 0; i < entries; i++)
            {
                long entry = directory + 2 + i * 12;
                int value = Read(entry + 8, Read(entry + 2, 2) == 3 ? 2 : 4);
                switch (Read(entry, 2))
                {
                    case 256: width = value; break;
                    case 257: height = value; break;
                }
            }
            return (width, height);
        }

        /// <summary>Looks for the line of the size, as `-Y 512 +X 768`, after the empty one.</summary>
        static (int, int) FindHdr(Bytes bytes)
        {
            long at = 0;
            for (int i = 0; i < MostParts; i++)
            {
                if (bytes.ReadText(ref at, '\n').Length > 0) { continue; }
                string[] words = bytes.ReadText(ref at, '\n').Split(' ');
                bool isSize = words.Length == 4 && words[0].EndsWith("Y", StringComparison.Ordinal);
                if (!isSize || !int.TryParse(words[1], out int height) || !int.TryParse(words[3], out int width)) { break; }
                return (width, height);
            }
            return (0, 0);
        }

        /// <summary>Looks for the window of the data among the attributes: name, type, length and value of each.</summary>
        static (int, int) FindExr(Bytes bytes)
        {
            long at = 8;
            for (int i = 0; i < MostParts; i++)
            {
                string name = bytes.ReadText(ref at, '\0');
                if (name.Length == 0) { break; }
                bytes.ReadText(ref at, '\0');
                int length = bytes.Little(at, 4);
                at += 4;
                if (name == "dataWindow")
                {
                    return checked((bytes.Little(at + 8, 4) - bytes.Little(at, 4) + 1,
                        bytes.Little(at + 12, 4) - bytes.Little(at + 4, 4) + 1));
                }
                if (length < 0) { break; }
                at += length;
            }
            return (0, 0);
        }

        /// <summary>Reads numbers at places of a file.</summary>
        sealed class Bytes
        {
            readonly Stream stream;

            internal Bytes(Stream stream)
            {
                this.stream = stream;
            }

            internal int Big(long at, int count)
            {
                stream.Position = at;
                int number = 0;
                for (int i = 0; i < count; i++) { number = number << 8 | Next(); }
                return number;
            }

            internal int Little(long at, int count)
            {
                stream.Position = at;
                int number = 0;
                for (int i = 0; i < count; i++) { number |= Next() << 8 * i; }
                return number;
            }

            /// <summary>Reads a text up to its end mark. A longer one than headers have ends the search.</summary>
            internal string ReadText(ref long at, char end)
            {
                stream.Position = at;
                System.Text.StringBuilder text = new System.Text.StringBuilder();
                for (int c = Next(); c != end; c = Next())
                {
                    if (text.Length == LongestText) { throw new EndOfStreamException(); }
                    text.Append((char)c);
                }
                at = stream.Position;
                return text.ToString();
            }

            int Next()
            {
                int next = stream.ReadByte();
                return next < 0 ? throw new EndOfStreamException() : next;
            }
        }
    }
}
