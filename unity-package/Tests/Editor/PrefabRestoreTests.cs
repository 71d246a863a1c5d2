using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that prefab instances which are deleted come back as instances.</summary>
    public sealed class PrefabRestoreTests : SyncHarness
    {
        GameObject root;
        string[] uuids;
        JsonValue[] prefabs;

        /// <summary>Makes a prefab of an object with two below it, one below the other; the daemon accepts all of it.</summary>
        IEnumerator ConnectWithPrefab()
        {
            yield return Connect();
            yield return CreateAccepted("Root", 1);
            root = Created;
            yield return CreateAccepted("Part", 2);
            GameObject part = Created;
            yield return CreateAccepted("Tip", 3);
            GameObject tip = Created;
            Undo.SetTransformParent(part.transform, root.transform, "Parent");
            Undo.SetTransformParent(tip.transform, part.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 4);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            PrefabUtility.SaveAsPrefabAssetAndConnect(root, Host.AssetFolder + "/Root.prefab", InteractionMode.UserAction);
            yield return Expect("intent");
            Daemon.Accept(Received, 5);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            uuids = new[] { GetUuid(root), GetUuid(part), GetUuid(tip) };
            prefabs = uuids.Select(uuid => GetChanges(Received).Single(change => change.RequiredString("uuid", "") == uuid))
                .Select(change => GetComponents(change).Required("prefab", "")).ToArray();
        }

        JsonValue MakeCreate(int i, JsonValue prefab = null) => MakeChange("create", uuids[i], "object",
            MakeObject(new[] { "Root", "Part", "Tip" }[i], i == 0 ? null : uuids[i - 1], null, MakeTransform(i + 1, 0, 0))
                .With("prefab", prefab ?? prefabs[i]));

        JsonValue[] MakeDeletes() => uuids.Reverse().Select(uuid => MakeChange("delete", uuid)).ToArray();

        [UnityTest]
        public IEnumerator EachObjectOfAnInstanceNamesThatOfTheAsset()
        {
            yield return Run(ConnectWithPrefab());
            Assert.That(prefabs.Select(each => each.Required("root", "").AsBool("")), Is.EqualTo(new[] { true, false, false }));
            Assert.That(prefabs.Select(each => each.RequiredString("asset", "")).Distinct().Single().Length, Is.EqualTo(32));
            Assert.That(prefabs.Select(each => each.RequiredString("file", "")).Distinct().Count(), Is.EqualTo(3));
            PrefabUtility.UnpackPrefabInstance(root, PrefabUnpackMode.Completely, InteractionMode.UserAction);
            yield return Expect("intent");
            Assert.That(GetChanges(Received).All(change => GetComponents(change).Required("prefab", "").Required("asset", "").IsNull));
        }

        [UnityTest]
        public IEnumerator DeletedInstanceComesBackAsTheSame()
        {
            yield return Run(ConnectWithPrefab());
            yield return ExpectApplied(Daemon.Apply(6, "Delete", null, MakeDeletes()));
            Assert.That(root == null);
            yield return ExpectApplied(Daemon.Apply(7, "Undo", null, MakeCreate(0), MakeCreate(1), MakeCreate(2)));
            Assert.That(Results.ConvertAll(each => JsonWriter.Write(each.Find("error") ?? JsonValue.Null)), Is.All.EqualTo("null"));
            GameObject again = FindObject(uuids[0]);
            GameObject tip = FindObject(uuids[2]);
            Assert.That(PrefabUtility.IsOutermostPrefabInstanceRoot(again));
            Assert.That(PrefabUtility.GetOutermostPrefabInstanceRoot(tip), Is.EqualTo(again));
            Assert.That(Results.Select(each => JsonWriter.Write(each.Required("state", "").Required("components", "").Required("prefab", ""))),
                Is.EqualTo(prefabs.Select(JsonWriter.Write)));
            Assert.That((tip.transform.localPosition, Host.HasRecordedOverrides(tip.transform)),
                Is.EqualTo((new Vector3(-3, 0, 0), true)), "its own values are overrides");
            yield return ExpectNone("intent");
            Assert.That(again.GetComponentsInChildren<Transform>(true).Length, Is.EqualTo(3));
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(GetChanges(Received).ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "delete", "delete", "delete" }), "one step");
        }

        [UnityTest]
        public IEnumerator PartsThatComeInALaterBatchAreTakenAndDeletedOnesRemoved()
        {
            yield return Run(ConnectWithPrefab());
            yield return ExpectApplied(Daemon.Apply(6, "Delete", null, MakeDeletes()));
            double now = EditorClock.Now;
            EditorClock.Replacement = () => now;
            yield return ExpectApplied(Daemon.Apply(7, "Restore", null, MakeCreate(0)));
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(8, "Restore", null, MakeCreate(1)));
            GameObject part = FindObject(uuids[1]);
            Assert.That(PrefabUtility.IsPartOfPrefabInstance(part));
            now += 3;
            if (!UnityCompat.CanDeleteParts)
            {
                yield return Expect("intent");
                Assert.That(GetChanges(Received).Single().RequiredString("op", ""), Is.EqualTo("create"));
                yield break;
            }
            yield return WaitFor(() => part.transform.childCount == 0);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator MissingPrefabLeavesAPlainObjectAndKeepsTheValue()
        {
            yield return Run(ConnectWithPrefab());
            yield return ExpectApplied(Daemon.Apply(6, "Delete", null, MakeDeletes()));
            JsonValue gone = JsonReader.Read("{\"asset\":\"0123456789abcdef0123456789abcdef\",\"root\":true,\"file\":\"7\"}");
            yield return ExpectApplied(Daemon.Apply(7, "Undo", null, MakeCreate(0, gone)));
            JsonValue state = Results.Single().Required("state", "").Required("components", "").Required("prefab", "");
            Assert.That(JsonWriter.Write(state), Is.EqualTo(JsonWriter.Write(gone)));
            Assert.That(PrefabUtility.IsPartOfPrefabInstance(FindObject(uuids[0])), Is.False);
            Assert.That(Host.Log.Count(line => line.Contains("prefab instances without their prefab")), Is.EqualTo(1));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ObjectThatIsThereIsNeverMadeAnInstanceOrUnpacked()
        {
            yield return Run(ConnectWithPrefab());
            JsonValue none = JsonReader.Read("{\"asset\":null,\"root\":false,\"file\":\"\"}");
            yield return ExpectApplied(Daemon.Apply(6, "Roll back", null,
                MakeChange("update", uuids[0], null, JsonValue.Object().With("prefab", none))));
            Assert.That(PrefabUtility.IsOutermostPrefabInstanceRoot(root), "still an instance");
            JsonValue state = Results.Single().Required("state", "").Required("components", "").Required("prefab", "");
            Assert.That(JsonWriter.Write(state), Is.EqualTo(JsonWriter.Write(none)), "the daemon's value is kept");
            yield return ExpectNone("intent");
        }
    }
}
