using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace UnityFakes
{
    /// <summary>Holds the state that all fakes share: loaded objects, the open scene, built-in assets, and the log.</summary>
    public static class Engine
    {
        internal static readonly Dictionary<int, Object> LoadedObjects = new Dictionary<int, Object>();
        internal static readonly Dictionary<string, Object> BuiltIn = new Dictionary<string, Object>();
        internal static readonly HashSet<int> Unreadable = new HashSet<int>();
        internal static SceneData ActiveScene = new SceneData();

        /// <summary>The number of times that a script looked an object up by its number.</summary>
        public static int Lookups { get; internal set; }

        /// <summary>The number of objects that were not destroyed.</summary>
        public static int LoadedCount => LoadedObjects.Count;

        /// <summary>The scenes that were opened beside the active one.</summary>
        internal static readonly List<SceneData> OtherScenes = new List<SceneData>();
        internal static bool HierarchyDirty;
        static int lastId;

        /// <summary>The file of Unity's own cube.</summary>
        internal const string CubePath = "Library/unity default resources";

        /// <summary>The folder of the Unity project.</summary>
        public static string ProjectFolder { get; set; } = "/project";

        /// <summary>The lines of the console: severity and text.</summary>
        public static List<string> Log { get; } = new List<string>();

        internal static int NextId() => lastId += 2;

        /// <summary>Returns the mesh of Unity's own cube: all cubes share it, and it must not be written.</summary>
        internal static Mesh GetBuiltInCube()
        {
            if (BuiltIn.TryGetValue(CubePath, out Object known)) { return (Mesh)known; }
            Mesh mesh = new Mesh { name = "Cube" };
            List<Vector3> vertices = new List<Vector3>();
            List<Vector2> uvs = new List<Vector2>();
            List<int> triangles = new List<int>();
            for (int axis = 0; axis < 3; axis++)
            {
                foreach (float side in new[] { -0.5f, 0.5f }) { AddFace(axis, side, vertices, uvs, triangles); }
            }
            mesh.vertices = vertices.ToArray();
            mesh.SetUVs(0, uvs);
            mesh.SetTriangles(triangles.ToArray(), 0);
            mesh.RecalculateNormals();
            BuiltIn.Add(CubePath, mesh);
            return mesh;
        }

        static void AddFace(int axis, float side, List<Vector3> vertices, List<Vector2> uvs, List<int> triangles)
        {
            int first = vertices.Count;
            for (int corner = 0; corner < 4; corner++)
            {
                float u = corner == 0 || corner == 3 ? -0.5f : 0.5f;
                float v = corner < 2 ? -0.5f : 0.5f;
                float[] position = { u, u, u };
                position[axis] = side;
                position[(axis + 1) % 3] = u;
                position[(axis + 2) % 3] = v;
                vertices.Add(new Vector3(position[0], position[1], position[2]));
                uvs.Add(new Vector2(u + 0.5f, v + 0.5f));
            }
            // The normal of a face (a, b, c) is (b - a) x (c - a): toward +axis in this order.
            int[] order = side > 0 ? new[] { 0, 1, 2, 0, 2, 3 } : new[] { 0, 2, 1, 0, 3, 2 };
            triangles.AddRange(order.Select(i => first + i));
        }
    }
}
