using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that objects show their evaluated meshes, and that nothing of them is the user's.</summary>
    public sealed class ShownTests : MaterialHarness
    {
        const string Text = "01920000-0000-7000-8000-0000000000a3";

        /// <summary>Returns a change of an evaluated mesh: a triangle at a place, or none.</summary>
        static JsonValue MakeShown(string uuid, float? x, List<byte[]> attachments, params string[] materials)
        {
            SlotsComponent slots = materials.Length == 0 ? null : new SlotsComponent(materials);
            ShownComponent shown = x == null ? ShownComponent.None : new ShownComponent(MakeTriangle(x.Value), slots);
            return MakeChange("update", uuid, null, JsonValue.Object().With("shown", shown.ToJson(attachments)));
        }

        Steps ApplyShown(long seq, string uuid, float? x, params string[] materials)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue change = MakeShown(uuid, x, attachments, materials);
            return ExpectApplied(Daemon.Apply(seq, "Shown", attachments, change));
        }

        static MeshFilter FindFilter(string uuid) => FindObject(uuid).GetComponent<MeshFilter>();

        /// <summary>Returns the place of the triangle that an object shows.</summary>
        static float FindPlace(string uuid) => -FindFilter(uuid).sharedMesh.vertices[0].x;

        static string ReadData(JsonValue components)
        {
            JsonValue data = components.Required("data", "").Required("uuid", "");
            return data.IsNull ? null : data.AsString("");
        }

        [UnityTest]
        public IEnumerator EvaluatedMeshIsShownInPlaceOfTheData()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ApplyShown(2, BoxA, 5);
            Assert.That((FindPlace(BoxA), FindPlace(BoxB)), Is.EqualTo((5f, 0f)));
            Assert.That(FindShown(BoxA).name, Is.EqualTo("Red"), "the slots of the data");
            Assert.That(ReadData(State(0)), Is.EqualTo(MeshUuid));
            ShownComponent held = ShownComponent.Read(State(0).Required("shown", ""), Received.Attachments, "", null);
            Assert.That(held.Mesh.Matches(MakeTriangle(5)) && held.Materials == null);
            yield return ApplyShown(3, BoxA, 7, Blue);
            Assert.That((FindPlace(BoxA), FindShown(BoxA).name), Is.EqualTo((7f, "Blue")));
            yield return ApplyShown(4, BoxA, null);
            Assert.That((FindPlace(BoxA), FindShown(BoxA).name), Is.EqualTo((0f, "Red")));
            Assert.That(State(0).Required("shown", "").Required("mesh", "").IsNull);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ObjectWithoutDataShowsItsEvaluatedMesh()
        {
            yield return Connect();
            List<byte[]> attachments = new List<byte[]>();
            JsonValue made = MakeObject("Text", null, null, MakeTransform(0, 0, 0))
                .With("shown", new ShownComponent(MakeTriangle(3), null).ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(1, "Text", attachments, MakeChange("create", Text, "object", made)));
            Assert.That((GetErrorCode(Results[0]), FindPlace(Text), ReadData(State(0))), Is.EqualTo(("", 3f, (string)null)));
            FindObject(Text).transform.localPosition = new Vector3(1, 0, 0);
            yield return ExpectAccepted(2);
            Assert.That(Sent(Text).AsObject("").Keys, Is.EqualTo(new[] { "transform" }), "nothing of the mesh is sent");
            Assert.That(Changes.Count, Is.EqualTo(1));
            yield return ExpectApplied(Daemon.Apply(3, "Text", null, MakeChange("create", Text, "object",
                MakeObject("Text", null, null, MakeTransform(0, 0, 0)))));
            Assert.That(FindFilter(Text).sharedMesh, Is.Null, "a create without one is of an object that has none");
        }

        [UnityTest]
        public IEnumerator EditsOfTheDataReachTheObjectBelowItsEvaluatedMesh()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ApplyShown(2, BoxA, 5);
            List<byte[]> attachments = new List<byte[]>();
            yield return ExpectApplied(Daemon.Apply(3, "Mesh", attachments, MakeChange("update", MeshUuid, null,
                JsonValue.Object().With("mesh", MakeTriangle(2).ToJson(attachments)).With("slots", new SlotsComponent(
                    new[] { Blue }).ToJson(null)))));
            Assert.That((FindPlace(BoxA), FindPlace(BoxB)), Is.EqualTo((5f, 2f)));
            Assert.That((FindShown(BoxA).name, FindShown(BoxB).name), Is.EqualTo(("Blue", "Blue")));
            Material red = AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Red.mat");
            Assign(BoxA, red);
            yield return ExpectAccepted(4);
            Assert.That(ReadOwn(Sent(BoxA)), Is.EqualTo("{\"0\":\"" + Red + "\"}"));
            yield return ApplyShown(5, BoxA, null);
            Assert.That((FindPlace(BoxA), FindShown(BoxA).name), Is.EqualTo((2f, "Red")));
        }

        [UnityTest]
        public IEnumerator UndoLeavesTheEvaluatedMesh()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Mesh data = FindFilter(BoxA).sharedMesh;
            yield return ApplyShown(2, BoxA, 5);
            Undo.RecordObject(FindFilter(BoxA), "Assign");
            FindFilter(BoxA).sharedMesh = data;
            yield return WaitFor(() => FindPlace(BoxA) == 5);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator CopyAndRevivedObjectShowTheirData()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ApplyShown(2, BoxA, 5);
            GameObject copy = Host.Duplicate(FindObject(BoxA));
            yield return ExpectAccepted(3);
            Assert.That(ReadData(Sent(GetUuid(copy))), Is.EqualTo(MeshUuid));
            Assert.That((FindPlace(GetUuid(copy)), FindPlace(BoxA)), Is.EqualTo((0f, 5f)));
            Undo.DestroyObjectImmediate(FindObject(BoxA));
            yield return ExpectAccepted(4);
            Undo.PerformUndo();
            yield return ExpectAccepted(5);
            Assert.That(ReadData(Sent(BoxA)), Is.EqualTo(MeshUuid));
            Assert.That(Sent(BoxA).Find("shown"), Is.Null);
            Assert.That(FindPlace(BoxA), Is.EqualTo(0f));
        }

        [UnityTest]
        public IEnumerator FailedBatchBringsTheEvaluatedMeshBack()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ApplyShown(2, BoxA, 5);
            List<byte[]> attachments = new List<byte[]>();
            JsonValue cycle = MakeChange("update", BoxB, null, JsonValue.Object().With("parent",
                JsonValue.Object().With("uuid", BoxB)));
            yield return ExpectApplied(Daemon.Apply(3, "Shown", attachments, MakeShown(BoxA, 7, attachments),
                MakeShown(BoxB, 8, attachments), cycle));
            Assert.That((FindPlace(BoxA), FindPlace(BoxB)), Is.EqualTo((5f, 0f)));
            yield return ApplyShown(4, BoxA, 9);
            Assert.That(FindPlace(BoxA), Is.EqualTo(9f));
        }

        [UnityTest]
        public IEnumerator EvaluatedMeshStaysOverAReload()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ApplyShown(2, BoxA, 5);
            Host.ReloadDomain();
            yield return Sync();
            yield return WaitFor(() => Bridge.Status.State == "connected");
            yield return ExpectNone("intent");
            Assert.That((FindPlace(BoxA), FindPlace(BoxB)), Is.EqualTo((5f, 0f)));
        }
    }
}
