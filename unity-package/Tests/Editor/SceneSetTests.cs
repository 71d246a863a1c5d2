using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;
using UnityEngine.TestTools;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests several open scenes: the first record holds the registry of all.</summary>
    public sealed class SceneSetTests : SyncHarness
    {
        string MainPath => Host.GetScenePath("Main.unity");

        string OtherPath => Host.GetScenePath("Other.unity");

        /// <summary>Saves a scene with nothing but a plain object.</summary>
        void SaveOther()
        {
            Bridge.IsEnabled = false;
            new GameObject("In the other scene");
            Host.SaveScene(OtherPath);
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Bridge.IsEnabled = true;
        }

        Scene OpenBeside() => EditorSceneManager.OpenScene(OtherPath, OpenSceneMode.Additive);

        /// <summary>The versions in the last inventory.</summary>
        Dictionary<string, long> versions;

        IEnumerator SyncVersions()
        {
            yield return Sync();
            Frame inventory = Received;
            yield return WaitFor(() => Bridge.Status.State == "connected");
            versions = inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        [UnityTest]
        public IEnumerator OpeningOrClosingASceneBesideKeepsTheRegistry()
        {
            SaveOther();
            yield return Connect();
            Host.SaveScene(MainPath);
            yield return CreateAccepted("A", 7);
            string uuid = GetUuid(Created);
            Scene other = OpenBeside();
            yield return Run(SyncVersions());
            Assert.That(versions[uuid], Is.EqualTo(7), "it is only in memory yet");
            yield return Expect("intent");
            Daemon.Accept(Received, 8);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            EditorSceneManager.CloseScene(other, true);
            yield return Run(SyncVersions());
            Assert.That(versions, Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator RegistryIsSavedWithTheSceneThatHasTheRecord()
        {
            SaveOther();
            yield return Connect();
            yield return CreateAccepted("A", 7);
            string uuid = GetUuid(Created);
            Host.SaveScene(MainPath);
            Scene other = OpenBeside();
            yield return Run(SyncVersions());
            yield return Expect("intent");
            Daemon.Accept(Received, 8);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            EditorSceneManager.SaveScene(other, OtherPath);
            Assert.That(File.Exists(Path.Combine(Path.GetDirectoryName(OtherPath), ".Other.unity.vibesync.json")),
                Is.False);
            Host.SaveScene(MainPath);
            Registry saved = RegistryDocument.Read(File.ReadAllText(Path.Combine(Path.GetDirectoryName(MainPath),
                ".Main.unity.vibesync.json")),
                "");
            Assert.That(saved.Entries.Values.Select(entry => entry.Version), Is.EquivalentTo(new[] { 7, 8 }));
            Host.OpenScene(MainPath);
            yield return Run(SyncVersions());
            Assert.That(versions, Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EachSceneListsItsOwnPartsOfPrefabs()
        {
            SaveOther();
            yield return Connect();
            yield return CreateAccepted("A", 7);
            Host.SaveScene(MainPath);
            Scene other = OpenBeside();
            yield return Run(SyncVersions());
            yield return Expect("intent");
            Daemon.Accept(Received, 8);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            GameObject item = other.GetRootGameObjects()[0];
            GameObject asset = PrefabUtility.SaveAsPrefabAssetAndConnect(item, Host.AssetFolder + "/Item.prefab",
                InteractionMode.UserAction);
            GameObject second = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            SceneManager.MoveGameObjectToScene(second, other);
            yield return Expect("intent");
            Daemon.Accept(Received, 9);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            string[] uuids = { GetUuid(item), GetUuid(second) };
            Host.SaveScene(MainPath);
            EditorSceneManager.SaveScene(other, OtherPath);
            Host.OpenScene(MainPath);
            OpenBeside();
            yield return Run(SyncVersions());
            Assert.That(uuids.Select(uuid => versions[uuid]), Is.EqualTo(new[] { 9, 9 }));
            yield return ExpectNone("intent");
        }
    }
}
