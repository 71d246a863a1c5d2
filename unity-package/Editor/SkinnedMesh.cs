using System;
using System.Collections.Generic;
using Unity.Collections;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Writes bone weights and bind poses of meshes, where they differ.</summary>
    public sealed class SkinnedMesh
    {
        /// <summary>The difference of two weights that is a matter of how Unity stores them: twice its smallest step.</summary>
        const float WeightEpsilon = 2f / 65535;

        /// <summary>The weights that each mesh has, and how often Unity had counted changes of the mesh then.</summary>
        readonly Dictionary<ObjectKey, Written> written = new Dictionary<ObjectKey, Written>();

        readonly struct Written
        {
            public readonly WeightsComponent Weights;
            public readonly string Bones;
            public readonly int Changes;
            public readonly int MostBones;

            public Written(WeightsComponent weights, string bones, int changes, int mostBones)
            {
                Weights = weights;
                Bones = bones;
                Changes = changes;
                MostBones = mostBones;
            }
        }

        /// <summary>Notes that a mesh has changed, so that its file is saved.</summary>
        public Action<Mesh> MarkChanged { get; set; } = mesh => EditorUtility.SetDirty(mesh);

        /// <summary>Makes a mesh the one that a plan needs. Returns the largest number of bones of a vertex.</summary>
        /// <param name="label">The name of the undo step; null for none.</param>
        public int Write(Mesh mesh, SkinPlan plan, WeightsComponent weights, string label)
        {
            ObjectKey key = ObjectKey.Of(mesh);
            NativeSkin wanted = HasWeights(mesh, plan, weights) ? null
                : plan.MakeWeights(weights, MeshArrays.ReadFrom(mesh).FindCorners(), mesh.vertexCount);
            int most = wanted == null ? written[key].MostBones : wanted.MostBones;
            if (wanted != null && HasWeights(mesh, wanted)) { wanted = null; }
            Matrix4x4[] poses = plan.FindBindPoses();
            bool isOther = !AreSame(poses, mesh.bindposes);
            if (wanted != null || isOther)
            {
                if (label != null) { Undo.RegisterCompleteObjectUndo(mesh, label); }
                if (wanted != null) { SetWeights(mesh, wanted); }
                if (isOther) { mesh.bindposes = poses; }
                MarkChanged(mesh);
            }
            written[key] = new Written(weights, plan.Signature, EditorUtility.GetDirtyCount(mesh), most);
            return most;
        }

        bool HasWeights(Mesh mesh, SkinPlan plan, WeightsComponent weights) =>
            written.TryGetValue(ObjectKey.Of(mesh), out Written known)
                && known.Weights == weights && known.Bones == plan.Signature && known.Changes == EditorUtility.GetDirtyCount(mesh);

        static bool HasWeights(Mesh mesh, NativeSkin wanted)
        {
            byte[] counts = mesh.GetBonesPerVertex().ToArray();
            BoneWeight1[] present = mesh.GetAllBoneWeights().ToArray();
            bool isSame = counts.Length == wanted.Counts.Length && present.Length == wanted.Bones.Length;
            for (int i = 0; isSame && i < counts.Length; i++) { isSame = counts[i] == wanted.Counts[i]; }
            for (int i = 0; isSame && i < present.Length; i++)
            {
                isSame = present[i].boneIndex == wanted.Bones[i] && Math.Abs(present[i].weight - wanted.Weights[i]) <= WeightEpsilon;
            }
            return isSame;
        }

        static void SetWeights(Mesh mesh, NativeSkin wanted)
        {
            BoneWeight1[] all = new BoneWeight1[wanted.Bones.Length];
            for (int i = 0; i < all.Length; i++)
            {
                all[i] = new BoneWeight1 { boneIndex = wanted.Bones[i], weight = wanted.Weights[i] };
            }
            using (NativeArray<byte> counts = new NativeArray<byte>(wanted.Counts, Allocator.Temp))
            using (NativeArray<BoneWeight1> weights = new NativeArray<BoneWeight1>(all, Allocator.Temp))
            {
                mesh.SetBoneWeights(counts, weights);
            }
        }

        static bool AreSame(Matrix4x4[] a, Matrix4x4[] b)
        {
            bool isSame = a.Length == b.Length;
            for (int i = 0; isSame && i < a.Length; i++)
            {
                Matrix4x4 p = a[i], q = b[i];
                isSame = p.m00 == q.m00 && p.m01 == q.m01 && p.m02 == q.m02 && p.m03 == q.m03
                    && p.m10 == q.m10 && p.m11 == q.m11 && p.m12 == q.m12 && p.m13 == q.m13
                    && p.m20 == q.m20 && p.m21 == q.m21 && p.m22 == q.m22 && p.m23 == q.m23;
            }
            return isSame;
        }
    }
}
