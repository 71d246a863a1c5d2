using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Tests.Core
{
    public sealed class ArmatureTests
    {
        const string Hip = "01920000-0000-7000-8000-0000000000e3";
        const string Arm = "01920000-0000-7000-8000-0000000000e2";
        const string Hand = "01920000-0000-7000-8000-0000000000e1";

        static JsonValue MakeJoint(string name, string parent) => JsonReader.Read(
            "{\"name\":\"" + name + "\",\"parent\":" + (parent == null ? "null" : "\"" + parent + "\"")
            + ",\"length\":1,\"deform\":true,\"inherit_scale\":\"full\",\"inherit_rotation\":true,\"local_location\":true,"
            + "\"rest\":{\"translation\":[0,1,0],\"rotation\":[0,0.258819,0,0.965926]}}");

        /// <summary>A chain of three joints, the deepest with the lowest uuid.</summary>
        static JsonValue MakeChain(Action<JsonValue> edit = null)
        {
            JsonValue arm = MakeJoint("Arm", Hip);
            edit?.Invoke(arm);
            return JsonValue.Object().With("joints", JsonValue.Object().With(Hand, MakeJoint("Hand", Arm)).With(Arm, arm)
                .With(Hip, MakeJoint("Hip", null)));
        }

        static ArmatureComponent Read(Action<JsonValue> edit = null) => ArmatureComponent.Read(MakeChain(edit), "armature");

        static PoseComponent MakePose(string joint, double x) => new PoseComponent(new Dictionary<string, TransformComponent>
        {
            [joint] = new TransformComponent(new[] { x, 0, 0 }, new double[] { 0, 0, 0, 1 }, new double[] { 1, 1, 1 }),
        });

        [Test]
        public void JointsComeAfterThoseAboveThem()
        {
            Assert.That(Read().Joints.Select(joint => joint.Name), Is.EqualTo(new[] { "Hip", "Arm", "Hand" }));
            ArmatureComponent written = ArmatureComponent.Read(Read().ToJson(null), "");
            Assert.That((written.Digest(), written.Matches(Read())), Is.EqualTo((Read().Digest(), true)));
            Assert.That((Read().FindNamed("Hand").Uuid, Read().FindNamed("Foot"), Read().Find(Hip).Parent), Is.EqualTo((Hand, null as ArmatureJoint, null as string)));
        }

        static readonly object[] Faults =
        {
            new object[] { "name", (JsonValue)"Hip", ErrorCode.ComponentInvalid, ".name" },
            new object[] { "name", (JsonValue)"", ErrorCode.ComponentInvalid, ".name" },
            new object[] { "name", (JsonValue)string.Concat(Enumerable.Repeat("\u00e9", 32)), ErrorCode.ComponentInvalid, ".name" },
            new object[] { "parent", (JsonValue)"01920000-0000-7000-8000-000000000009", ErrorCode.ComponentInvalid, ".parent" },
            new object[] { "parent", (JsonValue)Hand, ErrorCode.ComponentInvalid, ".parent" },
            new object[] { "parent", (JsonValue)Arm, ErrorCode.ComponentInvalid, ".parent" },
            new object[] { "length", (JsonValue)0.0, ErrorCode.NumberInvalid, ".length" },
            new object[] { "inherit_scale", (JsonValue)"most", ErrorCode.ComponentInvalid, ".inherit_scale" },
        };

        [TestCaseSource(nameof(Faults))]
        public void FaultOfAJointIsNamed(string field, JsonValue value, string code, string end)
        {
            SyncException error = Assert.Throws<SyncException>(() => Read(joint => joint.With(field, value)));
            Assert.That(error.Code, Is.EqualTo(code));
            Assert.That(error.Location, Does.StartWith("armature.joints.").And.EndWith(end));
        }

        [Test]
        public void ArmaturesAreEqualUpToRounding()
        {
            JsonValue Rest(double y, double sign) => JsonValue.Object().With("translation", JsonValue.Array(0, y, 0))
                .With("rotation", JsonValue.Array(0, sign * 0.258819, 0, sign * 0.965926));
            Assert.That(Read().Matches(Read(joint => joint.With("length", 1.000005).With("rest", Rest(1.000005, -1)))));
            foreach (Action<JsonValue> change in new Action<JsonValue>[]
            {
                joint => joint.With("name", "Other"), joint => joint.With("parent", JsonValue.Null),
                joint => joint.With("length", 1.001), joint => joint.With("deform", false),
                joint => joint.With("inherit_scale", "none"), joint => joint.With("inherit_rotation", false),
                joint => joint.With("local_location", false), joint => joint.With("rest", Rest(1.1, 1)),
            })
            {
                Assert.That((Read().Matches(Read(change)), Read().Digest() == Read(change).Digest()), Is.EqualTo((false, false)));
            }
        }

        [Test]
        public void NumberOfJointsIsLimited()
        {
            JsonValue joints = JsonValue.Object();
            for (int i = 0; i <= ArmatureComponent.MostJoints; i++)
            {
                joints.With("01920000-0000-7000-8000-" + i.ToString("x12"), MakeJoint("J" + i, null));
            }
            SyncException error = Assert.Throws<SyncException>(() =>
                ArmatureComponent.Read(JsonValue.Object().With("joints", joints), "armature"));
            Assert.That((error.Code, error.Location), Is.EqualTo((ErrorCode.ComponentInvalid, "armature.joints")));
        }

        [Test]
        public void PosesNameTheSameJointsAtNearPlaces()
        {
            PoseComponent pose = MakePose(Arm, 0.5);
            Assert.That(pose.Matches(MakePose(Arm, 0.500005)));
            Assert.That(PoseComponent.Read(pose.ToJson(null), "").Digest(), Is.EqualTo(pose.Digest()));
            Assert.That((pose.IsDefault, PoseComponent.AtRest.IsDefault), Is.EqualTo((false, true)));
            foreach (PoseComponent other in new[] { MakePose(Arm, 0.6), MakePose(Hip, 0.5), PoseComponent.AtRest })
            {
                Assert.That((pose.Matches(other), other.Matches(pose)), Is.EqualTo((false, false)));
                Assert.That(pose.Digest(), Is.Not.EqualTo(other.Digest()));
            }
            JsonValue damaged = JsonReader.Read("{\"joints\":{\"" + Arm + "\":{\"translation\":[0,0,0],\"rotation\":[0,0,0,2],\"scale\":[1,1,1]}}}");
            SyncException error = Assert.Throws<SyncException>(() => PoseComponent.Read(damaged, "pose"));
            Assert.That((error.Code, error.Location), Is.EqualTo((ErrorCode.NumberInvalid, "pose.joints." + Arm + ".rotation")));
        }
    }
}
