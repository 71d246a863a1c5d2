using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Previews
{
    /// <summary>
    /// The positions of a mesh in a preview: all words of its `position` buffer that differ from those at an address. It is
    /// no component of an entity, and only previews carry it.
    /// </summary>
    public sealed class PreviewedPositions : Component
    {
        readonly byte[] patch;

        public PreviewedPositions(string basis, long bytes, byte[] patch)
        {
            Base = basis;
            Bytes = bytes;
            this.patch = patch;
        }

        /// <summary>The address of the buffer that the patch builds on.</summary>
        public string Base { get; }

        /// <summary>The length of that buffer.</summary>
        public long Bytes { get; }

        public override string Key => "positions";

        /// <summary>Reads one of a message.</summary>
        public static PreviewedPositions Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            long number = json.RequiredInteger("attachment", location);
            if (number < 0 || number >= attachments.Count)
            {
                throw new SyncException(ErrorCode.MeshInvalid, "the attachment is not in the frame", location);
            }
            return new PreviewedPositions(json.RequiredString("base", location), json.RequiredInteger("bytes", location),
                attachments[(int)number]);
        }

        /// <summary>
        /// Replaces the positions that differ, three numbers a vertex. Returns false if the patch does not fit them, or has
        /// a number that is not finite; they may then be half-changed.
        /// </summary>
        public bool TryApply(float[] positions)
        {
            if (Bytes != positions.Length * 4L) { return false; }
            try
            {
                foreach (WordRange range in MeshPatch.Apply(patch, positions, Key))
                {
                    for (int i = range.First; i < range.First + range.Count; i++)
                    {
                        if (float.IsNaN(positions[i]) || float.IsInfinity(positions[i])) { return false; }
                    }
                }
                return true;
            }
            catch (SyncException)
            {
                return false;
            }
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue json = JsonValue.Object().With("base", Base).With("bytes", Bytes)
                .With("attachment", attachments.Count);
            attachments.Add(patch);
            return json;
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add(Base);
            digest.Add((uint)Bytes);
            foreach (byte part in patch) { digest.Add(part); }
        }
    }
}
