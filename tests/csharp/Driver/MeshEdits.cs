using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Space;

namespace VibeSync.Driver
{
    /// <summary>Performs the edits of a modeling tool on meshes.</summary>
    static class MeshEdits
    {
        /// <summary>Returns the mesh that an object shows; null for none.</summary>
        internal static Mesh Find(GameObject item)
        {
            SkinnedMeshRenderer skin = item.GetComponent<SkinnedMeshRenderer>();
            if (skin != null) { return skin.sharedMesh; }
            MeshFilter filter = item.GetComponent<MeshFilter>();
            return filter == null ? null : filter.sharedMesh;
        }

        /// <summary>Sets the weight of a blend shape in percent, as a person does in the inspector.</summary>
        internal static void Weigh(GameObject target, JsonValue command)
        {
            SkinnedMeshRenderer skin = target.GetComponent<SkinnedMeshRenderer>();
            Undo.RecordObject(skin, "Weigh");
            skin.SetBlendShapeWeight((int)command.RequiredInteger("shape", ""), (float)command.Required("weight", "").AsNumber(""));
        }

        /// <summary>
        /// Returns the weight of each blend shape in percent, and the moves of each that are none of zero, in canonical space.
        /// </summary>
        internal static JsonValue ReadShapes(GameObject item)
        {
            SkinnedMeshRenderer skin = item.GetComponent<SkinnedMeshRenderer>();
            JsonValue weights = JsonValue.Object();
            JsonValue moves = JsonValue.Object();
            for (int shape = 0; skin != null && shape < skin.sharedMesh.blendShapeCount; shape++)
            {
                string name = skin.sharedMesh.GetBlendShapeName(shape);
                Vector3[] all = new Vector3[skin.sharedMesh.vertexCount];
                skin.sharedMesh.GetBlendShapeFrameVertices(shape, 0, all, null, null);
                weights.With(name, skin.GetBlendShapeWeight(shape));
                IEnumerable<string> distinct = all.Where(move => move.x != 0 || move.y != 0 || move.z != 0)
                    .Select(move => string.Join(" ", -move.x + 0f, move.y, move.z)).Distinct().OrderBy(text => text);
                moves.With(name, JsonValue.Array(distinct.Select(text => (JsonValue)text).ToArray()));
            }
            return JsonValue.Object().With("weights", weights).With("moves", moves);
        }

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

        /// <summary>Moves one vertex by `delta`, without other vertices at the same position.</summary>
        internal static void Move(GameObject target, JsonValue command)
        {
            Mesh mesh = RecordMesh(target);
            float[] delta = Commands.ReadFloats(command, "delta");
            float[] native = Coordinates.Vector(delta[0], delta[1], delta[2]);
            Vector3[] vertices = mesh.vertices;
            long i = command.RequiredInteger("vertex", "");
            vertices[i] = new Vector3(vertices[i].x + native[0], vertices[i].y + native[1], vertices[i].z + native[2]);
            mesh.vertices = vertices;
        }

        /// <summary>Gives every vertex a random linear color.</summary>
        internal static void Color(GameObject target, JsonValue command)
        {
            Mesh mesh = RecordMesh(target);
            System.Random random = new System.Random((int)command.RequiredInteger("seed", ""));
            mesh.colors = mesh.vertices.Select(_ => new Color(Next(random), Next(random), Next(random), 1)).ToArray();
        }

        /// <summary>Gives the first `layers` UV sets random coordinates and removes the others.</summary>
        internal static void Unwrap(GameObject target, JsonValue command)
        {
            Mesh mesh = RecordMesh(target);
            System.Random random = new System.Random((int)command.RequiredInteger("seed", ""));
            long layers = command.RequiredInteger("layers", "");
            for (int set = 0; set < 8; set++)
            {
                int count = set < layers ? mesh.vertexCount : 0;
                mesh.SetUVs(set, Enumerable.Range(0, count).Select(_ => new Vector2(Next(random), Next(random)))
                    .ToList());
            }
        }

        static float Next(System.Random random) => (float)random.NextDouble();

        static Mesh RecordMesh(GameObject target)
        {
            Mesh mesh = Find(target);
            Undo.RecordObject(mesh, "Edit mesh");
            return mesh;
        }
    }
}
