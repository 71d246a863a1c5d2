using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// Triangles in canonical space, counter-clockwise seen from the front. Positions are per vertex, in meters; all
    /// other attributes are per corner, with V up.
    /// </summary>
    public sealed class MeshComponent : Component
    {
        public const int UvSets = 8;

        /// <summary>The key of the component that has an evaluated mesh.</summary>
        public const string ShownKey = "shown";

        /// <summary>Corners of a part that has a digest of its own, so that a small change needs few of them.</summary>
        const int PartCorners = 1 << 16;

        /// <summary>The keys of the UV sets on the wire.</summary>
        public static readonly string[] UvKeys = { "uv0", "uv1", "uv2", "uv3", "uv4", "uv5", "uv6", "uv7" };

        /// <summary>The keys of the buffers with numbers for each corner.</summary>
        static readonly string[] AttributeKeys =
        {
            "normal", "uv0", "uv1", "uv2", "uv3", "uv4", "uv5", "uv6", "uv7", "color0",
        };

        /// <summary>Three numbers a vertex.</summary>
        public float[] Position;

        /// <summary>The vertex of each corner.</summary>
        public int[] Index;

        /// <summary>Three numbers a corner, or null.</summary>
        public float[] Normal;

        /// <summary>Two numbers a corner for each set; null for a set that the mesh does not have.</summary>
        public readonly float[][] Uv = new float[UvSets][];

        /// <summary>Four numbers a corner, linear, or null.</summary>
        public float[] Color;

        ulong[] partDigests;

        public List<Submesh> Submeshes = new List<Submesh>();

        /// <summary>
        /// The hash of each buffer by its key, as the daemon sent it; empty for a mesh of this editor. A buffer with a hash
        /// is written without its bytes, as the daemon has them.
        /// </summary>
        public Dictionary<string, string> Blobs { get; private set; } = new Dictionary<string, string>();

        /// <summary>A mesh that was received before and from which this one differs; null if this one came whole.</summary>
        public MeshComponent Base { get; private set; }

        /// <summary>The words of each buffer that differs from the base, in ascending order; null without a base.</summary>
        public Dictionary<string, List<WordRange>> Changed { get; private set; }

        public override string Key => "mesh";

        public int VertexCount => Position.Length / 3;

        public int CornerCount => Index.Length;

        /// <summary>Returns the same mesh, of which all buffers are written with their bytes.</summary>
        public MeshComponent WithoutBlobs()
        {
            MeshComponent copy = (MeshComponent)MemberwiseClone();
            copy.Blobs = new Dictionary<string, string>();
            copy.SetBase(null, null);
            return copy;
        }

        /// <summary>Notes or forgets how this mesh differs from another one with the same corners.</summary>
        public void SetBase(MeshComponent basis, Dictionary<string, List<WordRange>> changed)
        {
            Base = basis;
            Changed = changed;
        }

        /// <summary>Returns the words of a buffer by its key; null if the mesh does not have it.</summary>
        public Array Find(string key)
        {
            switch (key)
            {
                case "position": return Position;
                case "index": return Index;
                case "normal": return Normal;
                case "color0": return Color;
                default:
                    int set = Array.IndexOf(UvKeys, key);
                    return set < 0 ? null : Uv[set];
            }
        }

        /// <summary>Returns whether the daemon sent a buffer under this hash.</summary>
        public bool Holds(string key, string hash)
        {
            return Find(key) != null && Blobs.TryGetValue(key, out string blob) && blob == hash;
        }

        /// <summary>
        /// Compares corner by corner, because an editor may share vertices differently. Normals that were not sent do
        /// not count: Unity computes them.
        /// </summary>
        public override bool Matches(Component readBack)
        {
            MeshComponent other = (MeshComponent)readBack;
            if (other == this) { return true; }
            if (CornerCount != other.CornerCount || Submeshes.Count != other.Submeshes.Count) { return false; }
            for (int i = 0; i < Submeshes.Count; i++)
            {
                if (!Submeshes[i].Equals(other.Submeshes[i])) { return false; }
            }
            if (CornerCount == 0) { return true; }
            for (int i = 0; i < UvSets; i++)
            {
                if (!AreClose(Uv[i], other.Uv[i])) { return false; }
            }
            return HasSamePositions(other) && (Normal == null || AreClose(Normal, other.Normal))
                && AreClose(Color, other.Color);
        }

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
            for (int i = 0; i < UvSets; i++) { Put(buffers, UvKeys[i], Uv[i], attachments); }
            Put(buffers, "color0", Color, attachments);
            return JsonValue.Object().With("vertex_count", VertexCount).With("corner_count", CornerCount)
                .With("submeshes", submeshes).With("buffers", buffers);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (Submesh submesh in Submeshes)
            {
                digest.Add((uint)submesh.Slot);
                digest.Add((uint)submesh.Start);
                digest.Add((uint)submesh.Count);
            }
            digest.Add((uint)CornerCount);
            if (CornerCount > PartCorners)
            {
                foreach (string key in AttributeKeys) { digest.Add((uint)(Find(key)?.Length ?? 0)); }
                partDigests = MakePartDigests();
                foreach (ulong part in partDigests)
                {
                    digest.Add((uint)part);
                    digest.Add((uint)(part >> 32));
                }
                return;
            }
            // Equality depends on corners, not on which of them share a vertex.
            digest.Add(Position, Index, 0, Index.Length);
            digest.Add(Normal ?? Array.Empty<float>());
            foreach (float[] uv in Uv) { digest.Add(uv ?? Array.Empty<float>()); }
            digest.Add(Color ?? Array.Empty<float>());
        }

        /// <summary>Returns the digest of each part. Computes only those in which the mesh differs from its base.</summary>
        ulong[] MakePartDigests()
        {
            ulong[] digests = new ulong[(CornerCount + PartCorners - 1) / PartCorners];
            ulong[] known = Base?.partDigests;
            bool[] changed = known == null ? null : FindChangedParts();
            for (int part = 0; part < digests.Length; part++)
            {
                digests[part] = changed == null || changed[part] ? DigestOf(part) : known[part];
            }
            return digests;
        }

        /// <summary>Returns for each part whether one of its corners differs from the base.</summary>
        bool[] FindChangedParts()
        {
            bool[] parts = new bool[(CornerCount + PartCorners - 1) / PartCorners];
            foreach (KeyValuePair<string, List<WordRange>> buffer in Changed)
            {
                bool isPosition = buffer.Key == "position";
                bool[] marks = isPosition ? new bool[VertexCount] : parts;
                int words = isPosition ? 3 : Find(buffer.Key).Length / CornerCount * PartCorners;
                foreach (WordRange range in buffer.Value)
                {
                    int last = (range.First + range.Count - 1) / words;
                    for (int i = range.First / words; i <= last; i++) { marks[i] = true; }
                }
                for (int corner = 0; isPosition && corner < CornerCount; corner++)
                {
                    if (marks[Index[corner]]) { parts[corner / PartCorners] = true; }
                }
            }
            return parts;
        }

        ulong DigestOf(int part)
        {
            int first = part * PartCorners;
            int count = Math.Min(PartCorners, CornerCount - first);
            Digest digest = default;
            digest.Add(Position, Index, first, count);
            foreach (string key in AttributeKeys)
            {
                if (!(Find(key) is float[] values)) { continue; }
                int width = values.Length / CornerCount;
                digest.Add(values, first * width, count * width);
            }
            return digest.Value;
        }

        bool HasSamePositions(MeshComponent other)
        {
            for (int corner = 0; corner < CornerCount; corner++)
            {
                int vertex = Index[corner] * 3;
                int otherVertex = other.Index[corner] * 3;
                for (int axis = 0; axis < 3; axis++)
                {
                    float a = Position[vertex + axis];
                    float b = other.Position[otherVertex + axis];
                    if (a != b && !AreClose(a, b)) { return false; }
                }
            }
            return true;
        }

        static bool AreClose(float[] a, float[] b)
        {
            if (a == null || b == null) { return a == b; }
            if (a.Length != b.Length) { return false; }
            for (int i = 0; i < a.Length; i++)
            {
                if (a[i] != b[i] && !AreClose(a[i], b[i])) { return false; }
            }
            return true;
        }

        void Put(JsonValue buffers, string key, Array values, List<byte[]> attachments)
        {
            if (values == null) { return; }
            if (Blobs.TryGetValue(key, out string blob))
            {
                buffers.With(key, JsonValue.Object().With("blob", blob).With("bytes", values.Length * 4L));
                return;
            }
            byte[] bytes = LittleEndian.ToBytes(values);
            buffers.With(key, JsonValue.Object().With("attachment", attachments.Count).With("bytes", bytes.Length));
            attachments.Add(bytes);
        }
    }
}
