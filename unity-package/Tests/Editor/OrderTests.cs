using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the order of what the client sends. The daemon takes an intent behind the answer to a batch for newer than the
    /// batch, and a second intent for newer than the first.
    /// </summary>
    public sealed class OrderTests : SyncHarness
    {
        /// <summary>More marks than go out at once before a batch.</summary>
        const int Many = 1500;

        static string MakeUuid(int i) => "01920000-0000-7000-8000-" + i.ToString("x12");

        static JsonValue MakeMove(string uuid) =>
            MakeChange("update", uuid, null, JsonValue.Object().With("transform", MakeTransform(3, 0, 0)));

        Steps ExpectIntentOrAnswer() => ExpectEither("intent", "applied");

        /// <summary>Creates an object with a mesh that is read at once, and whose change another thread encodes.</summary>
        static Mesh ShowLargeMesh()
        {
            Mesh mesh = new Mesh { name = "Large" };
            mesh.vertices = Enumerable.Range(0, 4800).Select(i => new Vector3(i, i % 7, i % 11)).ToArray();
            mesh.SetTriangles(Enumerable.Range(0, 4800).ToArray(), 0);
            GameObject shows = new GameObject("B");
            shows.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(shows, "Create");
            return mesh;
        }

        [UnityTest]
        public IEnumerator IntentThatTakesLongIsSentBeforeTheAnswer()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            List<Mesh> meshes = new List<Mesh>();
            while (meshes.Count < 40)
            {
                meshes.Add(ShowLargeMesh());
                yield return Expect("intent");
                Daemon.Accept(Received, 1 + meshes.Count);
                yield return WaitFor(() => Bridge.Status.Pending == 0);
            }
            Daemon.Apply(60, "Move", null, MakeMove(GetUuid(item)));
            // No frame runs meanwhile: the next one finds both the batch and the edits.
            Thread.Sleep(300);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            foreach (Mesh mesh in meshes)
            {
                Undo.RecordObject(mesh, "Edit");
                mesh.vertices = mesh.vertices.Select(vertex => new Vector3(vertex.x, vertex.y + 9, vertex.z)).ToArray();
            }
            yield return ExpectIntentOrAnswer();
            Assert.That(Received.Type, Is.EqualTo("intent"), "made before the batch, so sent before its answer");
            Assert.That(GetChanges(Received).ConvertAll(change => change.RequiredString("uuid", "")),
                Does.Contain(GetUuid(item)));
            yield return ExpectIntentOrAnswer();
            Assert.That(Received.Type, Is.EqualTo("applied"));
            Assert.That(item.transform.localPosition.x, Is.EqualTo(-3f));
        }

        [UnityTest]
        public IEnumerator EditCapturedForABatchIsSentBeforeTheAnswer()
        {
            yield return Connect();
            JsonValue[] changes = Enumerable.Range(0, Many).Select(i => MakeChange("create", MakeUuid(i), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            yield return ExpectApplied(Daemon.Apply(5, "Many", null, changes));
            VibeSync.Editor.Settings.TickMilliseconds = VibeSync.Editor.Settings.RestMilliseconds = 0;
            Bridge.Resync();
            yield return Sync(owed: 1);
            string last = MakeUuid(Many - 1);
            Undo.RecordObject(FindObject(last), "Rename");
            FindObject(last).name = "Mine";
            Daemon.Apply(6, "Move", null, MakeMove(last));
            Thread.Sleep(300);
            yield return ExpectIntentOrAnswer();
            Assert.That(Received.Type, Is.EqualTo("intent"));
            JsonValue sent = GetChanges(Received).Single();
            Assert.That(sent.RequiredString("uuid", ""), Is.EqualTo(last));
            yield return ExpectIntentOrAnswer();
            Assert.That(Received.Type, Is.EqualTo("applied"));
        }

        [UnityTest]
        public IEnumerator IntentsKeepTheirOrderWhileTheQueueIsFull()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            List<Frame> refused = new List<Frame>();
            foreach (string name in new[] { "B", "C" })
            {
                Undo.RecordObject(item, "Rename");
                item.name = name;
                yield return Expect("intent");
                refused.Add(Received);
            }
            foreach (Frame intent in refused) { Daemon.Refuse(intent, "VS-4006", ""); }
            foreach (Frame intent in refused)
            {
                yield return Expect("intent");
                Assert.That(JsonWriter.Write(Received.Header), Is.EqualTo(JsonWriter.Write(intent.Header)));
            }
        }

        [UnityTest]
        public IEnumerator NewIntentDoesNotOvertakeOneThatWaits()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Undo.RecordObject(Created, "Rename");
            Created.name = "B";
            yield return Expect("intent");
            Frame first = Received;
            Daemon.Refuse(first, "VS-4006", "");
            Thread.Sleep(100);
            yield return null;
            Undo.RecordObject(Created, "Rename");
            Created.name = "C";
            yield return Expect("intent");
            Assert.That(JsonWriter.Write(Received.Header), Is.EqualTo(JsonWriter.Write(first.Header)));
            yield return Expect("intent");
            Assert.That(GetComponents(GetChanges(Received).Single()).RequiredString("name", ""), Is.EqualTo("C"));
        }
    }
}
