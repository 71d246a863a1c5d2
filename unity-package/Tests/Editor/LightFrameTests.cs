using System.Collections;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the places of lights and of the objects below them, which have other axes than on the wire.</summary>
    public sealed class LightFrameTests : LightHarness
    {
        static readonly double[] Place = { 0.5, -0.5, 0.5, 0.5 };

        static JsonValue MakeTurned() => JsonValue.Object().With("translation", JsonValue.Array(1, 2, 3))
            .With("rotation", JsonValue.Array(Place.Select(number => (JsonValue)number).ToArray()))
            .With("scale", JsonValue.Array(1, 2, 3));

        static float[] Numbers(Transform transform)
        {
            Vector3 p = transform.localPosition;
            Quaternion r = transform.localRotation;
            return new[] { p.x, p.y, p.z, r.x, r.y, r.z, r.w };
        }

        /// <summary>Has the daemon create a light with an object and a light below it, all turned.</summary>
        Steps ApplyTree(long seq) => ExpectApplied(Daemon.Apply(seq, "Add", null,
            MakeChange("create", LightUuid, "light", MakeLight("Shared", MakeValues(LightValues.Point, 1))),
            MakeChange("create", LampA, "object", MakeObject("A", null, LightUuid, MakeTurned())),
            MakeChange("create", LampB, "object", MakeObject("B", LampA, LightUuid, MakeTurned())),
            MakeChange("create", PlainUuid, "object", MakeObject("Plain", LampA, null, MakeTurned()))));

        const string PlainUuid = "01920000-0000-7000-8000-0000000000d1";

        [UnityTest]
        public IEnumerator PlacesAreWrittenAndReadInTheirFrames()
        {
            yield return Connect();
            yield return ApplyTree(1);
            // (-1, 2, 3) and (.5, .5, -.5, .5) in Unity, with the half turn about Y from the right, from the left, or both.
            Assert.That(Numbers(FindObject(LampA).transform), Is.EqualTo(new[] { -1, 2, 3, 0.5f, 0.5f, 0.5f, -0.5f }));
            Assert.That(Numbers(FindObject(PlainUuid).transform), Is.EqualTo(new[] { 1, 2, -3, 0.5f, -0.5f, 0.5f, 0.5f }));
            Assert.That(Numbers(FindObject(LampB).transform), Is.EqualTo(new[] { 1, 2, -3, -0.5f, 0.5f, 0.5f, 0.5f }));
            for (int i = 1; i <= 3; i++)
            {
                JsonValue transform = State(i).Required("transform", "");
                Assert.That(Numbers(transform, "rotation"), Is.EqualTo(Place), "read back " + i);
                Assert.That(Numbers(transform, "translation"), Is.EqualTo(new double[] { 1, 2, 3 }));
                Assert.That(Numbers(transform, "scale"), Is.EqualTo(new double[] { 1, 2, 3 }));
            }
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NewLightSendsThePlacesOfTheObjectsBelow()
        {
            yield return Connect();
            yield return CreateAccepted("Parent", 1);
            GameObject parent = Created;
            yield return CreateAccepted("Child", 2);
            GameObject child = Created;
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            yield return Expect("intent");
            yield return Accept(3);
            Undo.IncrementCurrentGroup();
            Undo.AddComponent<Light>(parent);
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.SupersetOf(new[] { GetUuid(parent), GetUuid(child) }));
            JsonValue Turn(string uuid) => GetComponents(Changes.Find(change => change.RequiredString("uuid", "") == uuid))
                .Required("transform", "");
            Assert.That(Numbers(Turn(GetUuid(parent)), "rotation").Select(System.Math.Abs), Is.EqualTo(new double[] { 0, 1, 0, 0 }));
            Assert.That(Numbers(Turn(GetUuid(child)), "rotation").Select(System.Math.Abs), Is.EqualTo(new double[] { 0, 1, 0, 0 }));
            yield return Accept(4);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DataOfABatchKeepsThePlacesOnTheWire()
        {
            yield return Connect();
            yield return ApplyTree(1);
            yield return ExpectApplied(Daemon.Apply(2, "Empty", null, MakeChange("update", LampA, null, MakeData(null))));
            Assert.That(FindLight(LampA) == null);
            Assert.That(Numbers(FindObject(LampA).transform), Is.EqualTo(new[] { -1, 2, 3, 0.5f, 0.5f, -0.5f, 0.5f }));
            Assert.That(Numbers(FindObject(PlainUuid).transform), Is.EqualTo(new[] { -1, 2, 3, 0.5f, 0.5f, -0.5f, 0.5f }));
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(3, "Fill", null, MakeChange("update", LampA, null,
                MakeData(LightUuid).With("transform", MakeTransform(5, 0, 0)))));
            Assert.That(Numbers(FindObject(LampA).transform), Is.EqualTo(new[] { -5f, 0, 0, 0, 1, 0, 0 }));
            Assert.That(Numbers(FindObject(PlainUuid).transform), Is.EqualTo(new[] { 1, 2, -3, 0.5f, -0.5f, 0.5f, 0.5f }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator AnotherParentKeepsThePlaceOnTheWire()
        {
            yield return Connect();
            yield return ApplyTree(1);
            yield return ExpectApplied(Daemon.Apply(2, "Move out", null, MakeChange("update", PlainUuid, null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", JsonValue.Null)))));
            Assert.That(Numbers(FindObject(PlainUuid).transform), Is.EqualTo(new[] { -1, 2, 3, 0.5f, 0.5f, -0.5f, 0.5f }));
            Assert.That(Numbers(State(0).Required("transform", ""), "rotation"), Is.EqualTo(Place));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator MeshReplacesALightAndALightAMesh()
        {
            yield return Connect();
            yield return ApplyTree(1);
            System.Collections.Generic.List<byte[]> attachments = new System.Collections.Generic.List<byte[]>();
            const string MeshUuid = "01920000-0000-7000-8000-0000000000e1";
            yield return ExpectApplied(Daemon.Apply(2, "Mesh", attachments,
                MakeChange("create", MeshUuid, "mesh", MakeMesh("Mesh", MakeTriangle(0), attachments)),
                MakeChange("update", LampB, null, MakeData(MeshUuid))));
            GameObject lamp = FindObject(LampB);
            Assert.That(lamp.GetComponent<Light>() == null && lamp.GetComponent<MeshFilter>().sharedMesh != null);
            Assert.That(Numbers(State(1).Required("transform", ""), "rotation"), Is.EqualTo(Place));
            yield return ExpectApplied(Daemon.Apply(3, "Light", null, MakeChange("update", LampB, null, MakeData(LightUuid))));
            Assert.That(lamp.GetComponent<Light>() != null && lamp.GetComponent<MeshFilter>().sharedMesh == null);
            Assert.That(Numbers(State(0).Required("transform", ""), "rotation"), Is.EqualTo(Place));
            yield return ExpectNone("intent");
        }
    }

    /// <summary>Tests previews of lights, both ways.</summary>
    public sealed class LightPreviewTests : LightHarness
    {
        [SetUp]
        public void OfferPreviews() => Daemon.Features = JsonValue.Array(PreviewMessages.Feature);

        [UnityTest]
        public IEnumerator PreviewsOfLightsHaveTheirAxes()
        {
            double clock = EditorClock.Now;
            EditorClock.Replacement = () => clock;
            yield return Connect();
            yield return CreateLamp(LightType.Point, 1);
            Transform transform = Lamp.transform;
            string uuid = GetUuid(Lamp.gameObject);
            double half = System.Math.Sqrt(0.5);
            JsonValue down = JsonValue.Object().With("translation", JsonValue.Array(1, 0, 0))
                .With("rotation", JsonValue.Array(-half, 0, 0, half)).With("scale", JsonValue.Array(1, 1, 1));
            Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(JsonValue.Object()
                .With("uuid", uuid).With("components", JsonValue.Object().With("transform", down)))));
            yield return WaitFor(() => transform.localPosition.x == -1);
            Quaternion turn = transform.localRotation;
            Assert.That(new[] { turn.x, turn.y, turn.z, turn.w }, Is.EqualTo(new[] { 0, half, -half, 0 }).Within(1e-6));
            Daemon.Send(Messages.Create("preview_end").With("from", "blender").With("uuids", JsonValue.Array(uuid)));
            yield return WaitFor(() => transform.localPosition.x == 0);
            yield return ExpectNone("intent");
            Host.Select(transform);
            Host.HoldMouse(true);
            yield return null;
            transform.localPosition = new Vector3(2, 0, 0);
            yield return Expect("preview");
            JsonValue sent = GetComponents(GetChanges(Received)[0]).Required("transform", "");
            Assert.That(Numbers(sent, "rotation"), Is.EqualTo(new double[] { 0, 1, 0, 0 }));
            Assert.That(Numbers(sent, "translation"), Is.EqualTo(new double[] { -2, 0, 0 }));
            Host.HoldMouse(false);
        }
    }
}
