using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// The shape keys of a mesh, in canonical space. They have vertices of their own, and each corner of the mesh names one.
    /// </summary>
    public sealed class ShapesComponent : Component
    {
        public const string Name = "shapes";

        /// <summary>A mesh without keys.</summary>
        public static readonly ShapesComponent None =
            new ShapesComponent(Array.Empty<ShapeKey>(), 0, Array.Empty<int>(), Array.Empty<float[]>());

        /// <summary>The number of buffers.</summary>
        public const int Buffers = 2;

        const string DeltaKey = "delta";
        const string VertexKey = "vertex";

        string deltaBlob, vertexBlob;

        public ShapesComponent(ShapeKey[] keys, int vertexCount, int[] vertex, float[][] delta)
        {
            Keys = keys;
            VertexCount = vertexCount;
            Vertex = vertex;
            Delta = delta;
        }

        public ShapeKey[] Keys { get; }

        public int VertexCount { get; }

        /// <summary>The vertex of each corner of the mesh.</summary>
        public int[] Vertex { get; }

        /// <summary>For each key three numbers a vertex.</summary>
        public float[][] Delta { get; }

        public override string Key => Name;

        public override bool IsDefault => Keys.Length == 0;

        /// <summary>The approximate number of bytes on the wire.</summary>
        public long Bytes => Vertex.Length * 4L + Keys.Length * VertexCount * 12L;

        /// <summary>Reads and checks all of it: names, counts, numbers, vertices.</summary>
        public static ShapesComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            ShapeKey[] keys = ShapeKey.ReadAll(json.Required("keys", location), location + ".keys");
            long vertices = json.RequiredInteger("vertex_count", location);
            long corners = json.RequiredInteger("corner_count", location);
            string at = location + ".buffers";
            JsonValue buffers = json.Required("buffers", location);
            bool hasBuffers = buffers.Find(DeltaKey) != null && buffers.Find(VertexKey) != null;
            bool isRight = keys.Length == 0 ? buffers.AsObject(at).Count + vertices + corners == 0
                : hasBuffers && buffers.AsObject(at).Count == 2;
            if (!isRight) { throw WireBuffers.MakeError("not the buffers of shape keys", at); }
            if (keys.Length == 0) { return None; }
            byte[] vertex = WireBuffers.Read(buffers.Find(VertexKey), attachments, corners * 4, at + "." + VertexKey);
            byte[] delta = WireBuffers.Read(buffers.Find(DeltaKey), attachments, vertices * 12 * keys.Length, at + "." + DeltaKey);
            ShapesComponent shapes = new ShapesComponent(keys, (int)vertices, LittleEndian.ToInts(vertex),
                Split(delta, (int)vertices * 3, keys.Length))
            {
                vertexBlob = WireBuffers.FindBlob(buffers.Find(VertexKey), at),
                deltaBlob = WireBuffers.FindBlob(buffers.Find(DeltaKey), at),
            };
            shapes.CheckNumbers(at);
            return shapes;
        }

        void CheckNumbers(string location)
        {
            foreach (int vertex in Vertex)
            {
                // As a number without a sign, a negative one is larger than all others.
                if ((uint)vertex >= VertexCount) { throw WireBuffers.MakeError("a corner names no vertex", location + "." + VertexKey); }
            }
            foreach (float[] moves in Delta)
            {
                float sum = 0;
                // A finite number times zero is zero, any other is not a number, which no sum gets rid of.
                foreach (float number in moves) { sum += number * 0f; }
                if (sum == 0f) { continue; }
                throw new SyncException(ErrorCode.NumberInvalid, "a number is not finite", location + "." + DeltaKey);
            }
        }

        static float[][] Split(byte[] bytes, int words, int count)
        {
            float[][] parts = new float[count][];
            for (int i = 0; i < count; i++)
            {
                parts[i] = new float[words];
                LittleEndian.Copy(bytes, i * words * 4, parts[i], 0, words);
            }
            return parts;
        }

        /// <summary>Returns the same keys, of which all buffers are written with their bytes.</summary>
        public ShapesComponent WithoutBlobs()
        {
            ShapesComponent copy = (ShapesComponent)MemberwiseClone();
            copy.deltaBlob = copy.vertexBlob = null;
            return copy;
        }

        /// <summary>Compares corner by corner, because an editor may share vertices differently.</summary>
        public override bool Matches(Component readBack)
        {
            ShapesComponent other = (ShapesComponent)readBack;
            if (other == this) { return true; }
            if (Keys.Length != other.Keys.Length || Vertex.Length != other.Vertex.Length) { return false; }
            for (int i = 0; i < Keys.Length; i++)
            {
                ShapeKey a = Keys[i], b = other.Keys[i];
                bool isSame = a.Name == b.Name && a.RelativeTo == b.RelativeTo && AreClose(a.Min, b.Min)
                    && AreClose(a.Max, b.Max);
                if (!isSame || !HasSameMoves(i, other)) { return false; }
            }
            return true;
        }

        bool HasSameMoves(int key, ShapesComponent other)
        {
            float[] own = Delta[key], others = other.Delta[key];
            for (int corner = 0; corner < Vertex.Length; corner++)
            {
                int at = Vertex[corner] * 3, otherAt = other.Vertex[corner] * 3;
                for (int axis = 0; axis < 3; axis++)
                {
                    float a = own[at + axis], b = others[otherAt + axis];
                    if (a != b && !AreClose(a, b)) { return false; }
                }
            }
            return true;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue keys = JsonValue.Array();
            foreach (ShapeKey key in Keys) { keys.Add(key.ToJson()); }
            JsonValue buffers = JsonValue.Object();
            if (Keys.Length > 0)
            {
                buffers.With(DeltaKey, WireBuffers.Write(deltaBlob, Keys.Length * VertexCount * 12L, Join, attachments));
                buffers.With(VertexKey, WireBuffers.Write(vertexBlob, Vertex.Length * 4L, () => LittleEndian.ToBytes(Vertex), attachments));
            }
            return JsonValue.Object().With("vertex_count", VertexCount).With("corner_count", Vertex.Length)
                .With("keys", keys).With("buffers", buffers);
        }

        byte[] Join()
        {
            byte[] joined = new byte[Keys.Length * VertexCount * 12];
            for (int i = 0; i < Delta.Length; i++)
            {
                LittleEndian.ToBytes(Delta[i]).CopyTo(joined, i * VertexCount * 12);
            }
            return joined;
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add((uint)Keys.Length);
            digest.Add((uint)Vertex.Length);
            for (int i = 0; i < Keys.Length; i++)
            {
                digest.Add(Keys[i].Name);
                digest.Add(Keys[i].RelativeTo);
                digest.Add(Keys[i].Min);
                digest.Add(Keys[i].Max);
                // Equality depends on corners, not on which of them share a vertex.
                digest.Add(Delta[i], Vertex, 0, Vertex.Length);
            }
        }
    }
}
