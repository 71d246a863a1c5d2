using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that reconnects and domain reloads neither lose a change nor send it twice.</summary>
    public sealed class ReconnectTests : BridgeHarness
    {
        [Test]
        public void UnansweredIntentIsSentAgainByteIdentical()
        {
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Frame first = Daemon.Expect("intent", RunFrame);
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            Frame second = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(second.Header), Is.EqualTo(JsonWriter.Write(first.Header)));
            Daemon.Accept(second, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void EditsWhileDisconnectedAreSentAfterSync()
        {
            Connect();
            GameObject kept = CreateAccepted("Kept", 1);
            GameObject lost = CreateAccepted("Lost", 2);
            string lostUuid = GetUuid(lost);
            Daemon.Drop();
            WaitFor(() => Bridge.Status.State != "connected");
            kept.transform.localPosition = new Vector3(0, 8, 0);
            Undo.DestroyObjectImmediate(lost);
            Frame inventory = Daemon.Sync(RunFrame);
            string listed = JsonWriter.Write(inventory.Header);
            Assert.That(listed, Does.Contain(lostUuid), "otherwise the daemon would send it again");
            string changes = JsonWriter.Write(Daemon.Expect("intent", RunFrame).Header.Required("changes", ""));
            Assert.That(changes, Does.Contain("\"op\":\"delete\",\"uuid\":\"" + lostUuid));
            Assert.That(changes, Does.Contain("[0,8,0]"));
        }

        [Test]
        public void DomainReloadKeepsInstanceOutboxAndDeletes()
        {
            Connect();
            GameObject gone = CreateAccepted("Gone", 1);
            string uuid = GetUuid(gone);
            string instance = Daemon.Hello.RequiredString("instance_id", "");
            Undo.RegisterCreatedObjectUndo(new GameObject("Unanswered"), "Create");
            Frame unanswered = Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.ReloadDomain(() =>
            {
                Assert.That(Bridge.IsRunning, Is.False);
                Frame report = Daemon.Expect("editor_state", () => { });
                Assert.That(report.Header.RequiredString("state", ""), Is.EqualTo("reloading"));
                UnityEngine.Object.DestroyImmediate(gone);
            });
            Daemon.Sync(RunFrame);
            Assert.That(Daemon.Hello.RequiredString("instance_id", ""), Is.EqualTo(instance));
            Frame again = Daemon.Expect("intent", RunFrame);
            Assert.That(again.Header.RequiredString("operation_id", ""),
                Is.EqualTo(unanswered.Header.RequiredString("operation_id", "")));
            Frame deleted = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(deleted.Header), Does.Contain("\"op\":\"delete\",\"uuid\":\"" + uuid));
        }

        [Test]
        public void SocketIsClosedBeforeTheDomainUnloads([Values] bool isQuitting)
        {
            Connect();
            Daemon.HoldsConnections = true;
            bool isClosed = false;
            if (isQuitting)
            {
                Bridge.Stop();
                isClosed = Daemon.IsClosedByClient();
            }
            else { UnityFakes.Editor.ReloadDomain(() => isClosed = Daemon.IsClosedByClient()); }
            Daemon.HoldsConnections = false;
            Assert.That(isClosed);
        }

        [Test]
        public void EditJustBeforeADomainReloadIsSent()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            UnityFakes.Editor.ReloadDomain();
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }

        [Test]
        public void EditBeforeARestartIsFoundByItsDigest()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Bridge.Stop();
            SessionState.EraseString("VibeSync.Outbox");
            SessionState.EraseString("VibeSync.Shadow");
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Bridge.Start();
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }
    }
}
