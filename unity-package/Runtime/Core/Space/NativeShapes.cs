using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Converts the deltas of shape keys between the corners of a canonical mesh and the vertices of Unity, which are split.
    /// Unity's deltas are mirrored, as positions are.
    /// </summary>
    public static class NativeShapes
    {
        /// <summary>Returns Unity's deltas: for each key three numbers a vertex.</summary>
        /// <param name="sources">A corner of each Unity vertex; -1 for one without a corner, which does not move.</param>
        public static float[][] FromCanonical(ShapesComponent shapes, int[] sources)
        {
            float[][] native = new float[shapes.Keys.Length][];
            for (int key = 0; key < native.Length; key++)
            {
                float[] deltas = native[key] = new float[sources.Length * 3];
                float[] moves = shapes.Delta[key];
                for (int vertex = 0; vertex < sources.Length; vertex++)
                {
                    if (sources[vertex] < 0) { continue; }
                    int from = shapes.Vertex[sources[vertex]] * 3;
                    deltas[vertex * 3] = -moves[from] + 0f;
                    deltas[vertex * 3 + 1] = moves[from + 1];
                    deltas[vertex * 3 + 2] = moves[from + 2];
                }
            }
            return native;
        }

        /// <summary>Returns whether the corners that share a Unity vertex move in the same way.</summary>
        /// <param name="corners">The Unity vertex of each corner.</param>
        /// <param name="sources">A corner of each Unity vertex.</param>
        public static bool CanShare(ShapesComponent shapes, int[] corners, int[] sources)
        {
            if (corners.Length != shapes.Vertex.Length) { return false; }
            for (int corner = 0; corner < corners.Length; corner++)
            {
                int a = shapes.Vertex[corner], b = shapes.Vertex[sources[corners[corner]]];
                if (a != b && !HaveSameRow(shapes.Delta, a, b)) { return false; }
            }
            return true;
        }

        /// <summary>Returns a corner of each Unity vertex; -1 for one that no corner uses.</summary>
        public static int[] FindSources(int[] corners, int vertexCount)
        {
            int[] sources = new int[vertexCount];
            for (int i = 0; i < vertexCount; i++) { sources[i] = -1; }
            for (int corner = corners.Length - 1; corner >= 0; corner--) { sources[corners[corner]] = corner; }
            return sources;
        }

        /// <summary>
        /// Returns the canonical keys. Vertices with the same deltas in all keys become one: most vertices move in few keys.
        /// </summary>
        /// <param name="deltas">Unity's: for each key three numbers a vertex.</param>
        /// <param name="corners">The Unity vertex of each corner.</param>
        public static ShapesComponent ToCanonical(ShapeKey[] keys, float[][] deltas, int[] corners)
        {
            if (keys.Length == 0 || corners.Length == 0) { return ShapesComponent.None; }
            Dictionary<int, int> rows = new Dictionary<int, int>(new RowComparer(deltas));
            List<int> made = new List<int>();
            int[] rowOfVertex = new int[deltas[0].Length / 3];
            int[] vertex = new int[corners.Length];
            for (int corner = 0; corner < corners.Length; corner++)
            {
                int native = corners[corner];
                if (rowOfVertex[native] == 0)
                {
                    if (!rows.TryGetValue(native, out int row))
                    {
                        row = made.Count;
                        rows.Add(native, row);
                        made.Add(native);
                    }
                    rowOfVertex[native] = row + 1;
                }
                vertex[corner] = rowOfVertex[native] - 1;
            }
            float[][] moves = new float[keys.Length][];
            for (int key = 0; key < keys.Length; key++)
            {
                moves[key] = new float[made.Count * 3];
                for (int row = 0; row < made.Count; row++)
                {
                    for (int axis = 0; axis < 3; axis++) { moves[key][row * 3 + axis] = deltas[key][made[row] * 3 + axis]; }
                }
                Coordinates.MirrorX(moves[key]);
            }
            return new ShapesComponent(keys, made.Count, vertex, moves);
        }

        static bool HaveSameRow(float[][] deltas, int a, int b)
        {
            foreach (float[] moves in deltas)
            {
                for (int axis = 0; axis < 3; axis++)
                {
                    if (moves[a * 3 + axis] != moves[b * 3 + axis]) { return false; }
                }
            }
            return true;
        }

        /// <summary>Compares vertices by their deltas in all keys.</summary>
        sealed class RowComparer : IEqualityComparer<int>
        {
            /// <summary>Unknown to the author of a file, so that no mesh can be made whose deltas all collide.</summary>
            static readonly uint Seed = (uint)System.Guid.NewGuid().GetHashCode();

            readonly float[][] deltas;

            public RowComparer(float[][] deltas)
            {
                this.deltas = deltas;
            }

            public bool Equals(int a, int b) => HaveSameRow(deltas, a, b);

            public int GetHashCode(int vertex)
            {
                Digest digest = default;
                digest.Add(Seed);
                foreach (float[] moves in deltas) { digest.Add(moves, vertex * 3, 3); }
                return (int)digest.Value;
            }
        }
    }
}
