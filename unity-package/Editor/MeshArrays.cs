using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// A mesh in the arrays of Unity's API. The conversion to and from canonical space may run on any thread; only
    /// <see cref="ReadFrom"/> and <see cref="WriteTo"/> use a mesh of the engine.
    /// </summary>
    public sealed class MeshArrays
    {
        const int MaxSixteenBitVertices = 65535;

        Vector3[] vertices;
        Vector3[] normals;
        Color[] colors;
        List<Vector2>[] uvs = new List<Vector2>[MeshComponent.UvSets];
        readonly List<int[]> triangles = new List<int[]>();

        /// <summary>A canonical corner of each vertex; null if the arrays were not made of a canonical mesh.</summary>
        int[] sources;

        MeshArrays()
        {
        }

        /// <summary>The approximate number of bytes to convert.</summary>
        public long Bytes
        {
            get
            {
                long corners = 0;
                foreach (int[] submesh in triangles) { corners += submesh.Length; }
                return vertices.Length * 12L + corners * 40L;
            }
        }

        /// <summary>The vertices; must not be changed.</summary>
        public Vector3[] Vertices => vertices;

        /// <summary>Returns the canonical vertex of each vertex; null if these arrays were not made of the mesh.</summary>
        public int[] FindCanonicalVertices(MeshComponent mesh) =>
            sources == null ? null : Array.ConvertAll(sources, corner => mesh.Index[corner]);

        /// <summary>Returns the vertex of each canonical corner.</summary>
        public int[] FindCorners() => new NativeMesh { Triangles = triangles }.FindCorners();

        /// <summary>Returns a canonical corner of each vertex; -1 for one that no triangle uses.</summary>
        public int[] FindSources() => sources ?? NativeShapes.FindSources(FindCorners(), vertices.Length);

        /// <summary>Returns whether the vertices fit shape keys: no vertex has corners that they move apart.</summary>
        public bool CanShow(ShapesComponent shapes) => NativeShapes.CanShare(shapes, FindCorners(), FindSources());

        /// <summary>Returns what turns normals as keys move vertices; null for a mesh whose normals Unity computes.</summary>
        public ShapeShading MakeShading() => normals == null || normals.Length != vertices.Length ? null
            : new ShapeShading(Flatten(vertices), Flatten(normals), triangles);

        /// <summary>Copies the arrays of a mesh, without submeshes that are not triangles.</summary>
        /// <param name="settle">Returns the vertices as they are without a preview; null if the mesh shows none.</param>
        public static MeshArrays ReadFrom(Mesh mesh, Func<Vector3[], Vector3[]> settle = null)
        {
            MeshArrays taken = new MeshArrays
            {
                vertices = settle == null ? mesh.vertices : settle(mesh.vertices),
                normals = mesh.normals,
                colors = mesh.colors,
            };
            bool hasHigherSet = false;
            for (int i = MeshComponent.UvSets - 1; i >= 0; i--)
            {
                List<Vector2> set = new List<Vector2>();
                mesh.GetUVs(i, set);
                // Blender's sets have no gaps: a missing set below another one becomes zeros, as shaders see it.
                if (hasHigherSet && set.Count == 0) { set.AddRange(new Vector2[taken.vertices.Length]); }
                hasHigherSet = set.Count > 0;
                taken.uvs[i] = set;
            }
            for (int i = 0; i < mesh.subMeshCount; i++)
            {
                bool isTriangles = mesh.GetTopology(i) == MeshTopology.Triangles;
                taken.triangles.Add(isTriangles ? mesh.GetTriangles(i) : Array.Empty<int>());
            }
            return taken;
        }

        /// <summary>
        /// Replaces the content of a mesh. Computes missing normals, which Unity needs for shading. Tangents are not
        /// synchronized; they follow from the normals and the first UV set.
        /// </summary>
        public void WriteTo(Mesh mesh)
        {
            // Their deltas are for the vertices that the mesh has until now.
            mesh.ClearBlendShapes();
            // Without the vertex layout: otherwise attributes that the mesh had before stay, as zeros.
            mesh.Clear(false);
            mesh.indexFormat = vertices.Length > MaxSixteenBitVertices ? IndexFormat.UInt32 : IndexFormat.UInt16;
            mesh.vertices = vertices;
            if (normals != null) { mesh.normals = normals; }
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (uvs[i] != null) { mesh.SetUVs(i, uvs[i]); }
            }
            if (colors != null) { mesh.colors = colors; }
            mesh.subMeshCount = triangles.Count;
            for (int i = 0; i < triangles.Count; i++) { mesh.SetTriangles(triangles[i], i); }
            if (normals == null) { mesh.RecalculateNormals(); }
            if (uvs[0] != null) { mesh.RecalculateTangents(); }
            mesh.RecalculateBounds();
        }

        /// <summary>The number of submeshes.</summary>
        public int SubmeshCount => triangles.Count;

        /// <summary>Returns whether a mesh has exactly this content, so that writing it would change nothing.</summary>
        public bool IsContentOf(Mesh mesh)
        {
            bool mayBeSame = normals != null && mesh.vertexCount == vertices.Length
                && mesh.subMeshCount == triangles.Count;
            // Most edits move a vertex; the other arrays are then not copied.
            if (!mayBeSame || !AreSame(mesh.vertices, vertices)) { return false; }
            for (int i = 0; i < triangles.Count; i++)
            {
                if (mesh.GetTopology(i) != MeshTopology.Triangles) { return false; }
            }
            NativeMesh present = ReadFrom(mesh).ToNative();
            NativeMesh wanted = ToNative();
            bool isSame = AreSame(present.Normals, wanted.Normals) && AreSame(present.Colors, wanted.Colors);
            for (int i = 0; isSame && i < MeshComponent.UvSets; i++)
            {
                isSame = AreSame(present.Uvs[i], wanted.Uvs[i]);
            }
            for (int i = 0; isSame && i < triangles.Count; i++)
            {
                isSame = AreSame(present.Triangles[i], triangles[i]);
            }
            return isSame;
        }

        /// <summary>Returns whether both have the same numbers, so that their canonical meshes are equal.</summary>
        public bool HasSame(MeshArrays other)
        {
            bool isSame = triangles.Count == other.triangles.Count && AreSame(vertices, other.vertices)
                && AreSame(normals, other.normals) && AreSame(colors, other.colors);
            for (int i = 0; isSame && i < MeshComponent.UvSets; i++) { isSame = AreSame(uvs[i], other.uvs[i]); }
            for (int i = 0; isSame && i < triangles.Count; i++)
            {
                isSame = AreSame(triangles[i], other.triangles[i]);
            }
            return isSame;
        }

        /// <summary>Returns the canonical mesh.</summary>
        /// <param name="sent">A mesh to return if these arrays have exactly its corners; may be null.</param>
        public MeshComponent ToCanonical(MeshComponent sent = null)
        {
            NativeMesh native = ToNative();
            return sent != null && native.HasExactly(sent) ? sent : native.ToCanonical();
        }

        NativeMesh ToNative()
        {
            NativeMesh native = new NativeMesh { Positions = Flatten(vertices) };
            if (normals != null && normals.Length > 0) { native.Normals = Flatten(normals); }
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (uvs[i] != null && uvs[i].Count > 0) { native.Uvs[i] = Flatten(uvs[i]); }
            }
            if (colors != null && colors.Length > 0) { native.Colors = Flatten(colors); }
            native.Triangles.AddRange(triangles);
            return native;
        }

        static bool AreSame<T>(T[] left, T[] right) where T : IEquatable<T>
        {
            if (left == null || right == null) { return left == right; }
            if (left.Length != right.Length) { return false; }
            for (int i = 0; i < left.Length; i++)
            {
                if (!left[i].Equals(right[i])) { return false; }
            }
            return true;
        }

        /// <summary>Returns whether both have exactly the same numbers.</summary>
        public static bool AreSame(Vector3[] left, Vector3[] right)
        {
            if (left == null || right == null) { return Count(left) == Count(right); }
            bool isSame = left.Length == right.Length;
            // The operator of the vectors takes close ones for equal.
            for (int i = 0; isSame && i < left.Length; i++)
            {
                isSame = left[i].x == right[i].x && left[i].y == right[i].y && left[i].z == right[i].z;
            }
            return isSame;
        }

        static bool AreSame(List<Vector2> left, List<Vector2> right)
        {
            if (left == null || right == null) { return Count(left) == Count(right); }
            bool isSame = left.Count == right.Count;
            for (int i = 0; isSame && i < left.Count; i++)
            {
                isSame = left[i].x == right[i].x && left[i].y == right[i].y;
            }
            return isSame;
        }

        static int Count<T>(ICollection<T> values) => values == null ? 0 : values.Count;

        static bool AreSame(Color[] left, Color[] right)
        {
            if (left == null || right == null) { return Count(left) == Count(right); }
            bool isSame = left.Length == right.Length;
            for (int i = 0; isSame && i < left.Length; i++)
            {
                isSame = left[i].r == right[i].r && left[i].g == right[i].g && left[i].b == right[i].b
                    && left[i].a == right[i].a;
            }
            return isSame;
        }

        /// <summary>
        /// Returns the arrays of a mesh that is a patch of the one that these were made of; null if another set of vertices
        /// is necessary. Shares the arrays in which nothing differs.
        /// </summary>
        public MeshArrays WithPatch(MeshComponent mesh)
        {
            if (sources == null) { return null; }
            VertexPatch patch = VertexPatch.Find(mesh, sources, triangles);
            if (patch == null) { return null; }
            MeshArrays made = (MeshArrays)MemberwiseClone();
            if (patch.Differs("position"))
            {
                made.vertices = (Vector3[])vertices.Clone();
                foreach (int vertex in patch.Moved)
                {
                    made.vertices[vertex] = Mirror(mesh.Position, mesh.Index[sources[vertex]]);
                }
            }
            if (patch.Differs("normal"))
            {
                made.normals = (Vector3[])normals.Clone();
                foreach (int vertex in patch.Edited) { made.normals[vertex] = Mirror(mesh.Normal, sources[vertex]); }
            }
            if (patch.Differs("color0"))
            {
                made.colors = (Color[])colors.Clone();
                foreach (int vertex in patch.Edited)
                {
                    int at = sources[vertex] * 4;
                    float[] all = mesh.Color;
                    made.colors[vertex] = new Color(all[at], all[at + 1], all[at + 2], all[at + 3]);
                }
            }
            made.uvs = (List<Vector2>[])uvs.Clone();
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (!patch.Differs(MeshComponent.UvKeys[i])) { continue; }
                made.uvs[i] = new List<Vector2>(uvs[i]);
                foreach (int vertex in patch.Edited)
                {
                    int at = sources[vertex] * 2;
                    made.uvs[i][vertex] = new Vector2(mesh.Uv[i][at], mesh.Uv[i][at + 1]);
                }
            }
            return made;
        }

        /// <summary>Returns a canonical vector in Unity's space.</summary>
        static Vector3 Mirror(float[] vectors, int number)
        {
            return new Vector3(-vectors[number * 3], vectors[number * 3 + 1], vectors[number * 3 + 2]);
        }

        /// <param name="shapes">The shape keys of the mesh; null for none.</param>
        public static MeshArrays FromCanonical(MeshComponent mesh, ShapesComponent shapes = null)
        {
            NativeMesh native = NativeMesh.FromCanonical(mesh, shapes);
            MeshArrays made = new MeshArrays { vertices = ToVectors(native.Positions), sources = native.Sources };
            if (native.Normals != null) { made.normals = ToVectors(native.Normals); }
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (native.Uvs[i] != null) { made.uvs[i] = ToPairs(native.Uvs[i]); }
            }
            if (native.Colors != null) { made.colors = ToColors(native.Colors); }
            made.triangles.AddRange(native.Triangles);
            return made;
        }

        public static float[] Flatten(Vector3[] vectors)
        {
            float[] values = new float[vectors.Length * 3];
            for (int i = 0; i < vectors.Length; i++)
            {
                values[i * 3] = vectors[i].x;
                values[i * 3 + 1] = vectors[i].y;
                values[i * 3 + 2] = vectors[i].z;
            }
            return values;
        }

        static float[] Flatten(List<Vector2> vectors)
        {
            float[] values = new float[vectors.Count * 2];
            for (int i = 0; i < vectors.Count; i++)
            {
                values[i * 2] = vectors[i].x;
                values[i * 2 + 1] = vectors[i].y;
            }
            return values;
        }

        static float[] Flatten(Color[] colors)
        {
            float[] values = new float[colors.Length * 4];
            for (int i = 0; i < colors.Length; i++)
            {
                values[i * 4] = colors[i].r;
                values[i * 4 + 1] = colors[i].g;
                values[i * 4 + 2] = colors[i].b;
                values[i * 4 + 3] = colors[i].a;
            }
            return values;
        }

        public static Vector3[] ToVectors(float[] values)
        {
            Vector3[] vectors = new Vector3[values.Length / 3];
            for (int i = 0; i < vectors.Length; i++)
            {
                vectors[i] = new Vector3(values[i * 3], values[i * 3 + 1], values[i * 3 + 2]);
            }
            return vectors;
        }

        static List<Vector2> ToPairs(float[] values)
        {
            List<Vector2> pairs = new List<Vector2>(values.Length / 2);
            for (int i = 0; i < values.Length; i += 2) { pairs.Add(new Vector2(values[i], values[i + 1])); }
            return pairs;
        }

        static Color[] ToColors(float[] values)
        {
            Color[] colors = new Color[values.Length / 4];
            for (int i = 0; i < colors.Length; i++)
            {
                colors[i] = new Color(values[i * 4], values[i * 4 + 1], values[i * 4 + 2], values[i * 4 + 3]);
            }
            return colors;
        }
    }
}
