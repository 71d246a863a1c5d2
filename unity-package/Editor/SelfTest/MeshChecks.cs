using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Rendering;
using Object = UnityEngine.Object;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks that a mesh gives back the arrays that it was given.</summary>
    public static class MeshChecks
    {
        /// <summary>A value that half precision cannot hold.</summary>
        const float Exact = 1.2345678f;

        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("mesh: positions, normals and UV come back exactly", KeepArrays),
            new SelfCheck("mesh: colors come back", KeepColors),
            new SelfCheck("mesh: indices above 65535 and submeshes", KeepIndices),
            new SelfCheck("mesh: Clear(false) removes UV and colors", ClearLayout),
        };

        /// <summary>Returns one triangle with normals, UV and colors.</summary>
        public static Mesh MakeTriangle(string name)
        {
            Mesh mesh = new Mesh { name = name };
            mesh.vertices = new[] { new Vector3(Exact, 0, 0), new Vector3(0, Exact, 0), new Vector3(0, 0, Exact) };
            mesh.normals = new[] { new Vector3(1, 0, 0), new Vector3(0, 1, 0), new Vector3(0, 0, 1) };
            mesh.SetUVs(0, new List<Vector2> { new Vector2(Exact, 0), new Vector2(0, Exact), new Vector2(0, 0) });
            mesh.colors = new[] { new Color(0.1f, 0, 0, 1), new Color(0, 0.5f, 0, 1), new Color(0, 0, 0.9f, 0) };
            mesh.SetTriangles(new[] { 0, 1, 2 }, 0);
            return mesh;
        }

        /// <summary>Returns whether a mesh is the triangle.</summary>
        public static bool IsTriangle(Mesh mesh)
        {
            Vector3[] positions = mesh.vertices;
            return positions.Length == 3 && positions[0].x == Exact && positions[1].y == Exact
                && mesh.GetTriangles(0).Length == 3;
        }

        static IEnumerator KeepArrays(SelfCheckContext context)
        {
            Mesh mesh = MakeTriangle("Self-Test");
            yield return null;
            List<Vector2> uvs = new List<Vector2>();
            mesh.GetUVs(0, uvs);
            Vector3[] normals = mesh.normals;
            bool isSame = IsTriangle(mesh) && normals.Length == 3 && normals[2].z == 1 && uvs.Count == 3
                && uvs[1].y == Exact;
            Object.DestroyImmediate(mesh);
            context.Expect(isSame, "the arrays differ");
        }

        static IEnumerator KeepColors(SelfCheckContext context)
        {
            Mesh mesh = MakeTriangle("Self-Test");
            yield return null;
            Color[] colors = mesh.colors;
            Object.DestroyImmediate(mesh);
            context.Expect(colors.Length == 3, "there are " + colors.Length + " colors for 3 vertices");
            float difference = Math.Max(Math.Abs(colors[0].r - 0.1f), Math.Abs(colors[2].b - 0.9f));
            context.See("they differ by at most " + difference);
            context.Expect(difference <= 1 / 255f, "the colors differ");
        }

        static IEnumerator KeepIndices(SelfCheckContext context)
        {
            const int Count = 70000;
            Mesh mesh = new Mesh { indexFormat = IndexFormat.UInt32 };
            mesh.vertices = new Vector3[Count];
            mesh.subMeshCount = 2;
            mesh.SetTriangles(new[] { 0, 1, 2 }, 0);
            mesh.SetTriangles(new[] { Count - 3, Count - 2, Count - 1 }, 1);
            yield return null;
            int submeshes = mesh.subMeshCount;
            int[] last = mesh.GetTriangles(1);
            Object.DestroyImmediate(mesh);
            context.Expect(submeshes == 2, "there are " + submeshes + " submeshes in place of 2");
            context.Expect(last.Length == 3 && last[2] == Count - 1, "the triangle of the second submesh differs");
        }

        static IEnumerator ClearLayout(SelfCheckContext context)
        {
            Mesh mesh = MakeTriangle("Self-Test");
            mesh.Clear(false);
            mesh.vertices = new Vector3[3];
            yield return null;
            List<Vector2> uvs = new List<Vector2>();
            mesh.GetUVs(0, uvs);
            int colors = mesh.colors.Length;
            Object.DestroyImmediate(mesh);
            context.Expect(uvs.Count == 0 && colors == 0, uvs.Count + " UV and " + colors + " colors came back");
        }
    }
}
