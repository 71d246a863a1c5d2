using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// The vertex groups of a mesh. They have vertices of their own, and each corner of the mesh names one. A vertex belongs
    /// to groups, each with a weight; these are its memberships.
    /// </summary>
    public sealed class WeightsComponent : Component
    {
        public const string Name = "weights";

        /// <summary>The most groups of a mesh.</summary>
        public const int MostGroups = 4096;

        static readonly string[] Buffers = { "group", "offset", "vertex", "weight" };

        /// <summary>A mesh without groups.</summary>
        public static readonly WeightsComponent None = new WeightsComponent(Array.Empty<string>(), Array.Empty<int>(), new int[1],
            Array.Empty<int>(), Array.Empty<float>());

        readonly string[] blobs = new string[Buffers.Length];

        public WeightsComponent(string[] groups, int[] vertex, int[] offset, int[] group, float[] weight)
        {
            Groups = groups;
            Vertex = vertex;
            Offset = offset;
            Group = group;
            Weight = weight;
        }

        /// <summary>The names of the groups.</summary>
        public string[] Groups { get; }

        /// <summary>The vertex of each corner of the mesh.</summary>
        public int[] Vertex { get; }

        /// <summary>The first membership of each vertex, and the number of all at the end.</summary>
        public int[] Offset { get; }

        /// <summary>The group of each membership, rising within a vertex.</summary>
        public int[] Group { get; }

        /// <summary>The weight of each membership, from 0 to 1.</summary>
        public float[] Weight { get; }

        public override string Key => Name;

        public override bool IsDefault => Groups.Length == 0;

        /// <summary>The number of buffers.</summary>
        public static int BufferCount => Buffers.Length;

        /// <summary>The approximate number of bytes on the wire.</summary>
        public long Bytes => (Vertex.Length + Offset.Length + Group.Length + Weight.Length) * 4L;

        Array[] Words => new Array[] { Group, Offset, Vertex, Weight };

        /// <summary>Reads and checks all of it: names, counts, numbers, order.</summary>
        public static WeightsComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            string[] groups = ReadGroups(json, location + ".groups");
            long vertices = json.RequiredInteger("vertex_count", location);
            long corners = json.RequiredInteger("corner_count", location);
            string at = location + ".buffers";
            JsonValue buffers = json.Required("buffers", location);
            int count = buffers.AsObject(at).Count;
            bool isRight = groups.Length == 0 ? count + vertices + corners == 0
                : count == Buffers.Length && Array.TrueForAll(Buffers, name => buffers.Find(name) != null);
            if (!isRight) { throw WireBuffers.MakeError("not the buffers of vertex groups", at); }
            if (groups.Length == 0) { return None; }
            byte[] ReadBytes(string name, long size) =>
                WireBuffers.Read(buffers.Find(name), attachments, size, at + "." + name);
            byte[] group = ReadBytes("group", -1);
            WeightsComponent read = new WeightsComponent(groups, LittleEndian.ToInts(ReadBytes("vertex", corners * 4)),
                LittleEndian.ToInts(ReadBytes("offset", (vertices + 1) * 4)), LittleEndian.ToInts(group),
                LittleEndian.ToFloats(ReadBytes("weight", group.Length)));
            for (int i = 0; i < Buffers.Length; i++) { read.blobs[i] = WireBuffers.FindBlob(buffers.Find(Buffers[i]), at); }
            read.Check(at);
            return read;
        }

        static string[] ReadGroups(JsonValue json, string location)
        {
            List<JsonValue> items = json.Required("groups", location).AsArray(location);
            if (items.Count > MostGroups) { throw new SyncException(ErrorCode.ComponentInvalid, "too many groups", location); }
            HashSet<string> names = new HashSet<string>();
            return items.ConvertAll(item =>
            {
                string name = ShapeKey.CheckName(item.AsString(location), location);
                if (names.Add(name)) { return name; }
                throw new SyncException(ErrorCode.ComponentInvalid, "two groups have the same name", location);
            }).ToArray();
        }

        void Check(string location)
        {
            // As numbers without a sign, negative ones are larger than all others.
            int vertices = Offset.Length - 1;
            if (!Array.TrueForAll(Vertex, vertex => (uint)vertex < vertices))
            {
                throw WireBuffers.MakeError("a corner names no vertex", location + ".vertex");
            }
            bool isDivided = Offset[0] == 0 && Offset[vertices] == Group.Length;
            for (int i = 0; i < vertices; i++) { isDivided &= Offset[i] <= Offset[i + 1]; }
            if (!isDivided) { throw WireBuffers.MakeError("the offsets do not divide the memberships", location + ".offset"); }
            for (int vertex = 0; vertex < vertices; vertex++)
            {
                for (int i = Offset[vertex]; i < Offset[vertex + 1]; i++)
                {
                    bool isGood = (uint)Group[i] < Groups.Length && (i == Offset[vertex] || Group[i - 1] < Group[i]);
                    if (!isGood) { throw WireBuffers.MakeError("the groups of a vertex do not rise", location + ".group"); }
                }
            }
            if (Array.TrueForAll(Weight, weight => weight >= 0 && weight <= 1)) { return; }
            throw new SyncException(ErrorCode.NumberInvalid, "a weight is from 0 to 1", location + ".weight");
        }

        /// <summary>Returns the same weights, of which all buffers are written with their bytes.</summary>
        public WeightsComponent WithoutBlobs() => new WeightsComponent(Groups, Vertex, Offset, Group, Weight);

        /// <summary>Returns the component as a text with all its bytes; empty for a mesh without groups.</summary>
        public string ToText()
        {
            if (IsDefault) { return ""; }
            List<byte[]> attachments = new List<byte[]>();
            JsonValue value = WithoutBlobs().ToJson(attachments);
            JsonValue bytes = JsonValue.Array();
            foreach (byte[] each in attachments) { bytes.Add(Convert.ToBase64String(each)); }
            return JsonWriter.Write(JsonValue.Object().With("value", value).With("bytes", bytes));
        }

        /// <summary>Reads what <see cref="ToText"/> wrote. A damaged text is a mesh without groups.</summary>
        public static WeightsComponent FromText(string text)
        {
            if (text.Length == 0) { return None; }
            try
            {
                JsonValue json = JsonReader.Read(text);
                List<byte[]> attachments = json.Required("bytes", "").AsArray("")
                    .ConvertAll(each => Convert.FromBase64String(each.AsString("")));
                return Read(json.Required("value", ""), attachments, Name);
            }
            catch (Exception error) when (error is SyncException || error is FormatException)
            {
                return None;
            }
        }

        /// <summary>Compares corner by corner, because an editor may share vertices differently.</summary>
        public override bool Matches(Component readBack)
        {
            WeightsComponent other = (WeightsComponent)readBack;
            if (other == this) { return true; }
            if (Groups.Length != other.Groups.Length || Vertex.Length != other.Vertex.Length) { return false; }
            for (int i = 0; i < Groups.Length; i++)
            {
                if (Groups[i] != other.Groups[i]) { return false; }
            }
            for (int corner = 0; corner < Vertex.Length; corner++)
            {
                if (!HasSameWeights(Vertex[corner], other, other.Vertex[corner])) { return false; }
            }
            return true;
        }

        bool HasSameWeights(int vertex, WeightsComponent other, int otherVertex)
        {
            int at = Offset[vertex], otherAt = other.Offset[otherVertex], count = Offset[vertex + 1] - at;
            if (count != other.Offset[otherVertex + 1] - otherAt) { return false; }
            for (int i = 0; i < count; i++)
            {
                bool isSame = Group[at + i] == other.Group[otherAt + i] && AreClose(Weight[at + i], other.Weight[otherAt + i]);
                if (!isSame) { return false; }
            }
            return true;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue groups = JsonValue.Array();
            foreach (string group in Groups) { groups.Add(group); }
            JsonValue buffers = JsonValue.Object();
            Array[] words = Words;
            for (int i = 0; i < Buffers.Length && !IsDefault; i++)
            {
                Array own = words[i];
                buffers.With(Buffers[i], WireBuffers.Write(blobs[i], own.Length * 4L, () => LittleEndian.ToBytes(own), attachments));
            }
            return JsonValue.Object().With("vertex_count", Offset.Length - 1).With("corner_count", Vertex.Length)
                .With("groups", groups).With("buffers", buffers);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add((uint)Groups.Length);
            foreach (string group in Groups) { digest.Add(group); }
            digest.Add((uint)Vertex.Length);
            // Equality depends on corners, not on which of them share a vertex.
            foreach (int vertex in Vertex)
            {
                digest.Add((uint)(Offset[vertex + 1] - Offset[vertex]));
                for (int i = Offset[vertex]; i < Offset[vertex + 1]; i++)
                {
                    digest.Add((uint)Group[i]);
                    digest.Add(Weight[i]);
                }
            }
        }
    }
}
