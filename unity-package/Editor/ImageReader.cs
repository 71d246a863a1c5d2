using System;
using System.Collections.Concurrent;
using System.IO;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads image files, on any thread. Remembers what it read of each until the file changes, and never the bytes.
    /// </summary>
    public sealed class ImageReader
    {
        /// <summary>The largest file that travels: a message of 256 MiB also has its text.</summary>
        const long LargestFile = 255L << 20;

        const int MostKnown = 10000;

        readonly ConcurrentDictionary<string, (long Length, long Written, ImageFile File)> files =
            new ConcurrentDictionary<string, (long, long, ImageFile)>();
        readonly ConcurrentDictionary<string, (long Length, long Written, ImageValues Values)> headers =
            new ConcurrentDictionary<string, (long, long, ImageValues)>();

        /// <summary>Returns format and size of a file; the format is null if it cannot travel.</summary>
        public ImageValues ReadHeader(string path)
        {
            (long length, long written) = Stamp(path);
            if (headers.TryGetValue(path, out (long Length, long Written, ImageValues Values) known)
                && known.Length == length && known.Written == written) { return known.Values; }
            ImageValues values = default;
            try
            {
                if (length > 0 && length <= LargestFile)
                {
                    values.Format = ImageHeader.Find(path, out values.Width, out values.Height);
                }
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                // The next import of the file has it read again.
                return default;
            }
            if (headers.Count > MostKnown) { headers.Clear(); }
            headers[path] = (length, written, values);
            return values;
        }

        /// <summary>Returns the component of a file; null if it cannot travel or be read.</summary>
        /// <param name="values">How its numbers are read.</param>
        /// <param name="tag">The record of an image of VibeSync's; null for another one.</param>
        public ImageComponent Read(string path, ImageValues values, ImageTag tag)
        {
            try
            {
                ImageFile file = Open(path);
                if (tag != null && tag.Content == file.ContentDigest)
                {
                    (values.Width, values.Height, values.Format) = (tag.Values.Width, tag.Values.Height, tag.Values.Format);
                    return new ImageComponent(values, file);
                }
                ImageValues header = ReadHeader(path);
                (values.Width, values.Height, values.Format) = (header.Width, header.Height, header.Format);
                return header.Format == null ? null : new ImageComponent(values, file);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return null;
            }
        }

        /// <summary>Returns the digest of the bytes of a file; false if it cannot be read.</summary>
        public bool TryDigest(string path, out ulong digest)
        {
            try
            {
                digest = Open(path).ContentDigest;
                return true;
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                digest = 0;
                return false;
            }
        }

        ImageFile Open(string path)
        {
            (long length, long written) = Stamp(path);
            if (files.TryGetValue(path, out (long Length, long Written, ImageFile File) known) && known.Length == length
                && known.Written == written) { return known.File; }
            ImageFile file = ImageFile.Open(path);
            if (files.Count > MostKnown) { files.Clear(); }
            files[path] = (length, written, file);
            return file;
        }

        static (long, long) Stamp(string path)
        {
            FileInfo info = new FileInfo(path);
            return info.Exists ? (info.Length, info.LastWriteTimeUtc.Ticks) : (-1, 0);
        }
    }
}
