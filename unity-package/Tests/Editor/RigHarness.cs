using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Builds batches with an armature of two joints, and finds the objects that show them.</summary>
    public abstract class RigHarness : SyncHarness
    {
        protected const string ArmatureUuid = "01920000-0000-7000-8000-0000000000d1";
        protected const string RigUuid = "01920000-0000-7000-8000-0000000000d2";
        protected const string OtherUuid = "01920000-0000-7000-8000-0000000000d3";
        protected const string Hip = "01920000-0000-7000-8000-0000000000e1";
        protected const string Leg = "01920000-0000-7000-8000-0000000000e0";

        const double Half = 0.2588190451, Rest = 0.9659258263;

        /// <summary>Returns the joints of the hard case: the root along +Z of Blender, a child with a roll of 30 degrees at its tail.</summary>
        protected static JsonValue MakeArmature(string child = "Leg", double length = 1)
        {
            JsonValue hip = MakeJoint("Hip", null, length, new double[] { 0, 0, 0 }, new double[] { 0, 0, 0, 1 });
            JsonValue leg = MakeJoint(child, Hip, length, new[] { 0, length, 0 }, new[] { 0, Half, 0, Rest });
            return JsonValue.Object().With("joints", JsonValue.Object().With(Hip, hip).With(Leg, leg));
        }

        protected static JsonValue MakeJoint(string name, string parent, double length, double[] at, double[] turn) =>
            JsonValue.Object().With("name", name).With("parent", parent).With("length", length).With("deform", true)
                .With("inherit_scale", "full").With("inherit_rotation", true).With("local_location", true)
                .With("rest", JsonValue.Object().With("translation", Write(at)).With("rotation", Write(turn)));

        protected static JsonValue MakePlace(double[] at, double[] turn) => JsonValue.Object().With("translation", Write(at))
            .With("rotation", Write(turn)).With("scale", JsonValue.Array(1, 1, 1));

        /// <summary>Returns a pose with one joint.</summary>
        protected static JsonValue MakePose(string joint, JsonValue place) =>
            JsonValue.Object().With("joints", JsonValue.Object().With(joint, place));

        static JsonValue Write(double[] numbers) => JsonValue.Array(numbers.Select(each => (JsonValue)each).ToArray());

        /// <summary>Creates the armature and an object with a pose, which lies one meter along X.</summary>
        protected Steps ApplyRig(JsonValue pose = null)
        {
            JsonValue rig = MakeObject("Rig", null, ArmatureUuid, MakeTransform(1, 0, 0));
            if (pose != null) { rig.With("pose", pose); }
            return ExpectApplied(Daemon.Apply(1, "Rig", null, MakeChange("create", ArmatureUuid, "armature",
                MakeName("Bones").With("armature", MakeArmature())), MakeChange("create", RigUuid, "object", rig)));
        }

        protected Steps Update(long seq, string uuid, string component, JsonValue value) => ExpectApplied(Daemon.Apply(seq, "Update",
            null, MakeChange("update", uuid, null, JsonValue.Object().With(component, value))));

        /// <summary>Returns the components of an entity in the last answer.</summary>
        protected JsonValue State(string uuid) => GetComponents(Results
            .Single(each => each.RequiredString("uuid", "") == uuid).Required("state", ""));

        protected static PoseComponent ReadPose(JsonValue components) => PoseComponent.Read(components.Required("pose", ""), "pose");

        /// <summary>Returns the components of the only change of an intent.</summary>
        protected JsonValue Sent => GetComponents(GetChanges(Received).Single());

        /// <summary>Returns the object of a joint; null if there is none.</summary>
        protected static Transform FindJoint(string joint, string owner = RigUuid) =>
            JointObjects.Find(FindObject(owner)).Find(joint);

        protected static int CountJoints() => OpenScenes.FindAllShown<VibeSyncJoint>().Count();

        protected static double[] Numbers(Quaternion turn) => new double[] { turn.x, turn.y, turn.z, turn.w };
    }
}
