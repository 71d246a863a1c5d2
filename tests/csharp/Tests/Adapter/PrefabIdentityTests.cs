using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that parts of prefab instances have identities of their own, which neither are overrides nor come into the
    /// prefab.
    /// </summary>
    public sealed class PrefabIdentityTests : BridgeHarness
    {
        const string AssetPath = "Assets/Root.prefab";

        GameObject root;
        GameObject part;
        GameObject asset;
        string[] uuids;

        string ScenePath => Path.Combine(Folder, "Main.unity");

        /// <summary>Makes a prefab of an object that the daemon knows, with one object below it.</summary>
        void ConnectWithPrefab()
        {
            Connect();
            root = CreateAccepted("Root", 1);
            part = CreateAccepted("Part", 2);
            Undo.SetTransformParent(part.transform, root.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 3);
            WaitFor(() => Bridge.Status.Pending == 0);
            uuids = new[] { GetUuid(root), GetUuid(part) };
            asset = PrefabUtility.SaveAsPrefabAssetAndConnect(root, AssetPath, InteractionMode.UserAction);
        }

        /// <summary>Makes another instance, and returns the uuids with which it was created at the daemon.</summary>
        List<string> Instantiate(long seq, out GameObject made)
        {
            made = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, seq);
            WaitFor(() => Bridge.Status.Pending == 0);
            return GetChanges(intent).ConvertAll(change => change.RequiredString("op", "")
                + change.RequiredString("uuid", ""));
        }

        static string[] GetUuids(GameObject instance) =>
            new[] { GetUuid(instance), GetUuid(instance.transform.GetChild(0).gameObject) };

        static Dictionary<string, long> ReadVersions(Frame inventory)
        {
            return inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        [Test]
        public void ObjectThatBecomesAPrefabKeepsItsUuid()
        {
            ConnectWithPrefab();
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(GetUuids(root), Is.EqualTo(uuids));
            Assert.That(PrefabUtility.GetAddedComponents(root), Is.Empty);
            Assert.That(UnityFakes.Editor.HasRecordedOverrides(part.GetComponent<VibeSyncIdentity>()), Is.False);
        }

        [Test]
        public void EachInstanceGetsUuidsOfItsOwn()
        {
            ConnectWithPrefab();
            List<string> created = Instantiate(4, out GameObject second);
            Assert.That(created, Is.EqualTo(GetUuids(second).Select(uuid => "create" + uuid)));
            Assert.That(GetUuids(second).Concat(uuids), Is.Unique);
            Assert.That(GetUuids(root), Is.EqualTo(uuids));
            Assert.That(PrefabUtility.GetAddedComponents(second), Is.Empty, "no override");
        }

        [Test]
        public void InstanceInAnotherSceneGetsItsOwnUuids()
        {
            ConnectWithPrefab();
            WaitFor(() => GetUuid(part) != null);
            UnityEditor.SceneManagement.EditorSceneManager.NewScene(
                UnityEditor.SceneManagement.NewSceneSetup.EmptyScene);
            Daemon.Sync(RunFrame);
            WaitFor(() => Bridge.Status.State == "connected");
            List<string> created = Instantiate(4, out GameObject other);
            Assert.That(created, Is.EqualTo(GetUuids(other).Select(uuid => "create" + uuid)));
            Assert.That(GetUuids(other).Concat(uuids), Is.Unique, "the others are objects of the same project");
        }

        [Test]
        public void ApplyAllSpreadsNoUuid()
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string[] ofSecond = GetUuids(second);
            GameObject added = CreateAccepted("Added", 5);
            string uuid = GetUuid(added);
            Undo.SetTransformParent(added.transform, root.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 6);
            WaitFor(() => Bridge.Status.Pending == 0);
            PrefabUtility.ApplyPrefabInstance(root, InteractionMode.UserAction);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            GameObject follower = second.transform.GetChild(1).gameObject;
            Assert.That(follower.name, Is.EqualTo("Added"));
            Assert.That(change.RequiredString("op", "") + change.RequiredString("uuid", ""),
                Is.EqualTo("create" + GetUuid(follower)));
            Assert.That((GetUuid(added), GetUuid(follower) == uuid), Is.EqualTo((uuid, false)));
            Assert.That(GetUuids(root), Is.EqualTo(uuids));
            Assert.That(GetUuids(second), Is.EqualTo(ofSecond));
        }

        [Test]
        public void RevertOfAllOverridesKeepsUuids()
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string[] ofSecond = GetUuids(second);
            PrefabUtility.RevertPrefabInstance(second, InteractionMode.UserAction);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(GetUuids(second), Is.EqualTo(ofSecond));
        }

        [Test]
        public void UnpackedInstanceKeepsItsUuids()
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string[] ofSecond = GetUuids(second);
            PrefabUtility.UnpackPrefabInstance(second, PrefabUnpackMode.Completely, InteractionMode.UserAction);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(GetUuids(second), Is.EqualTo(ofSecond));
            Assert.That(second.GetComponent<VibeSyncIdentity>().Uuid, Is.EqualTo(ofSecond[0]), "not that of the prefab");
        }

        [Test]
        public void UuidsOfPartsAreSavedWithTheScene()
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string[] all = uuids.Concat(GetUuids(second)).ToArray();
            UnityFakes.Editor.SaveScene(ScenePath);
            UnityFakes.Editor.OpenScene(ScenePath);
            Dictionary<string, long> versions = ReadVersions(Daemon.Sync(RunFrame));
            Assert.That(versions.Keys, Is.EquivalentTo(all));
            Assert.That(versions[all[2]], Is.EqualTo(4));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void UuidsOfPartsSurvivePlayModeAndReload([Values] bool isReloading)
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string[] all = uuids.Concat(GetUuids(second)).ToArray();
            UnityFakes.Editor.SetPlaying(true, isReloading);
            UnityFakes.Editor.SetPlaying(false);
            Assert.That(ReadVersions(Daemon.Sync(RunFrame)).Keys, Is.EquivalentTo(all));
            UnityFakes.Editor.ReloadDomain();
            Assert.That(ReadVersions(Daemon.Sync(RunFrame)).Keys, Is.EquivalentTo(all));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void UndoOfADeletedInstanceRevivesItsUuids()
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string[] ofSecond = GetUuids(second);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(second);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 5);
            WaitFor(() => Bridge.Status.Pending == 0);
            Undo.PerformUndo();
            List<JsonValue> revived = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(revived.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(ofSecond));
        }

        [Test]
        public void PrefabMadeWhilePausedKeepsTheUuidOfItsObject()
        {
            Connect();
            root = CreateAccepted("Root", 1);
            string uuid = GetUuid(root);
            Bridge.IsEnabled = false;
            asset = PrefabUtility.SaveAsPrefabAssetAndConnect(root, AssetPath, InteractionMode.UserAction);
            GameObject second = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            Bridge.IsEnabled = true;
            Assert.That(ReadVersions(Daemon.Sync(RunFrame))[uuid], Is.EqualTo(1));
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(GetUuid(second)));
            Assert.That((GetUuid(root), GetUuid(second) == uuid), Is.EqualTo((uuid, false)));
        }

        [Test]
        public void AddedComponentOfAnEarlierPackageIsRemoved()
        {
            ConnectWithPrefab();
            Instantiate(4, out GameObject second);
            string former = GetUuid(second);
            UnityFakes.Editor.Quit();
            VibeSyncParts list = OpenScenes.FindAll<VibeSyncParts>().Single();
            list.Parts.Clear();
            foreach (VibeSyncIdentity inherited in second.GetComponentsInChildren<VibeSyncIdentity>(true))
            {
                Object.DestroyImmediate(inherited);
            }
            second.AddComponent<VibeSyncIdentity>().Uuid = former;
            UnityFakes.Editor.Start();
            Daemon.Sync(RunFrame);
            WaitFor(() => PrefabUtility.GetAddedComponents(second).Count == 0);
            Assert.That(GetUuid(second), Is.EqualTo(former));
        }

        [Test]
        public void BatchReachesAnObjectThatJustLostItsIdentity()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Object.DestroyImmediate(item.GetComponent<VibeSyncIdentity>());
            JsonValue result = ExpectApplied(Daemon.Apply(2, "Rename", null,
                MakeChange("update", uuid, null, MakeName("B"))))[0];
            Assert.That((GetErrorCode(result), item.name), Is.EqualTo(("", "B")));
        }

        [Test]
        public void IdentityIsNotInTheInspector()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Assert.That(item.GetComponent<VibeSyncIdentity>() != null);
            Assert.That(UnityFakes.Editor.GetInspector(item), Is.EqualTo(new[] { "Transform" }),
                "a component that is shown can be removed");
        }

        [Test]
        public void ListOfPartsIsLeftOutOfBuilds()
        {
            ConnectWithPrefab();
            WaitFor(() => OpenScenes.FindAll<VibeSyncParts>().Any());
            Assert.That(OpenScenes.FindAll<VibeSyncParts>().Single().gameObject.hideFlags,
                Is.EqualTo(HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild));
        }

#if UNITY_2022_2_OR_NEWER
        [Test]
        public void DeletedPartIsAnOverride()
        {
            ConnectWithPrefab();
            RunFrame();
            JsonValue result = ExpectApplied(Daemon.Apply(4, "Delete", null, MakeChange("delete", uuids[1])))[0];
            Assert.That(GetErrorCode(result), Is.Empty);
            Assert.That(part == null && root != null);
            Assert.That(PrefabUtility.GetRemovedGameObjects(root).Select(removed => removed.assetGameObject.name),
                Is.EqualTo(new[] { "Part" }));
            Assert.That(asset.transform.childCount, Is.EqualTo(1), "the prefab keeps it");
            Daemon.ExpectNone("intent", RunFrame);
            Undo.PerformUndo();
            JsonValue revived = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(revived.RequiredString("uuid", ""), Is.EqualTo(uuids[1]), "undo revives it");
        }

        [Test]
        public void DeleteOfAPartIsRefusedWhenOneBelowItStays()
        {
            ConnectWithPrefab();
            GameObject top = CreateAccepted("Top", 4);
            GameObject middle = CreateAccepted("Middle", 5);
            GameObject below = CreateAccepted("Below", 6);
            Undo.SetTransformParent(below.transform, middle.transform, "Parent");
            Undo.SetTransformParent(middle.transform, top.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 7);
            WaitFor(() => Bridge.Status.Pending == 0);
            PrefabUtility.SaveAsPrefabAssetAndConnect(top, "Assets/Top.prefab", InteractionMode.UserAction);
            RunFrame();
            string uuid = GetUuid(middle);
            JsonValue result = ExpectApplied(Daemon.Apply(8, "Delete", null, MakeChange("delete", uuid)))[0];
            Assert.That(GetErrorCode(result), Is.EqualTo("VS-7003"), "the part below cannot move away");
            Assert.That(below != null);
            List<JsonValue> results = ExpectApplied(Daemon.Apply(9, "Delete", null,
                MakeChange("delete", GetUuid(below)), MakeChange("delete", uuid)));
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "", "" }));
            Assert.That(middle == null && top != null);
        }

        [Test]
        public void PartThatTheUserDeletesIsSent()
        {
            ConnectWithPrefab();
            RunFrame();
            Undo.DestroyObjectImmediate(part);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(change.RequiredString("op", "") + change.RequiredString("uuid", ""),
                Is.EqualTo("delete" + uuids[1]));
        }
#else
        [Test]
        public void DeleteOfAPartIsRefused()
        {
            ConnectWithPrefab();
            RunFrame();
            JsonValue result = ExpectApplied(Daemon.Apply(4, "Delete", null, MakeChange("delete", uuids[1])))[0];
            Assert.That(GetErrorCode(result), Is.EqualTo("VS-7003"));
            Assert.That(result.Required("state", "").IsNull, Is.False, "the answer shows that the part still exists");
            Assert.That(part != null && part.transform.parent == root.transform);
            Daemon.ExpectNone("intent", RunFrame);
        }
#endif
    }
}
