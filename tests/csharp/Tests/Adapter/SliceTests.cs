using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that large work is sliced over ticks, and that edits in between are kept.</summary>
    public sealed class SliceTests : BridgeHarness
    {
        const int Many = 1500;

        static string MakeUuid(int i) => "01920000-0000-7000-8000-" + i.ToString("x12");

        /// <summary>Connects with the smallest tick budget and sends a batch of many new objects.</summary>
        string SendMany()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Stop();
            Bridge.Start();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, i == 0 ? null : MakeUuid(i / 10), null, MakeTransform(i, 0, 0)))).ToArray();
            return Daemon.Apply(5, "Many", null, changes);
        }

        static int CountObjects() => OpenScenes.FindAll<VibeSyncIdentity>().Count();

        void WaitForFirst() => WaitFor(() => CountObjects() > 0);

        [Test]
        public void LargeBatchTakesManyTicksAndIsOneUndoStep()
        {
            string batch = SendMany();
            int before = UnityFakes.Editor.UndoGroups;
            WaitForFirst();
            Assert.That(CountObjects(), Is.LessThan(Many), "not all in one tick");
            Assert.That(Bridge.Status.Task, Is.EqualTo("receiving " + Many + " changes"));
            Assert.That(Bridge.Status.Progress, Is.GreaterThan(0).And.LessThan(1));
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            Assert.That(Screen.Lines, Has.Some.Contains("%: receiving"));
            List<JsonValue> results = ExpectApplied(batch);
            Assert.That(results.Count(result => result.RequiredString("status", "") == "applied"), Is.EqualTo(Many));
            Assert.That(CountObjects(), Is.EqualTo(Many));
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(before + 1));
            Daemon.ExpectNone("intent", RunFrame);
            Undo.PerformUndo();
            Assert.That(CountObjects(), Is.EqualTo(0));
        }

        [Test]
        public void InterruptedBatchIsNotSentBackAsUserEdit([Values] bool isReloading)
        {
            SendMany();
            WaitForFirst();
            if (isReloading) { UnityFakes.Editor.ReloadDomain(); }
            else { Daemon.Drop(); }
            FindObject(MakeUuid(0)).name = "Renamed";
            List<JsonValue> listed = Daemon.Sync(RunFrame).Header.Required("entities", "").AsArray("");
            Assert.That(CountObjects(), Is.LessThan(Many));
            Assert.That(listed.Select(entity => entity.RequiredInteger("version", "")),
                Is.EqualTo(Enumerable.Repeat(5, CountObjects())));
            JsonValue sent = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(JsonWriter.Write(GetComponents(sent)), Is.EqualTo("{\"name\":\"Renamed\"}"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void DeletionDuringABatchIsSkippedAndSent()
        {
            string batch = SendMany();
            ExpectApplied(batch);
            JsonValue[] again = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, i == 0 ? null : MakeUuid(i / 10), null, MakeTransform(i, 1, 0)))).ToArray();
            batch = Daemon.Apply(6, "Again", null, again);
            WaitFor(() => FindObject(MakeUuid(0)).transform.localPosition.y == 1);
            Undo.DestroyObjectImmediate(FindObject(MakeUuid(Many - 1)));
            JsonValue failed = ExpectApplied(batch).Single(result => result.RequiredString("status", "") == "failed");
            Assert.That(failed.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(Many - 1)));
            Assert.That(GetErrorCode(failed), Is.EqualTo("VS-7005"));
            JsonValue sent = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(sent.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(Many - 1)));
        }

        [Test]
        public void EditBetweenApplyAndReadBackIsSent()
        {
            SendMany();
            WaitForFirst();
            FindObject(MakeUuid(0)).name = "Renamed";
            FindObject(MakeUuid(0)).transform.localPosition = new Vector3(0, 7, 0);
            JsonValue sent = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(GetComponents(sent).Find("transform") != null);
            Assert.That(GetComponents(sent).RequiredString("name", ""), Is.EqualTo("Renamed"));
        }

        [Test]
        public void MeshEditBetweenApplyAndReadBackIsSent()
        {
            Connect();
            string uuid = MakeUuid(Many);
            List<byte[]> attachments = new List<byte[]>();
            ExpectApplied(Daemon.Apply(1, "Mesh", attachments,
                MakeChange("create", uuid, "mesh", MakeMesh("Mesh", MakeTriangle(0), attachments))));
            Mesh mesh = new MeshRecords().Find(uuid).Mesh;
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            attachments = new List<byte[]>();
            JsonValue update = MakeChange("update", uuid, null,
                JsonValue.Object().With("mesh", MakeTriangle(2).ToJson(attachments)));
            JsonValue[] others = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            Daemon.Apply(5, "Many", attachments, others.Prepend(update).ToArray());
            WaitFor(() => mesh.vertices[0].x == -2);
            Undo.RecordObject(mesh, "Edit");
            mesh.vertices = mesh.vertices.Select(vertex => new Vector3(vertex.x, vertex.y + 9, vertex.z)).ToArray();
            Frame answer = Daemon.Expect("applied", RunFrame);
            JsonValue state = answer.Header.Required("results", "").AsArray("")[0].Required("state", "");
            Assert.That(ReadHeight(state, answer), Is.EqualTo(9f), "the edit, not the values that were sent");
            Frame intent = Daemon.Expect("intent", RunFrame);
            JsonValue sent = GetChanges(intent).Single();
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(ReadHeight(sent, intent), Is.EqualTo(9f));
            Daemon.Accept(intent, 6);
            Daemon.ExpectNone("intent", RunFrame);
        }

        /// <summary>Returns the lowest height of a mesh in a change or a state.</summary>
        static float ReadHeight(JsonValue entity, Frame frame)
        {
            MeshComponent mesh = MeshReader.Read(GetComponents(entity).Required("mesh", ""), frame.Attachments, "");
            return mesh.Position.Where((_, i) => i % 3 == 1).Min();
        }

        [Test]
        public void DeletionBetweenApplyAndReadBackIsSent()
        {
            string batch = SendMany();
            WaitFor(() => CountObjects() == Many);
            GameObject last = FindObject(MakeUuid(Many - 1));
            Assert.That(Bridge.Status.Progress, Is.LessThan(0.5), "not read back yet");
            Undo.DestroyObjectImmediate(last);
            JsonValue result = ExpectApplied(batch).Single(item =>
                item.RequiredString("uuid", "") == MakeUuid(Many - 1));
            Assert.That(result.Required("state", "").IsNull, "it does not exist");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(5), "the user had seen it");
            JsonValue sent = GetChanges(intent).Single();
            Assert.That(sent.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(Many - 1)));
        }

        [Test]
        public void UserStepInsideABatchIsUndoneSeparately()
        {
            string batch = SendMany();
            WaitForFirst();
            GameObject mine = new GameObject("Mine");
            Undo.IncrementCurrentGroup();
            Undo.RegisterCreatedObjectUndo(mine, "Create mine");
            Undo.IncrementCurrentGroup();
            ExpectApplied(batch);
            Undo.PerformUndo();
            Assert.That(mine != null, "the last step is the rest of the batch");
            Assert.That(CountObjects(), Is.GreaterThan(1).And.LessThan(Many));
            Undo.PerformUndo();
            Assert.That(mine == null, "then comes the user's");
            Undo.PerformUndo();
            Assert.That(CountObjects(), Is.EqualTo(0), "then the beginning of the batch");
        }

        [Test]
        public void UserEditIsSentBeforeALongBatchReachesTheEntity()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            JsonValue last = MakeChange("update", uuid, null,
                JsonValue.Object().With("transform", MakeTransform(3, 0, 0)));
            string batch = Daemon.Apply(5, "Many", null, changes.Append(last).ToArray());
            WaitFor(() => CountObjects() > 1);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            JsonValue mine = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(mine.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(GetComponents(mine).RequiredString("name", ""), Is.EqualTo("Mine"));
            ExpectApplied(batch);
            Assert.That(item.transform.localPosition.x, Is.EqualTo(-3f));
            Assert.That(item.name, Is.EqualTo("Mine"));
        }

        [Test]
        public void EntityOfARunningBatchIsNotSentBackWhenReferenced()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            JsonValue last = MakeChange("update", uuid, null, MakeName("Theirs"));
            string batch = Daemon.Apply(5, "Many", null, changes.Append(last).ToArray());
            WaitFor(() => CountObjects() > 1);
            Undo.SetTransformParent(item.transform, FindObject(MakeUuid(0)).transform, "Parent");
            List<JsonValue> mine = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(mine.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { uuid }));
            JsonValue parent = GetComponents(mine[0]).Required("parent", "");
            Assert.That(parent.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(0)));
            ExpectApplied(batch);
        }

        [Test]
        public void EditBetweenApplyAndAnswerIsSentAfterTheAnswer()
        {
            string batch = SendMany();
            WaitFor(() => CountObjects() == Many);
            GameObject first = FindObject(MakeUuid(0));
            Undo.RecordObject(first, "Rename");
            first.name = "Mine";
            ExpectApplied(batch);
            JsonValue mine = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(mine.RequiredString("uuid", ""), Is.EqualTo(MakeUuid(0)));
            Assert.That(GetComponents(mine).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [Test]
        public void DomainReloadInsideABatchDuplicatesNothing()
        {
            SendMany();
            WaitForFirst();
            UnityFakes.Editor.ReloadDomain();
            Assert.That(CountObjects(), Is.LessThan(Many));
            Frame inventory = Daemon.Sync(RunFrame);
            int listed = inventory.Header.Required("entities", "").AsArray("").Count;
            Assert.That(listed, Is.EqualTo(CountObjects()));
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, i == 0 ? null : MakeUuid(i / 10), null, MakeTransform(i, 0, 0)))).ToArray();
            string again = Daemon.Apply(5, "Many", null, changes);
            ExpectApplied(again);
            Assert.That(CountObjects(), Is.EqualTo(Many));
        }

        [Test]
        public void LargeMeshIsConvertedInBackgroundAndSentBeforeItsObject()
        {
            Connect();
            Mesh mesh = new Mesh { name = "Large", indexFormat = UnityEngine.Rendering.IndexFormat.UInt32 };
            mesh.vertices = Enumerable.Range(0, 30000).Select(i => new Vector3(i, i % 7, i % 11)).ToArray();
            mesh.SetTriangles(Enumerable.Range(0, 30000).ToArray(), 0);
            GameObject item = new GameObject("A");
            item.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            List<JsonValue> changes = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("kind", "")),
                Is.EqualTo(new[] { "mesh", "object" }), "the mesh first, though it took longer");
            MeshComponent sent = null;
            Undo.RecordObject(mesh, "Edit");
            Vector3[] vertices = mesh.vertices;
            vertices[0] = new Vector3(-1, 0, 0);
            mesh.vertices = vertices;
            Frame edit = Daemon.Expect("intent", RunFrame);
            sent = MeshReader.Read(GetComponents(GetChanges(edit)[0]).Required("mesh", ""), edit.Attachments, "");
            Assert.That(sent.Position[sent.Index[0] * 3], Is.EqualTo(1f));
        }
    }
}
