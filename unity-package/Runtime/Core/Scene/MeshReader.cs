using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads a `mesh` component and checks all of it before use: sizes, indices, submeshes, numbers.</summary>
    public static class MeshReader
    {
        /// <param name="basis">The mesh that the buffers build on which did not come whole; null without one.</param>
        public static MeshComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location,
            MeshComponent basis = null)
        {
            long vertices = json.RequiredInteger("vertex_count", location);
            long corners = json.RequiredInteger("corner_count", location);
            Source source = new Source
            {
                Buffers = json.Required("buffers", location),
                Attachments = attachments,
                Location = location + ".buffers",
                Base = basis,
            };
            MeshComponent mesh = new MeshComponent
            {
                Position = source.ReadFloats("position", vertices * 3, true),
                Index = source.ReadIndices(corners, vertices),
                Normal = source.ReadFloats("normal", corners * 3, false),
                Color = source.ReadFloats("color0", corners * 4, false),
                Submeshes = ReadSubmeshes(json.Required("submeshes", location), corners, location + ".submeshes"),
            };
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                mesh.Uv[i] = source.ReadFloats(MeshComponent.UvKeys[i], corners * 2, false);
            }
            ReadBlobs(source.Buffers, mesh.Blobs, source.Location);
            bool isPatch = basis != null && PatchBases.HasSameTopology(mesh, basis, source.Changed);
            if (isPatch) { mesh.SetBase(basis, source.Changed); }
            return mesh;
        }

        static void ReadBlobs(JsonValue buffers, Dictionary<string, string> blobs, string location)
        {
            foreach (KeyValuePair<string, JsonValue> buffer in buffers.AsObject(location))
            {
                JsonValue blob = buffer.Value.Find("blob");
                if (blob != null && !blob.IsNull) { blobs[buffer.Key] = blob.AsString(location + "." + buffer.Key); }
            }
        }

        static List<Submesh> ReadSubmeshes(JsonValue json, long corners, string location)
        {
            List<Submesh> submeshes = new List<Submesh>();
            long next = 0;
            long lastSlot = -1;
            foreach (JsonValue item in json.AsArray(location))
            {
                long slot = item.RequiredInteger("slot", location);
                long start = item.RequiredInteger("start", location);
                long count = item.RequiredInteger("count", location);
                bool isNextRange = start == next && count > 0 && count % 3 == 0 && count <= corners - start;
                // Unity numbers its submeshes by slot, so the slots must ascend. No mesh has more than 1024.
                if (!isNextRange || slot <= lastSlot || slot > 1023)
                {
                    throw MakeError("the submeshes do not tile the corners", location);
                }
                submeshes.Add(new Submesh((int)slot, (int)start, (int)count));
                next = start + count;
                lastSlot = slot;
            }
            return next == corners ? submeshes : throw MakeError("the submeshes do not tile the corners", location);
        }

        static SyncException MakeError(string message, string location)
        {
            return new SyncException(ErrorCode.MeshInvalid, message, location);
        }

        /// <summary>The buffers of a mesh on the wire.</summary>
        sealed class Source
        {
            static readonly List<WordRange> Nothing = new List<WordRange>();

            public JsonValue Buffers;
            public IReadOnlyList<byte[]> Attachments;
            public string Location;
            public MeshComponent Base;
            public readonly Dictionary<string, List<WordRange>> Changed = new Dictionary<string, List<WordRange>>();

            public int[] ReadIndices(long corners, long vertices)
            {
                int[] indices = (int[])Read("index", corners, true, bytes => LittleEndian.ToInts(bytes),
                    out List<WordRange> changed);
                // The words of the base were checked, but there may be fewer vertices now.
                if (Base != null && vertices < Base.VertexCount) { changed = All(indices); }
                foreach (WordRange range in changed)
                {
                    for (int i = range.First; i < range.First + range.Count; i++)
                    {
                        // As a number without a sign, a negative one is larger than all others.
                        if ((uint)indices[i] >= vertices)
                        {
                            throw MakeError("an index names no vertex", Location + ".index");
                        }
                    }
                }
                return indices;
            }

            public float[] ReadFloats(string key, long count, bool isRequired)
            {
                float[] values = (float[])Read(key, count, isRequired, bytes => LittleEndian.ToFloats(bytes),
                    out List<WordRange> changed);
                foreach (WordRange range in changed)
                {
                    if (!AreFinite(values, range.First, range.First + range.Count))
                    {
                        throw new SyncException(ErrorCode.NumberInvalid, "a number is not finite", Location + "." + key);
                    }
                }
                return values;
            }

            /// <summary>
            /// Reads the words of a buffer that came whole; takes those of the base otherwise, and changes a copy.
            /// </summary>
            /// <param name="changed">The ranges that were not in the base.</param>
            Array Read(string key, long words, bool isRequired, Func<byte[], Array> convert, out List<WordRange> changed)
            {
                changed = Nothing;
                string location = Location + "." + key;
                JsonValue buffer = Buffers.Find(key);
                if (buffer == null)
                {
                    return isRequired ? throw MakeError("a required buffer is missing", location) : (Array)null;
                }
                string address = PatchBases.ReadAddress(buffer);
                if (address == null || Base == null || !Base.Holds(key, address))
                {
                    Array whole = convert(GetAttachment(buffer, words * 4, location));
                    changed = All(whole);
                    Changed[key] = null;
                    return whole;
                }
                Array held = Base.Find(key);
                if (held.Length != words) { throw MakeError("the buffer has another size", location); }
                JsonValue found = buffer.Find("base");
                if (found == null || found.IsNull) { return held; }
                Array copy = (Array)held.Clone();
                Changed[key] = changed = MeshPatch.Apply(GetAttachment(buffer, -1, location), copy, location);
                return copy;
            }

            /// <summary>Returns the bytes of a buffer's attachment, which has this size unless that is negative.</summary>
            byte[] GetAttachment(JsonValue buffer, long size, string location)
            {
                JsonValue attachment = buffer.Find("attachment");
                if (attachment == null || attachment.IsNull || (size >= 0 && buffer.Find("base")?.IsNull == false))
                {
                    throw new SyncException(ErrorCode.BlobUnknown, "the buffer did not travel with the message", location);
                }
                long number = attachment.AsInteger(location + ".attachment");
                if (number >= Attachments.Count) { throw MakeError("no such attachment", location); }
                byte[] bytes = Attachments[(int)number];
                return size < 0 || bytes.Length == size ? bytes : throw MakeError("the buffer has another size", location);
            }

            static List<WordRange> All(Array words) => new List<WordRange> { new WordRange(0, words.Length) };

            /// <summary>
            /// A finite number times zero is zero, any other is not a number, which no sum gets rid of. Four sums, as each
            /// addition waits for the one before it.
            /// </summary>
            static bool AreFinite(float[] values, int first, int end)
            {
                float a = 0, b = 0, c = 0, d = 0;
                int i = first;
                for (; i + 3 < end; i += 4)
                {
                    a += values[i] * 0f;
                    b += values[i + 1] * 0f;
                    c += values[i + 2] * 0f;
                    d += values[i + 3] * 0f;
                }
                for (; i < end; i++) { a += values[i] * 0f; }
                return a + b + c + d == 0f;
            }
        }
    }
}
