using System.Collections;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that people can keep objects from agents.</summary>
    public sealed class GuardTests : SyncHarness
    {
        static bool IsKept(GameObject target) => new Identities().IsHumanOnly(target);

        static JsonValue MakeGuard(bool isHumanOnly) =>
            JsonValue.Object().With("guard", JsonValue.Object().With("human_only", isHumanOnly));

        /// <summary>Presses the menu's entry.</summary>
        static void Toggle(GameObject target, bool expected)
        {
            KeepFromAgents.Toggle(new[] { target });
            Assert.That(IsKept(target), Is.EqualTo(expected));
        }

        /// <summary>Checks what the package sends, and accepts it.</summary>
        Steps ExpectGuard(bool expected, long seq) => Run(CheckGuard(expected, seq));

        IEnumerator CheckGuard(bool expected, long seq)
        {
            yield return Expect("intent");
            JsonValue components = GetComponents(GetChanges(Received)[0]);
            Assert.That(JsonWriter.Write(components), Is.EqualTo(JsonWriter.Write(MakeGuard(expected))));
            Daemon.Accept(Received, seq);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
        }

        [UnityTest]
        public IEnumerator MenuKeepsAndFreesAnObject()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Toggle(Created, true);
            yield return ExpectGuard(true, 2);
            Toggle(Created, false);
            yield return ExpectGuard(false, 3);
        }

        [UnityTest]
        public IEnumerator OneFreeObjectAmongKeptOnesIsKept()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject kept = Created;
            yield return CreateAccepted("B", 2);
            Toggle(kept, true);
            yield return ExpectGuard(true, 3);
            KeepFromAgents.Toggle(new[] { kept, Created });
            Assert.That(IsKept(kept) && IsKept(Created));
        }

        [UnityTest]
        public IEnumerator CreateOfAFreeObjectCarriesNoGuard()
        {
            yield return Connect();
            GameObject made = new GameObject("A");
            Undo.RegisterCreatedObjectUndo(made, "Create");
            yield return Expect("intent");
            Assert.That(GetComponents(GetChanges(Received)[0]).Find("guard"), Is.Null);
        }

        [UnityTest]
        public IEnumerator UndoOfTheGuardIsCaptured()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Undo.IncrementCurrentGroup();
            Toggle(Created, true);
            yield return ExpectGuard(true, 2);
            Undo.PerformUndo();
            Assert.That(IsKept(Created), Is.False);
            yield return ExpectGuard(false, 3);
        }

        [UnityTest]
        public IEnumerator DuplicateKeepsTheGuard()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Toggle(Created, true);
            yield return ExpectGuard(true, 2);
            Host.Duplicate(Created);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(change.RequiredString("uuid", ""), Is.Not.EqualTo(GetUuid(Created)));
            Assert.That(GetComponents(change).Required("guard", "").Required("human_only", "").AsBool(""));
        }

        [UnityTest]
        public IEnumerator GuardIsAppliedAndReadBack()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            foreach (bool isHumanOnly in new[] { true, false })
            {
                Daemon.Apply(2, "Guard", null, MakeChange("update", GetUuid(Created), null, MakeGuard(isHumanOnly)));
                yield return Expect("applied");
                JsonValue result = Received.Header.Required("results", "").AsArray("")[0];
                JsonValue guard = result.Required("state", "").Required("components", "").Required("guard", "");
                Assert.That(guard.Required("human_only", "").AsBool(""), Is.EqualTo(isHumanOnly));
                Assert.That(IsKept(Created), Is.EqualTo(isHumanOnly));
            }
        }

        [UnityTest]
        public IEnumerator PartOfAPrefabInstanceIsKeptWithoutAnOverride()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Toggle(Created, true);
            yield return ExpectGuard(true, 2);
            string uuid = GetUuid(Created);
            GameObject asset = PrefabUtility.SaveAsPrefabAssetAndConnect(Created, Host.AssetFolder + "/Root.prefab",
                InteractionMode.UserAction);
            yield return WaitFor(() => GetUuid(Created) == uuid);
            Assert.That(IsKept(Created), "the object that became an instance");
            GameObject other = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            Assert.That(IsKept(other), Is.False, "another instance");
            KeepFromAgents.Toggle(new[] { other });
            Assert.That(IsKept(other));
            Assert.That(other.GetComponent<VibeSyncIdentity>().IsHumanOnly, "what the prefab has from its original");
            KeepFromAgents.Toggle(new[] { other });
            Assert.That(IsKept(other), Is.False);
        }
    }
}
