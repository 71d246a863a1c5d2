using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;

namespace VibeSync.Driver
{
    /// <summary>Turns joints as a person does, and reads joints and deformed meshes, without the package's own code.</summary>
    public static class Rigs
    {
        /// <summary>Gives a joint another rotation, in canonical space.</summary>
        public static void Turn(GameObject owner, JsonValue command)
        {
            string name = command.RequiredString("joint", "");
            Transform joint = FindJoints(owner).Single(each => each.gameObject.name == name);
            float[] turn = command.Required("rotation", "").AsArray("").ConvertAll(each => (float)each.AsNumber("")).ToArray();
            Undo.RecordObject(joint, "Turn joint");
            joint.localRotation = new Quaternion(turn[0], -turn[1], -turn[2], turn[3]);
        }

        /// <summary>Returns the place of each joint below the one above it, in canonical space, by its name.</summary>
        public static JsonValue Read(GameObject owner)
        {
            JsonValue joints = JsonValue.Object();
            foreach (Transform joint in FindJoints(owner))
            {
                (Vector3 at, Quaternion turn) = (joint.localPosition, joint.localRotation);
                joints.With(joint.gameObject.name, JsonValue.Object().With("translation", JsonValue.Array(-at.x, at.y, at.z))
                    .With("rotation", JsonValue.Array(turn.x, -turn.y, -turn.z, turn.w))
                    .With("parent", joint.parent.gameObject.name));
            }
            return JsonValue.Object().With("joints", joints);
        }

        /// <summary>Returns where the bones show each vertex of a mesh in the world, in canonical space; none without bones.</summary>
        public static JsonValue ReadSkin(GameObject target)
        {
            JsonValue shown = JsonValue.Array();
            SkinnedMeshRenderer skin = target.GetComponent<SkinnedMeshRenderer>();
            Transform[] bones = skin == null ? new Transform[0] : skin.bones;
            if (bones.Length == 0) { return JsonValue.Object().With("vertices", shown); }
            Mesh mesh = skin.sharedMesh;
            Queue<BoneWeight1> weights = new Queue<BoneWeight1>(mesh.GetAllBoneWeights().ToArray());
            byte[] counts = mesh.GetBonesPerVertex().ToArray();
            for (int i = 0; i < mesh.vertexCount; i++)
            {
                Vector3 v = mesh.vertices[i];
                double x = 0, y = 0, z = 0;
                for (int count = counts[i]; count > 0; count--)
                {
                    BoneWeight1 each = weights.Dequeue();
                    Matrix4x4 m = mesh.bindposes[each.boneIndex];
                    Vector3 at = bones[each.boneIndex].TransformPoint(new Vector3(m.m00 * v.x + m.m01 * v.y + m.m02 * v.z + m.m03,
                        m.m10 * v.x + m.m11 * v.y + m.m12 * v.z + m.m13, m.m20 * v.x + m.m21 * v.y + m.m22 * v.z + m.m23));
                    (x, y, z) = (x + each.weight * at.x, y + each.weight * at.y, z + each.weight * at.z);
                }
                shown.Add(JsonValue.Array(-x, y, z));
            }
            return JsonValue.Object().With("vertices", shown);
        }

        static IEnumerable<Transform> FindJoints(GameObject owner) =>
            owner.GetComponentsInChildren<VibeSyncJoint>(true).Select(joint => joint.transform);
    }
}
