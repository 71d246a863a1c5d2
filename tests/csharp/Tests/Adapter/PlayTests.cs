using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that the game's changes are neither sent nor kept, and that no edit is lost in play mode.
    /// </summary>
    public sealed class PlayTests : BridgeHarness
    {
        [Test]
        public void GameChangesAreNotSent([Values] bool isReloading)
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, isReloading);
            FindObject(uuid).transform.localPosition = new Vector3(7, 0, 0);
            new GameObject("Bullet");
            Daemon.ExpectNone("intent", RunFrame);
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(FindObject(uuid).transform.localPosition.x, Is.EqualTo(0f));
        }

        [Test]
        public void BatchIsDeferredUntilPlayModeEnds()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, false);
            JsonValue rename = MakeChange("update", uuid, null, MakeName("Renamed"));
            Daemon.Apply(2, "Rename", null, rename);
            Assert.That(Daemon.Expect("deferred", RunFrame).Header.RequiredString("state", ""), Is.EqualTo("playing"));
            Daemon.ExpectNone("applied", RunFrame);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            UnityFakes.Editor.SetPlaying(false);
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "an older version than the daemon's, which so sends the change again");
            ExpectApplied(Daemon.Apply(2, "Rename", null, rename));
            Assert.That(FindObject(uuid).name, Is.EqualTo("Renamed"));
        }

        [Test]
        public void HalfABatchBeforePlayModeIsNotTheUsers([Values] bool isReloading)
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            Connect();
            List<JsonValue> changes = new List<JsonValue> { MakeChange("update", uuid, null, MakeName("Theirs")) };
            for (int i = 0; i < 1500; i++)
            {
                changes.Add(MakeChange("create", "01920000-0000-7000-8000-" + i.ToString("x12"), "object",
                    MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0))));
            }
            Daemon.Apply(5, "Many", null, changes.ToArray());
            WaitFor(() => CountObjects() > 10);
            UnityFakes.Editor.SetPlaying(true, isReloading);
            Daemon.ExpectNone("applied", RunFrame);
            int brought = CountObjects();
            Assert.That(brought, Is.LessThan(changes.Count), "the batch stopped");
            UnityFakes.Editor.SetPlaying(false);
            Frame inventory = Daemon.Sync(RunFrame);
            List<JsonValue> listed = inventory.Header.Required("entities", "").AsArray("");
            Assert.That(listed.ConvertAll(entity => entity.RequiredInteger("version", "")),
                Is.EqualTo(Enumerable.Repeat(5, brought)), "all that the batch brought");
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(FindObject(uuid).name, Is.EqualTo("Theirs"));
        }

        static int CountObjects() => OpenScenes.FindAll<VibeSyncIdentity>().Count();

        [Test]
        public void EditJustBeforePlayModeIsSentAfterIt()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            Undo.RecordObject(FindObject(uuid), "Rename");
            FindObject(uuid).name = "Mine";
            UnityFakes.Editor.SetPlaying(true);
            Daemon.ExpectNone("inventory", RunFrame);
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [Test]
        public void MeshChangedByTheGameIsRestored()
        {
            Connect();
            GameObject item = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh mesh = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(item.GetComponent<MeshFilter>().sharedMesh, mesh);
            AssetDatabase.CreateAsset(mesh, "Assets/Own.asset");
            item.GetComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            string uuid = GetUuid(item);
            WaitFor(() => Bridge.Status.Pending == 0);
            Vector3[] before = mesh.vertices;
            UnityFakes.Editor.SetPlaying(true);
            Vector3[] bent = mesh.vertices;
            bent[3] = new Vector3(8, 8, 8);
            mesh.vertices = bent;
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
            Mesh restored = FindObject(uuid).GetComponent<MeshFilter>().sharedMesh;
            Assert.That(GetCorners(restored.vertices, restored), Is.EqualTo(GetCorners(before, mesh)));
            Assert.That(Engine.Log.Exists(entry => entry.Contains("differences that play mode left: 1 entity")));
            Assert.That(Directory.GetFiles(Path.Combine(Engine.ProjectFolder, "Library", "VibeSync")), Is.Empty);
        }

        /// <summary>Returns the positions of the corners, which do not depend on shared vertices.</summary>
        static List<Vector3> GetCorners(Vector3[] vertices, Mesh mesh)
        {
            return new List<int>(mesh.GetTriangles(0)).ConvertAll(vertex => vertices[vertex]);
        }
    }
}
