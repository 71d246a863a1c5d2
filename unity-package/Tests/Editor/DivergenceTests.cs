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
    /// <summary>Tests that what a daemon has lost comes back from Unity: docs/protocol.md, Divergence.</summary>
    public sealed class DivergenceTests : SyncHarness
    {
        static readonly JsonValue First = MakeEpochs(1);

        static JsonValue MakeEpochs(params long[] begins)
        {
            return JsonValue.Array(begins.Select(seq => JsonValue.Object()
                .With("id", "01920000-0000-7000-8000-" + seq.ToString("x12")).With("first_seq", seq)).ToArray());
        }

        /// <summary>The versions by uuid in the last inventory.</summary>
        Dictionary<string, long> listed;

        /// <summary>Lets the daemon lose all records after a sequence; waits for the next inventory.</summary>
        IEnumerator Lose(long after)
        {
            Daemon.DivergedAfter = after;
            Daemon.HeadSeq = after;
            Daemon.Epochs = MakeEpochs(1, after + 1);
            Daemon.Drop();
            yield return Sync();
            Frame inventory = Received;
            yield return WaitFor(() => Bridge.Status.State == "connected");
            Daemon.DivergedAfter = JsonValue.Null;
            listed = inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        /// <summary>Makes two changes; the daemon accepts them at this sequence and the next.</summary>
        IEnumerator RenameAndDelete(GameObject renamed, GameObject deleted, long seq)
        {
            Undo.RecordObject(renamed, "Rename");
            renamed.name = "Mine";
            yield return Expect("intent");
            Daemon.Accept(Received, seq);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Undo.DestroyObjectImmediate(deleted);
            yield return Expect("intent");
            Daemon.Accept(Received, seq + 1);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
        }

        [UnityTest]
        public IEnumerator LostChangesAreSentAgain([Values] bool isReloading)
        {
            Daemon.Epochs = First;
            yield return Connect();
            yield return CreateAccepted("Kept", 1);
            GameObject kept = Created;
            yield return CreateAccepted("Changed", 2);
            GameObject changed = Created;
            yield return CreateAccepted("Deleted", 3);
            GameObject deleted = Created;
            string[] uuids = { GetUuid(kept), GetUuid(changed), GetUuid(deleted) };
            yield return Run(RenameAndDelete(changed, deleted, 4));
            yield return CreateAccepted("Made", 6);
            string made = GetUuid(Created);
            if (isReloading) { Host.ReloadDomain(); }
            yield return Run(Lose(3));
            Assert.That(Bridge.Status.LastNotice, Does.Contain("VS-5010"), "it came before the inventory was sent");
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(6));
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("epochs", "")), Is.EqualTo(JsonWriter.Write(First)));
            Assert.That(listed, Is.EquivalentTo(new Dictionary<string, long>
            {
                [uuids[0]] = 1, [uuids[1]] = 0, [uuids[2]] = 0, [made] = 0,
            }));
            yield return Expect("intent");
            Frame intent = Received;
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(3));
            Assert.That(GetChanges(intent).ConvertAll(change => change.RequiredString("op", "")
                + change.RequiredString("uuid", "")), Is.EquivalentTo(new[]
                {
                    "create" + uuids[1], "create" + made, "delete" + uuids[2],
                }));
            Daemon.Accept(intent, 5);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.Drop();
            yield return Sync();
            yield return ExpectNone("intent");
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(5));
            Assert.That(Daemon.Hello.Required("epochs", "").AsArray("").Count, Is.EqualTo(2));
        }

        [UnityTest]
        public IEnumerator DivergenceIsRepeatedUntilAllIsAnswered([Values] bool isReloading)
        {
            yield return Connect();
            yield return CreateAccepted("Moved", 1);
            GameObject moved = Created;
            yield return CreateAccepted("Deleted", 2);
            GameObject deleted = Created;
            string[] uuids = { GetUuid(moved), GetUuid(deleted) };
            yield return Run(RenameAndDelete(moved, deleted, 3));
            yield return Run(Lose(2));
            yield return Expect("intent");
            if (isReloading) { Host.ReloadDomain(); }
            else { Daemon.Drop(); }
            yield return Sync();
            Frame inventory = Received;
            Assert.That(Daemon.Hello.RequiredInteger("diverged_after", ""), Is.EqualTo(2));
            Assert.That(inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", "")),
                Does.Contain(new KeyValuePair<string, long>(uuids[0], 0)));
            yield return Expect("intent");
            Daemon.Accept(Received, 5);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.Drop();
            yield return Sync();
            Assert.That(Daemon.Hello.Find("diverged_after").IsNull);
        }

        [UnityTest]
        public IEnumerator UnansweredIntentKeepsItsContentOnALowerBase()
        {
            yield return Connect();
            yield return CreateAccepted("A", 9);
            GameObject item = Created;
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            yield return Expect("intent");
            Frame before = Received;
            Assert.That(before.Header.RequiredInteger("base_seq", ""), Is.EqualTo(9));
            yield return Run(Lose(4));
            yield return Expect("intent");
            Frame again = Received;
            Assert.That(again.Header.RequiredInteger("base_seq", ""), Is.EqualTo(4));
            foreach (string key in new[] { "operation_id", "changes", "label" })
            {
                Assert.That(JsonWriter.Write(again.Header.Required(key, "")),
                    Is.EqualTo(JsonWriter.Write(before.Header.Required(key, ""))));
            }
        }

        [UnityTest]
        public IEnumerator EpochsAreSavedWithTheScene()
        {
            Daemon.Epochs = First;
            yield return Connect();
            yield return CreateAccepted("A", 7);
            string file = Host.GetScenePath("scene.unity");
            Host.SaveScene(file);
            Daemon.Epochs = JsonValue.Array();
            Host.OpenScene(file);
            yield return Sync();
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("epochs", "")), Is.EqualTo(JsonWriter.Write(First)));
        }

        [UnityTest]
        public IEnumerator SharedHistoryStaysAcknowledged()
        {
            yield return Connect();
            yield return CreateAccepted("A", 3);
            string uuid = GetUuid(Created);
            yield return Run(Lose(3));
            Assert.That(listed, Is.EquivalentTo(new Dictionary<string, long> { [uuid] = 3 }));
            yield return ExpectNone("intent");
        }
    }
}
