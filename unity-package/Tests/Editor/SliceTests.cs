using System.Collections;
using System.Collections.Generic;
using System.Linq;
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
    /// <summary>Tests that large work is sliced over ticks, and that edits in between are kept.</summary>
    public sealed class SliceTests : SyncHarness
    {
        const int Many = 1500;

        static string MakeUuid(int i) => "01920000-0000-7000-8000-" + i.ToString("x12");

        /// <summary>The id of the batch that was sent last.</summary>
        string batch;

        /// <summary>Connects with the smallest tick budget and sends a batch of many new objects.</summary>
        IEnumerator SendMany()
        {
            UseSmallestTicks();
            Bridge.Stop();
            Bridge.Start();
            yield return Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, i == 0 ? null : MakeUuid(i / 10), null, MakeTransform(i, 0, 0)))).ToArray();
            batch = Daemon.Apply(5, "Many", null, changes);
        }

        static void UseSmallestTicks()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            VibeSync.Editor.Settings.RestMilliseconds = 0;
        }

        static int CountObjects() => OpenScenes.FindAll<VibeSyncIdentity>().Count();

        Steps WaitForFirst() => WaitFor(() => CountObjects() > 0);

        [UnityTest]
        public IEnumerator LargeBatchTakesManyTicksAndIsOneUndoStep()
        {
            yield return Run(SendMany());
            int before = Host.UndoSteps;
            yield return WaitForFirst();
            Assert.That(CountObjects(), Is.LessThan(Many), "not all in one tick");
            Assert.That(Bridge.Status.Task, Is.EqualTo("receiving " + Many + " changes"));
            Assert.That(Bridge.Status.Progress, Is.GreaterThan(0).And.LessThan(1));
            yield return ExpectApplied(batch);
            List<JsonValue> results = Results;
            Assert.That(results.Count(result => result.RequiredString("status", "") == "applied"), Is.EqualTo(Many));
            Assert.That(CountObjects(), Is.EqualTo(Many));
            Assert.That(Host.UndoSteps, Is.EqualTo(before + 1));
            yield return ExpectNone("intent");
            Undo.PerformUndo();
            Assert.That(CountObjects(), Is.EqualTo(0));
        }

        [UnityTest]
        public IEnumerator InterruptedBatchIsNotSentBackAsUserEdit([Values] bool isReloading)
        {
            yield return Run(SendMany());
            yield return WaitForFirst();
            if (isReloading) { Host.ReloadDomain(); }
            else { Daemon.Drop(); }
            FindObject(MakeUuid(0)).name = "Renamed";
            yield return Sync();
            List<JsonValue> listed = Received.Header.Required("entities", "").AsArray("");
            Assert.That(CountObjects(), Is.LessThan(Many));
            Assert.That(listed.Select(entity => entity.RequiredInteger("version", "")),
                Is.EqualTo(Enumerable.Repeat(5, CountObjects())));
            yield return Expect("intent");
            JsonValue sent = GetChanges(Received).Single();
            Assert.That(JsonWriter.Write(GetComponents(sent)), Is.EqualTo("{\"name\":\"Renamed\"}"));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeletionDuringABatchIsSkippedAndSent()
        {
            yield return Run(SendMany());
            yield return ExpectApplied(batch);
            JsonValue[] again = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, i == 0 ? null : MakeUuid(i / 10), null, MakeTransform(i, 1, 0)))).ToArray();
            batch = Daemon.Apply(6, "Again", null, again);
            yield return WaitFor(() => FindObject(MakeUuid(0)).transform.localPosition.y == 1);
            Undo.DestroyObjectImmediate(FindObject(MakeUuid(Many - 1)));
            yield return ExpectApplied(batch);
            JsonValue failed = Results.Single(result => result.RequiredString("status", "") == "failed");
            Assert.That(failed.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(Many - 1)));
            Assert.That(GetErrorCode(failed), Is.EqualTo("VS-7005"));
            yield return Expect("intent");
            JsonValue sent = GetChanges(Received).Single();
            Assert.That(sent.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(Many - 1)));
        }

        [UnityTest]
        public IEnumerator EditBetweenApplyAndReadBackIsSent()
        {
            yield return Run(SendMany());
            yield return WaitForFirst();
            FindObject(MakeUuid(0)).name = "Renamed";
            FindObject(MakeUuid(0)).transform.localPosition = new Vector3(0, 7, 0);
            yield return Expect("intent");
            JsonValue sent = GetChanges(Received).Single();
            Assert.That(GetComponents(sent).Find("transform") != null);
            Assert.That(GetComponents(sent).RequiredString("name", ""), Is.EqualTo("Renamed"));
        }

        [UnityTest]
        public IEnumerator MeshEditBetweenApplyAndReadBackIsSent()
        {
            yield return Connect();
            string uuid = MakeUuid(Many);
            List<byte[]> attachments = new List<byte[]>();
            yield return ExpectApplied(Daemon.Apply(1, "Mesh", attachments,
                MakeChange("create", uuid, "mesh", MakeMesh("Mesh", MakeTriangle(0), attachments))));
            Mesh mesh = new MeshRecords().Find(uuid).Mesh;
            UseSmallestTicks();
            Bridge.Resync();
            yield return Connect();
            attachments = new List<byte[]>();
            JsonValue update = MakeChange("update", uuid, null,
                JsonValue.Object().With("mesh", MakeTriangle(2).ToJson(attachments)));
            JsonValue[] others = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            Daemon.Apply(5, "Many", attachments, others.Prepend(update).ToArray());
            yield return WaitFor(() => mesh.vertices[0].x == -2);
            Undo.RecordObject(mesh, "Edit");
            mesh.vertices = mesh.vertices.Select(vertex => new Vector3(vertex.x, vertex.y + 9, vertex.z)).ToArray();
            yield return Expect("applied");
            Frame answer = Received;
            JsonValue state = answer.Header.Required("results", "").AsArray("")[0].Required("state", "");
            Assert.That(ReadHeight(state, answer), Is.EqualTo(9f), "the edit, not the values that were sent");
            yield return Expect("intent");
            Frame intent = Received;
            JsonValue sent = GetChanges(intent).Single();
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(ReadHeight(sent, intent), Is.EqualTo(9f));
            Daemon.Accept(intent, 6);
            yield return ExpectNone("intent");
        }

        /// <summary>Returns the lowest height of a mesh in a change or a state.</summary>
        static float ReadHeight(JsonValue entity, Frame frame)
        {
            MeshComponent mesh = MeshReader.Read(GetComponents(entity).Required("mesh", ""), frame.Attachments, "");
            return mesh.Position.Where((_, i) => i % 3 == 1).Min();
        }

        [UnityTest]
        public IEnumerator DeletionBetweenApplyAndReadBackIsSent()
        {
            yield return Run(SendMany());
            yield return WaitFor(() => CountObjects() == Many);
            GameObject last = FindObject(MakeUuid(Many - 1));
            Assert.That(Bridge.Status.Progress, Is.LessThan(0.5), "not read back yet");
            Undo.DestroyObjectImmediate(last);
            yield return ExpectApplied(batch);
            JsonValue result = Results.Single(item =>
                item.RequiredString("uuid", "") == MakeUuid(Many - 1));
            Assert.That(result.Required("state", "").IsNull, "it does not exist");
            yield return Expect("intent");
            Frame intent = Received;
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(5), "the user had seen it");
            JsonValue sent = GetChanges(intent).Single();
            Assert.That(sent.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(Many - 1)));
        }

        [UnityTest]
        public IEnumerator UserStepInsideABatchIsUndoneSeparately()
        {
            yield return Run(SendMany());
            yield return WaitForFirst();
            GameObject mine = new GameObject("Mine");
            Undo.IncrementCurrentGroup();
            Undo.RegisterCreatedObjectUndo(mine, "Create mine");
            Undo.IncrementCurrentGroup();
            yield return ExpectApplied(batch);
            Undo.PerformUndo();
            Assert.That(mine != null, "the last step is the rest of the batch");
            Assert.That(CountObjects(), Is.GreaterThan(1).And.LessThan(Many));
            Undo.PerformUndo();
            Assert.That(mine == null, "then comes the user's");
            Undo.PerformUndo();
            Assert.That(CountObjects(), Is.EqualTo(0), "then the beginning of the batch");
        }

        [UnityTest]
        public IEnumerator UserEditIsSentBeforeALongBatchReachesTheEntity()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            UseSmallestTicks();
            Bridge.Resync();
            yield return Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            JsonValue last = MakeChange("update", uuid, null,
                JsonValue.Object().With("transform", MakeTransform(3, 0, 0)));
            batch = Daemon.Apply(5, "Many", null, changes.Append(last).ToArray());
            yield return WaitFor(() => CountObjects() > 1);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            yield return Expect("intent");
            JsonValue mine = GetChanges(Received)[0];
            Assert.That(mine.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(GetComponents(mine).RequiredString("name", ""), Is.EqualTo("Mine"));
            yield return ExpectApplied(batch);
            Assert.That(item.transform.localPosition.x, Is.EqualTo(-3f));
            Assert.That(item.name, Is.EqualTo("Mine"));
        }

        [UnityTest]
        public IEnumerator EntityOfARunningBatchIsNotSentBackWhenReferenced()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            UseSmallestTicks();
            Bridge.Resync();
            yield return Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            JsonValue last = MakeChange("update", uuid, null, MakeName("Theirs"));
            batch = Daemon.Apply(5, "Many", null, changes.Append(last).ToArray());
            yield return WaitFor(() => CountObjects() > 1);
            Undo.SetTransformParent(item.transform, FindObject(MakeUuid(0)).transform, "Parent");
            yield return Expect("intent");
            List<JsonValue> mine = GetChanges(Received);
            Assert.That(mine.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { uuid }));
            JsonValue parent = GetComponents(mine[0]).Required("parent", "");
            Assert.That(parent.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(0)));
            yield return ExpectApplied(batch);
        }

        [UnityTest]
        public IEnumerator EditBetweenApplyAndAnswerIsSentAfterTheAnswer()
        {
            yield return Run(SendMany());
            yield return WaitFor(() => CountObjects() == Many);
            GameObject first = FindObject(MakeUuid(0));
            Undo.RecordObject(first, "Rename");
            first.name = "Mine";
            yield return ExpectApplied(batch);
            yield return Expect("intent");
            JsonValue mine = GetChanges(Received)[0];
            Assert.That(mine.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(0)));
            Assert.That(GetComponents(mine).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [UnityTest]
        public IEnumerator DomainReloadInsideABatchDuplicatesNothing()
        {
            yield return Run(SendMany());
            yield return WaitForFirst();
            Host.ReloadDomain();
            Assert.That(CountObjects(), Is.LessThan(Many));
            yield return Sync();
            Frame inventory = Received;
            int listed = inventory.Header.Required("entities", "").AsArray("").Count;
            Assert.That(listed, Is.EqualTo(CountObjects()));
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, i == 0 ? null : MakeUuid(i / 10), null, MakeTransform(i, 0, 0)))).ToArray();
            string again = Daemon.Apply(5, "Many", null, changes);
            yield return ExpectApplied(again);
            Assert.That(CountObjects(), Is.EqualTo(Many));
        }

        [UnityTest]
        public IEnumerator LargeMeshIsConvertedInBackgroundAndSentBeforeItsObject()
        {
            yield return Connect();
            Mesh mesh = new Mesh { name = "Large", indexFormat = UnityEngine.Rendering.IndexFormat.UInt32 };
            mesh.vertices = Enumerable.Range(0, 30000).Select(i => new Vector3(i, i % 7, i % 11)).ToArray();
            mesh.SetTriangles(Enumerable.Range(0, 30000).ToArray(), 0);
            GameObject item = new GameObject("A");
            item.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            List<JsonValue> changes = GetChanges(Received);
            Assert.That(changes.ConvertAll(change => change.RequiredString("kind", "")),
                Is.EqualTo(new[] { "mesh", "object" }), "the mesh first, though it took longer");
            MeshComponent sent = null;
            Undo.RecordObject(mesh, "Edit");
            Vector3[] vertices = mesh.vertices;
            vertices[0] = new Vector3(-1, 0, 0);
            mesh.vertices = vertices;
            yield return Expect("intent");
            Frame edit = Received;
            sent = MeshReader.Read(GetComponents(GetChanges(edit)[0]).Required("mesh", ""), edit.Attachments, "");
            Assert.That(sent.Position[sent.Index[0] * 3], Is.EqualTo(1f));
        }
    }
}
