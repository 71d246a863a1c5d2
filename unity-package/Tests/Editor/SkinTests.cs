using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests meshes that joints deform: their bones, weights and bind poses.</summary>
    public sealed class SkinTests : RigHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-0000000000f1";
        const string BodyUuid = "01920000-0000-7000-8000-0000000000f2";
        const string TwinUuid = "01920000-0000-7000-8000-0000000000f3";

        /// <summary>The leg moved by half a meter along its own X and turned by a quarter about its own Z.</summary>
        static readonly JsonValue Posed = MakePlace(new[] { 0.4330127, 1, -0.25 }, new[] { 0.1830127, 0.1830127, 0.6830127, 0.6830127 });

        /// <summary>The first vertex has a quarter of Hip, half of Leg and a quarter of a group without a joint; the others have none.</summary>
        static WeightsComponent MakeWeights(float hip = 0.25f) => new WeightsComponent(new[] { "Hip", "Leg", "Other" }, new[] { 0, 1, 2 },
            new[] { 0, 3, 3, 3 }, new[] { 0, 1, 2 }, new[] { hip, 0.5f, 0.25f });

        [RequireComponent(typeof(MeshRenderer))]
        sealed class NeedsRenderer : MonoBehaviour
        {
        }

        static JsonValue MakeSkin(string armature) => JsonValue.Object().With("armature", armature);

        /// <summary>Returns a body below the rig, a quarter of a meter higher.</summary>
        static JsonValue MakeBody(string name = "Body", double height = 0.25) =>
            MakeObject(name, RigUuid, MeshUuid, MakeTransform(0, height, 0)).With("skin", MakeSkin(RigUuid));

        static MeshComponent MakeCorner()
        {
            MeshComponent mesh = MakeTriangle(0);
            mesh.Position[1] = 0.25f;
            return mesh;
        }

        /// <summary>Creates the rig, and a body that it deforms.</summary>
        Steps ApplyBody(WeightsComponent weights = null) => Run(Apply(weights ?? MakeWeights()));

        IEnumerator Apply(WeightsComponent weights)
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Posed));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeMesh("Body", MakeCorner(), attachments).With("weights", weights.ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(2, "Body", attachments, MakeChange("create", MeshUuid, "mesh", mesh),
                MakeChange("create", BodyUuid, "object", MakeBody())));
        }

        static SkinnedMeshRenderer FindSkin(string uuid = BodyUuid) => FindObject(uuid).GetComponent<SkinnedMeshRenderer>();

        /// <summary>Returns where a skinned renderer shows a vertex in the world.</summary>
        static double[] FindVertex(SkinnedMeshRenderer skin, int vertex)
        {
            Mesh mesh = skin.sharedMesh;
            byte[] counts = mesh.GetBonesPerVertex().ToArray();
            int first = counts.Take(vertex).Sum(count => count);
            Vector3 v = mesh.vertices[vertex];
            double[] sum = new double[3];
            foreach (BoneWeight1 each in mesh.GetAllBoneWeights().ToArray().Skip(first).Take(counts[vertex]))
            {
                Matrix4x4 m = mesh.bindposes[each.boneIndex];
                Vector3 at = skin.bones[each.boneIndex].TransformPoint(new Vector3(m.m00 * v.x + m.m01 * v.y + m.m02 * v.z + m.m03,
                    m.m10 * v.x + m.m11 * v.y + m.m12 * v.z + m.m13, m.m20 * v.x + m.m21 * v.y + m.m22 * v.z + m.m23));
                (sum[0], sum[1], sum[2]) = (sum[0] + each.weight * at.x, sum[1] + each.weight * at.y, sum[2] + each.weight * at.z);
            }
            return sum;
        }

        static readonly double[] Expected = { -1 - 0.57735, 0.83333, -0.33333 };

        [UnityTest]
        public IEnumerator JointsDeformTheMeshAsInBlender()
        {
            yield return ApplyBody();
            SkinnedMeshRenderer skin = FindSkin();
            Assert.That(skin.bones, Is.EqualTo(new[] { FindJoint(Hip), FindJoint(Leg), FindObject(RigUuid).transform }));
            Assert.That((skin.rootBone, FindObject(BodyUuid).GetComponent<MeshFilter>() == null), Is.EqualTo((skin.bones[2], true)));
            Assert.That(skin.sharedMesh.GetBonesPerVertex().ToArray(), Is.EqualTo(new byte[] { 2, 1, 1 }));
            BoneWeight1[] weights = skin.sharedMesh.GetAllBoneWeights().ToArray();
            Assert.That(weights.Select(each => each.boneIndex), Is.EqualTo(new[] { 1, 0, 2, 2 }));
            Assert.That(weights.Select(each => each.weight), Is.EqualTo(new[] { 2f / 3, 1f / 3, 1, 1 }).Within(1e-6));
            Assert.That(FindVertex(skin, 0), Is.EqualTo(Expected).Within(1e-5));
            Vector3 still = FindObject(BodyUuid).transform.TransformPoint(skin.sharedMesh.vertices[1]);
            Assert.That(FindVertex(skin, 1), Is.EqualTo(new double[] { still.x, still.y, still.z }).Within(1e-5));
            Assert.That(WeightsComponent.Read(State(MeshUuid).Required("weights", ""), Received.Attachments, "").Digest(),
                Is.EqualTo(MakeWeights().Digest()), "the weights come back as they were");
            Assert.That(State(BodyUuid).Required("skin", "").RequiredString("armature", ""), Is.EqualTo(RigUuid));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ChangedWeightsAndJointsChangeTheBones()
        {
            yield return ApplyBody();
            List<byte[]> attachments = new List<byte[]>();
            JsonValue changed = JsonValue.Object().With("weights", MakeWeights(0.5f).ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(3, "Paint", attachments, MakeChange("update", MeshUuid, null, changed)));
            BoneWeight1[] weights = FindSkin().sharedMesh.GetAllBoneWeights().ToArray();
            Assert.That(weights.Take(2).Select(each => each.weight), Is.EqualTo(new[] { 0.5f, 0.5f }));
            yield return Update(4, ArmatureUuid, "armature", MakeArmature("Foot"));
            Assert.That(FindSkin().bones, Is.EqualTo(new[] { FindJoint(Hip), FindObject(RigUuid).transform }), "no joint has the name of the group");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator JointThatDoesNotDeformIsNoBone()
        {
            yield return ApplyBody();
            JsonValue armature = MakeArmature();
            armature.Required("joints", "").Required(Hip, "").With("deform", false);
            yield return Update(3, ArmatureUuid, "armature", armature);
            Assert.That(FindSkin().bones, Is.EqualTo(new[] { FindJoint(Leg), FindObject(RigUuid).transform }));
            Assert.That(FindSkin().sharedMesh.GetAllBoneWeights().ToArray()[0].weight, Is.EqualTo(1f));
        }

        [UnityTest]
        public IEnumerator BindPosesFollowTheRelationOfBothObjects()
        {
            yield return ApplyBody();
            Undo.RecordObject(FindObject(BodyUuid).transform, "Move");
            FindObject(BodyUuid).transform.localPosition = new Vector3(0, 0.25f, 2);
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            // As in Blender: the mesh is deformed from where it is now.
            double[] moved = { Expected[0], Expected[1] - 0, Expected[2] };
            yield return WaitFor(() => Math.Abs(FindSkin().sharedMesh.bindposes[2].m23 - 2) < 1e-6);
            Assert.That(FindVertex(FindSkin(), 0), Is.Not.EqualTo(moved).Within(1e-3));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator SkinThatIsTakenAwayLeavesAPlainRenderer()
        {
            yield return ApplyBody();
            yield return Update(3, BodyUuid, "skin", MakeSkin(null));
            Assert.That((FindSkin() == null, FindObject(BodyUuid).GetComponent<MeshFilter>().sharedMesh != null), Is.EqualTo((true, true)));
            Assert.That(State(BodyUuid).Required("skin", "").Required("armature", "").IsNull);
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(Sent.Required("skin", "").RequiredString("armature", ""), Is.EqualTo(RigUuid), "an undo is an edit");
            Assert.That(FindSkin().bones.Length, Is.EqualTo(3));
        }

        [UnityTest]
        public IEnumerator CopyOfARigIsDeformedByItsOwnJoints()
        {
            yield return ApplyBody();
            GameObject copy = Host.Duplicate(FindObject(RigUuid));
            yield return Expect("intent");
            Dictionary<string, JsonValue> made = GetChanges(Received).ToDictionary(change => change.RequiredString("uuid", ""), GetComponents);
            Daemon.Accept(Received, 3);
            Assert.That(made.Count, Is.EqualTo(2));
            string rig = GetUuid(copy), body = made.Keys.Single(uuid => uuid != rig);
            Assert.That(made[body].Required("skin", "").RequiredString("armature", ""), Is.EqualTo(rig));
            Assert.That(made[body].Required("data", "").RequiredString("uuid", ""), Is.EqualTo(MeshUuid));
            FindJoint(Leg, rig).localPosition = new Vector3(0, 9, 0);
            yield return Expect("intent");
            Assert.That(GetChanges(Received).Single().RequiredString("uuid", ""), Is.EqualTo(rig));
            Daemon.Accept(Received, 4);
            Assert.That(FindSkin(body).bones[1], Is.EqualTo(FindJoint(Leg, rig)));
            Assert.That(FindVertex(FindSkin(), 0), Is.EqualTo(Expected).Within(1e-5), "the original stays as it is");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ImportedMeshIsCopiedForItsBones()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Posed));
            GameObject item = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Mesh imported = MeshHolder.Find(item);
            string mesh = new MeshRecords().FindUuid(imported);
            int corners = imported.GetTriangles(0).Length;
            WeightsComponent weights = new WeightsComponent(new[] { "Leg" }, new int[corners], new[] { 0, 1 }, new[] { 0 }, new[] { 1f });
            List<byte[]> attachments = new List<byte[]>();
            yield return ExpectApplied(Daemon.Apply(3, "Rig", attachments,
                MakeChange("update", mesh, null, JsonValue.Object().With("weights", weights.ToJson(attachments))),
                MakeChange("update", GetUuid(item), null, JsonValue.Object().With("skin", MakeSkin(RigUuid)))));
            SkinnedMeshRenderer skin = item.GetComponent<SkinnedMeshRenderer>();
            Assert.That((skin.sharedMesh == imported, skin.bones.Length, imported.GetBonesPerVertex().Length), Is.EqualTo((false, 2, 0)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeletedArmatureIsTakenOutOfSkins()
        {
            yield return ApplyBody();
            Undo.SetTransformParent(FindObject(BodyUuid).transform, null, "Out");
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Undo.DestroyObjectImmediate(FindObject(RigUuid));
            yield return Expect("intent");
            Dictionary<string, JsonValue> changes = GetChanges(Received).ToDictionary(change => change.RequiredString("uuid", ""));
            Assert.That(GetComponents(changes[BodyUuid]).Required("skin", "").Required("armature", "").IsNull);
            Assert.That(changes[RigUuid].RequiredString("op", ""), Is.EqualTo("delete"));
            yield return WaitFor(() => FindSkin() == null);
            Assert.That(FindObject(BodyUuid).GetComponent<MeshFilter>().sharedMesh != null);
        }

        [UnityTest]
        public IEnumerator RemovedJointIsABoneAgain()
        {
            yield return ApplyBody();
            Undo.DestroyObjectImmediate(FindJoint(Leg).gameObject);
            yield return WaitFor(() => FindJoint(Leg) != null && FindSkin().bones[1] == FindJoint(Leg));
            Assert.That(FindVertex(FindSkin(), 0), Is.EqualTo(Expected).Within(1e-5));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator SkinIsKeptWhileTheMeshHasNoGroups()
        {
            yield return ApplyBody(WeightsComponent.None);
            Assert.That((FindSkin() == null, State(BodyUuid).Required("skin", "").RequiredString("armature", "")), Is.EqualTo((true, RigUuid)));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue changed = JsonValue.Object().With("weights", MakeWeights().ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(3, "Paint", attachments, MakeChange("update", MeshUuid, null, changed)));
            Assert.That(FindVertex(FindSkin(), 0), Is.EqualTo(Expected).Within(1e-5));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator SecondSkinOfAMeshIsKeptAndTold()
        {
            yield return ApplyBody();
            yield return ExpectApplied(Daemon.Apply(3, "Twin", null, MakeChange("create", TwinUuid, "object", MakeBody("Twin", 3))));
            Assert.That((FindSkin(TwinUuid) == null, FindSkin().bones.Length), Is.EqualTo((true, 3)));
            Assert.That(State(TwinUuid).Required("skin", "").RequiredString("armature", ""), Is.EqualTo(RigUuid));
            yield return WaitFor(() => Bridge.UnsupportedKinds.Any(kind => kind.StartsWith("skins of one mesh")));
            yield return Update(4, TwinUuid, "transform", MakeTransform(0, 0.25, 0));
            yield return WaitFor(() => FindSkin(TwinUuid) != null);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator VertexWithMoreJointsThanAreShownIsTold()
        {
            SkinWeights before = QualitySettings.skinWeights;
            QualitySettings.skinWeights = SkinWeights.OneBone;
            yield return ApplyBody();
            QualitySettings.skinWeights = before;
            Assert.That(Bridge.UnsupportedKinds, Has.Some.StartsWith("more joints of a vertex"));
            Assert.That(FindSkin().sharedMesh.GetBonesPerVertex().ToArray()[0], Is.EqualTo(2), "the mesh has all");
        }

        [UnityTest]
        public IEnumerator RendererThatIsNeededStaysAndTheSkinIsKept()
        {
            yield return ApplyBody(WeightsComponent.None);
            FindObject(BodyUuid).AddComponent<NeedsRenderer>();
            List<byte[]> attachments = new List<byte[]>();
            JsonValue changed = JsonValue.Object().With("weights", MakeWeights().ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(3, "Paint", attachments, MakeChange("update", MeshUuid, null, changed)));
            yield return WaitFor(() => Bridge.UnsupportedKinds.Any(kind => kind.StartsWith("skins of objects whose renderer")));
            Assert.That((FindSkin() == null, FindObject(BodyUuid).GetComponent<MeshRenderer>() != null), Is.EqualTo((true, true)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator SkinIsTheSameAfterASceneIsOpenedAgain()
        {
            yield return ApplyBody();
            string path = Host.GetScenePath("skin");
            Host.SaveScene(path);
            Host.OpenScene(path);
            yield return Connect();
            yield return WaitFor(() => FindObject(BodyUuid) != null);
            Assert.That(FindVertex(FindSkin(), 0), Is.EqualTo(Expected).Within(1e-5));
            yield return ExpectNone("intent");
        }
    }
}
