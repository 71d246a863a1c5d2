using System;
using System.Collections.Generic;

namespace VibeSync.Core.Scene
{
    /// <summary>The words of a buffer from <see cref="First"/> on, <see cref="Count"/> of them.</summary>
    public readonly struct WordRange
    {
        public WordRange(int first, int count)
        {
            First = first;
            Count = count;
        }

        public int First { get; }

        public int Count { get; }
    }

    /// <summary>Reads patches: the words of a buffer that differ from those of another one.</summary>
    public static class MeshPatch
    {
        /// <summary>
        /// Replaces the words of a buffer that a patch of the daemon names, and returns their ranges. Throws VS-3005 if the
        /// patch does not fit; the buffer may then be half-changed.
        /// </summary>
        public static List<WordRange> Apply(byte[] patch, Array words, string location)
        {
            long count = patch.Length < 4 ? 0 : ReadWord(patch, 0);
            long at = 4 + count * 8;
            if (at > patch.Length) { throw MakeError(location); }
            List<WordRange> ranges = new List<WordRange>();
            long free = 0;
            for (int i = 0; i < count; i++)
            {
                long first = ReadWord(patch, 4 + i * 8);
                long length = ReadWord(patch, 8 + i * 8);
                if (first < free || length == 0 || first + length > words.Length || at + length * 4 > patch.Length)
                {
                    throw MakeError(location);
                }
                LittleEndian.Copy(patch, (int)at, words, (int)first, (int)length);
                ranges.Add(new WordRange((int)first, (int)length));
                at += length * 4;
                free = first + length;
            }
            return at == patch.Length ? ranges : throw MakeError(location);
        }

        static uint ReadWord(byte[] bytes, int at)
        {
            return bytes[at] | (uint)bytes[at + 1] << 8 | (uint)bytes[at + 2] << 16 | (uint)bytes[at + 3] << 24;
        }

        static SyncException MakeError(string location)
        {
            return new SyncException(ErrorCode.MeshInvalid, "the patch does not fit the buffer", location);
        }
    }
}
