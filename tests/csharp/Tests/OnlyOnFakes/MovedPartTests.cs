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
    /// <summary>
    /// Tests a part of a prefab that moves to another scene. Only on the fakes, because a test causes the event of the
    /// move there, which Unity publishes only when a person drags the part.
    /// </summary>
    public sealed class MovedPartTests : BridgeHarness
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
