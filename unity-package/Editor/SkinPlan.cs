using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// The bones that an object needs, and where they are at rest from the object's own axes. Each vertex group with a joint that
    /// deforms has a bone. The last bone is the object with the armature: it holds the vertices that no joint moves.
    /// </summary>
    public sealed class SkinPlan
    {
        readonly Affine[] binds;
        readonly int[] boneOf;
        readonly Affine relation;

        SkinPlan(Transform[] bones, Affine[] binds, int[] boneOf, Affine relation)
        {
            Bones = bones;
            this.binds = binds;
            this.boneOf = boneOf;
            this.relation = relation;
        }

        /// <summary>The bones in the order of their numbers.</summary>
        public Transform[] Bones { get; }

        /// <summary>The object with the armature.</summary>
        public Transform Top => Bones[Bones.Length - 1];

        /// <summary>Names the bone of each group: the weights of a mesh follow from that and from its groups.</summary>
        public string Signature => string.Join(",", boneOf);

        /// <summary>
        /// Returns the plan for an object; null if no joint deforms it, if a joint is not shown yet, or if something on the way is
        /// flat.
        /// </summary>
        /// <param name="owner">The object with the armature.</param>
        public static SkinPlan Make(GameObject target, GameObject owner, ArmatureComponent armature, WeightsComponent weights)
        {
            Affine relation = FindWorld(owner.transform).Inverse()?.After(FindWorld(target.transform));
            if (relation == null) { return null; }
            JointObjects joints = JointObjects.Find(owner);
            Dictionary<string, Affine> rests = FindRests(armature);
            List<Transform> bones = new List<Transform>();
            List<Affine> binds = new List<Affine>();
            int[] boneOf = new int[weights.Groups.Length];
            for (int i = 0; i < boneOf.Length; i++)
            {
                ArmatureJoint joint = armature.FindNamed(weights.Groups[i]);
                boneOf[i] = joint != null && joint.Deforms ? bones.Count : -1;
                if (boneOf[i] < 0) { continue; }
                Transform bone = joints.Find(joint.Uuid);
                Affine bind = rests[joint.Uuid].Inverse()?.After(relation);
                if (bone == null || bind == null) { return null; }
                bones.Add(bone);
                binds.Add(bind);
            }
            if (bones.Count == 0) { return null; }
            bones.Add(owner.transform);
            binds.Add(relation);
            return new SkinPlan(bones.ToArray(), binds.ToArray(), boneOf, relation);
        }

        /// <summary>Returns whether both need the same weights and, up to rounding, the same bind poses.</summary>
        public bool NeedsSameMesh(SkinPlan other)
        {
            bool isSame = Signature == other.Signature;
            for (int i = 0; isSame && i < binds.Length; i++) { isSame = binds[i].IsClose(other.binds[i]); }
            return isSame;
        }

        /// <summary>Returns the bind poses in the form of Unity.</summary>
        public Matrix4x4[] FindBindPoses() => Array.ConvertAll(binds, bind => new Matrix4x4
        {
            m00 = (float)bind[0, 0], m01 = (float)bind[0, 1], m02 = (float)bind[0, 2], m03 = (float)bind[0, 3],
            m10 = (float)bind[1, 0], m11 = (float)bind[1, 1], m12 = (float)bind[1, 2], m13 = (float)bind[1, 3],
            m20 = (float)bind[2, 0], m21 = (float)bind[2, 1], m22 = (float)bind[2, 2], m23 = (float)bind[2, 3],
            m33 = 1,
        });

        /// <summary>Returns the weights of Unity's vertices.</summary>
        /// <param name="corners">Unity's vertex of each corner.</param>
        public NativeSkin MakeWeights(WeightsComponent weights, int[] corners, int vertices) =>
            NativeSkin.FromCanonical(weights, boneOf, Bones.Length - 1, corners, vertices);

        /// <summary>
        /// Returns a box around the mesh at rest, in the axes of the object with the armature. On each side it has room for half of
        /// its largest extent, because poses move vertices.
        /// </summary>
        /// <param name="box">The box of the mesh in its own axes.</param>
        public Bounds FindBounds(Bounds box)
        {
            Vector3 low = box.min, high = box.max;
            double[] least = { double.MaxValue, double.MaxValue, double.MaxValue };
            double[] most = { double.MinValue, double.MinValue, double.MinValue };
            for (int corner = 0; corner < 8; corner++)
            {
                double[] at = relation.Map((corner & 1) == 0 ? low.x : high.x, (corner & 2) == 0 ? low.y : high.y,
                    (corner & 4) == 0 ? low.z : high.z);
                for (int axis = 0; axis < at.Length; axis++)
                {
                    least[axis] = Math.Min(least[axis], at[axis]);
                    most[axis] = Math.Max(most[axis], at[axis]);
                }
            }
            double room = Math.Max(most[0] - least[0], Math.Max(most[1] - least[1], most[2] - least[2])) / 2;
            Bounds bounds = default;
            bounds.SetMinMax(
                new Vector3((float)(least[0] - room), (float)(least[1] - room), (float)(least[2] - room)),
                new Vector3((float)(most[0] + room), (float)(most[1] + room), (float)(most[2] + room)));
            return bounds;
        }

        /// <summary>Returns the map from the space of an object to the world.</summary>
        static Affine FindWorld(Transform transform)
        {
            Affine world = Affine.Identity;
            for (Transform above = transform; above != null; above = above.parent)
            {
                world = Affine.Of(Placement.Read(above, default)).After(world);
            }
            return world;
        }

        /// <summary>Returns the place of each joint at rest, in the axes of the object with the armature.</summary>
        static Dictionary<string, Affine> FindRests(ArmatureComponent armature)
        {
            Dictionary<string, Affine> rests = new Dictionary<string, Affine>();
            foreach (ArmatureJoint joint in armature.Joints)
            {
                Affine own = Affine.Of(NativeTransform.From(joint.Rest, default));
                rests[joint.Uuid] = joint.Parent == null ? own : rests[joint.Parent].After(own);
            }
            return rests;
        }
    }
}
