using System;
using System.IO;
using System.Linq;
using Unity.Collections;

namespace Unity.Collections
{
    public enum Allocator
    {
        Temp = 2,
    }

    public struct NativeArray<T> : IDisposable where T : struct
    {
        T[] items;

        public NativeArray(T[] array, Allocator allocator)
        {
            items = (T[])array.Clone();
        }

        public int Length => items.Length;

        public T[] ToArray() => (T[])items.Clone();

        public void Dispose() => items = null;
    }
}

namespace UnityEngine
{
    public enum SkinWeights
    {
        OneBone = 1,
        TwoBones = 2,
        FourBones = 4,
        Unlimited = 255,
    }

    public sealed partial class QualitySettings
    {
        /// <summary>The most bones of a vertex that are shown.</summary>
        public static SkinWeights skinWeights { get; set; } = SkinWeights.FourBones;
    }

    public struct BoneWeight1
    {
        public float weight { get; set; }

        public int boneIndex { get; set; }
    }

    public struct Matrix4x4
    {
        public float m00, m10, m20, m30, m01, m11, m21, m31, m02, m12, m22, m32, m03, m13, m23, m33;

        internal float[] Numbers => new[]
            { m00, m10, m20, m30, m01, m11, m21, m31, m02, m12, m22, m32, m03, m13, m23, m33 };

        internal static Matrix4x4 From(float[] n, int at) => new Matrix4x4
        {
            m00 = n[at], m10 = n[at + 1], m20 = n[at + 2], m30 = n[at + 3], m01 = n[at + 4], m11 = n[at + 5], m21 = n[at + 6],
            m31 = n[at + 7], m02 = n[at + 8], m12 = n[at + 9], m22 = n[at + 10], m32 = n[at + 11], m03 = n[at + 12],
            m13 = n[at + 13], m23 = n[at + 14], m33 = n[at + 15],
        };
    }

    public sealed partial class Mesh
    {
        byte[] boneCounts = new byte[0];
        BoneWeight1[] boneWeightList = new BoneWeight1[0];
        Matrix4x4[] binds = new Matrix4x4[0];

        public Matrix4x4[] bindposes
        {
            get { Check(); return (Matrix4x4[])binds.Clone(); }
            set { Check(); binds = (Matrix4x4[])value.Clone(); }
        }

        public NativeArray<byte> GetBonesPerVertex() => new NativeArray<byte>(boneCounts, Allocator.Temp);

        public NativeArray<BoneWeight1> GetAllBoneWeights() => new NativeArray<BoneWeight1>(boneWeightList, Allocator.Temp);

        /// <summary>Unity documents that the weights of a vertex descend and add up to 1.</summary>
        public void SetBoneWeights(NativeArray<byte> bonesPerVertex, NativeArray<BoneWeight1> weights)
        {
            Check();
            (byte[] counts, BoneWeight1[] all) = (bonesPerVertex.ToArray(), weights.ToArray());
            if (counts.Length != positions.Length || counts.Sum(count => count) != all.Length)
            {
                throw new ArgumentException("the bones are not those of the vertices");
            }
            int at = 0;
            foreach (byte count in counts)
            {
                float[] own = all.Skip(at).Take(count).Select(each => each.weight).ToArray();
                bool isRight = count > 0 && Math.Abs(own.Sum() - 1) < 1e-4 && own.Zip(own.Skip(1), (a, b) => a >= b).All(good => good);
                if (!isRight) { throw new ArgumentException("weights descend and add up to 1"); }
                at += count;
            }
            (boneCounts, boneWeightList) = (counts, all);
        }

        public uint GetIndexCount(int submesh) => (uint)submeshes[submesh].Length;

        void WriteBones(BinaryWriter writer)
        {
            writer.Write(boneCounts.Length);
            writer.Write(boneCounts);
            Put(writer, boneWeightList, 2, (b, all, at) => (all[at], all[at + 1]) = (b.weight, b.boneIndex));
            Put(writer, binds, 16, (m, all, at) => m.Numbers.CopyTo(all, at));
        }

        void ReadBones(BinaryReader reader)
        {
            boneCounts = reader.ReadBytes(reader.ReadInt32());
            boneWeightList = Take(reader, 2, (v, at) => new BoneWeight1 { weight = v[at], boneIndex = (int)v[at + 1] });
            binds = Take(reader, 16, Matrix4x4.From);
        }
    }
}
