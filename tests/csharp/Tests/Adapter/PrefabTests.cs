using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Prefab instances stay whole: overrides are recorded, structure is refused.</summary>
    public sealed class PrefabTests : BridgeFixture
    {
        GameObject root;
        GameObject part;

        void ConnectWithInstance()
        {
            Connect();
            root = CreateAccepted("Root", 1);
            part = CreateAccepted("Part", 2);
            Undo.SetTransformParent(part.transform, root.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", Frame), 3);
            WaitFor(() => Bridge.Status.Pending == 0);
            UnityFakes.Editor.MakePrefabInstance(root);
        }

        [Test]
        public void AChangeOfAPartIsRecordedAsAnOverride()
        {
            ConnectWithInstance();
            List<JsonValue> results = Applied(Daemon.Apply(4, "Edit", null, Change("update", UuidOf(part), null,
                NameIs("Renamed").With("transform", Transform(1, 2, 3)))));
            Assert.That(results[0].RequiredString("status", ""), Is.EqualTo("applied"));
            Assert.That(UnityFakes.Editor.OverridesRecorded(part.transform));
            Assert.That(UnityFakes.Editor.OverridesRecorded(part));
            Assert.That(UnityFakes.Editor.OverridesRecorded(part.GetComponent<VibeSyncIdentity>()));
        }

        [Test]
        public void APartIsNeitherMovedNorDeleted()
        {
            ConnectWithInstance();
            JsonValue move = Change("update", UuidOf(part), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", JsonValue.Null)));
            Assert.That(Error(Applied(Daemon.Apply(4, "Move", null, move))[0]), Is.EqualTo("VS-7003"));
            JsonValue result = Applied(Daemon.Apply(5, "Delete", null, Change("delete", UuidOf(part))))[0];
            Assert.That(Error(result), Is.EqualTo("VS-7003"));
            Assert.That(result.Required("state", "").IsNull, Is.False, "the daemon is told that it is still there");
            Assert.That(part != null && part.transform.parent == root.transform);
            Daemon.ExpectNone("intent", Frame);
        }

        [Test]
        public void AnInstanceIsDeletedAsAWholeAndSparesWhatTheUserAdded()
        {
            ConnectWithInstance();
            GameObject added = CreateAccepted("Added", 4);
            Undo.SetTransformParent(added.transform, part.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", Frame), 5);
            WaitFor(() => Bridge.Status.Pending == 0);
            List<JsonValue> results = Applied(Daemon.Apply(6, "Delete", null, Change("delete", UuidOf(part)),
                Change("delete", UuidOf(root))));
            Assert.That(results.ConvertAll(result => Error(result) + result.Required("state", "").IsNull),
                Is.EqualTo(new[] { "True", "True" }));
            Assert.That(root == null && part == null, "both are gone");
            Assert.That(added != null && added.transform.parent == null, "what was not named is kept");
        }

        [Test]
        public void ARootMovesWithItsParts()
        {
            ConnectWithInstance();
            GameObject above = CreateAccepted("Above", 4);
            JsonValue move = Change("update", UuidOf(root), null,
                JsonValue.Object().With("parent", JsonValue.Object().With("uuid", UuidOf(above))));
            Assert.That(Error(Applied(Daemon.Apply(5, "Move", null, move))[0]), Is.EqualTo(""));
            Assert.That(root.transform.parent, Is.EqualTo(above.transform));
            Assert.That(part.transform.parent, Is.EqualTo(root.transform));
        }

        [Test]
        public void ACopyOfAnInstanceIsNewWithAllItsParts()
        {
            ConnectWithInstance();
            GameObject copy = UnityFakes.Editor.Duplicate(root);
            List<JsonValue> changes = Changes(Daemon.Expect("intent", Frame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "create", "create" }));
            string[] originals = { UuidOf(root), UuidOf(part) };
            GameObject copiedPart = copy.transform.GetChild(0).gameObject;
            Assert.That(new[] { UuidOf(copy), UuidOf(copiedPart) }, Has.None.AnyOf(originals).And.Unique);
            JsonValue parent = Components(changes[1]).Required("parent", "");
            Assert.That(parent.RequiredString("uuid", ""), Is.EqualTo(UuidOf(copy)));
            Assert.That(UnityFakes.Editor.OverridesRecorded(copiedPart.GetComponent<VibeSyncIdentity>()),
                "an identity that is not recorded would fall back to that of the prefab");
        }

        [Test]
        public void WhileAPrefabIsOpenBatchesWait()
        {
            ConnectWithInstance();
            UnityFakes.Editor.SetPrefabStage(true);
            string batch = Daemon.Apply(4, "Edit", null, Change("update", UuidOf(root), null, NameIs("Renamed")));
            Assert.That(Daemon.Expect("deferred", Frame).Header.RequiredString("state", ""), Is.EqualTo("edit"));
            Daemon.ExpectNone("applied", Frame);
            UnityFakes.Editor.SetPrefabStage(false);
            Applied(batch);
            Assert.That(root.name, Is.EqualTo("Renamed"));
        }
    }
}
