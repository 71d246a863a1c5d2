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
    /// <summary>Tests the objects that show the joints of armatures, and the poses that are read from them.</summary>
    public sealed class RigTests : RigHarness
    {
        static readonly JsonValue Bent = MakePlace(new double[] { 0, 2, 0 }, new[] { 0.6, 0, 0, 0.8 });

        [UnityTest]
        public IEnumerator JointsAreShownAtRestBelowEachOther()
        {
            yield return Connect();
            yield return ApplyRig();
            Transform hip = FindJoint(Hip), leg = FindJoint(Leg);
            Assert.That((hip.parent.gameObject, leg.parent), Is.EqualTo((FindObject(RigUuid), hip)));
            Assert.That((hip.gameObject.name, leg.gameObject.name), Is.EqualTo(("Hip", "Leg")));
            Assert.That(leg.localPosition, Is.EqualTo(new Vector3(0, 1, 0)));
            Assert.That(Numbers(leg.localRotation), Is.EqualTo(new[] { 0, -0.258819, 0, 0.965926 }).Within(1e-6));
            VibeSyncJoint marker = leg.GetComponent<VibeSyncJoint>();
            Assert.That((marker.Owner, marker.Joint), Is.EqualTo((RigUuid, Leg)));
            Assert.That(State(RigUuid).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(ArmatureUuid));
            Assert.That(ReadPose(State(RigUuid)).IsDefault, "joints at rest are not named");
            ArmatureComponent read = ArmatureComponent.Read(State(ArmatureUuid).Required("armature", ""), "");
            Assert.That(read.Digest(), Is.EqualTo(ArmatureComponent.Read(MakeArmature(), "").Digest()));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator PoseIsShownAndReadBackFromTheJoints()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 2, 0)));
            Assert.That(Numbers(FindJoint(Leg).localRotation), Is.EqualTo(new[] { 0.6, 0, 0, 0.8 }).Within(1e-6));
            Assert.That(ReadPose(State(RigUuid)).Digest(), Is.EqualTo(PoseComponent.Read(MakePose(Leg, Bent), "").Digest()));
            yield return Update(2, RigUuid, "pose", MakePose(Hip, Bent));
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 1, 0)), "back at rest");
            Assert.That(ReadPose(State(RigUuid)).Joints.Keys, Is.EqualTo(new[] { Hip }));
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(ReadPose(Sent).Joints.Keys, Is.EqualTo(new[] { Leg }), "an undo of the batch is an edit");
        }

        [UnityTest]
        public IEnumerator JointThatAPersonTurnsIsSentAsAPose()
        {
            yield return Connect();
            yield return ApplyRig();
            Transform leg = FindJoint(Leg);
            Undo.RecordObject(leg, "Turn");
            leg.localRotation = new Quaternion(0.6f, 0, 0, 0.8f);
            yield return Expect("intent");
            PoseComponent sent = ReadPose(Sent);
            Assert.That(Sent.AsObject("").Keys, Is.EqualTo(new[] { "pose" }));
            Assert.That(sent.Joints.Keys, Is.EqualTo(new[] { Leg }));
            Assert.That(sent.Find(Leg).Rotation, Is.EqualTo(new[] { 0.6, 0, 0, 0.8 }).Within(1e-6));
            Daemon.Accept(Received, 2);
            yield return WaitFor(() => GetVersion(FindObject(RigUuid)) == 2);
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(ReadPose(Sent).IsDefault, "at rest again");
        }

        [UnityTest]
        public IEnumerator LockedPoseIsTakenBack()
        {
            yield return Connect();
            yield return ApplyRig();
            FindJoint(Leg).localPosition = new Vector3(0, 5, 0);
            yield return Expect("intent");
            Daemon.Refuse(Received, "VS-3015", "pose.joints");
            Daemon.Reason = "restore";
            yield return ExpectApplied(Daemon.Apply(2, "Restore", null, MakeChange("update", RigUuid, null,
                JsonValue.Object().With("pose", MakePose(Hip, Bent)))));
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 1, 0)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator JointThatAPersonRemovesOrRenamesComesBack()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            FindJoint(Leg).gameObject.name = "Other";
            yield return WaitFor(() => FindJoint(Leg).gameObject.name == "Leg");
            Undo.DestroyObjectImmediate(FindJoint(Leg).gameObject);
            yield return WaitFor(() => FindJoint(Leg) != null);
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 2, 0)), "at the place of the pose");
            Undo.PerformUndo();
            yield return WaitFor(() => CountJoints() == 2);
            FindJoint(Leg).SetParent(null);
            yield return WaitFor(() => FindJoint(Leg) != null && CountJoints() == 2);
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 2, 0)));
            yield return ExpectNone("intent");
            Assert.That(Bridge.UnsupportedKinds.Single(), Does.StartWith("names and order of the joints"));
        }

        [UnityTest]
        public IEnumerator ObjectBelowAJointMovesToTheArmature()
        {
            yield return Connect();
            yield return ApplyRig();
            yield return CreateAccepted("Hat", 2);
            Undo.SetTransformParent(Created.transform, FindJoint(Leg), "Put on");
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).Required("parent", "").RequiredString("uuid", ""), Is.EqualTo(RigUuid));
            Assert.That(Created.transform.parent.gameObject, Is.EqualTo(FindObject(RigUuid)));
        }

        [UnityTest]
        public IEnumerator ChangedRestMovesJointsAtRestAndLeavesPosedOnes()
        {
            yield return Connect();
            yield return ApplyRig();
            yield return ExpectApplied(Daemon.Apply(2, "Other", null, MakeChange("create", OtherUuid, "object",
                MakeObject("Other", null, ArmatureUuid, MakeTransform(0, 0, 0)).With("pose", MakePose(Leg, Bent)))));
            yield return Update(3, ArmatureUuid, "armature", MakeArmature("Foot", 3));
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 3, 0)));
            Assert.That(FindJoint(Leg, OtherUuid).localPosition, Is.EqualTo(new Vector3(0, 2, 0)));
            Assert.That(FindJoint(Leg, OtherUuid).gameObject.name, Is.EqualTo("Foot"));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ObjectsPoseOneArmatureByThemselves()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            GameObject copy = Host.Duplicate(FindObject(RigUuid));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(GetComponents(change).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(ArmatureUuid));
            Assert.That(ReadPose(GetComponents(change)).Joints.Keys, Is.EqualTo(new[] { Leg }));
            Daemon.Accept(Received, 2);
            string uuid = GetUuid(copy);
            yield return WaitFor(() => FindJoint(Leg, uuid).GetComponent<VibeSyncJoint>().Owner == uuid);
            FindJoint(Hip, uuid).localPosition = new Vector3(0, 7, 0);
            yield return Expect("intent");
            Assert.That(GetChanges(Received).Single().RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(FindJoint(Hip).localPosition, Is.EqualTo(new Vector3(0, 0, 0)));
        }

        [UnityTest]
        public IEnumerator DraggedJointIsSentOnceItIsReleased()
        {
            yield return Connect();
            yield return ApplyRig();
            Host.Select(FindJoint(Leg));
            Host.HoldMouse(true);
            FindJoint(Leg).localPosition = new Vector3(0, 4, 0);
            yield return ExpectNone("intent", 0.1);
            FindJoint(Leg).localPosition = new Vector3(0, 5, 0);
            yield return ExpectNone("intent", 0.1);
            Host.HoldMouse(false);
            yield return Expect("intent");
            Assert.That(ReadPose(Sent).Find(Leg).Translation, Is.EqualTo(new double[] { 0, 5, 0 }));
        }

        [UnityTest]
        public IEnumerator ObjectOfAHeldJointIsReportedAsEdited()
        {
            yield return Connect();
            yield return ApplyRig();
            Host.Select(FindJoint(Leg));
            Host.HoldMouse(true);
            yield return Expect("editor_state");
            Host.HoldMouse(false);
            Assert.That(JsonWriter.Write(Received.Header), Does.Contain(RigUuid));
        }

        [UnityTest]
        public IEnumerator PrefabInstanceGetsNoJointsAndKeepsItsPose()
        {
            yield return Connect();
            yield return CreateAccepted("Rig", 1);
            Host.MakePrefabInstance(Created);
            yield return AcceptPrefabs(2);
            string uuid = GetUuid(Created);
            yield return ExpectApplied(Daemon.Apply(3, "Rig", null, MakeChange("create", ArmatureUuid, "armature",
                MakeName("Bones").With("armature", MakeArmature())), MakeChange("update", uuid, null, JsonValue.Object()
                .With("data", JsonValue.Object().With("uuid", ArmatureUuid)).With("pose", MakePose(Leg, Bent)))));
            Assert.That((CountJoints(), ReadPose(State(uuid)).Joints.Count), Is.EqualTo((0, 1)));
            yield return WaitFor(() => Bridge.UnsupportedKinds.Any(kind => kind.StartsWith("armatures of prefab instances")));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator JointsFollowTheArmature()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            yield return CreateAccepted("Hat", 2);
            Transform leg = FindJoint(Leg);
            // The leg becomes a root, and the hip goes.
            JsonValue alone = JsonValue.Object().With("joints", JsonValue.Object().With(Leg, MakeJoint("Leg", null, 1,
                new double[] { 0, 0, 0 }, new double[] { 0, 0, 0, 1 })));
            yield return Update(3, ArmatureUuid, "armature", alone);
            Assert.That((CountJoints(), FindJoint(Leg), leg.parent.gameObject), Is.EqualTo((1, leg, FindObject(RigUuid))));
            Assert.That(leg.localPosition, Is.EqualTo(new Vector3(0, 2, 0)));
            yield return Update(4, RigUuid, "pose", MakePose(Hip, Bent));
            Assert.That(ReadPose(State(RigUuid)).Joints.Keys, Is.EqualTo(new[] { Hip }), "a place of no joint is kept");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DomainReloadChangesNothing()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            Host.ReloadDomain();
            yield return Connect();
            Assert.That((CountJoints(), FindJoint(Leg).localPosition), Is.EqualTo((2, new Vector3(0, 2, 0))));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ArmatureThatAnObjectLosesTakesTheJointsAlong()
        {
            yield return Connect();
            yield return ApplyRig();
            yield return Update(2, RigUuid, "data", JsonValue.Object().With("uuid", JsonValue.Null));
            Assert.That(CountJoints(), Is.EqualTo(0));
            yield return ExpectApplied(Daemon.Apply(3, "Delete", null, MakeChange("delete", ArmatureUuid)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FailedBatchLeavesPoseAndJointsAsTheyWere()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            yield return ExpectApplied(Daemon.Apply(2, "Fail", null,
                MakeChange("update", ArmatureUuid, null, JsonValue.Object().With("armature", MakeArmature("Foot", 3))),
                MakeChange("update", RigUuid, null, JsonValue.Object().With("pose", MakePose(Hip, Bent))),
                MakeChange("create", OtherUuid, "object", MakeObject("Lost", Leg, null, MakeTransform(0, 0, 0)))));
            Assert.That(Results.Select(GetErrorCode), Has.Some.Not.Empty);
            yield return WaitFor(() => FindJoint(Leg).gameObject.name == "Leg");
            Assert.That(FindJoint(Leg).localPosition, Is.EqualTo(new Vector3(0, 2, 0)));
            Assert.That(FindJoint(Hip).localPosition, Is.EqualTo(new Vector3(0, 0, 0)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator JointsAndPosesAreTheSameAfterASceneIsOpenedAgain()
        {
            yield return Connect();
            yield return ApplyRig(MakePose(Leg, Bent));
            string path = Host.GetScenePath("rig");
            Host.SaveScene(path);
            Host.OpenScene(path);
            yield return Connect();
            yield return WaitFor(() => FindJoint(Leg) != null);
            Assert.That((CountJoints(), FindJoint(Leg).localPosition), Is.EqualTo((2, new Vector3(0, 2, 0))));
            yield return ExpectNone("intent");
        }
    }
}
