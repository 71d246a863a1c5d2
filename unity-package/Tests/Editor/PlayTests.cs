using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
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
    /// Tests that the game's changes are neither sent nor kept, and that no edit is lost in play mode.
    /// </summary>
    public sealed class PlayTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator GameChangesAreNotSent([Values] bool isReloading)
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            yield return Run(Host.EnterPlayMode(isReloading));
            FindObject(uuid).transform.localPosition = new Vector3(7, 0, 0);
            new GameObject("Bullet");
            yield return ExpectNone("intent");
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            yield return ExpectNone("intent");
            Assert.That(FindObject(uuid).transform.localPosition.x, Is.EqualTo(0f));
        }

        [UnityTest]
        public IEnumerator BatchIsDeferredUntilPlayModeEnds()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            yield return Run(Host.EnterPlayMode(false));
            JsonValue rename = MakeChange("update", uuid, null, MakeName("Renamed"));
            Daemon.Apply(2, "Rename", null, rename);
            yield return Expect("deferred");
            Assert.That(Received.Header.RequiredString("state", ""), Is.EqualTo("playing"));
            yield return ExpectNone("applied");
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            Frame inventory = Received;
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "an older version than the daemon's, which so sends the change again");
            yield return ExpectApplied(Daemon.Apply(2, "Rename", null, rename));
            Assert.That(FindObject(uuid).name, Is.EqualTo("Renamed"));
        }

        [UnityTest]
        public IEnumerator HalfABatchBeforePlayModeIsNotTheUsers([Values] bool isReloading)
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            yield return Connect();
            List<JsonValue> changes = new List<JsonValue> { MakeChange("update", uuid, null, MakeName("Theirs")) };
            for (int i = 0; i < 1500; i++)
            {
                changes.Add(MakeChange("create", "01920000-0000-7000-8000-" + i.ToString("x12"), "object",
                    MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0))));
            }
            Daemon.Apply(5, "Many", null, changes.ToArray());
            yield return WaitFor(() => CountObjects() > 10);
            yield return Run(Host.EnterPlayMode(isReloading));
            yield return ExpectNone("applied");
            int brought = CountObjects();
            Assert.That(brought, Is.LessThan(changes.Count), "the batch stopped");
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            Frame inventory = Received;
            List<JsonValue> listed = inventory.Header.Required("entities", "").AsArray("");
            Assert.That(listed.ConvertAll(entity => entity.RequiredInteger("version", "")),
                Is.EqualTo(Enumerable.Repeat(5, brought)), "all that the batch brought");
            yield return ExpectNone("intent");
            Assert.That(FindObject(uuid).name, Is.EqualTo("Theirs"));
        }

        static int CountObjects() => OpenScenes.FindAll<VibeSyncIdentity>().Count();

        [UnityTest]
        public IEnumerator EditJustBeforePlayModeIsSentAfterIt()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            Undo.RecordObject(FindObject(uuid), "Rename");
            FindObject(uuid).name = "Mine";
            yield return Run(Host.EnterPlayMode());
            yield return ExpectNone("inventory");
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [UnityTest]
        public IEnumerator MeshChangedByTheGameIsRestored()
        {
            yield return Connect();
            GameObject item = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh mesh = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(item.GetComponent<MeshFilter>().sharedMesh, mesh);
            AssetDatabase.CreateAsset(mesh, "Assets/Own.asset");
            item.GetComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            Daemon.Accept(Received, 1);
            string uuid = GetUuid(item);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Vector3[] before = mesh.vertices;
            yield return Run(Host.EnterPlayMode());
            Vector3[] bent = mesh.vertices;
            bent[3] = new Vector3(8, 8, 8);
            mesh.vertices = bent;
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            yield return ExpectNone("intent");
            Mesh restored = FindObject(uuid).GetComponent<MeshFilter>().sharedMesh;
            Assert.That(GetCorners(restored.vertices, restored), Is.EqualTo(GetCorners(before, mesh)));
            Assert.That(Host.Log.Exists(entry => entry.Contains("differences that play mode left: 1 entity")));
            Assert.That(Directory.GetFiles(Path.Combine(Host.ProjectFolder, "Library", "VibeSync")), Is.Empty);
        }

        /// <summary>Returns the positions of the corners, which do not depend on shared vertices.</summary>
        static List<Vector3> GetCorners(Vector3[] vertices, Mesh mesh)
        {
            return new List<int>(mesh.GetTriangles(0)).ConvertAll(vertex => vertices[vertex]);
        }
    }
}
