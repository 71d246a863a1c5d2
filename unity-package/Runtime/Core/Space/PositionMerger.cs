using System;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Finds vertices at the same position with a hash table in one array. A dictionary takes ten times as long for a
    /// million vertices.
    /// </summary>
    static class PositionMerger
    {
        /// <summary>Unknown to the author of a file, so that no mesh can be made whose positions all collide.</summary>
        static readonly uint Seed = (uint)Guid.NewGuid().GetHashCode() | 1;

        /// <summary>
        /// Returns the distinct positions in the order of their first vertex, without -0.0, and for each vertex the number
        /// of its position.
        /// </summary>
        /// <param name="positions">Three numbers a vertex.</param>
        public static float[] Merge(float[] positions, out int[] merged)
        {
            int vertices = positions.Length / 3;
            merged = new int[vertices];
            float[] unique = new float[vertices * 3];
            int count = 0;
            int size = 16;
            while (size < vertices * 2L && size < 1 << 30) { size *= 2; }
            int[] table = new int[size];
            for (int vertex = 0; vertex < vertices; vertex++)
            {
                float x = positions[vertex * 3] + 0f;
                float y = positions[vertex * 3 + 1] + 0f;
                float z = positions[vertex * 3 + 2] + 0f;
                int slot = Hash(x, y, z) & (size - 1);
                // An entry is one more than the number of a position; zero is an empty slot.
                while (table[slot] != 0 && !IsAt(unique, table[slot] - 1, x, y, z)) { slot = (slot + 1) & (size - 1); }
                if (table[slot] == 0)
                {
                    unique[count * 3] = x;
                    unique[count * 3 + 1] = y;
                    unique[count * 3 + 2] = z;
                    table[slot] = ++count;
                }
                merged[vertex] = table[slot] - 1;
            }
            Array.Resize(ref unique, count * 3);
            return unique;
        }

        static int Hash(float x, float y, float z)
        {
            ulong hash = (uint)x.GetHashCode() * 0x9E3779B97F4A7C15UL;
            hash = (hash ^ hash >> 32 ^ (uint)y.GetHashCode()) * (Seed * 0xD6E8FEB86659FD93UL);
            hash = (hash ^ hash >> 32 ^ (uint)z.GetHashCode()) * 0x9E3779B97F4A7C15UL;
            return (int)(hash >> 32);
        }

        /// <summary>Equals, unlike ==, finds a position that is not a number again.</summary>
        static bool IsAt(float[] unique, int position, float x, float y, float z)
        {
            return unique[position * 3].Equals(x) && unique[position * 3 + 1].Equals(y)
                && unique[position * 3 + 2].Equals(z);
        }
    }
}
