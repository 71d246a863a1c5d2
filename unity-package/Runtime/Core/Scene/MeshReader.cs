using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads a `mesh` component and checks all of it before use: sizes, indices, submeshes, numbers.</summary>
    public static class MeshReader
    {
        public static MeshComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            long vertices = json.RequiredInteger("vertex_count", location);
            long corners = json.RequiredInteger("corner_count", location);
            JsonValue buffers = json.Required("buffers", location);
            string inBuffers = location + ".buffers";
            MeshComponent mesh = new MeshComponent
            {
                Position = ReadFloats(buffers, "position", vertices * 3, true, attachments, inBuffers),
                Index = ReadIndices(buffers, corners, vertices, attachments, inBuffers),
                Normal = ReadFloats(buffers, "normal", corners * 3, false, attachments, inBuffers),
                Color = ReadFloats(buffers, "color0", corners * 4, false, attachments, inBuffers),
                Submeshes = ReadSubmeshes(json.Required("submeshes", location), corners, location + ".submeshes"),
            };
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                mesh.Uv[i] = ReadFloats(buffers, MeshComponent.UvKeys[i], corners * 2, false, attachments, inBuffers);
            }
            ReadBlobs(buffers, mesh.Blobs, inBuffers);
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

        static int[] ReadIndices(JsonValue buffers, long corners, long vertices, IReadOnlyList<byte[]> attachments,
            string location)
        {
            string fieldLocation = location + ".index";
            int[] indices = LittleEndian.ToInts(ReadBytes(buffers, "index", corners, true, attachments, location));
            foreach (int index in indices)
            {
                // As a number without a sign, a negative one is larger than all others.
                if ((uint)index >= vertices) { throw MakeError("an index names no vertex", fieldLocation); }
            }
            return indices;
        }

        static float[] ReadFloats(JsonValue buffers, string key, long count, bool isRequired,
            IReadOnlyList<byte[]> attachments, string location)
        {
            byte[] bytes = ReadBytes(buffers, key, count, isRequired, attachments, location);
            if (bytes == null) { return null; }
            float[] values = LittleEndian.ToFloats(bytes);
            if (!AreFinite(values))
            {
                throw new SyncException(ErrorCode.NumberInvalid, "a number is not finite", location + "." + key);
            }
            return values;
        }

        /// <summary>
        /// A finite number times zero is zero, any other is not a number, which no sum gets rid of. Four sums, as each
        /// addition waits for the one before it.
        /// </summary>
        static bool AreFinite(float[] values)
        {
            float a = 0, b = 0, c = 0, d = 0;
            int i = 0;
            for (; i + 3 < values.Length; i += 4)
            {
                a += values[i] * 0f;
                b += values[i + 1] * 0f;
                c += values[i + 2] * 0f;
                d += values[i + 3] * 0f;
            }
            for (; i < values.Length; i++) { a += values[i] * 0f; }
            return a + b + c + d == 0f;
        }

        static byte[] ReadBytes(JsonValue buffers, string key, long words, bool isRequired,
            IReadOnlyList<byte[]> attachments, string location)
        {
            string fieldLocation = location + "." + key;
            JsonValue buffer = buffers.Find(key);
            if (buffer == null)
            {
                return isRequired ? throw MakeError("a required buffer is missing", fieldLocation) : (byte[])null;
            }
            JsonValue attachment = buffer.Find("attachment");
            if (attachment == null || attachment.IsNull)
            {
                throw new SyncException(ErrorCode.BlobUnknown, "the buffer did not travel with the message",
                    fieldLocation);
            }
            long number = attachment.AsInteger(fieldLocation + ".attachment");
            if (number >= attachments.Count) { throw MakeError("no such attachment", fieldLocation); }
            byte[] bytes = attachments[(int)number];
            return bytes.Length == words * 4 ? bytes : throw MakeError("the buffer has another size", fieldLocation);
        }

        static SyncException MakeError(string message, string location)
        {
            return new SyncException(ErrorCode.MeshInvalid, message, location);
        }
    }
}
