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
    /// Tests that parts of prefab instances have identities of their own, which neither are overrides nor come into the
    /// prefab.
    /// </summary>
    public sealed class PrefabIdentityTests : SyncHarness
    {
        string AssetPath => Host.AssetFolder + "/Root.prefab";

        GameObject root;
        GameObject part;
        GameObject asset;
        string[] uuids;

        string ScenePath => Host.GetScenePath("Main.unity");

        /// <summary>Makes a prefab of an object that the daemon knows, with one object below it.</summary>
        IEnumerator ConnectWithPrefab()
        {
            yield return Connect();
            yield return CreateAccepted("Root", 1);
            root = Created;
            yield return CreateAccepted("Part", 2);
            part = Created;
            Undo.SetTransformParent(part.transform, root.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            uuids = new[] { GetUuid(root), GetUuid(part) };
            asset = PrefabUtility.SaveAsPrefabAssetAndConnect(root, AssetPath, InteractionMode.UserAction);
            yield return AcceptPrefabs(3);
        }

        /// <summary>The instance that was made last.</summary>
        GameObject made;

        /// <summary>The changes with which it came to the daemon: operation and uuid.</summary>
        List<string> created;

        /// <summary>Makes another instance, and waits until the daemon has accepted it.</summary>
        IEnumerator Instantiate(long seq)
        {
            made = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            yield return Expect("intent");
            Frame intent = Received;
            Daemon.Accept(intent, seq);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            created = GetChanges(intent).ConvertAll(change => change.RequiredString("op", "")
                + change.RequiredString("uuid", ""));
        }

        static string[] GetUuids(GameObject instance) =>
            new[] { GetUuid(instance), GetUuid(instance.transform.GetChild(0).gameObject) };

        static Dictionary<string, long> ReadVersions(Frame inventory)
        {
            return inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        [UnityTest]
        public IEnumerator ObjectThatBecomesAPrefabKeepsItsUuid()
        {
            yield return Run(ConnectWithPrefab());
            yield return ExpectNone("intent");
            Assert.That(GetUuids(root), Is.EqualTo(uuids));
            Assert.That(PrefabUtility.GetAddedComponents(root), Is.Empty);
            Assert.That(Host.HasRecordedOverrides(part.GetComponent<VibeSyncIdentity>()), Is.False);
        }

        [UnityTest]
        public IEnumerator EachInstanceGetsUuidsOfItsOwn()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            Assert.That(created, Is.EqualTo(GetUuids(second).Select(uuid => "create" + uuid)));
            Assert.That(GetUuids(second).Concat(uuids), Is.Unique);
            Assert.That(GetUuids(root), Is.EqualTo(uuids));
            Assert.That(PrefabUtility.GetAddedComponents(second), Is.Empty, "no override");
        }

        [UnityTest]
        public IEnumerator InstanceInAnotherSceneGetsItsOwnUuids()
        {
            yield return Run(ConnectWithPrefab());
            yield return WaitFor(() => GetUuid(part) != null);
            UnityEditor.SceneManagement.EditorSceneManager.NewScene(
                UnityEditor.SceneManagement.NewSceneSetup.EmptyScene);
            yield return Sync();
            yield return WaitFor(() => Bridge.Status.State == "connected");
            yield return Run(Instantiate(4));
            GameObject other = made;
            Assert.That(created, Is.EqualTo(GetUuids(other).Select(uuid => "create" + uuid)));
            Assert.That(GetUuids(other).Concat(uuids), Is.Unique, "the others are objects of the same project");
        }

        [UnityTest]
        public IEnumerator ApplyAllSpreadsNoUuid()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string[] ofSecond = GetUuids(second);
            yield return CreateAccepted("Added", 5);
            GameObject added = Created;
            string uuid = GetUuid(added);
            Undo.SetTransformParent(added.transform, root.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 6);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            PrefabUtility.ApplyPrefabInstance(root, InteractionMode.UserAction);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single(each => each.RequiredString("op", "") == "create");
            GameObject follower = second.transform.GetChild(1).gameObject;
            Assert.That(follower.name, Is.EqualTo("Added"));
            Assert.That(change.RequiredString("op", "") + change.RequiredString("uuid", ""),
                Is.EqualTo("create" + GetUuid(follower)));
            Assert.That((GetUuid(added), GetUuid(follower) == uuid), Is.EqualTo((uuid, false)));
            Assert.That(GetUuids(root), Is.EqualTo(uuids));
            Assert.That(GetUuids(second), Is.EqualTo(ofSecond));
        }

        [UnityTest]
        public IEnumerator RevertOfAllOverridesKeepsUuids()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string[] ofSecond = GetUuids(second);
            PrefabUtility.RevertPrefabInstance(second, InteractionMode.UserAction);
            yield return ExpectNone("intent");
            Assert.That(GetUuids(second), Is.EqualTo(ofSecond));
        }

        [UnityTest]
        public IEnumerator UnpackedInstanceKeepsItsUuids()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string[] ofSecond = GetUuids(second);
            PrefabUtility.UnpackPrefabInstance(second, PrefabUnpackMode.Completely, InteractionMode.UserAction);
            yield return AcceptPrefabs(5);
            yield return ExpectNone("intent");
            Assert.That(GetUuids(second), Is.EqualTo(ofSecond));
            Assert.That(second.GetComponent<VibeSyncIdentity>().Uuid, Is.EqualTo(ofSecond[0]),
                "not that of the prefab");
        }

        [UnityTest]
        public IEnumerator UuidsOfPartsAreSavedWithTheScene()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string[] all = uuids.Concat(GetUuids(second)).ToArray();
            Host.SaveScene(ScenePath);
            Host.OpenScene(ScenePath);
            yield return Sync();
            Dictionary<string, long> versions = ReadVersions(Received);
            Assert.That(versions.Keys, Is.EquivalentTo(all));
            Assert.That(versions[all[2]], Is.EqualTo(4));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator UuidsOfPartsSurvivePlayModeAndReload([Values] bool isReloading)
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string[] all = uuids.Concat(GetUuids(second)).ToArray();
            yield return Run(Host.EnterPlayMode(isReloading));
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            Assert.That(ReadVersions(Received).Keys, Is.EquivalentTo(all));
            Host.ReloadDomain();
            yield return Sync();
            Assert.That(ReadVersions(Received).Keys, Is.EquivalentTo(all));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator UndoOfADeletedInstanceRevivesItsUuids()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string[] ofSecond = GetUuids(second);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(second);
            yield return Expect("intent");
            Daemon.Accept(Received, 5);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Undo.PerformUndo();
            yield return Expect("intent");
            List<JsonValue> revived = GetChanges(Received);
            Assert.That(revived.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(ofSecond));
        }

        [UnityTest]
        public IEnumerator PrefabMadeWhilePausedKeepsTheUuidOfItsObject()
        {
            yield return Connect();
            yield return CreateAccepted("Root", 1);
            root = Created;
            string uuid = GetUuid(root);
            Bridge.IsEnabled = false;
            asset = PrefabUtility.SaveAsPrefabAssetAndConnect(root, AssetPath, InteractionMode.UserAction);
            GameObject second = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            Bridge.IsEnabled = true;
            yield return Sync();
            Assert.That(ReadVersions(Received)[uuid], Is.EqualTo(1));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single(each => each.RequiredString("op", "") == "create");
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(GetUuid(second)));
            Assert.That((GetUuid(root), GetUuid(second) == uuid), Is.EqualTo((uuid, false)));
        }

        [UnityTest]
        public IEnumerator AddedComponentOfAnEarlierPackageIsRemoved()
        {
            yield return Run(ConnectWithPrefab());
            yield return Run(Instantiate(4));
            GameObject second = made;
            string former = GetUuid(second);
            Host.QuitEditor();
            VibeSyncParts list = OpenScenes.FindAll<VibeSyncParts>().Single();
            list.Parts.Clear();
            foreach (VibeSyncIdentity inherited in second.GetComponentsInChildren<VibeSyncIdentity>(true))
            {
                Object.DestroyImmediate(inherited);
            }
            second.AddComponent<VibeSyncIdentity>().Uuid = former;
            Host.StartEditor();
            yield return Sync();
            yield return WaitFor(() => PrefabUtility.GetAddedComponents(second).Count == 0);
            Assert.That(GetUuid(second), Is.EqualTo(former));
        }

        [UnityTest]
        public IEnumerator BatchReachesAnObjectThatJustLostItsIdentity()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Object.DestroyImmediate(item.GetComponent<VibeSyncIdentity>());
            yield return ExpectApplied(Daemon.Apply(2, "Rename", null,
                MakeChange("update", uuid, null, MakeName("B"))));
            JsonValue result = Results[0];
            Assert.That((GetErrorCode(result), item.name), Is.EqualTo(("", "B")));
        }

        [UnityTest]
        public IEnumerator ListOfPartsIsLeftOutOfBuilds()
        {
            yield return Run(ConnectWithPrefab());
            yield return WaitFor(() => OpenScenes.FindAll<VibeSyncParts>().Any());
            Assert.That(OpenScenes.FindAll<VibeSyncParts>().Single().gameObject.hideFlags,
                Is.EqualTo(HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild));
        }

#if UNITY_2022_2_OR_NEWER
        [UnityTest]
        public IEnumerator DeletedPartIsAnOverride()
        {
            yield return Run(ConnectWithPrefab());
            yield return null;
            yield return ExpectApplied(Daemon.Apply(4, "Delete", null, MakeChange("delete", uuids[1])));
            JsonValue result = Results[0];
            Assert.That(GetErrorCode(result), Is.Empty);
            Assert.That(part == null && root != null);
            Assert.That(PrefabUtility.GetRemovedGameObjects(root).Select(removed => removed.assetGameObject.name),
                Is.EqualTo(new[] { "Part" }));
            Assert.That(asset.transform.childCount, Is.EqualTo(1), "the prefab keeps it");
            yield return ExpectNone("intent");
            Undo.PerformUndo();
            yield return Expect("intent");
            JsonValue revived = GetChanges(Received).Single();
            Assert.That(revived.RequiredString("uuid", ""), Is.EqualTo(uuids[1]), "undo revives it");
        }

        [UnityTest]
        public IEnumerator DeleteOfAPartIsRefusedWhenOneBelowItStays()
        {
            yield return Run(ConnectWithPrefab());
            yield return CreateAccepted("Top", 4);
            GameObject top = Created;
            yield return CreateAccepted("Middle", 5);
            GameObject middle = Created;
            yield return CreateAccepted("Below", 6);
            GameObject below = Created;
            Undo.SetTransformParent(below.transform, middle.transform, "Parent");
            Undo.SetTransformParent(middle.transform, top.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 7);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            PrefabUtility.SaveAsPrefabAssetAndConnect(top, Host.AssetFolder + "/Top.prefab",
                InteractionMode.UserAction);
            yield return AcceptPrefabs(7);
            string uuid = GetUuid(middle);
            yield return ExpectApplied(Daemon.Apply(8, "Delete", null, MakeChange("delete", uuid)));
            JsonValue result = Results[0];
            Assert.That(GetErrorCode(result), Is.EqualTo("VS-7003"), "the part below cannot move away");
            Assert.That(below != null);
            yield return ExpectApplied(Daemon.Apply(9, "Delete", null,
                MakeChange("delete", GetUuid(below)), MakeChange("delete", uuid)));
            List<JsonValue> results = Results;
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "", "" }));
            Assert.That(middle == null && top != null);
        }

        [UnityTest]
        public IEnumerator PartThatTheUserDeletesIsSent()
        {
            yield return Run(ConnectWithPrefab());
            yield return null;
            Undo.DestroyObjectImmediate(part);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(change.RequiredString("op", "") + change.RequiredString("uuid", ""),
                Is.EqualTo("delete" + uuids[1]));
        }
#else
        [UnityTest]
        public IEnumerator DeleteOfAPartIsRefused()
        {
            yield return Run(ConnectWithPrefab());
            yield return null;
            yield return ExpectApplied(Daemon.Apply(4, "Delete", null, MakeChange("delete", uuids[1])));
            JsonValue result = Results[0];
            Assert.That(GetErrorCode(result), Is.EqualTo("VS-7003"));
            Assert.That(result.Required("state", "").IsNull, Is.False, "the answer shows that the part still exists");
            Assert.That(part != null && part.transform.parent == root.transform);
            yield return ExpectNone("intent");
        }
#endif
    }
}
