using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Assigns Unity vertices to the corners of a canonical mesh. Corners with the same vertex share a Unity vertex if
    /// they agree in all attributes.
    /// </summary>
    sealed class VertexSplitter
    {
        /// <summary>
        /// Unity vertices that are compared one by one. A canonical vertex rarely has more; its others are in a dictionary,
        /// so that a mesh with all corners at one vertex takes no square time.
        /// </summary>
        const int MaxCompared = 16;

        readonly MeshComponent mesh;

        /// <summary>The row of deltas of each corner; null without shape keys.</summary>
        readonly int[] moves;

        /// <summary>The attributes of the corners, and their numbers a corner.</summary>
        readonly float[][] values;
        readonly int[] widths;

        /// <summary>For each canonical vertex one more than its first Unity vertex, or 0.</summary>
        readonly int[] first;

        /// <summary>For each Unity vertex one more than the next one of the same canonical vertex, or 0.</summary>
        int[] next;

        /// <summary>The corner that each Unity vertex was made for.</summary>
        int[] sources;
        int count;
        Dictionary<int, int> others;

        /// <param name="shapes">The shape keys of the mesh, which may move corners of one vertex apart; null for none.</param>
        public VertexSplitter(MeshComponent mesh, ShapesComponent shapes)
        {
            this.mesh = mesh;
            moves = shapes != null && shapes.Vertex.Length == mesh.CornerCount ? shapes.Vertex : null;
            first = new int[mesh.VertexCount];
            next = new int[mesh.VertexCount];
            sources = new int[mesh.VertexCount];
            List<float[]> present = new List<float[]> { mesh.Normal };
            present.AddRange(mesh.Uv);
            present.Add(mesh.Color);
            present.RemoveAll(attribute => attribute == null);
            values = present.ToArray();
            widths = Array.ConvertAll(values, all => mesh.CornerCount == 0 ? 0 : all.Length / mesh.CornerCount);
        }

        /// <summary>Returns a source corner for each Unity vertex, and for each corner its Unity vertex.</summary>
        public int[] Split(out int[] vertexOfCorner)
        {
            vertexOfCorner = new int[mesh.CornerCount];
            for (int corner = 0; corner < vertexOfCorner.Length; corner++) { vertexOfCorner[corner] = Assign(corner); }
            Array.Resize(ref sources, count);
            return sources;
        }

        int Assign(int corner)
        {
            int vertex = mesh.Index[corner];
            int compared = 0;
            for (int found = first[vertex]; found != 0; found = next[found - 1])
            {
                if (HasSameAttributes(sources[found - 1], corner)) { return found - 1; }
                if (++compared == MaxCompared) { return AssignOther(corner); }
            }
            int made = Add(corner);
            next[made] = first[vertex];
            first[vertex] = made + 1;
            return made;
        }

        int AssignOther(int corner)
        {
            others = others ?? new Dictionary<int, int>(new CornerComparer(this));
            if (!others.TryGetValue(corner, out int vertex))
            {
                vertex = Add(corner);
                others.Add(corner, vertex);
            }
            return vertex;
        }

        int Add(int corner)
        {
            if (count == sources.Length)
            {
                int larger = Math.Max(16, count * 2);
                Array.Resize(ref sources, larger);
                Array.Resize(ref next, larger);
            }
            sources[count] = corner;
            return count++;
        }

        bool HasSameAttributes(int left, int right)
        {
            if (moves != null && moves[left] != moves[right]) { return false; }
            for (int n = 0; n < values.Length; n++)
            {
                float[] own = values[n];
                int width = widths[n];
                int a = left * width;
                int b = right * width;
                for (int end = a + width; a < end; a++, b++)
                {
                    if (own[a] != own[b]) { return false; }
                }
            }
            return true;
        }

        /// <summary>Compares two corners by their vertex and all attributes.</summary>
        sealed class CornerComparer : IEqualityComparer<int>
        {
            readonly VertexSplitter splitter;

            public CornerComparer(VertexSplitter splitter)
            {
                this.splitter = splitter;
            }

            public bool Equals(int left, int right)
            {
                return splitter.mesh.Index[left] == splitter.mesh.Index[right]
                    && splitter.HasSameAttributes(left, right);
            }

            public int GetHashCode(int corner)
            {
                Digest digest = default;
                digest.Add((uint)splitter.mesh.Index[corner]);
                if (splitter.moves != null) { digest.Add((uint)splitter.moves[corner]); }
                for (int n = 0; n < splitter.values.Length; n++)
                {
                    int width = splitter.widths[n];
                    for (int i = 0; i < width; i++) { digest.Add(splitter.values[n][corner * width + i]); }
                }
                return (int)digest.Value;
            }
        }
    }
}
