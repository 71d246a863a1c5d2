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
    /// <summary>A batch that cannot be applied as a whole leaves the scene exactly as it was.</summary>
    public sealed class RevertTests : BridgeFixture
    {
        const string NewObject = "01920000-0000-7000-8000-00000000000a";
        const string Unknown = "01920000-0000-7000-8000-00000000000b";
        const string NewMesh = "01920000-0000-7000-8000-00000000000c";

        static JsonValue Parent(string uuid) =>
            JsonValue.Object().With("parent", JsonValue.Object().With("uuid", uuid));

        /// <summary>A change that Unity cannot make: an object below itself.</summary>
        static JsonValue Cycle(string uuid) => Change("update", uuid, null, Parent(uuid));

        /// <summary>Everything that Unity would save.</summary>
        byte[] Saved()
        {
            string path = Path.Combine(Daemon.Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(path);
            return File.ReadAllBytes(path);
        }

        [Test]
        public void AfterAFailureTheSceneIsToTheByteWhatItWas()
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
            Daemon.Accept(Daemon.Expect("intent", Frame), 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            GameObject doomed = CreateAccepted("Doomed", 3);
            doomed.AddComponent<Light>();
            Daemon.ExpectNone("intent", Frame);
            int steps = UnityFakes.Editor.UndoGroups;
            string meshUuid = new MeshRecords().UuidOf(mesh);
            byte[] before = Saved();

            List<byte[]> attachments = new List<byte[]>();
            List<JsonValue> results = Applied(Daemon.Apply(3, "Much", attachments,
                Change("create", NewMesh, "mesh", MeshComponents("New", Triangle(0), attachments)),
                Change("create", NewObject, "object", ObjectComponents("New", null, NewMesh, Transform(1, 2, 3))),
                Change("update", meshUuid, null, MeshComponents("Other", Triangle(5), attachments)),
                Change("update", UuidOf(cube), null, ObjectComponents("Moved", null, null, Transform(4, 5, 6))),
                Cycle(UuidOf(parent)),
                Change("delete", UuidOf(doomed))));

            Assert.That(Saved(), Is.EqualTo(before));
            Assert.That(UnityFakes.Editor.HasTangents(mesh) && doomed.GetComponent<Light>() != null);
            Assert.That(AssetDatabase.LoadAssetAtPath<Mesh>("Assets/VibeSync/" + NewMesh + ".asset") == null);
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(steps), "nothing for the user to undo");
            string[] codes = { "VS-4005", "VS-4005", "VS-4005", "VS-4005", "VS-3008", "VS-4005" };
            Assert.That(results.ConvertAll(Error), Is.EqualTo(codes));
            Assert.That(results[0].Required("error", "").RequiredString("message", ""), Does.Contain("changes[4]"));
            Assert.That(results[1].Required("state", "").IsNull && results[0].Required("state", "").IsNull);
            JsonValue held = Components(results[3].Required("state", ""));
            Assert.That(held.RequiredString("name", ""), Is.EqualTo("Cube"), "what it holds, not what was asked for");
            Daemon.ExpectNone("intent", Frame);
        }

        [Test]
        public void AfterAFailureTheSameBatchCanBeAppliedWithoutWhatFailed()
        {
            Connect();
            string uuid = UuidOf(CreateAccepted("A", 1));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = Change("create", NewMesh, "mesh", MeshComponents("New", Triangle(0), attachments));
            JsonValue item = Change("create", NewObject, "object",
                ObjectComponents("New", uuid, NewMesh, Transform(1, 2, 3)));
            Applied(Daemon.Apply(2, "Create", attachments, mesh, item, Cycle(uuid)));
            Assert.That(Find(NewObject), Is.Null);
            List<JsonValue> results = Applied(Daemon.Apply(3, "Create", attachments, mesh, item));
            Assert.That(results.ConvertAll(Error), Is.EqualTo(new[] { "", "" }));
            Assert.That(Find(NewObject).GetComponent<MeshFilter>().sharedMesh.vertexCount, Is.EqualTo(3));
            Daemon.ExpectNone("intent", Frame);
        }

        [Test]
        public void WhatTheUserHasDeletedMeanwhileFailsAlone()
        {
            Connect();
            string uuid = UuidOf(CreateAccepted("A", 1));
            List<JsonValue> results = Applied(Daemon.Apply(2, "Rename", null,
                Change("update", Unknown, null, NameIs("X")), Change("update", uuid, null, NameIs("B"))));
            Assert.That(results.ConvertAll(Error), Is.EqualTo(new[] { "VS-7005", "" }));
            Assert.That(Find(uuid).name, Is.EqualTo("B"));
        }

        [TestCase("sync")]
        [TestCase("restore")]
        [TestCase("rollback")]
        public void WhatIsSoAlreadyArrivesEachForItself(string reason)
        {
            Connect();
            string uuid = UuidOf(CreateAccepted("A", 1));
            Daemon.Reason = reason;
            List<JsonValue> results = Applied(Daemon.Apply(2, "Sync", null, Cycle(uuid), Change("create", NewObject,
                "object", ObjectComponents("New", null, null, Transform(0, 0, 0)))));
            Assert.That(results.ConvertAll(Error), Is.EqualTo(new[] { "VS-3008", "" }));
            Assert.That(Find(NewObject).name, Is.EqualTo("New"));
        }

        [Test]
        public void AStepOfTheUsersInTheMiddleIsNotTakenBackWithIt()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, 1500).Select(i => Change("create",
                "01920000-0000-7000-8001-" + i.ToString("x12"), "object",
                ObjectComponents("Object " + i, null, null, Transform(i, 0, 0)))).ToArray();
            string first = changes[0].RequiredString("uuid", "");
            string batch = Daemon.Apply(5, "Many", null, changes.Append(
                Change("create", NewObject, "object", ObjectComponents("Bad", Unknown, null, Transform(0, 0, 0))))
                .ToArray());
            WaitFor(() => Find(first) != null);
            GameObject mine = new GameObject("Mine");
            Undo.IncrementCurrentGroup();
            Undo.RegisterCreatedObjectUndo(mine, "Create mine");
            Undo.IncrementCurrentGroup();
            List<JsonValue> results = Applied(batch);
            Assert.That(mine != null, "the user's own");
            Assert.That(results.Count(result => Error(result).Length > 0), Is.EqualTo(1), "what could be done, was");
            Assert.That(Find(first) != null);
        }
    }
}
