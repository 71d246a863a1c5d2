using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Moves triangles between a Unity mesh and <see cref="NativeMesh"/>, without changing a number.</summary>
    public static class MeshAccess
    {
        const int SixteenBitVertices = 65535;

        public static NativeMesh Read(Mesh mesh)
        {
            NativeMesh native = new NativeMesh { Positions = Flatten(mesh.vertices) };
            Vector3[] normals = mesh.normals;
            if (normals.Length > 0) { native.Normals = Flatten(normals); }
            List<Vector2> uvs = new List<Vector2>();
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                mesh.GetUVs(i, uvs);
                if (uvs.Count > 0) { native.Uvs[i] = Flatten(uvs); }
            }
            Color[] colors = mesh.colors;
            if (colors.Length > 0) { native.Colors = Flatten(colors); }
            for (int i = 0; i < mesh.subMeshCount; i++)
            {
                bool triangles = mesh.GetTopology(i) == MeshTopology.Triangles;
                native.Triangles.Add(triangles ? mesh.GetTriangles(i) : new int[0]);
            }
            return native;
        }

        /// <summary>
        /// Replaces all of the mesh. Normals are computed where there are none, as Unity needs them to shade.
        /// </summary>
        public static void Write(Mesh mesh, NativeMesh native)
        {
            Vector3[] vertices = Vectors(native.Positions);
            mesh.Clear();
            mesh.indexFormat = vertices.Length > SixteenBitVertices ? IndexFormat.UInt32 : IndexFormat.UInt16;
            mesh.vertices = vertices;
            if (native.Normals != null) { mesh.normals = Vectors(native.Normals); }
            for (int i = 0; i < MeshComponent.UvSets; i++)
            {
                if (native.Uvs[i] != null) { mesh.SetUVs(i, Pairs(native.Uvs[i])); }
            }
            if (native.Colors != null) { mesh.colors = Colors(native.Colors); }
            mesh.subMeshCount = native.Triangles.Count;
            for (int i = 0; i < native.Triangles.Count; i++) { mesh.SetTriangles(native.Triangles[i], i); }
            if (native.Normals == null) { mesh.RecalculateNormals(); }
            mesh.RecalculateBounds();
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
