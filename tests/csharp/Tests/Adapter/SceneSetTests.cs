using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests several open scenes: the first record holds the registry of all.</summary>
    public sealed class SceneSetTests : BridgeHarness
    {
        string MainPath => Path.Combine(Folder, "Main.unity");

        string OtherPath => Path.Combine(Folder, "Other.unity");

        /// <summary>Saves a scene with nothing but a plain object.</summary>
        void SaveOther()
        {
            Bridge.IsEnabled = false;
            new GameObject("In the other scene");
            UnityFakes.Editor.SaveScene(OtherPath);
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Bridge.IsEnabled = true;
        }

        Scene OpenBeside() => EditorSceneManager.OpenScene(OtherPath, OpenSceneMode.Additive);

        Dictionary<string, long> SyncVersions()
        {
            Frame inventory = Daemon.Sync(RunFrame);
            WaitFor(() => Bridge.Status.State == "connected");
            return inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        [Test]
        public void OpeningOrClosingASceneBesideKeepsTheRegistry()
        {
            SaveOther();
            Connect();
            UnityFakes.Editor.SaveScene(MainPath);
            string uuid = GetUuid(CreateAccepted("A", 7));
            Scene other = OpenBeside();
            Assert.That(SyncVersions()[uuid], Is.EqualTo(7), "it is only in memory yet");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 8);
            WaitFor(() => Bridge.Status.Pending == 0);
            EditorSceneManager.CloseScene(other, true);
            Assert.That(SyncVersions(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void RegistryIsSavedWithTheSceneThatHasTheRecord()
        {
            SaveOther();
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 7));
            UnityFakes.Editor.SaveScene(MainPath);
            Scene other = OpenBeside();
            SyncVersions();
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 8);
            WaitFor(() => Bridge.Status.Pending == 0);
            EditorSceneManager.SaveScene(other, OtherPath);
            Assert.That(File.Exists(Path.Combine(Folder, ".Other.unity.vibesync.json")), Is.False);
            UnityFakes.Editor.SaveScene(MainPath);
            Registry saved = RegistryDocument.Read(File.ReadAllText(Path.Combine(Folder, ".Main.unity.vibesync.json")),
                "");
            Assert.That(saved.Entries.Values.Select(entry => entry.Version), Is.EquivalentTo(new[] { 7, 8 }));
            UnityFakes.Editor.OpenScene(MainPath);
            Assert.That(SyncVersions(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void EachSceneListsItsOwnPartsOfPrefabs()
        {
            SaveOther();
            Connect();
            CreateAccepted("A", 7);
            UnityFakes.Editor.SaveScene(MainPath);
            Scene other = OpenBeside();
            SyncVersions();
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 8);
            WaitFor(() => Bridge.Status.Pending == 0);
            GameObject item = other.GetRootGameObjects()[0];
            GameObject asset = PrefabUtility.SaveAsPrefabAssetAndConnect(item, "Assets/Item.prefab",
                InteractionMode.UserAction);
            GameObject second = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            SceneManager.MoveGameObjectToScene(second, other);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 9);
            WaitFor(() => Bridge.Status.Pending == 0);
            string[] uuids = { GetUuid(item), GetUuid(second) };
            UnityFakes.Editor.SaveScene(MainPath);
            EditorSceneManager.SaveScene(other, OtherPath);
            UnityFakes.Editor.OpenScene(MainPath);
            OpenBeside();
            Dictionary<string, long> versions = SyncVersions();
            Assert.That(uuids.Select(uuid => versions[uuid]), Is.EqualTo(new[] { 8, 9 }));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void PartThatMovesToAnotherSceneIsListedThere()
        {
            SaveOther();
            Connect();
            GameObject item = CreateAccepted("Item", 7);
            GameObject asset = PrefabUtility.SaveAsPrefabAssetAndConnect(item, "Assets/Item.prefab",
                InteractionMode.UserAction);
            GameObject second = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 8);
            WaitFor(() => Bridge.Status.Pending == 0);
            UnityFakes.Editor.SaveScene(MainPath);
            Scene other = OpenBeside();
            SyncVersions();
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 9);
            WaitFor(() => Bridge.Status.Pending == 0);
            SceneManager.MoveGameObjectToScene(second, other);
            UnityFakes.Editor.Publish(ObjectChangeKind.ChangeGameObjectStructureHierarchy, second);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(other.GetRootGameObjects().SelectMany(root =>
                root.GetComponentsInChildren<VibeSyncParts>(true)).Single().Parts.Single().Object, Is.EqualTo(second));
        }
    }
}
