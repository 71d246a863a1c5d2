using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that prefab instances stay intact: overrides are recorded, changes of structure refused.
    /// </summary>
    public sealed class PrefabTests : SyncHarness
    {
        GameObject root;
        GameObject part;

        IEnumerator ConnectWithInstance()
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
            Host.MakePrefabInstance(root);
            yield return WaitFor(() => GetUuid(part) != null);
            yield return AcceptPrefabs(3);
        }

        [UnityTest]
        public IEnumerator ChangeOfAPartIsRecordedAsOverride()
        {
            yield return Run(ConnectWithInstance());
            JsonValue edit = MakeChange("update", GetUuid(part), null,
                MakeName("Renamed").With("transform", MakeTransform(1, 2, 3)));
            yield return ExpectApplied(Daemon.Apply(4, "Edit", null, edit));
            List<JsonValue> results = Results;
            Assert.That(results[0].RequiredString("status", ""), Is.EqualTo("applied"));
            Assert.That(Host.HasRecordedOverrides(part.transform));
            Assert.That(Host.HasRecordedOverrides(part));
        }

        [UnityTest]
        public IEnumerator MoveOfAPartIsRefused()
        {
            yield return Run(ConnectWithInstance());
            JsonValue move = MakeChange("update", GetUuid(part), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", JsonValue.Null)));
            yield return ExpectApplied(Daemon.Apply(4, "Move", null, move));
            Assert.That(GetErrorCode(Results[0]), Is.EqualTo("VS-7003"));
            Assert.That(part != null && part.transform.parent == root.transform);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator AddedObjectStaysWhenItsInstanceIsDeleted()
        {
            yield return Run(ConnectWithInstance());
            yield return CreateAccepted("Added", 4);
            GameObject added = Created;
            Undo.SetTransformParent(added.transform, part.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 5);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            yield return ExpectApplied(Daemon.Apply(6, "Delete", null, MakeChange("delete", GetUuid(part)),
                MakeChange("delete", GetUuid(root))));
            List<JsonValue> results = Results;
            Assert.That(results.ConvertAll(result => GetErrorCode(result) + result.Required("state", "").IsNull),
                Is.EqualTo(new[] { "True", "True" }));
            Assert.That(root == null && part == null, "both are gone");
            Assert.That(added != null && added.transform.parent == null, "not part of the batch");
        }

        [UnityTest]
        public IEnumerator RootMovesWithItsParts()
        {
            yield return Run(ConnectWithInstance());
            yield return CreateAccepted("Above", 4);
            GameObject above = Created;
            JsonValue move = MakeChange("update", GetUuid(root), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", GetUuid(above))));
            yield return ExpectApplied(Daemon.Apply(5, "Move", null, move));
            Assert.That(GetErrorCode(Results[0]), Is.EqualTo(""));
            Assert.That(root.transform.parent, Is.EqualTo(above.transform));
            Assert.That(part.transform.parent, Is.EqualTo(root.transform));
        }

        [UnityTest]
        public IEnumerator CopyOfAnInstanceGetsNewIdentities()
        {
            yield return Run(ConnectWithInstance());
            GameObject copy = Host.Duplicate(root);
            yield return Expect("intent");
            List<JsonValue> changes = GetChanges(Received);
            Assert.That(changes.ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "create", "create" }));
            string[] originals = { GetUuid(root), GetUuid(part) };
            GameObject copiedPart = copy.transform.GetChild(0).gameObject;
            Assert.That(new[] { GetUuid(copy), GetUuid(copiedPart) },
                Has.None.EqualTo(originals[0]).And.None.EqualTo(originals[1]).And.Unique);
            JsonValue parent = GetComponents(changes[1]).Required("parent", "");
            Assert.That(parent.RequiredString("uuid", ""), Is.EqualTo(GetUuid(copy)));
            Assert.That(Host.HasRecordedOverrides(copiedPart.GetComponent<VibeSyncIdentity>()), Is.False);
            Assert.That(PrefabUtility.GetAddedComponents(copy), Is.Empty);
        }

        [UnityTest]
        public IEnumerator BatchIsDeferredWhileAPrefabIsOpen()
        {
            yield return Run(ConnectWithInstance());
            Host.OpenPrefab(root);
            JsonValue rename = MakeChange("update", GetUuid(root), null, MakeName("Renamed"));
            string batch = Daemon.Apply(4, "Edit", null, rename);
            yield return Expect("deferred");
            Assert.That(Received.Header.RequiredString("state", ""), Is.EqualTo("edit"));
            yield return ExpectNone("applied");
            Host.ClosePrefab();
            yield return ExpectApplied(batch);
            Assert.That(root.name, Is.EqualTo("Renamed"));
        }
    }
}
