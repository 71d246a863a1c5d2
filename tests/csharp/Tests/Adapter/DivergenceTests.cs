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
    /// <summary>Tests that what a daemon has lost comes back from Unity: docs/protocol.md, Divergence.</summary>
    public sealed class DivergenceTests : BridgeHarness
    {
        static readonly JsonValue First = MakeEpochs(1);

        static JsonValue MakeEpochs(params long[] begins)
        {
            return JsonValue.Array(begins.Select(seq => JsonValue.Object()
                .With("id", "01920000-0000-7000-8000-" + seq.ToString("x12")).With("first_seq", seq)).ToArray());
        }

        /// <summary>Lets the daemon lose all records after a sequence; returns the next inventory.</summary>
        Dictionary<string, long> Lose(long after)
        {
            Daemon.DivergedAfter = after;
            Daemon.HeadSeq = after;
            Daemon.Epochs = MakeEpochs(1, after + 1);
            Daemon.Drop();
            Frame inventory = Daemon.Sync(RunFrame);
            WaitFor(() => Bridge.Status.State == "connected");
            Daemon.DivergedAfter = JsonValue.Null;
            return inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        /// <summary>Makes two changes; the daemon accepts them at this sequence and the next.</summary>
        void RenameAndDelete(GameObject renamed, GameObject deleted, long seq)
        {
            Undo.RecordObject(renamed, "Rename");
            renamed.name = "Mine";
            Daemon.Accept(Daemon.Expect("intent", RunFrame), seq);
            WaitFor(() => Bridge.Status.Pending == 0);
            Undo.DestroyObjectImmediate(deleted);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), seq + 1);
            WaitFor(() => Bridge.Status.Pending == 0);
        }

        [Test]
        public void LostChangesAreSentAgain([Values] bool isReloading)
        {
            Daemon.Epochs = First;
            Connect();
            GameObject kept = CreateAccepted("Kept", 1);
            GameObject changed = CreateAccepted("Changed", 2);
            GameObject deleted = CreateAccepted("Deleted", 3);
            string[] uuids = { GetUuid(kept), GetUuid(changed), GetUuid(deleted) };
            RenameAndDelete(changed, deleted, 4);
            string made = GetUuid(CreateAccepted("Made", 6));
            if (isReloading) { UnityFakes.Editor.ReloadDomain(); }
            Dictionary<string, long> listed = Lose(3);
            Assert.That(Bridge.Status.LastNotice, Does.Contain("VS-5010"), "it came before the inventory was sent");
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(6));
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("epochs", "")), Is.EqualTo(JsonWriter.Write(First)));
            Assert.That(listed, Is.EquivalentTo(new Dictionary<string, long>
            {
                [uuids[0]] = 1, [uuids[1]] = 0, [uuids[2]] = 0, [made] = 0,
            }));
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(3));
            Assert.That(GetChanges(intent).ConvertAll(change => change.RequiredString("op", "")
                + change.RequiredString("uuid", "")), Is.EquivalentTo(new[]
                {
                    "create" + uuids[1], "create" + made, "delete" + uuids[2],
                }));
            Daemon.Accept(intent, 5);
            WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(5));
            Assert.That(Daemon.Hello.Required("epochs", "").AsArray("").Count, Is.EqualTo(2));
        }

        [Test]
        public void DivergenceIsRepeatedUntilAllIsAnswered([Values] bool isReloading)
        {
            Connect();
            GameObject moved = CreateAccepted("Moved", 1);
            GameObject deleted = CreateAccepted("Deleted", 2);
            string[] uuids = { GetUuid(moved), GetUuid(deleted) };
            RenameAndDelete(moved, deleted, 3);
            Lose(2);
            Daemon.Expect("intent", RunFrame);
            if (isReloading) { UnityFakes.Editor.ReloadDomain(); }
            else { Daemon.Drop(); }
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(Daemon.Hello.RequiredInteger("diverged_after", ""), Is.EqualTo(2));
            Assert.That(inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", "")),
                Does.Contain(new KeyValuePair<string, long>(uuids[0], 0)));
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 5);
            WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            Assert.That(Daemon.Hello.Find("diverged_after").IsNull);
        }

        [Test]
        public void UnansweredIntentKeepsItsContentOnALowerBase()
        {
            Connect();
            GameObject item = CreateAccepted("A", 9);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Frame before = Daemon.Expect("intent", RunFrame);
            Assert.That(before.Header.RequiredInteger("base_seq", ""), Is.EqualTo(9));
            Lose(4);
            Frame again = Daemon.Expect("intent", RunFrame);
            Assert.That(again.Header.RequiredInteger("base_seq", ""), Is.EqualTo(4));
            foreach (string key in new[] { "operation_id", "changes", "label" })
            {
                Assert.That(JsonWriter.Write(again.Header.Required(key, "")),
                    Is.EqualTo(JsonWriter.Write(before.Header.Required(key, ""))));
            }
        }

        [Test]
        public void EpochsAreSavedWithTheScene()
        {
            Daemon.Epochs = First;
            Connect();
            CreateAccepted("A", 7);
            string file = System.IO.Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(file);
            Daemon.Epochs = JsonValue.Array();
            UnityFakes.Editor.OpenScene(file);
            Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("epochs", "")), Is.EqualTo(JsonWriter.Write(First)));
        }

        [Test]
        public void SharedHistoryStaysAcknowledged()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 3));
            Assert.That(Lose(3), Is.EquivalentTo(new Dictionary<string, long> { [uuid] = 3 }));
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
