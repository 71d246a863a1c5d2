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
    /// <summary>Tests that a deletion reaches the daemon once, and that an undo revives the same entity.</summary>
    public sealed class DeletionTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator PendingDeleteIsListedAfterADomainReload()
        {
            yield return Connect();
            yield return CreateAccepted("Gone", 1);
            GameObject gone = Created;
            string uuid = GetUuid(gone);
            Undo.DestroyObjectImmediate(gone);
            yield return Expect("intent");
            Host.ReloadDomain();
            yield return Sync();
            Frame inventory = Received;
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "or the daemon would bring it back");
        }

        [UnityTest]
        public IEnumerator PendingDeleteTakesTheVersionOfLaterAcks()
        {
            yield return Connect();
            yield return CreateAccepted("Gone", 1);
            GameObject gone = Created;
            string uuid = GetUuid(gone);
            Undo.RecordObject(gone, "Rename");
            gone.name = "Renamed";
            yield return Expect("intent");
            Frame rename = Received;
            Undo.DestroyObjectImmediate(gone);
            yield return Expect("intent");
            Daemon.Accept(rename, 5);
            yield return WaitFor(() => Bridge.Status.HeadSeq == 5);
            Daemon.Drop();
            yield return Sync();
            Frame inventory = Received;
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":5}"));
        }

        [UnityTest]
        public IEnumerator UndoRevivesADeletionByTheDaemon()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Daemon.Drop();
            yield return Sync();
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", uuid)));
            Assert.That(item == null, "destroyed");
            yield return ExpectNone("intent");
            Undo.PerformUndo();
            yield return Expect("intent");
            Frame revived = Received;
            Assert.That(GetChanges(revived)[0].RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(GetChanges(revived)[0].RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2),
                "after the deletion, so that it counts");
        }

        [UnityTest]
        public IEnumerator UndoOfAPendingDeleteIsSentAfterItsAck()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(item);
            yield return Expect("intent");
            Frame deletion = Received;
            Undo.PerformUndo();
            yield return ExpectNone("intent");
            Daemon.Accept(deletion, 2);
            yield return Expect("intent");
            Frame revived = Received;
            Assert.That(JsonWriter.Write(revived.Header), Does.Contain("\"op\":\"create\",\"uuid\":\"" + uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2), "or it would be refused");
            Host.ReloadDomain();
            yield return Sync();
            Frame inventory = Received;
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":2}"),
                "as new as its deletion, or that would be sent again");
        }

        [UnityTest]
        public IEnumerator EntityRecreatedDuringItsPendingDeleteFollowsTheResult()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            JsonValue again = MakeChange("create", uuid, "object", MakeObject("A", null, null, MakeTransform(0, 0, 0)));
            Undo.DestroyObjectImmediate(item);
            yield return Expect("intent");
            Frame deletion = Received;
            yield return ExpectApplied(Daemon.Apply(2, "Older", null, again));
            Assert.That(GetErrorCode(Results[0]), Is.Empty);
            Daemon.Accept(deletion, 3, uuid);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            yield return ExpectApplied(Daemon.Apply(3, "What came of it", null, MakeChange("delete", uuid)));
            Assert.That(FindObject(uuid) == null);
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(4, "Brought back", null, again));
            Assert.That(GetErrorCode(Results[0]), Is.Empty);
            FindObject(uuid).name = "Edited";
            yield return Expect("intent");
            JsonValue sent = GetChanges(Received).Single();
            Assert.That(JsonWriter.Write(GetComponents(sent)), Is.EqualTo("{\"name\":\"Edited\"}"));
        }

        [UnityTest]
        public IEnumerator ChangeUnderADeletedParentFailsAlone()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            string uuid = GetUuid(parent);
            yield return CreateAccepted("Stays", 2);
            string stays = GetUuid(Created);
            Undo.DestroyObjectImmediate(parent);
            yield return Expect("intent");
            const string Child = "01920000-0000-7000-8000-00000000000a";
            yield return ExpectApplied(Daemon.Apply(3, "Child", null,
                MakeChange("create", Child, "object", MakeObject("C", uuid, null, MakeTransform(0, 0, 0))),
                MakeChange("update", stays, null, MakeName("Renamed"))));
            List<JsonValue> results = Results;
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "VS-7005", "" }));
            Assert.That(FindObject(Child) == null);
            Assert.That(FindObject(stays).name, Is.EqualTo("Renamed"));
        }

        [UnityTest]
        public IEnumerator UndoOfAnAcknowledgedDeleteRevivesTheEntity()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            string uuid = GetUuid(item);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(item);
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Undo.PerformUndo();
            yield return Expect("intent");
            Frame revived = Received;
            Assert.That(JsonWriter.Write(revived.Header), Does.Contain("\"op\":\"create\",\"uuid\":\"" + uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2));
        }

        [UnityTest]
        public IEnumerator TombstonedUuidIsReplaced()
        {
            yield return Connect();
            GameObject item = new GameObject("A");
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            Frame intent = Received;
            string uuid = GetUuid(item);
            Daemon.Refuse(intent, "VS-3006", "changes[0].uuid");
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(change.RequiredString("uuid", ""), Is.Not.EqualTo(uuid).And.EqualTo(GetUuid(item)));
        }
    }
}
