using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// A mesh in the arrays that Unity takes and gives. Filling it from canonical space and reading it into that needs no
    /// engine and may run on any thread; only <see cref="Take"/> and <see cref="Put"/> touch a mesh.
    /// </summary>
    public sealed class MeshArrays
    {
        const int SixteenBitVertices = 65535;

        Vector3[] vertices;
        Vector3[] normals;
        Color[] colors;
        readonly List<Vector2>[] uvs = new List<Vector2>[MeshComponent.UvSets];
        readonly List<int[]> triangles = new List<int[]>();

        MeshArrays()
        {
        }

        /// <summary>About how many bytes there are to convert.</summary>
        public long Bytes
        {
            get
            {
                long corners = 0;
                foreach (int[] submesh in triangles) { corners += submesh.Length; }
                return vertices.Length * 12L + corners * 40L;
            }
        }

        /// <summary>Copies the arrays out of a mesh. What is not triangles is left out.</summary>
        public static MeshArrays Take(Mesh mesh)
        {
            MeshArrays taken = new MeshArrays { vertices = mesh.vertices, normals = mesh.normals, colors = mesh.colors };
            bool above = false;
            for (int i = MeshComponent.UvSets - 1; i >= 0; i--)
            {
                List<Vector2> set = new List<Vector2>();
                mesh.GetUVs(i, set);
                // Blender's sets have no gaps: one that is missing below another is zeros, as shaders see it.
                if (above && set.Count == 0) { set.AddRange(new Vector2[taken.vertices.Length]); }
                above = set.Count > 0;
                taken.uvs[i] = set;
            }
            for (int i = 0; i < mesh.subMeshCount; i++)
            {
                bool readable = mesh.GetTopology(i) == MeshTopology.Triangles;
                taken.triangles.Add(readable ? mesh.GetTriangles(i) : Array.Empty<int>());
            }
            return taken;
        }

        /// <summary>
        /// Replaces all of a mesh. Normals are computed where there are none, as Unity needs them to shade; tangents
        /// are not synchronized but follow from normals and the first UV set.
        /// </summary>
        public void Put(Mesh mesh)
        {
            mesh.Clear();
            mesh.indexFormat = vertices.Length > SixteenBitVertices ? IndexFormat.UInt32 : IndexFormat.UInt16;
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

        public MeshComponent ToCanonical()
        {
            NativeMesh native = new NativeMesh { Positions = Flatten(vertices) };
            if (normals.Length > 0) { native.Normals = Flatten(normals); }
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (uvs[i].Count > 0) { native.Uvs[i] = Flatten(uvs[i]); }
            }
            if (colors.Length > 0) { native.Colors = Flatten(colors); }
            native.Triangles.AddRange(triangles);
            return native.ToCanonical();
        }

        public static MeshArrays FromCanonical(MeshComponent mesh)
        {
            NativeMesh native = NativeMesh.FromCanonical(mesh);
            MeshArrays made = new MeshArrays { vertices = Vectors(native.Positions) };
            if (native.Normals != null) { made.normals = Vectors(native.Normals); }
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (native.Uvs[i] != null) { made.uvs[i] = Pairs(native.Uvs[i]); }
            }
            if (native.Colors != null) { made.colors = Colors(native.Colors); }
            made.triangles.AddRange(native.Triangles);
            return made;
        }

        static float[] Flatten(Vector3[] vectors)
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

        static Vector3[] Vectors(float[] values)
        {
            Vector3[] vectors = new Vector3[values.Length / 3];
            for (int i = 0; i < vectors.Length; i++)
            {
                vectors[i] = new Vector3(values[i * 3], values[i * 3 + 1], values[i * 3 + 2]);
            }
            return vectors;
        }

        static List<Vector2> Pairs(float[] values)
        {
            List<Vector2> pairs = new List<Vector2>(values.Length / 2);
            for (int i = 0; i < values.Length; i += 2) { pairs.Add(new Vector2(values[i], values[i + 1])); }
            return pairs;
        }

        static Color[] Colors(float[] values)
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
