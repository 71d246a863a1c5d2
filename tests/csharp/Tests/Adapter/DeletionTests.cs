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
    /// <summary>Tests that a deletion reaches the daemon once, and that an undo revives the same entity.</summary>
    public sealed class DeletionTests : BridgeHarness
    {
        [Test]
        public void PendingDeleteIsListedAfterADomainReload()
        {
            Connect();
            GameObject gone = CreateAccepted("Gone", 1);
            string uuid = GetUuid(gone);
            Undo.DestroyObjectImmediate(gone);
            Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.ReloadDomain();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "or the daemon would bring it back");
        }

        [Test]
        public void PendingDeleteTakesTheVersionOfLaterAcks()
        {
            Connect();
            GameObject gone = CreateAccepted("Gone", 1);
            string uuid = GetUuid(gone);
            Undo.RecordObject(gone, "Rename");
            gone.name = "Renamed";
            Frame rename = Daemon.Expect("intent", RunFrame);
            Undo.DestroyObjectImmediate(gone);
            Daemon.Expect("intent", RunFrame);
            Daemon.Accept(rename, 5);
            WaitFor(() => Bridge.Status.HeadSeq == 5);
            Daemon.Drop();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":5}"));
        }

        [Test]
        public void UndoRevivesADeletionByTheDaemon()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", uuid)));
            Assert.That(item == null, "destroyed");
            Daemon.ExpectNone("intent", RunFrame);
            Undo.PerformUndo();
            Frame revived = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(revived)[0].RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(GetChanges(revived)[0].RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2),
                "after the deletion, so that it counts");
        }

        [Test]
        public void UndoOfAPendingDeleteIsSentAfterItsAck()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(item);
            Frame deletion = Daemon.Expect("intent", RunFrame);
            Undo.PerformUndo();
            Daemon.ExpectNone("intent", RunFrame);
            Daemon.Accept(deletion, 2);
            Frame revived = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(revived.Header), Does.Contain("\"op\":\"create\",\"uuid\":\"" + uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2), "or it would be refused");
            UnityFakes.Editor.ReloadDomain();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":2}"),
                "as new as its deletion, or that would be sent again");
        }

        [Test]
        public void EntityRecreatedDuringItsPendingDeleteFollowsTheResult()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            JsonValue again = MakeChange("create", uuid, "object", MakeObject("A", null, null, MakeTransform(0, 0, 0)));
            Undo.DestroyObjectImmediate(item);
            Frame deletion = Daemon.Expect("intent", RunFrame);
            Assert.That(GetErrorCode(ExpectApplied(Daemon.Apply(2, "Older", null, again))[0]), Is.Empty);
            Daemon.Accept(deletion, 3, uuid);
            WaitFor(() => Bridge.Status.Pending == 0);
            ExpectApplied(Daemon.Apply(3, "What came of it", null, MakeChange("delete", uuid)));
            Assert.That(FindObject(uuid) == null);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(GetErrorCode(ExpectApplied(Daemon.Apply(4, "Brought back", null, again))[0]), Is.Empty);
            FindObject(uuid).name = "Edited";
            JsonValue sent = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(JsonWriter.Write(GetComponents(sent)), Is.EqualTo("{\"name\":\"Edited\"}"));
        }

        [Test]
        public void ChangeUnderADeletedParentFailsAlone()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            string uuid = GetUuid(parent);
            string stays = GetUuid(CreateAccepted("Stays", 2));
            Undo.DestroyObjectImmediate(parent);
            Daemon.Expect("intent", RunFrame);
            const string Child = "01920000-0000-7000-8000-00000000000a";
            List<JsonValue> results = ExpectApplied(Daemon.Apply(3, "Child", null,
                MakeChange("create", Child, "object", MakeObject("C", uuid, null, MakeTransform(0, 0, 0))),
                MakeChange("update", stays, null, MakeName("Renamed"))));
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "VS-7005", "" }));
            Assert.That(FindObject(Child) == null);
            Assert.That(FindObject(stays).name, Is.EqualTo("Renamed"));
        }

        [Test]
        public void UndoOfAnAcknowledgedDeleteRevivesTheEntity()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(item);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            Undo.PerformUndo();
            Frame revived = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(revived.Header), Does.Contain("\"op\":\"create\",\"uuid\":\"" + uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2));
        }

        [Test]
        public void TombstonedUuidIsReplaced()
        {
            Connect();
            GameObject item = new GameObject("A");
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            string uuid = GetUuid(item);
            Daemon.Refuse(intent, "VS-3006", "changes[0].uuid");
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(change.RequiredString("uuid", ""), Is.Not.EqualTo(uuid).And.EqualTo(GetUuid(item)));
        }
    }
}
