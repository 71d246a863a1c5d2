using System.Collections.Generic;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Remembers the canonical form of large blend shapes that were converted last, as <see cref="MeshMemory"/> does for
    /// meshes. A change of the weights has the mesh read again: its shapes are then compared, and not converted. May be used
    /// on any thread.
    /// </summary>
    public sealed class ShapeMemory
    {
        /// <summary>The largest size of all shapes together.</summary>
        const long MaxBytes = 256 << 20;

        readonly Dictionary<string, Known> known = new Dictionary<string, Known>();

        /// <summary>Returns the canonical form of shapes.</summary>
        /// <param name="corners">Unity's vertex of each corner.</param>
        /// <param name="sent">Shapes to return if these move each corner in exactly the same way; may be null.</param>
        public ShapesComponent Convert(string uuid, BlendShapes shapes, ShapeKey[] keys, int[] corners, ShapesComponent sent)
        {
            Known before = sent == null ? Find(uuid) : null;
            if (before != null && before.IsSame(shapes, keys, corners)) { return before.Canonical; }
            ShapesComponent canonical = shapes.ToCanonical(keys, corners);
            bool isExact = sent != null && sent.Digest() == canonical.Digest();
            Keep(uuid, new Known { Shapes = shapes, Keys = keys, Corners = corners, Canonical = (isExact ? sent : canonical).WithoutBlobs() });
            return isExact ? sent : canonical;
        }

        Known Find(string uuid)
        {
            lock (known) { return known.TryGetValue(uuid, out Known found) ? found : null; }
        }

        void Keep(string uuid, Known made)
        {
            lock (known)
            {
                known.Remove(uuid);
                if (made.Shapes.Bytes <= Background.MinBytes || made.Shapes.Bytes > MaxBytes) { return; }
                long total = made.Shapes.Bytes;
                foreach (Known other in known.Values) { total += other.Shapes.Bytes; }
                if (total > MaxBytes) { known.Clear(); }
                made.Canonical.Digest();
                known[uuid] = made;
            }
        }

        sealed class Known
        {
            public BlendShapes Shapes;
            public ShapeKey[] Keys;
            public int[] Corners;
            public ShapesComponent Canonical;

            public bool IsSame(BlendShapes shapes, ShapeKey[] keys, int[] corners)
            {
                bool isSame = keys.Length == Keys.Length && corners.Length == Corners.Length;
                for (int i = 0; isSame && i < keys.Length; i++)
                {
                    isSame = keys[i].Name == Keys[i].Name && keys[i].RelativeTo == Keys[i].RelativeTo
                        && keys[i].Min == Keys[i].Min && keys[i].Max == Keys[i].Max;
                }
                for (int i = 0; isSame && i < corners.Length; i++) { isSame = corners[i] == Corners[i]; }
                return isSame && Shapes.HasSame(shapes);
            }
        }
    }
}
