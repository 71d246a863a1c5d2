using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that a batch changes Unity's own objects, is read back from them, and is not sent back.</summary>
    public sealed class ApplyTests : SyncHarness
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

        [UnityTest]
        public IEnumerator CreatedObjectIsReadBackAndNotSentAgain()
        {
            yield return Connect();
            yield return ExpectApplied(ApplyTriangle(5));
            List<JsonValue> results = Results;
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
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator BatchIsOneNamedUndoStep()
        {
            yield return Connect();
            int before = Host.UndoSteps;
            yield return ExpectApplied(ApplyTriangle(5));
            Assert.That(Host.UndoSteps, Is.EqualTo(before + 1));
            Assert.That(Host.LastUndoName, Is.EqualTo("Add blade"));
            Undo.PerformUndo();
            Assert.That(FindObject(ObjectUuid) == null);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("delete"), "undoing it is the user's own change");
        }

        [UnityTest]
        public IEnumerator BatchWithoutADifferenceMakesNoUndoStep()
        {
            yield return Connect();
            yield return ExpectApplied(ApplyTriangle(5));
            int before = Host.UndoSteps;
            long seq = 6;
            yield return ExpectApplied(UpdateTriangle(seq, MakeTriangle(0)));
            Assert.That(Host.UndoSteps, Is.EqualTo(before));
            foreach (System.Action<MeshComponent> edit in new System.Action<MeshComponent>[]
            {
                mesh => mesh.Position[0] = 7,
                mesh => mesh.Normal[0] = 1,
                mesh => mesh.Uv[0][0] = 0.5f,
                mesh => mesh.Index = new[] { 1, 2, 0 },
            })
            {
                yield return ExpectApplied(UpdateTriangle(++seq, MakeTriangle(0)));
                MeshComponent changed = MakeTriangle(0);
                edit(changed);
                before = Host.UndoSteps;
                yield return ExpectApplied(UpdateTriangle(++seq, changed));
                Assert.That(Host.UndoSteps, Is.EqualTo(before + 1));
            }
        }

        string UpdateTriangle(long seq, MeshComponent mesh)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue change = MakeChange("update", MeshUuid, null, MakeMesh("Triangle", mesh, attachments));
            return Daemon.Apply(seq, "Edit blade", attachments, change);
        }

        [UnityTest]
        public IEnumerator ReadBackComesFromTheEngineNotFromTheMessage()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("transform", MakeTransform(0.1, 0, 0))));
            yield return ExpectApplied(batch);
            JsonValue state = Results[0].Required("state", "").Required("components", "");
            double x = state.Required("transform", "").Required("translation", "").AsArray("")[0].AsNumber("");
            Assert.That(x, Is.EqualTo((double)0.1f), "Unity holds single precision");
            Assert.That(state.RequiredString("name", ""), Is.EqualTo("A"));
        }

        [UnityTest]
        public IEnumerator LocalTransformStaysWhenParentChanges()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            parent.transform.localPosition = new Vector3(10, 0, 0);
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            yield return CreateAccepted("C", 3);
            GameObject child = Created;
            string batch = Daemon.Apply(4, "Parent", null, MakeChange("update", GetUuid(child), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", GetUuid(parent)))));
            yield return ExpectApplied(batch);
            Assert.That(child.transform.parent, Is.EqualTo(parent.transform));
            Assert.That(child.transform.localPosition, Is.EqualTo(new Vector3(0, 0, 0)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FailedChangesAreAnsweredWithTheirCodeInADelivery()
        {
            yield return Connect();
            Daemon.Reason = "sync";
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            JsonValue cycle = MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", GetUuid(item))));
            JsonValue missing = MakeChange("update", ChildUuid, null, JsonValue.Object().With("name", "X"));
            JsonValue bent = MakeChange("create", MeshUuid, "mesh", JsonValue.Object().With("name", "M")
                .With("mesh", JsonValue.Null));
            JsonValue good = MakeChange("create", ObjectUuid, "object",
                MakeObject("New", null, null, MakeTransform(0, 0, 0)));
            yield return ExpectApplied(Daemon.Apply(2, "Mixed", null, cycle, missing, bent, good));
            List<JsonValue> results = Results;
            string[] codes = { "VS-3008", "VS-7005", "VS-1006" };
            for (int i = 0; i < codes.Length; i++)
            {
                Assert.That(results[i].Required("error", "").RequiredString("code", ""), Is.EqualTo(codes[i]));
            }
            Assert.That(results[1].Required("state", "").IsNull);
            Assert.That(results[3].RequiredString("status", ""), Is.EqualTo("applied"));
            Assert.That(FindObject(ObjectUuid).name, Is.EqualTo("New"));
        }

        [UnityTest]
        public IEnumerator ChildUnknownToTheDaemonStaysWhenParentIsDeleted()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            string uuid = GetUuid(parent);
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", uuid)));
            List<JsonValue> results = Results;
            Assert.That(results[0].Required("state", "").IsNull);
            Assert.That(parent == null, "destroyed");
            Assert.That(child != null && child.transform.parent == null, "kept");
        }

        [UnityTest]
        public IEnumerator BuiltInMeshIsReplacedNotWritten()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Frame intent = Received;
            Daemon.Accept(intent, 1);
            Mesh builtIn = cube.GetComponent<MeshFilter>().sharedMesh;
            List<byte[]> attachments = new List<byte[]>();
            JsonValue components = MakeMesh("Triangle", MakeTriangle(2), attachments);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            yield return ExpectApplied(Daemon.Apply(2, "Edit", attachments, MakeChange("update", uuid, null,
                components)));
            Assert.That(builtIn.vertexCount, Is.EqualTo(24));
            Assert.That(cube.GetComponent<MeshFilter>().sharedMesh.vertexCount, Is.EqualTo(3));
            Assert.That(new MeshRecords().FindUuid(cube.GetComponent<MeshFilter>().sharedMesh), Is.EqualTo(uuid));
        }

        [UnityTest]
        public IEnumerator BatchIsDeferredWhileTheUserDrags()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            Host.HoldMouse(true);
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("transform", MakeTransform(3, 0, 0))));
            yield return Expect("deferred");
            Assert.That(Received.Header.RequiredString("state", ""), Is.EqualTo("modal"));
            yield return ExpectNone("applied");
            Assert.That(item.transform.localPosition.x, Is.EqualTo(0f));
            Host.HoldMouse(false);
            yield return ExpectApplied(batch);
            Assert.That(item.transform.localPosition.x, Is.EqualTo(-3f));
        }

        [UnityTest]
        public IEnumerator UserEditIsSentBeforeABatchOverwritesIt()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            item.name = "Mine";
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("transform", MakeTransform(3, 0, 0))));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Mine"));
            yield return ExpectApplied(batch);
        }
    }
}
