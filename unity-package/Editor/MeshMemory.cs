using System.Collections.Generic;
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
        double lastNow;

        /// <summary>Returns the canonical form of a mesh.</summary>
        /// <param name="sent">A mesh to return if the arrays have exactly its corners; may be null.</param>
        public MeshComponent Convert(string uuid, MeshArrays arrays, MeshComponent sent)
        {
            Known known = sent == null ? Find(uuid) : null;
            if (known != null && known.Arrays.HasSame(arrays)) { return known.Canonical; }
            MeshComponent canonical = arrays.ToCanonical(sent);
            canonical.Digest();
            // An intent sends bytes: the daemon may have lost those that it named.
            Keep(uuid, new Known { Arrays = arrays, Canonical = canonical.WithoutBlobs() });
            return canonical;
        }

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
            public long Bytes;
            public double UsedAt;
        }
    }
}
