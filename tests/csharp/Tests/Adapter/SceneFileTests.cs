using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that each scene keeps its own project, versions and identities.</summary>
    public sealed class SceneFileTests : BridgeHarness
    {
        [Test]
        public void BaseSequenceIsSavedWithTheScene()
        {
            Connect();
            GameObject item = CreateAccepted("A", 7);
            string uuid = GetUuid(item);
            string file = System.IO.Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(file);
            UnityFakes.Editor.Quit();
            SessionState.EraseString("VibeSync.Shadow");
            UnityFakes.Editor.OpenScene(file);
            UnityFakes.Editor.Start();
            Undo.RecordObject(FindObject(uuid), "Rename");
            FindObject(uuid).name = "B";
            Daemon.HeadSeq = 9;
            Daemon.Sync(RunFrame, null, 1);
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(7));
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(7),
                "what the daemon owes is not here yet, and what came before is");
        }

        [TestCase(HideFlags.None)]
        [TestCase(HideFlags.HideInHierarchy, Description = "a scene of an earlier package")]
        public void RecordIsSavedWithTheSceneAndLeftOutOfBuilds(HideFlags earlier)
        {
            if (earlier != HideFlags.None)
            {
                new GameObject("VibeSync") { hideFlags = earlier }.AddComponent<VibeSyncScene>();
            }
            Connect();
            CreateAccepted("A", 1);
            Assert.That(MeshRecords.GetSceneRecord(false).gameObject.hideFlags,
                Is.EqualTo(HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild));
        }

        [Test]
        public void SceneOfANewerPackageIsNotTouched()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            string file = System.IO.Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(file);
            UnityFakes.Editor.Quit();
            MeshRecords.GetSceneRecord(false).Format = VibeSyncScene.KnownFormat + 1;
            UnityFakes.Editor.SaveScene(file);
            UnityFakes.Editor.OpenScene(file);
            int before = Daemon.Connections;
            UnityFakes.Editor.Start();
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-5008");
            Assert.That(Bridge.Status.State, Is.EqualTo("error"));
            Assert.That(Bridge.Status.LastError.ToString(), Does.Contain("format 3; this one reads up to 2"));
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            string text = MeshRecords.GetSceneRecord(false).Registry;
            UnityFakes.Editor.SaveScene(file);
            Assert.That((MeshRecords.GetSceneRecord(false).Format, MeshRecords.GetSceneRecord(false).Registry),
                Is.EqualTo((VibeSyncScene.KnownFormat + 1, text)), "the save leaves it as it is");
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
        }

        [Test]
        public void OutboxIsClearedWhenAnotherSceneOpens()
        {
            Connect();
            CreateAccepted("A", 1);
            string file = System.IO.Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(file);
            Undo.RegisterCreatedObjectUndo(new GameObject("Not in the file"), "Create");
            Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.OpenScene(file);
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void OpeningAnotherSceneDeletesNothing()
        {
            Connect();
            CreateAccepted("A", 1);
            UnityEditor.SceneManagement.EditorSceneManager.NewScene(
                UnityEditor.SceneManagement.NewSceneSetup.EmptyScene);
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(inventory.Header.Required("entities", "").AsArray("").Count, Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void SavedAndReopenedSceneKeepsItsEntities()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            cube.GetComponent<MeshFilter>().sharedMesh = new Mesh { name = "Own" };
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            string file = System.IO.Path.Combine(Folder, "scene.unity");
            string instance = Daemon.Hello.RequiredString("instance_id", "");
            UnityFakes.Editor.SaveScene(file);
            UnityFakes.Editor.OpenScene(file);
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(Daemon.Hello.RequiredString("instance_id", ""), Is.Not.EqualTo(instance),
                "a scene may be older than what was sent before");
            Assert.That(inventory.Header.Required("entities", "").AsArray("").ConvertAll(entity =>
                entity.RequiredInteger("version", "")), Is.EqualTo(new[] { 1, 1 }));
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
