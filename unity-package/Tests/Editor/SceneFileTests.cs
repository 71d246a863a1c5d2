using System.Collections;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that each scene keeps its own project, versions and identities.</summary>
    public sealed class SceneFileTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator BaseSequenceIsSavedWithTheScene()
        {
            yield return Connect();
            yield return CreateAccepted("A", 7);
            GameObject item = Created;
            string uuid = GetUuid(item);
            string file = Host.GetScenePath("scene.unity");
            Host.SaveScene(file);
            Host.QuitEditor();
            SessionState.EraseString("VibeSync.Shadow");
            Host.OpenScene(file);
            Host.StartEditor();
            Undo.RecordObject(FindObject(uuid), "Rename");
            FindObject(uuid).name = "B";
            Daemon.HeadSeq = 9;
            yield return Sync(null, 1);
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(7));
            yield return Expect("intent");
            Frame intent = Received;
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(7),
                "what the daemon owes is not here yet, and what came before is");
        }

        [UnityTest]
        public IEnumerator RecordIsSavedWithTheSceneAndLeftOutOfBuilds(
            [Values(HideFlags.None, HideFlags.HideInHierarchy)] HideFlags earlier)
        {
            // A scene of an earlier package has a record that is only hidden.
            if (earlier != HideFlags.None)
            {
                new GameObject("VibeSync") { hideFlags = earlier }.AddComponent<VibeSyncScene>();
            }
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Assert.That(MeshRecords.GetSceneRecord(false).gameObject.hideFlags,
                Is.EqualTo(HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild));
        }

        [UnityTest]
        public IEnumerator SceneOfANewerPackageIsNotTouched()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            string file = Host.GetScenePath("scene.unity");
            Host.SaveScene(file);
            Host.QuitEditor();
            LogAssert.ignoreFailingMessages = true;
            MeshRecords.GetSceneRecord(false).Format = VibeSyncScene.KnownFormat + 1;
            Host.SaveScene(file);
            Host.OpenScene(file);
            int before = Daemon.Connections;
            Host.StartEditor();
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-5008");
            Assert.That(Bridge.Status.State, Is.EqualTo("error"));
            Assert.That(Bridge.Status.LastError.ToString(), Does.Contain("format 3; this one reads up to 2"));
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            string text = MeshRecords.GetSceneRecord(false).Registry;
            Host.SaveScene(file);
            Assert.That((MeshRecords.GetSceneRecord(false).Format, MeshRecords.GetSceneRecord(false).Registry),
                Is.EqualTo((VibeSyncScene.KnownFormat + 1, text)), "the save leaves it as it is");
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
        }

        [UnityTest]
        public IEnumerator OutboxIsClearedWhenAnotherSceneOpens()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string file = Host.GetScenePath("scene.unity");
            Host.SaveScene(file);
            Undo.RegisterCreatedObjectUndo(new GameObject("Not in the file"), "Create");
            yield return Expect("intent");
            Host.OpenScene(file);
            yield return Sync();
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator OpeningAnotherSceneDeletesNothing()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            UnityEditor.SceneManagement.EditorSceneManager.NewScene(
                UnityEditor.SceneManagement.NewSceneSetup.EmptyScene);
            yield return Sync();
            Frame inventory = Received;
            Assert.That(inventory.Header.Required("entities", "").AsArray("").Count, Is.EqualTo(0));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator SavedAndReopenedSceneKeepsItsEntities()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            cube.GetComponent<MeshFilter>().sharedMesh = new Mesh { name = "Own" };
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Daemon.Accept(Received, 1);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            string file = Host.GetScenePath("scene.unity");
            string instance = Daemon.Hello.RequiredString("instance_id", "");
            Host.SaveScene(file);
            Host.OpenScene(file);
            yield return Sync();
            Frame inventory = Received;
            Assert.That(Daemon.Hello.RequiredString("instance_id", ""), Is.Not.EqualTo(instance),
                "a scene may be older than what was sent before");
            Assert.That(inventory.Header.Required("entities", "").AsArray("").ConvertAll(entity =>
                entity.RequiredInteger("version", "")), Is.EqualTo(new[] { 1, 1 }));
            yield return ExpectNone("intent");
        }
    }
}
