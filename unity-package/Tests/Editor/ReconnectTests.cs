using System.Collections;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that reconnects and domain reloads neither lose a change nor send it twice.</summary>
    public sealed class ReconnectTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator UnansweredIntentIsSentAgainByteIdentical()
        {
            yield return Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            yield return Expect("intent");
            Frame first = Received;
            Daemon.Drop();
            yield return Sync();
            yield return Expect("intent");
            Frame second = Received;
            Assert.That(JsonWriter.Write(second.Header), Is.EqualTo(JsonWriter.Write(first.Header)));
            Daemon.Accept(second, 1);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EditsWhileDisconnectedAreSentAfterSync()
        {
            yield return Connect();
            yield return CreateAccepted("Kept", 1);
            GameObject kept = Created;
            yield return CreateAccepted("Lost", 2);
            GameObject lost = Created;
            string lostUuid = GetUuid(lost);
            Daemon.Drop();
            yield return WaitFor(() => Bridge.Status.State != "connected");
            kept.transform.localPosition = new Vector3(0, 8, 0);
            Undo.DestroyObjectImmediate(lost);
            yield return Sync();
            Frame inventory = Received;
            string listed = JsonWriter.Write(inventory.Header);
            Assert.That(listed, Does.Contain(lostUuid), "otherwise the daemon would send it again");
            yield return Expect("intent");
            string changes = JsonWriter.Write(Received.Header.Required("changes", ""));
            Assert.That(changes, Does.Contain("\"op\":\"delete\",\"uuid\":\"" + lostUuid));
            Assert.That(changes, Does.Contain("[0,8,0]"));
        }

        [UnityTest]
        public IEnumerator DomainReloadKeepsInstanceOutboxAndDeletes()
        {
            yield return Connect();
            yield return CreateAccepted("Gone", 1);
            GameObject gone = Created;
            string uuid = GetUuid(gone);
            string instance = Daemon.Hello.RequiredString("instance_id", "");
            Undo.RegisterCreatedObjectUndo(new GameObject("Unanswered"), "Create");
            yield return Expect("intent");
            Frame unanswered = Received;
            Host.ReloadDomain(() =>
            {
                Assert.That(Bridge.IsRunning, Is.False);
                Frame report = Daemon.Receive("editor_state");
                Assert.That(report.Header.RequiredString("state", ""), Is.EqualTo("reloading"));
                UnityEngine.Object.DestroyImmediate(gone);
            });
            yield return Sync();
            Assert.That(Daemon.Hello.RequiredString("instance_id", ""), Is.EqualTo(instance));
            yield return Expect("intent");
            Frame again = Received;
            Assert.That(again.Header.RequiredString("operation_id", ""),
                Is.EqualTo(unanswered.Header.RequiredString("operation_id", "")));
            yield return Expect("intent");
            Frame deleted = Received;
            Assert.That(JsonWriter.Write(deleted.Header), Does.Contain("\"op\":\"delete\",\"uuid\":\"" + uuid));
        }

        [UnityTest]
        public IEnumerator SocketIsClosedBeforeTheDomainUnloads([Values] bool isQuitting)
        {
            yield return Connect();
            Daemon.HoldsConnections = true;
            bool isClosed = false;
            if (isQuitting)
            {
                Bridge.Stop();
                isClosed = Daemon.IsClosedByClient();
            }
            else { Host.ReloadDomain(() => isClosed = Daemon.IsClosedByClient()); }
            Daemon.HoldsConnections = false;
            Assert.That(isClosed);
        }

        [UnityTest]
        public IEnumerator EditJustBeforeADomainReloadIsSent()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Host.ReloadDomain();
            yield return Sync();
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }

        [UnityTest]
        public IEnumerator EditBeforeARestartIsFoundByItsDigest()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            Bridge.Stop();
            SessionState.EraseString("VibeSync.Outbox");
            SessionState.EraseString("VibeSync.Shadow");
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Bridge.Start();
            yield return Sync();
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }
    }
}
