using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Weights in the form of Unity: for each vertex its bones, the heaviest first, with weights whose sum is 1. Every vertex has
    /// a bone: one that no joint moves belongs to the bone that does not move.
    /// </summary>
    public sealed class NativeSkin
    {
        /// <summary>The largest weight that moves nothing.</summary>
        const float Least = 1e-4f;

        /// <summary>The most bones of a vertex that Unity takes.</summary>
        const int Limit = 255;

        NativeSkin(byte[] counts, int[] bones, float[] weights)
        {
            Counts = counts;
            Bones = bones;
            Weights = weights;
        }

        /// <summary>The number of bones of each vertex.</summary>
        public byte[] Counts { get; }

        /// <summary>The largest number of bones of a vertex.</summary>
        public int MostBones
        {
            get
            {
                int most = 0;
                foreach (byte count in Counts) { most = Math.Max(most, count); }
                return most;
            }
        }

        /// <summary>The bones of one vertex after the other.</summary>
        public int[] Bones { get; }

        /// <summary>The weight of each of <see cref="Bones"/>.</summary>
        public float[] Weights { get; }

        /// <summary>Converts the vertex groups of a mesh.</summary>
        /// <param name="weights">The vertex groups.</param>
        /// <param name="boneOf">Names the bone of each group. It is negative for a group that moves nothing.</param>
        /// <param name="still">The bone of the vertices that no other one moves.</param>
        /// <param name="corners">Unity's vertex of each corner.</param>
        /// <param name="vertices">The number of Unity's vertices.</param>
        public static NativeSkin FromCanonical(WeightsComponent weights, int[] boneOf, int still, int[] corners, int vertices)
        {
            int[] sources = new int[vertices];
            for (int i = 0; i < vertices; i++) { sources[i] = -1; }
            for (int corner = 0; corner < corners.Length; corner++) { sources[corners[corner]] = weights.Vertex[corner]; }
            byte[] counts = new byte[vertices];
            List<int> bones = new List<int>();
            List<float> shares = new List<float>();
            List<(float Weight, int Bone)> own = new List<(float, int)>();
            for (int vertex = 0; vertex < vertices; vertex++)
            {
                Collect(weights, sources[vertex], boneOf, own);
                double sum = 0;
                foreach ((float weight, int _) in own) { sum += weight; }
                counts[vertex] = (byte)Math.Max(1, own.Count);
                foreach ((float weight, int bone) in own)
                {
                    bones.Add(bone);
                    shares.Add((float)(weight / sum));
                }
                if (own.Count > 0) { continue; }
                bones.Add(still);
                shares.Add(1);
            }
            return new NativeSkin(counts, bones.ToArray(), shares.ToArray());
        }

        /// <summary>Lists the bones that move a vertex, the heaviest first.</summary>
        static void Collect(WeightsComponent weights, int vertex, int[] boneOf, List<(float Weight, int Bone)> own)
        {
            own.Clear();
            if (vertex < 0) { return; }
            for (int i = weights.Offset[vertex]; i < weights.Offset[vertex + 1]; i++)
            {
                int bone = boneOf[weights.Group[i]];
                if (bone >= 0 && weights.Weight[i] > Least) { own.Add((weights.Weight[i], bone)); }
            }
            own.Sort((a, b) => a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Bone.CompareTo(b.Bone));
            if (own.Count > Limit) { own.RemoveRange(Limit, own.Count - Limit); }
        }
    }
}
