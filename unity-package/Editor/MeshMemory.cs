using System.Collections.Generic;
using System.Runtime.CompilerServices;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Remembers the canonical form of large meshes that were converted last, together with the arrays that it was made
    /// of. After a batch, Unity reports the mesh as changed and it is read once more: its arrays are compared then, which
    /// takes a fraction of the conversion. May be used on any thread.
    /// </summary>
    public sealed class MeshMemory
    {
        /// <summary>
        /// The largest size of all meshes together. A million vertices with one UV set take 220 MB.
        /// </summary>
        const long MaxBytes = 512 << 20;

        const double UnusedSeconds = 60;

        readonly Dictionary<string, Known> meshes = new Dictionary<string, Known>();
        readonly ConditionalWeakTable<MeshComponent, MeshArrays> made =
            new ConditionalWeakTable<MeshComponent, MeshArrays>();

        readonly MeshPreviewBases previewBases;

        double lastNow;

        public MeshMemory(MeshPreviewBases previewBases)
        {
            this.previewBases = previewBases;
        }

        /// <summary>Returns the canonical form of a mesh.</summary>
        /// <param name="sent">A mesh to return if the arrays have exactly its corners; may be null.</param>
        public MeshComponent Convert(string uuid, MeshArrays arrays, MeshComponent sent)
        {
            Known known = sent == null ? Find(uuid) : null;
            if (known != null && known.Arrays.HasSame(arrays)) { return known.Canonical; }
            // The arrays that were made of the mesh stand for exactly its corners. So do equal ones.
            MeshArrays expected = null;
            bool isExact = sent != null && made.TryGetValue(sent, out expected) && expected.HasSame(arrays);
            MeshComponent canonical = isExact ? sent : arrays.ToCanonical(sent);
            canonical.Digest();
            if (isExact) { previewBases.Keep(uuid, sent, expected); }
            // An intent sends bytes: the daemon may have lost those that it named.
            Keep(uuid, new Known
            {
                Arrays = isExact ? expected : arrays,
                Canonical = canonical.WithoutBlobs(),
                Received = isExact ? sent : null,
            });
            // The earlier meshes that it was made of are needed no longer.
            canonical.SetBase(null, null);
            return canonical;
        }

        /// <summary>
        /// Returns the arrays of a received mesh. If it is a patch of the mesh that was received before, only what differs
        /// is converted.
        /// </summary>
        /// <param name="shapes">The shape keys that came with it; null for none.</param>
        public MeshArrays Prepare(string uuid, MeshComponent mesh, ShapesComponent shapes)
        {
            Known known = mesh.Base == null ? null : Find(uuid);
            bool isPatch = known != null && known.Received == mesh.Base;
            MeshArrays arrays = isPatch ? known.Arrays.WithPatch(mesh) : null;
            bool isUsable = arrays != null && (shapes == null || shapes.IsDefault || arrays.CanShow(shapes));
            if (!isUsable) { arrays = MeshArrays.FromCanonical(mesh, shapes); }
            made.Add(mesh, arrays);
            return arrays;
        }

        /// <summary>Returns the mesh that was last received and read back exactly; null if it is not remembered.</summary>
        public MeshComponent FindReceived(string uuid) => Find(uuid)?.Received;

        /// <summary>Forgets meshes that were not converted for a while.</summary>
        public void DropUnused(double now)
        {
            lock (meshes)
            {
                lastNow = now;
                if (meshes.Count == 0) { return; }
                foreach (KeyValuePair<string, Known> mesh in new List<KeyValuePair<string, Known>>(meshes))
                {
                    if (now - mesh.Value.UsedAt > UnusedSeconds) { meshes.Remove(mesh.Key); }
                }
            }
        }

        Known Find(string uuid)
        {
            lock (meshes)
            {
                if (meshes.TryGetValue(uuid, out Known known)) { known.UsedAt = lastNow; }
                return known;
            }
        }

        void Keep(string uuid, Known known)
        {
            lock (meshes)
            {
                meshes.Remove(uuid);
                // The approximate size of the canonical form and of the arrays together.
                known.Bytes = known.Arrays.Bytes;
                if (known.Bytes <= Background.MinBytes || known.Bytes > MaxBytes) { return; }
                long total = known.Bytes;
                foreach (Known other in meshes.Values) { total += other.Bytes; }
                if (total > MaxBytes) { meshes.Clear(); }
                known.UsedAt = lastNow;
                meshes[uuid] = known;
            }
        }

        sealed class Known
        {
            public MeshArrays Arrays;
            public MeshComponent Canonical;

            /// <summary>The same mesh as it was received, with hashes; null if the editor's own differs from that.</summary>
            public MeshComponent Received;

            public long Bytes;
            public double UsedAt;
        }
    }
}
