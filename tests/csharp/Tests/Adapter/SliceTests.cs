using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>What is large is done over many ticks, and nobody is overrun meanwhile.</summary>
    public sealed class SliceTests : BridgeFixture
    {
        const int Many = 1500;

        static string Numbered(int i) => "01920000-0000-7000-8000-" + i.ToString("x12");

        /// <summary>Connects with the shortest time a tick and sends a batch of many new objects.</summary>
        string SendMany()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Stop();
            Bridge.Start();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => Change("create", Numbered(i), "object",
                ObjectComponents("Object " + i, i == 0 ? null : Numbered(i / 10), null, Transform(i, 0, 0)))).ToArray();
            return Daemon.Apply(5, "Many", null, changes);
        }

        static int Arrived() => OpenScenes.All<VibeSyncIdentity>().Count();

        void UntilSome() => WaitFor(() => Arrived() > 0);

        [Test]
        public void ALargeBatchTakesManyTicksAndIsOneUndoStep()
        {
            string batch = SendMany();
            int before = UnityFakes.Editor.UndoGroups;
            UntilSome();
            Assert.That(Arrived(), Is.LessThan(Many), "not all in one tick");
            Assert.That(Bridge.Status.Task, Is.EqualTo("receiving " + Many + " changes"));
            Assert.That(Bridge.Status.Progress, Is.GreaterThan(0).And.LessThan(1));
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            Assert.That(Screen.Lines, Has.Some.Contains("%: receiving"));
            List<JsonValue> results = Applied(batch);
            Assert.That(results.Count(result => result.RequiredString("status", "") == "applied"), Is.EqualTo(Many));
            Assert.That(Arrived(), Is.EqualTo(Many));
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(before + 1));
            Daemon.ExpectNone("intent", Frame);
            Undo.PerformUndo();
            Assert.That(Arrived(), Is.EqualTo(0));
        }

        [Test]
        public void WhatABatchBroughtBeforeTheLinkBrokeIsNotTheUsersOwn([Values] bool reloads)
        {
            SendMany();
            UntilSome();
            if (reloads) { UnityFakes.Editor.ReloadDomain(); }
            else { Daemon.Drop(); }
            Find(Numbered(0)).name = "Renamed";
            List<JsonValue> held = Daemon.Sync(Frame).Header.Required("entities", "").AsArray("");
            Assert.That(Arrived(), Is.LessThan(Many));
            Assert.That(held.Select(entity => entity.RequiredInteger("version", "")),
                Is.EqualTo(Enumerable.Repeat(5, Arrived())));
            JsonValue told = Changes(Daemon.Expect("intent", Frame)).Single();
            Assert.That(JsonWriter.Write(Components(told)), Is.EqualTo("{\"name\":\"Renamed\"}"));
            Daemon.ExpectNone("intent", Frame);
        }

        [Test]
        public void WhatIsDeletedWhileABatchIsUnderWayIsLeftOutAndTold()
        {
            string batch = SendMany();
            Applied(batch);
            JsonValue[] again = Enumerable.Range(0, Many).Select(i => Change("create", Numbered(i), "object",
                ObjectComponents("Object " + i, i == 0 ? null : Numbered(i / 10), null, Transform(i, 1, 0)))).ToArray();
            batch = Daemon.Apply(6, "Again", null, again);
            WaitFor(() => Find(Numbered(0)).transform.localPosition.y == 1);
            Undo.DestroyObjectImmediate(Find(Numbered(Many - 1)));
            JsonValue left = Applied(batch).Single(result => result.RequiredString("status", "") == "failed");
            Assert.That(left.RequiredString("uuid", ""), Is.EqualTo(Numbered(Many - 1)));
            Assert.That(Error(left), Is.EqualTo("VS-7005"));
            JsonValue told = Changes(Daemon.Expect("intent", Frame)).Single();
            Assert.That(told.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(told.RequiredString("uuid", ""), Is.EqualTo(Numbered(Many - 1)));
        }

        [Test]
        public void WhatIsEditedBetweenABatchAndItsReadBackIsTold()
        {
            SendMany();
            UntilSome();
            Find(Numbered(0)).name = "Renamed";
            Find(Numbered(0)).transform.localPosition = new Vector3(0, 7, 0);
            JsonValue told = Changes(Daemon.Expect("intent", Frame)).Single();
            Assert.That(Components(told).Find("transform") != null);
            Assert.That(Components(told).RequiredString("name", ""), Is.EqualTo("Renamed"));
        }

        [Test]
        public void WhatIsDeletedBetweenABatchAndItsReadBackIsTold()
        {
            SendMany();
            WaitFor(() => Arrived() == Many);
            GameObject last = Find(Numbered(Many - 1));
            Assert.That(Bridge.Status.Progress, Is.LessThan(0.5), "not read back yet");
            Undo.DestroyObjectImmediate(last);
            JsonValue told = Changes(Daemon.Expect("intent", Frame)).Single();
            Assert.That(told.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(told.RequiredString("uuid", ""), Is.EqualTo(Numbered(Many - 1)));
        }

        [Test]
        public void AStepOfTheUsersInBetweenStaysTheirOwn()
        {
            string batch = SendMany();
            UntilSome();
            GameObject mine = new GameObject("Mine");
            Undo.IncrementCurrentGroup();
            Undo.RegisterCreatedObjectUndo(mine, "Create mine");
            Undo.IncrementCurrentGroup();
            Applied(batch);
            Undo.PerformUndo();
            Assert.That(mine != null, "the last step is the rest of the batch");
            Assert.That(Arrived(), Is.GreaterThan(1).And.LessThan(Many));
            Undo.PerformUndo();
            Assert.That(mine == null, "then comes the user's");
            Undo.PerformUndo();
            Assert.That(Arrived(), Is.EqualTo(0), "then the beginning of the batch");
        }

        [Test]
        public void WhatTheUserDoesToAnEntityGoesOutBeforeTheBatchReachesIt()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = UuidOf(item);
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => Change("create", Numbered(i), "object",
                ObjectComponents("Object " + i, null, null, Transform(i, 0, 0)))).ToArray();
            JsonValue last = Change("update", uuid, null, JsonValue.Object().With("transform", Transform(3, 0, 0)));
            string batch = Daemon.Apply(5, "Many", null, changes.Append(last).ToArray());
            WaitFor(() => Arrived() > 1);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            JsonValue mine = Changes(Daemon.Expect("intent", Frame))[0];
            Assert.That(mine.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(Components(mine).RequiredString("name", ""), Is.EqualTo("Mine"));
            Applied(batch);
            Assert.That(item.transform.localPosition.x, Is.EqualTo(-3f));
            Assert.That(item.name, Is.EqualTo("Mine"));
        }

        [Test]
        public void WhatABatchBroughtIsNotSentBackWhenTheUserUsesItAtOnce()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = UuidOf(item);
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => Change("create", Numbered(i), "object",
                ObjectComponents("Object " + i, null, null, Transform(i, 0, 0)))).ToArray();
            JsonValue last = Change("update", uuid, null, NameIs("Theirs"));
            string batch = Daemon.Apply(5, "Many", null, changes.Append(last).ToArray());
            WaitFor(() => Arrived() > 1);
            Undo.SetTransformParent(item.transform, Find(Numbered(0)).transform, "Parent");
            List<JsonValue> mine = Changes(Daemon.Expect("intent", Frame));
            Assert.That(mine.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { uuid }));
            JsonValue parent = Components(mine[0]).Required("parent", "");
            Assert.That(parent.RequiredString("uuid", ""), Is.EqualTo(Numbered(0)));
            Applied(batch);
        }

        [Test]
        public void AnEditMadeBetweenApplyAndAnswerIsSentAfterwards()
        {
            string batch = SendMany();
            WaitFor(() => Arrived() == Many);
            GameObject first = Find(Numbered(0));
            Undo.RecordObject(first, "Rename");
            first.name = "Mine";
            Applied(batch);
            JsonValue mine = Changes(Daemon.Expect("intent", Frame))[0];
            Assert.That(mine.RequiredString("uuid", ""), Is.EqualTo(Numbered(0)));
            Assert.That(Components(mine).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [Test]
        public void AReloadInTheMiddleOfABatchDoublesNothing()
        {
            SendMany();
            UntilSome();
            UnityFakes.Editor.ReloadDomain();
            Assert.That(Arrived(), Is.LessThan(Many));
            VibeSync.Core.Wire.Frame inventory = Daemon.Sync(Frame);
            int held = inventory.Header.Required("entities", "").AsArray("").Count;
            Assert.That(held, Is.EqualTo(Arrived()));
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => Change("create", Numbered(i), "object",
                ObjectComponents("Object " + i, i == 0 ? null : Numbered(i / 10), null, Transform(i, 0, 0)))).ToArray();
            string again = Daemon.Apply(5, "Many", null, changes);
            Applied(again);
            Assert.That(Arrived(), Is.EqualTo(Many));
        }

        [Test]
        public void ALargeMeshIsConvertedBesideTheEditorAndSentWithWhatShowsIt()
        {
            Connect();
            Mesh mesh = new Mesh { name = "Large", indexFormat = UnityEngine.Rendering.IndexFormat.UInt32 };
            mesh.vertices = Enumerable.Range(0, 30000).Select(i => new Vector3(i, i % 7, i % 11)).ToArray();
            mesh.SetTriangles(Enumerable.Range(0, 30000).ToArray(), 0);
            GameObject item = new GameObject("A");
            item.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            List<JsonValue> changes = Changes(Daemon.Expect("intent", Frame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("kind", "")),
                Is.EqualTo(new[] { "mesh", "object" }), "the mesh first, though it took longer");
            MeshComponent sent = null;
            Undo.RecordObject(mesh, "Edit");
            Vector3[] vertices = mesh.vertices;
            vertices[0] = new Vector3(-1, 0, 0);
            mesh.vertices = vertices;
            VibeSync.Core.Wire.Frame edit = Daemon.Expect("intent", Frame);
            sent = MeshReader.Read(Components(Changes(edit)[0]).Required("mesh", ""), edit.Attachments, "");
            Assert.That(sent.Position[sent.Index[0] * 3], Is.EqualTo(1f));
        }
    }
}
