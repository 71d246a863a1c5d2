using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// Reads a `mesh` component and checks all of it before it is used: sizes, indices, submeshes, numbers.
    /// </summary>
    public static class MeshReader
    {
        public static readonly string[] UvKeys = { "uv0", "uv1", "uv2", "uv3", "uv4", "uv5", "uv6", "uv7" };

        public static MeshComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string place)
        {
            long vertices = json.RequiredInteger("vertex_count", place);
            long corners = json.RequiredInteger("corner_count", place);
            JsonValue buffers = json.Required("buffers", place);
            string spot = place + ".buffers";
            MeshComponent mesh = new MeshComponent
            {
                Position = Floats(buffers, "position", vertices * 3, true, attachments, spot),
                Index = Indices(buffers, corners, vertices, attachments, spot),
                Normal = Floats(buffers, "normal", corners * 3, false, attachments, spot),
                Color = Floats(buffers, "color0", corners * 4, false, attachments, spot),
                Submeshes = ReadSubmeshes(json.Required("submeshes", place), corners, place + ".submeshes"),
            };
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                mesh.Uv[i] = Floats(buffers, UvKeys[i], corners * 2, false, attachments, spot);
            }
            return mesh;
        }

        static List<Submesh> ReadSubmeshes(JsonValue json, long corners, string place)
        {
            List<Submesh> submeshes = new List<Submesh>();
            long next = 0;
            long lastSlot = -1;
            foreach (JsonValue item in json.AsArray(place))
            {
                long slot = item.RequiredInteger("slot", place);
                long start = item.RequiredInteger("start", place);
                long count = item.RequiredInteger("count", place);
                bool follows = start == next && count > 0 && count % 3 == 0 && count <= corners - start;
                // Unity numbers its submeshes by slot, so the slots must ascend; the bound is what a mesh can hold.
                if (!follows || slot <= lastSlot || slot > 1023)
                {
                    throw Inconsistent("the submeshes do not tile the corners", place);
                }
                submeshes.Add(new Submesh((int)slot, (int)start, (int)count));
                next = start + count;
                lastSlot = slot;
            }
            return next == corners ? submeshes : throw Inconsistent("the submeshes do not tile the corners", place);
        }

        static int[] Indices(JsonValue buffers, long corners, long vertices, IReadOnlyList<byte[]> attachments,
            string place)
        {
            string spot = place + ".index";
            int[] indices = LittleEndian.ToInts(Bytes(buffers, "index", corners, true, attachments, place));
            foreach (int index in indices)
            {
                if (index < 0 || index >= vertices) { throw Inconsistent("an index names no vertex", spot); }
            }
            return indices;
        }

        static float[] Floats(JsonValue buffers, string key, long count, bool required,
            IReadOnlyList<byte[]> attachments, string place)
        {
            byte[] bytes = Bytes(buffers, key, count, required, attachments, place);
            if (bytes == null) { return null; }
            float[] values = LittleEndian.ToFloats(bytes);
            foreach (float value in values)
            {
                if (float.IsNaN(value) || float.IsInfinity(value))
                {
                    throw new SyncException(ErrorCode.NumberInvalid, "a number is not finite", place + "." + key);
                }
            }
            return values;
        }

        static byte[] Bytes(JsonValue buffers, string key, long words, bool required,
            IReadOnlyList<byte[]> attachments, string place)
        {
            string spot = place + "." + key;
            JsonValue buffer = buffers.Find(key);
            if (buffer == null)
            {
                return required ? throw Inconsistent("a required buffer is missing", spot) : (byte[])null;
            }
            JsonValue attachment = buffer.Find("attachment");
            if (attachment == null || attachment.IsNull)
            {
                throw new SyncException(ErrorCode.BlobUnknown, "the buffer did not travel with the message", spot);
            }
            long number = attachment.AsInteger(spot + ".attachment");
            if (number >= attachments.Count) { throw Inconsistent("no such attachment", spot); }
            byte[] bytes = attachments[(int)number];
            return bytes.Length == words * 4 ? bytes : throw Inconsistent("the buffer has another size", spot);
        }

        static SyncException Inconsistent(string message, string place)
        {
            return new SyncException(ErrorCode.MeshInvalid, message, place);
        }
    }
}
