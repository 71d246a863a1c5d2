using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that prefab instances stay intact: overrides are recorded, changes of structure refused.
    /// </summary>
    public sealed class PrefabTests : BridgeHarness
    {
        GameObject root;
        GameObject part;

        void ConnectWithInstance()
        {
            Connect();
            root = CreateAccepted("Root", 1);
            part = CreateAccepted("Part", 2);
            Undo.SetTransformParent(part.transform, root.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 3);
            WaitFor(() => Bridge.Status.Pending == 0);
            UnityFakes.Editor.MakePrefabInstance(root);
            WaitFor(() => GetUuid(part) != null);
        }

        [Test]
        public void ChangeOfAPartIsRecordedAsOverride()
        {
            ConnectWithInstance();
            JsonValue edit = MakeChange("update", GetUuid(part), null,
                MakeName("Renamed").With("transform", MakeTransform(1, 2, 3)));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(4, "Edit", null, edit));
            Assert.That(results[0].RequiredString("status", ""), Is.EqualTo("applied"));
            Assert.That(UnityFakes.Editor.HasRecordedOverrides(part.transform));
            Assert.That(UnityFakes.Editor.HasRecordedOverrides(part));
        }

        [Test]
        public void MoveOfAPartIsRefused()
        {
            ConnectWithInstance();
            JsonValue move = MakeChange("update", GetUuid(part), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", JsonValue.Null)));
            Assert.That(GetErrorCode(ExpectApplied(Daemon.Apply(4, "Move", null, move))[0]), Is.EqualTo("VS-7003"));
            Assert.That(part != null && part.transform.parent == root.transform);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void AddedObjectStaysWhenItsInstanceIsDeleted()
        {
            ConnectWithInstance();
            GameObject added = CreateAccepted("Added", 4);
            Undo.SetTransformParent(added.transform, part.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 5);
            WaitFor(() => Bridge.Status.Pending == 0);
            List<JsonValue> results = ExpectApplied(Daemon.Apply(6, "Delete", null, MakeChange("delete", GetUuid(part)),
                MakeChange("delete", GetUuid(root))));
            Assert.That(results.ConvertAll(result => GetErrorCode(result) + result.Required("state", "").IsNull),
                Is.EqualTo(new[] { "True", "True" }));
            Assert.That(root == null && part == null, "both are gone");
            Assert.That(added != null && added.transform.parent == null, "not part of the batch");
        }

        [Test]
        public void RootMovesWithItsParts()
        {
            ConnectWithInstance();
            GameObject above = CreateAccepted("Above", 4);
            JsonValue move = MakeChange("update", GetUuid(root), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", GetUuid(above))));
            Assert.That(GetErrorCode(ExpectApplied(Daemon.Apply(5, "Move", null, move))[0]), Is.EqualTo(""));
            Assert.That(root.transform.parent, Is.EqualTo(above.transform));
            Assert.That(part.transform.parent, Is.EqualTo(root.transform));
        }

        [Test]
        public void CopyOfAnInstanceGetsNewIdentities()
        {
            ConnectWithInstance();
            GameObject copy = UnityFakes.Editor.Duplicate(root);
            List<JsonValue> changes = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "create", "create" }));
            string[] originals = { GetUuid(root), GetUuid(part) };
            GameObject copiedPart = copy.transform.GetChild(0).gameObject;
            Assert.That(new[] { GetUuid(copy), GetUuid(copiedPart) }, Has.None.AnyOf(originals).And.Unique);
            JsonValue parent = GetComponents(changes[1]).Required("parent", "");
            Assert.That(parent.RequiredString("uuid", ""), Is.EqualTo(GetUuid(copy)));
            Assert.That(UnityFakes.Editor.HasRecordedOverrides(copiedPart.GetComponent<VibeSyncIdentity>()), Is.False);
            Assert.That(PrefabUtility.GetAddedComponents(copy), Is.Empty);
        }

        [Test]
        public void BatchIsDeferredWhileAPrefabIsOpen()
        {
            ConnectWithInstance();
            UnityFakes.Editor.SetPrefabStage(true);
            JsonValue rename = MakeChange("update", GetUuid(root), null, MakeName("Renamed"));
            string batch = Daemon.Apply(4, "Edit", null, rename);
            Assert.That(Daemon.Expect("deferred", RunFrame).Header.RequiredString("state", ""), Is.EqualTo("edit"));
            Daemon.ExpectNone("applied", RunFrame);
            UnityFakes.Editor.SetPrefabStage(false);
            ExpectApplied(batch);
            Assert.That(root.name, Is.EqualTo("Renamed"));
        }
    }
}
