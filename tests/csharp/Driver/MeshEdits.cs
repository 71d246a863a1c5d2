using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Space;

namespace VibeSync.Driver
{
    /// <summary>What a modeling tool does to a mesh in Unity.</summary>
    static class MeshEdits
    {
        internal static Mesh Copy(Mesh original, string name)
        {
            Mesh copy = new Mesh { name = name, indexFormat = original.indexFormat, vertices = original.vertices };
            copy.normals = original.normals;
            copy.colors = original.colors;
            List<Vector2> uvs = new List<Vector2>();
            for (int set = 0; set < 8; set++)
            {
                original.GetUVs(set, uvs);
                copy.SetUVs(set, uvs);
            }
            copy.subMeshCount = original.subMeshCount;
            for (int i = 0; i < copy.subMeshCount; i++) { copy.SetTriangles(original.GetTriangles(i), i); }
            return copy;
        }

        /// <summary>Moves one vertex by `delta`, without its neighbors at the same place.</summary>
        internal static void Move(GameObject target, JsonValue command)
        {
            Mesh mesh = Recorded(target);
            float[] delta = Commands.Floats(command, "delta");
            float[] native = Coordinates.Vector(delta[0], delta[1], delta[2]);
            Vector3[] vertices = mesh.vertices;
            long i = command.RequiredInteger("vertex", "");
            vertices[i] = new Vector3(vertices[i].x + native[0], vertices[i].y + native[1], vertices[i].z + native[2]);
            mesh.vertices = vertices;
        }

        /// <summary>Gives every vertex the linear `color`.</summary>
        internal static void Color(GameObject target, JsonValue command)
        {
            Mesh mesh = Recorded(target);
            float[] c = Commands.Floats(command, "color");
            mesh.colors = mesh.vertices.Select(_ => new Color(c[0], c[1], c[2], c[3])).ToArray();
        }

        /// <summary>Moves the UV `set` by `offset`; a set that is missing starts at zero.</summary>
        internal static void ShiftUvs(GameObject target, JsonValue command)
        {
            Mesh mesh = Recorded(target);
            int set = (int)command.RequiredInteger("set", "");
            float[] offset = Commands.Floats(command, "offset");
            List<Vector2> uvs = new List<Vector2>();
            mesh.GetUVs(set, uvs);
            if (uvs.Count == 0) { uvs.AddRange(new Vector2[mesh.vertexCount]); }
            mesh.SetUVs(set, uvs.ConvertAll(uv => new Vector2(uv.x + offset[0], uv.y + offset[1])));
        }

        static Mesh Recorded(GameObject target)
        {
            Mesh mesh = target.GetComponent<MeshFilter>().sharedMesh;
            Undo.RecordObject(mesh, "Edit mesh");
            return mesh;
        }
    }
}
