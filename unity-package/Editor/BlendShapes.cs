using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// The blend shapes of a mesh in the arrays of Unity's API. Only <see cref="ReadFrom"/>, <see cref="WriteTo"/> and
    /// <see cref="FindBounds"/> use a mesh of the engine.
    /// </summary>
    public sealed class BlendShapes
    {
        /// <summary>The weight of the frame that is a shape key: Unity's weights are percents.</summary>
        public const float FullWeight = 100;

        readonly string[] names;
        readonly Vector3[][] deltas;

        /// <summary>The deltas of the normals; null for those that are computed when they are written.</summary>
        readonly Vector3[][] normals;

        BlendShapes(string[] names, Vector3[][] deltas, Vector3[][] normals)
        {
            this.names = names;
            this.deltas = deltas;
            this.normals = normals;
        }

        /// <summary>The names that Unity has.</summary>
        public IReadOnlyList<string> Names => names;

        /// <summary>The approximate number of bytes to convert.</summary>
        public long Bytes => deltas.Length == 0 ? 0 : deltas.Length * deltas[0].Length * 12L;

        /// <summary>
        /// Copies the shapes of a mesh. The last frame of a shape is the key, as at the weight 100; a frame of weight 0 is
        /// taken as it is.
        /// </summary>
        public static BlendShapes ReadFrom(Mesh mesh)
        {
            int count = Math.Min(mesh.blendShapeCount, ShapeKey.MaxKeys);
            string[] names = new string[count];
            Vector3[][] deltas = new Vector3[count][];
            for (int i = 0; i < count; i++)
            {
                names[i] = mesh.GetBlendShapeName(i);
                deltas[i] = new Vector3[mesh.vertexCount];
                int frame = mesh.GetBlendShapeFrameCount(i) - 1;
                mesh.GetBlendShapeFrameVertices(i, frame, deltas[i], null, null);
                float weight = mesh.GetBlendShapeFrameWeight(i, frame);
                if (weight != FullWeight && weight != 0) { Scale(deltas[i], FullWeight / weight); }
            }
            return new BlendShapes(names, deltas, null);
        }

        static void Scale(Vector3[] vectors, float factor)
        {
            for (int i = 0; i < vectors.Length; i++)
            {
                vectors[i] = new Vector3(vectors[i].x * factor, vectors[i].y * factor, vectors[i].z * factor);
            }
        }

        /// <summary>Returns whether a shape of the mesh has more than the one frame that a shape key has.</summary>
        public static bool HasFrames(Mesh mesh)
        {
            for (int i = 0; i < mesh.blendShapeCount; i++)
            {
                if (mesh.GetBlendShapeFrameCount(i) > 1) { return true; }
            }
            return false;
        }

        /// <summary>Converts canonical keys. May run on any thread.</summary>
        /// <param name="arrays">The mesh.</param>
        public static BlendShapes FromCanonical(ShapesComponent shapes, MeshArrays arrays)
        {
            float[][] native = NativeShapes.FromCanonical(shapes, arrays.FindSources());
            string[] names = Array.ConvertAll(shapes.Keys, key => key.Name);
            ShapeShading shading = names.Length == 0 ? null : arrays.MakeShading();
            Vector3[][] normals = shading == null ? null
                : Array.ConvertAll(native, delta => MeshArrays.ToVectors(shading.FindNormals(delta)));
            return new BlendShapes(names, Array.ConvertAll(native, MeshArrays.ToVectors), normals);
        }

        /// <summary>Replaces the shapes of a mesh, which has its vertices, normals and tangents already.</summary>
        public void WriteTo(Mesh mesh)
        {
            mesh.ClearBlendShapes();
            if (names.Length == 0) { return; }
            Vector3[] present = mesh.normals;
            ShapeShading shading = normals != null ? null : MeshArrays.ReadFrom(mesh).MakeShading();
            Vector4[] directions = mesh.tangents;
            float[] ownNormals = MeshArrays.Flatten(present);
            float[] tangents = directions.Length == 0 ? null
                : MeshArrays.Flatten(Array.ConvertAll(directions, each => new Vector3(each.x, each.y, each.z)));
            for (int i = 0; i < names.Length; i++)
            {
                Vector3[] turns = normals != null ? normals[i] : shading == null ? null
                    : MeshArrays.ToVectors(shading.FindNormals(MeshArrays.Flatten(deltas[i])));
                Vector3[] turned = turns == null || tangents == null ? null
                    : MeshArrays.ToVectors(ShapeShading.FindTangents(ownNormals, MeshArrays.Flatten(turns), tangents));
                mesh.AddBlendShapeFrame(names[i], FullWeight, deltas[i], turns, turned);
            }
        }

        /// <summary>Returns whether both have the same names and the same numbers.</summary>
        public bool HasSame(BlendShapes other)
        {
            bool isSame = names.Length == other.names.Length;
            for (int i = 0; isSame && i < names.Length; i++)
            {
                isSame = names[i] == other.names[i] && MeshArrays.AreSame(deltas[i], other.deltas[i]);
            }
            return isSame;
        }

        /// <summary>Returns the canonical keys. May run on any thread.</summary>
        /// <param name="keys">What Unity does not have of them, in the order of the shapes.</param>
        /// <param name="corners">Unity's vertex of each corner.</param>
        public ShapesComponent ToCanonical(ShapeKey[] keys, int[] corners) =>
            NativeShapes.ToCanonical(keys, Array.ConvertAll(deltas, MeshArrays.Flatten), corners);

        /// <summary>Returns a box around a mesh and all that its shapes may move at full weight.</summary>
        public static Bounds FindBounds(Mesh mesh)
        {
            Bounds bounds = mesh.bounds;
            Vector3 low = bounds.min, high = bounds.max;
            foreach (Vector3[] moves in ReadFrom(mesh).deltas)
            {
                Vector3 least = default, most = default;
                foreach (Vector3 move in moves)
                {
                    least = new Vector3(Math.Min(least.x, move.x), Math.Min(least.y, move.y), Math.Min(least.z, move.z));
                    most = new Vector3(Math.Max(most.x, move.x), Math.Max(most.y, move.y), Math.Max(most.z, move.z));
                }
                low = new Vector3(low.x + least.x, low.y + least.y, low.z + least.z);
                high = new Vector3(high.x + most.x, high.y + most.y, high.z + most.z);
            }
            bounds.SetMinMax(low, high);
            return bounds;
        }
    }
}
