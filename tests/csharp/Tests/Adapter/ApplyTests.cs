using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that a batch changes Unity's own objects, is read back from them, and is not sent back.</summary>
    public sealed class ApplyTests : BridgeHarness
    {
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";
        const string ChildUuid = "01920000-0000-7000-8000-00000000000b";
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";

        string ApplyTriangle(long seq)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeChange("create", MeshUuid, "mesh", MakeMesh("Triangle", MakeTriangle(0), attachments));
            JsonValue item = MakeChange("create", ObjectUuid, "object",
                MakeObject("Blade", null, MeshUuid, MakeTransform(1, 2, 3)));
            return Daemon.Apply(seq, "Add blade", attachments, mesh, item);
        }

        [Test]
        public void CreatedObjectIsReadBackAndNotSentAgain()
        {
            Connect();
            List<JsonValue> results = ExpectApplied(ApplyTriangle(5));
            GameObject blade = FindObject(ObjectUuid);
            Assert.That(blade.name, Is.EqualTo("Blade"));
            Assert.That(blade.transform.localPosition, Is.EqualTo(new Vector3(-1, 2, 3)));
            Mesh mesh = blade.GetComponent<MeshFilter>().sharedMesh;
            Assert.That(mesh.vertices[1], Is.EqualTo(new Vector3(-1, 0, 0)));
            Assert.That(mesh.GetTriangles(0), Is.EqualTo(new[] { 0, 2, 1 }), "Unity's front is clockwise");
            Assert.That(AssetDatabase.GetAssetPath(mesh), Is.EqualTo("Assets/VibeSync/" + MeshUuid + ".asset"));
            Assert.That(GetVersion(blade), Is.EqualTo(5));
            JsonValue state = results[1].Required("state", "").Required("components", "");
            Assert.That(JsonWriter.Write(state.Required("transform", "").Required("translation", "")),
                Is.EqualTo("[1,2,3]"));
            Assert.That(results.TrueForAll(result => result.RequiredString("status", "") == "applied"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void BatchIsOneNamedUndoStep()
        {
            Connect();
            int before = UnityFakes.Editor.UndoGroups;
            ExpectApplied(ApplyTriangle(5));
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(before + 1));
            Assert.That(UnityFakes.Editor.LastUndoName, Is.EqualTo("Add blade"));
            Undo.PerformUndo();
            Assert.That(FindObject(ObjectUuid) == null);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("delete"), "undoing it is the user's own change");
        }

        [Test]
        public void ReadBackComesFromTheEngineNotFromTheMessage()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("transform", MakeTransform(0.1, 0, 0))));
            JsonValue state = ExpectApplied(batch)[0].Required("state", "").Required("components", "");
            double x = state.Required("transform", "").Required("translation", "").AsArray("")[0].AsNumber("");
            Assert.That(x, Is.EqualTo((double)0.1f), "Unity holds single precision");
            Assert.That(state.RequiredString("name", ""), Is.EqualTo("A"));
        }

        [Test]
        public void LocalTransformStaysWhenParentChanges()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            parent.transform.localPosition = new Vector3(10, 0, 0);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            GameObject child = CreateAccepted("C", 3);
            string batch = Daemon.Apply(4, "Parent", null, MakeChange("update", GetUuid(child), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", GetUuid(parent)))));
            ExpectApplied(batch);
            Assert.That(child.transform.parent, Is.EqualTo(parent.transform));
            Assert.That(child.transform.localPosition, Is.EqualTo(new Vector3(0, 0, 0)));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void FailedChangesAreAnsweredWithTheirCodeInADelivery()
        {
            Connect();
            Daemon.Reason = "sync";
            GameObject item = CreateAccepted("A", 1);
            JsonValue cycle = MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", GetUuid(item))));
            JsonValue missing = MakeChange("update", ChildUuid, null, JsonValue.Object().With("name", "X"));
            JsonValue bent = MakeChange("create", MeshUuid, "mesh", JsonValue.Object().With("name", "M")
                .With("mesh", JsonValue.Null));
            JsonValue good = MakeChange("create", ObjectUuid, "object",
                MakeObject("New", null, null, MakeTransform(0, 0, 0)));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(2, "Mixed", null, cycle, missing, bent, good));
            string[] codes = { "VS-3008", "VS-7005", "VS-1006" };
            for (int i = 0; i < codes.Length; i++)
            {
                Assert.That(results[i].Required("error", "").RequiredString("code", ""), Is.EqualTo(codes[i]));
            }
            Assert.That(results[1].Required("state", "").IsNull);
            Assert.That(results[3].RequiredString("status", ""), Is.EqualTo("applied"));
            Assert.That(FindObject(ObjectUuid).name, Is.EqualTo("New"));
        }

        [Test]
        public void ChildUnknownToTheDaemonStaysWhenParentIsDeleted()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            string uuid = GetUuid(parent);
            List<JsonValue> results = ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", uuid)));
            Assert.That(results[0].Required("state", "").IsNull);
            Assert.That(parent == null, "destroyed");
            Assert.That(child != null && child.transform.parent == null, "kept");
        }

        [Test]
        public void BuiltInMeshIsReplacedNotWritten()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 1);
            Mesh builtIn = cube.GetComponent<MeshFilter>().sharedMesh;
            List<byte[]> attachments = new List<byte[]>();
            JsonValue components = MakeMesh("Triangle", MakeTriangle(2), attachments);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            ExpectApplied(Daemon.Apply(2, "Edit", attachments, MakeChange("update", uuid, null, components)));
            Assert.That(builtIn.vertexCount, Is.EqualTo(24));
            Assert.That(cube.GetComponent<MeshFilter>().sharedMesh.vertexCount, Is.EqualTo(3));
            Assert.That(new MeshRecords().FindUuid(cube.GetComponent<MeshFilter>().sharedMesh), Is.EqualTo(uuid));
        }

        [Test]
        public void BatchIsDeferredWhileTheUserDrags()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            GUIUtility.hotControl = 7;
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("transform", MakeTransform(3, 0, 0))));
            Assert.That(Daemon.Expect("deferred", RunFrame).Header.RequiredString("state", ""), Is.EqualTo("modal"));
            Daemon.ExpectNone("applied", RunFrame);
            Assert.That(item.transform.localPosition.x, Is.EqualTo(0f));
            GUIUtility.hotControl = 0;
            ExpectApplied(batch);
            Assert.That(item.transform.localPosition.x, Is.EqualTo(-3f));
        }

        [Test]
        public void UserEditIsSentBeforeABatchOverwritesIt()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            item.name = "Mine";
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("transform", MakeTransform(3, 0, 0))));
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Mine"));
            ExpectApplied(batch);
        }
    }
}
