using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>A run of corners that is drawn with one material slot.</summary>
    public readonly struct Submesh
    {
        public Submesh(int slot, int start, int count)
        {
            Slot = slot;
            Start = start;
            Count = count;
        }

        public int Slot { get; }

        /// <summary>The first corner.</summary>
        public int Start { get; }

        /// <summary>How many corners; a multiple of three.</summary>
        public int Count { get; }
    }

    /// <summary>
    /// Triangles in canonical space: positions per vertex (meters), everything else per corner; counter-clockwise seen
    /// from the front, V up.
    /// </summary>
    public sealed class MeshComponent : Component
    {
        public const int UvSets = 8;

        /// <summary>Three numbers a vertex.</summary>
        public float[] Position;

        /// <summary>The vertex of each corner.</summary>
        public int[] Index;

        /// <summary>Three numbers a corner, or null.</summary>
        public float[] Normal;

        /// <summary>Two numbers a corner for each set; null where the mesh has no such set.</summary>
        public readonly float[][] Uv = new float[UvSets][];

        /// <summary>Four numbers a corner, linear, or null.</summary>
        public float[] Color;

        public List<Submesh> Submeshes = new List<Submesh>();

        public override string Key => "mesh";

        public int VertexCount => Position.Length / 3;

        public int CornerCount => Index.Length;

        /// <summary>Not to be told: an editor holds what it made of it.</summary>
        public override bool IsHeldAs(Component held) => true;

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue submeshes = JsonValue.Array();
            foreach (Submesh submesh in Submeshes)
            {
                submeshes.Add(JsonValue.Object().With("slot", submesh.Slot).With("start", submesh.Start)
                    .With("count", submesh.Count));
            }
            JsonValue buffers = JsonValue.Object();
            Put(buffers, "position", Position, attachments);
            Put(buffers, "index", Index, attachments);
            Put(buffers, "normal", Normal, attachments);
            for (int i = 0; i < UvSets; i++) { Put(buffers, MeshReader.UvKeys[i], Uv[i], attachments); }
            Put(buffers, "color0", Color, attachments);
            return JsonValue.Object().With("vertex_count", VertexCount).With("corner_count", CornerCount)
                .With("submeshes", submeshes).With("buffers", buffers);
        }

        protected override void AddTo(ref Digest digest)
        {
            foreach (Submesh submesh in Submeshes)
            {
                digest.Add((uint)submesh.Slot);
                digest.Add((uint)submesh.Start);
                digest.Add((uint)submesh.Count);
            }
            digest.Add((uint)CornerCount);
            foreach (int vertex in Index)
            {
                // Equality looks at corners, so that it does not matter which of them share a vertex.
                digest.Add(Position[vertex * 3]);
                digest.Add(Position[vertex * 3 + 1]);
                digest.Add(Position[vertex * 3 + 2]);
            }
            digest.Add(Normal ?? Array.Empty<float>());
            foreach (float[] uv in Uv) { digest.Add(uv ?? Array.Empty<float>()); }
            digest.Add(Color ?? Array.Empty<float>());
        }

        static void Put(JsonValue buffers, string key, Array values, List<byte[]> attachments)
        {
            if (values == null) { return; }
            byte[] bytes = LittleEndian.ToBytes(values);
            buffers.With(key, JsonValue.Object().With("attachment", attachments.Count).With("bytes", bytes.Length));
            attachments.Add(bytes);
        }
    }

    /// <summary>Arrays of 4-byte values as little-endian bytes and back.</summary>
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

        static void SwapOnBigEndian(byte[] bytes)
        {
            if (BitConverter.IsLittleEndian) { return; }
            for (int i = 0; i < bytes.Length; i += 4) { Array.Reverse(bytes, i, 4); }
        }
    }
}
