using System.Collections.Generic;
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
    /// Tests the effect of refused, overtaken and overwritten intents on later intents and inventories.
    /// </summary>
    public sealed class ResponseTests : BridgeHarness
    {
        [Test]
        public void UnknownReferenceIsSentAgainWithItsTarget()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(child, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Refuse(intent, "VS-3001", "changes[0].components.parent.uuid");
            List<JsonValue> changes = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "create", "create" }));
            Assert.That(changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { GetUuid(parent), GetUuid(child) }));
        }

        [Test]
        public void StuckReferenceIsSentAgainAfterNews()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(child, "Create");
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), "VS-3001", "changes[0].components.parent.uuid");
            Frame both = Daemon.Expect("intent", RunFrame);
            Daemon.Refuse(both, "VS-3001", "changes[1].components.parent.uuid");
            Frame alone = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(alone).ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { GetUuid(parent) }));
            Daemon.ExpectNone("intent", RunFrame);
            Daemon.Accept(alone, 2);
            JsonValue again = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(again.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(again.RequiredString("uuid", ""), Is.EqualTo(GetUuid(child)));
        }

        [Test]
        public void EntityOfARefusedCreateIsCreatedByTheNextEdit()
        {
            Connect();
            GameObject item = new GameObject("A");
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), "VS-3003", "changes[0].components.transform");
            Daemon.ExpectNone("intent", RunFrame);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Frame created = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(created).Single().RequiredString("op", ""), Is.EqualTo("create"));
            Daemon.Refuse(created, "VS-3003", "changes[0].components.transform");
            WaitFor(() => Bridge.Status.Pending == 0);
            Undo.DestroyObjectImmediate(item);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void EntityIsCreatedWheneverItsUpdateFindsItUnknown([Values(1, 2)] int times)
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            for (int i = 0; i < times; i++)
            {
                Undo.RecordObject(item, "Rename");
                item.name = "B" + i;
                Daemon.Refuse(Daemon.Expect("intent", RunFrame), "VS-3001", "changes[0].uuid");
                Frame created = Daemon.Expect("intent", RunFrame);
                Assert.That(GetChanges(created).Single().RequiredString("op", ""), Is.EqualTo("create"));
                Daemon.Accept(created, 2 + i);
                WaitFor(() => Bridge.Status.Pending == 0);
            }
        }

        [Test]
        public void OtherChangesAreResentWhenOneIsRefused()
        {
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Undo.RegisterCreatedObjectUndo(new GameObject("B"), "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            string good = GetChanges(intent)[0].RequiredString("uuid", "");
            Daemon.Refuse(intent, "VS-3003", "changes[1].components.transform");
            Frame again = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(again).ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { good }));
            Daemon.Accept(again, 1);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void RefusedEntityHasVersionZeroInTheInventory()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), "VS-3011", "");
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-3011");
            Daemon.Drop();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":0}"));
        }

        [Test]
        public void EntityInBehindHasVersionZeroUntilItArrives()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 5, (JsonValue)uuid);
            ExpectApplied(Daemon.Apply(3, "Older", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("visibility", JsonValue.Object().With("visible", false)))));
            Daemon.Drop();
            string listed = "{\"uuid\":\"" + uuid + "\",\"version\":";
            string inventory = JsonWriter.Write(Daemon.Sync(RunFrame).Header);
            Assert.That(inventory, Does.Contain(listed + "0}"), "the part that arrived is older");
            ExpectApplied(Daemon.Apply(6, "What came of it", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("name", "B"))));
            Daemon.Drop();
            Assert.That(JsonWriter.Write(Daemon.Sync(RunFrame).Header), Does.Contain(listed + "6}"));
        }

        [Test]
        public void OverwrittenUnansweredEntityHasVersionZero([Values] bool isReloading)
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            Frame mine = Daemon.Expect("intent", RunFrame);
            ExpectApplied(Daemon.Apply(2, "Theirs", null, MakeChange("update", uuid, null, JsonValue.Object()
                .With("name", "Theirs"))));
            if (isReloading) { UnityFakes.Editor.ReloadDomain(); }
            else { Daemon.Drop(); }
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":0}"));
            Daemon.Accept(mine, 3, uuid);
            ExpectApplied(Daemon.Apply(3, "Result", null, MakeChange("update", uuid, null, JsonValue.Object()
                .With("name", "Mine"))));
            Assert.That(item.name, Is.EqualTo("Mine"));
            Assert.That(GetVersion(item), Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
