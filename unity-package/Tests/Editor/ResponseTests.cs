using System.Collections;
using System.Collections.Generic;
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
    /// Tests the effect of refused, overtaken and overwritten intents on later intents and inventories.
    /// </summary>
    public sealed class ResponseTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator UnknownReferenceIsSentAgainWithItsTarget()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(child, "Create");
            yield return Expect("intent");
            Frame intent = Received;
            Daemon.Refuse(intent, "VS-3001", "changes[0].components.parent.uuid");
            yield return Expect("intent");
            List<JsonValue> changes = GetChanges(Received);
            Assert.That(changes.ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "create", "create" }));
            Assert.That(changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { GetUuid(parent), GetUuid(child) }));
        }

        [UnityTest]
        public IEnumerator StuckReferenceIsSentAgainAfterNews()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(child, "Create");
            yield return Expect("intent");
            Daemon.Refuse(Received, "VS-3001", "changes[0].components.parent.uuid");
            yield return Expect("intent");
            Frame both = Received;
            Daemon.Refuse(both, "VS-3001", "changes[1].components.parent.uuid");
            yield return Expect("intent");
            Frame alone = Received;
            Assert.That(GetChanges(alone).ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { GetUuid(parent) }));
            yield return ExpectNone("intent");
            Daemon.Accept(alone, 2);
            yield return Expect("intent");
            JsonValue again = GetChanges(Received).Single();
            Assert.That(again.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(again.RequiredString("uuid", ""), Is.EqualTo(GetUuid(child)));
        }

        [UnityTest]
        public IEnumerator EntityOfARefusedCreateIsCreatedByTheNextEdit()
        {
            yield return Connect();
            GameObject item = new GameObject("A");
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            Daemon.Refuse(Received, "VS-3003", "changes[0].components.transform");
            yield return ExpectNone("intent");
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            yield return Expect("intent");
            Frame created = Received;
            Assert.That(GetChanges(created).Single().RequiredString("op", ""), Is.EqualTo("create"));
            Daemon.Refuse(created, "VS-3003", "changes[0].components.transform");
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Undo.DestroyObjectImmediate(item);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EntityIsCreatedWheneverItsUpdateFindsItUnknown([Values(1, 2)] int times)
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            for (int i = 0; i < times; i++)
            {
                Undo.RecordObject(item, "Rename");
                item.name = "B" + i;
                yield return Expect("intent");
                Daemon.Refuse(Received, "VS-3001", "changes[0].uuid");
                yield return Expect("intent");
                Frame created = Received;
                Assert.That(GetChanges(created).Single().RequiredString("op", ""), Is.EqualTo("create"));
                Daemon.Accept(created, 2 + i);
                yield return WaitFor(() => Bridge.Status.Pending == 0);
            }
        }

        [UnityTest]
        public IEnumerator OtherChangesAreResentWhenOneIsRefused()
        {
            yield return Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Undo.RegisterCreatedObjectUndo(new GameObject("B"), "Create");
            yield return Expect("intent");
            Frame intent = Received;
            string good = GetChanges(intent)[0].RequiredString("uuid", "");
            Daemon.Refuse(intent, "VS-3003", "changes[1].components.transform");
            yield return Expect("intent");
            Frame again = Received;
            Assert.That(GetChanges(again).ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { good }));
            Daemon.Accept(again, 1);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator RefusedEntityHasVersionZeroInTheInventory()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            yield return Expect("intent");
            Daemon.Refuse(Received, "VS-3011", "");
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-3011");
            Daemon.Drop();
            yield return Sync();
            Frame inventory = Received;
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":0}"));
        }

        [UnityTest]
        public IEnumerator EntityInBehindHasVersionZeroUntilItArrives()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            yield return Expect("intent");
            Daemon.Accept(Received, 5, (JsonValue)uuid);
            yield return ExpectApplied(Daemon.Apply(3, "Older", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("visibility", JsonValue.Object().With("visible", false)))));
            Daemon.Drop();
            string listed = "{\"uuid\":\"" + uuid + "\",\"version\":";
            yield return Sync();
            string inventory = JsonWriter.Write(Received.Header);
            Assert.That(inventory, Does.Contain(listed + "0}"), "the part that arrived is older");
            yield return ExpectApplied(Daemon.Apply(6, "What came of it", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("name", "B"))));
            Daemon.Drop();
            yield return Sync();
            Assert.That(JsonWriter.Write(Received.Header), Does.Contain(listed + "6}"));
        }

        [UnityTest]
        public IEnumerator OverwrittenUnansweredEntityHasVersionZero([Values] bool isReloading)
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            yield return Expect("intent");
            Frame mine = Received;
            yield return ExpectApplied(Daemon.Apply(2, "Theirs", null, MakeChange("update", uuid, null,
                JsonValue.Object()
                .With("name", "Theirs"))));
            if (isReloading) { Host.ReloadDomain(); }
            else { Daemon.Drop(); }
            yield return Sync();
            Frame inventory = Received;
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":0}"));
            Daemon.Accept(mine, 3, uuid);
            yield return ExpectApplied(Daemon.Apply(3, "Result", null, MakeChange("update", uuid, null,
                JsonValue.Object()
                .With("name", "Mine"))));
            Assert.That(item.name, Is.EqualTo("Mine"));
            Assert.That(GetVersion(item), Is.EqualTo(3));
            yield return ExpectNone("intent");
        }
    }
}
