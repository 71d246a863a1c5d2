using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that a failed batch leaves the scene exactly as it was.</summary>
    public sealed class RevertTests : BridgeHarness
    {
        const string NewObject = "01920000-0000-7000-8000-00000000000a";
        const string Unknown = "01920000-0000-7000-8000-00000000000b";
        const string NewMesh = "01920000-0000-7000-8000-00000000000c";

        static JsonValue MakeParent(string uuid) =>
            JsonValue.Object().With("parent", JsonValue.Object().With("uuid", uuid));

        /// <summary>Returns a change that Unity cannot apply: an object as its own parent.</summary>
        static JsonValue MakeCycle(string uuid) => MakeChange("update", uuid, null, MakeParent(uuid));

        /// <summary>Returns the bytes of the saved scene.</summary>
        byte[] SaveScene()
        {
            string path = Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(path);
            return File.ReadAllBytes(path);
        }

        [Test]
        public void FailedBatchLeavesTheSceneByteIdentical()
        {
            Connect();
            GameObject parent = CreateAccepted("Parent", 1);
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh mesh = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(cube.GetComponent<MeshFilter>().sharedMesh, mesh);
            mesh.RecalculateTangents();
            cube.GetComponent<MeshFilter>().sharedMesh = mesh;
            cube.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            GameObject doomed = CreateAccepted("Doomed", 3);
            doomed.AddComponent<Light>();
            Daemon.ExpectNone("intent", RunFrame);
            int steps = UnityFakes.Editor.UndoGroups;
            string meshUuid = new MeshRecords().FindUuid(mesh);
            byte[] before = SaveScene();

            List<byte[]> attachments = new List<byte[]>();
            List<JsonValue> results = ExpectApplied(Daemon.Apply(3, "Much", attachments,
                MakeChange("create", NewMesh, "mesh", MakeMesh("New", MakeTriangle(0), attachments)),
                MakeChange("create", NewObject, "object", MakeObject("New", null, NewMesh, MakeTransform(1, 2, 3))),
                MakeChange("update", meshUuid, null, MakeMesh("Other", MakeTriangle(5), attachments)),
                MakeChange("update", GetUuid(cube), null, MakeObject("Moved", null, null, MakeTransform(4, 5, 6))),
                MakeCycle(GetUuid(parent)),
                MakeChange("delete", GetUuid(doomed))));

            Assert.That(SaveScene(), Is.EqualTo(before));
            Assert.That(UnityFakes.Editor.HasTangents(mesh) && doomed.GetComponent<Light>() != null);
            Assert.That(AssetDatabase.LoadAssetAtPath<Mesh>("Assets/VibeSync/" + NewMesh + ".asset") == null);
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(steps), "nothing for the user to undo");
            string[] codes = { "VS-4005", "VS-4005", "VS-4005", "VS-4005", "VS-3008", "VS-4005" };
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(codes));
            Assert.That(results[0].Required("error", "").RequiredString("message", ""), Does.Contain("changes[4]"));
            Assert.That(results[1].Required("state", "").IsNull && results[0].Required("state", "").IsNull);
            JsonValue readBack = GetComponents(results[3].Required("state", ""));
            Assert.That(readBack.RequiredString("name", ""), Is.EqualTo("Cube"), "the editor's value");
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void BatchAppliesAfterItsFailedChangeIsRemoved()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeChange("create", NewMesh, "mesh", MakeMesh("New", MakeTriangle(0), attachments));
            JsonValue item = MakeChange("create", NewObject, "object",
                MakeObject("New", uuid, NewMesh, MakeTransform(1, 2, 3)));
            ExpectApplied(Daemon.Apply(2, "Create", attachments, mesh, item, MakeCycle(uuid)));
            Assert.That(FindObject(NewObject), Is.Null);
            List<JsonValue> results = ExpectApplied(Daemon.Apply(3, "Create", attachments, mesh, item));
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "", "" }));
            Assert.That(FindObject(NewObject).GetComponent<MeshFilter>().sharedMesh.vertexCount, Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void ChangeOfADeletedObjectFailsAlone()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(2, "Rename", null,
                MakeChange("update", Unknown, null, MakeName("X")), MakeChange("update", uuid, null, MakeName("B"))));
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "VS-7005", "" }));
            Assert.That(FindObject(uuid).name, Is.EqualTo("B"));
        }

        [TestCase("sync")]
        [TestCase("restore")]
        [TestCase("rollback")]
        public void DeliveryAppliesEachChangeForItself(string reason)
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            Daemon.Reason = reason;
            JsonValue create = MakeChange("create", NewObject, "object",
                MakeObject("New", null, null, MakeTransform(0, 0, 0)));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(2, "Sync", null, MakeCycle(uuid), create));
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "VS-3008", "" }));
            Assert.That(FindObject(NewObject).name, Is.EqualTo("New"));
        }

        [Test]
        public void UserStepInsideAFailedBatchIsKept()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, 1500).Select(i => MakeChange("create",
                "01920000-0000-7000-8001-" + i.ToString("x12"), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            string first = changes[0].RequiredString("uuid", "");
            string batch = Daemon.Apply(5, "Many", null, changes.Append(
                MakeChange("create", NewObject, "object", MakeObject("Bad", Unknown, null, MakeTransform(0, 0, 0))))
                .ToArray());
            WaitFor(() => FindObject(first) != null);
            GameObject mine = new GameObject("Mine");
            Undo.IncrementCurrentGroup();
            Undo.RegisterCreatedObjectUndo(mine, "Create mine");
            Undo.IncrementCurrentGroup();
            List<JsonValue> results = ExpectApplied(batch);
            Assert.That(mine != null, "the user's own");
            int failed = results.Count(result => GetErrorCode(result).Length > 0);
            Assert.That(failed, Is.EqualTo(1), "all other changes are applied");
            Assert.That(FindObject(first) != null);
        }
    }
}
