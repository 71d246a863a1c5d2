using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>The Unity vertices that a patch of a canonical mesh changes.</summary>
    public sealed class VertexPatch
    {
        readonly Dictionary<string, List<WordRange>> changed;

        VertexPatch(Dictionary<string, List<WordRange>> changed)
        {
            this.changed = changed;
        }

        /// <summary>The vertices whose position differs.</summary>
        public List<int> Moved { get; } = new List<int>();

        /// <summary>The vertices of which another attribute differs.</summary>
        public List<int> Edited { get; } = new List<int>();

        /// <summary>Returns whether a buffer differs.</summary>
        public bool Differs(string key) => changed.ContainsKey(key);

        /// <summary>
        /// Returns the vertices that differ; null if corners that share a vertex do not agree any more.
        /// </summary>
        /// <param name="mesh">The patched mesh. It has the topology of its base.</param>
        /// <param name="sources">A corner of each Unity vertex of the base.</param>
        /// <param name="triangles">The Unity vertices of the triangles, for each submesh.</param>
        public static VertexPatch Find(MeshComponent mesh, int[] sources, List<int[]> triangles)
        {
            VertexPatch found = new VertexPatch(mesh.Changed);
            bool[] corners = found.MarkCorners(mesh);
            if (corners != null && !found.FindEdited(mesh, corners, sources, triangles)) { return null; }
            if (!found.Differs("position")) { return found; }
            bool[] moved = new bool[mesh.VertexCount];
            Mark(mesh.Changed["position"], 3, moved);
            for (int vertex = 0; vertex < sources.Length; vertex++)
            {
                if (moved[mesh.Index[sources[vertex]]]) { found.Moved.Add(vertex); }
            }
            return found;
        }

        /// <summary>Marks the corners of which an attribute differs; null if there is none.</summary>
        bool[] MarkCorners(MeshComponent mesh)
        {
            bool[] corners = null;
            foreach (KeyValuePair<string, List<WordRange>> buffer in changed)
            {
                if (buffer.Key == "position") { continue; }
                corners = corners ?? new bool[mesh.CornerCount];
                Mark(buffer.Value, mesh.Find(buffer.Key).Length / mesh.CornerCount, corners);
            }
            return corners;
        }

        static void Mark(List<WordRange> ranges, int width, bool[] marks)
        {
            foreach (WordRange range in ranges)
            {
                int last = (range.First + range.Count - 1) / width;
                for (int i = range.First / width; i <= last; i++) { marks[i] = true; }
            }
        }

        /// <summary>Finds the vertices of marked corners. All corners of each must agree, also those without a mark.</summary>
        bool FindEdited(MeshComponent mesh, bool[] marked, int[] sources, List<int[]> triangles)
        {
            bool[] edited = new bool[sources.Length];
            foreach (Submesh submesh in mesh.Submeshes)
            {
                int[] vertices = triangles[submesh.Slot];
                for (int i = 0, corner = submesh.Start; i < submesh.Count; i += 3, corner += 3)
                {
                    // Unity's second and third corner are swapped.
                    if (marked[corner]) { edited[vertices[i]] = true; }
                    if (marked[corner + 1]) { edited[vertices[i + 2]] = true; }
                    if (marked[corner + 2]) { edited[vertices[i + 1]] = true; }
                }
            }
            for (int vertex = 0; vertex < edited.Length; vertex++)
            {
                if (edited[vertex]) { Edited.Add(vertex); }
            }
            foreach (Submesh submesh in mesh.Submeshes)
            {
                int[] vertices = triangles[submesh.Slot];
                for (int i = 0, corner = submesh.Start; i < submesh.Count; i += 3, corner += 3)
                {
                    int a = vertices[i], b = vertices[i + 2], c = vertices[i + 1];
                    bool agree = (!edited[a] || HaveSameAttributes(mesh, corner, sources[a]))
                        && (!edited[b] || HaveSameAttributes(mesh, corner + 1, sources[b]))
                        && (!edited[c] || HaveSameAttributes(mesh, corner + 2, sources[c]));
                    if (!agree) { return false; }
                }
            }
            return true;
        }

        bool HaveSameAttributes(MeshComponent mesh, int left, int right)
        {
            foreach (string key in changed.Keys)
            {
                if (key == "position") { continue; }
                float[] values = (float[])mesh.Find(key);
                int width = values.Length / mesh.CornerCount;
                for (int i = 0; i < width; i++)
                {
                    if (values[left * width + i] != values[right * width + i]) { return false; }
                }
            }
            return true;
        }
    }
}
