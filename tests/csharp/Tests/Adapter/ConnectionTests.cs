using NUnit.Framework;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the handshake, the heartbeat, and the handling of broken or unknown messages.</summary>
    public sealed class ConnectionTests : BridgeHarness
    {
        [Test]
        public void DaemonWithAWrongProofIsRefused()
        {
            Daemon.HasWrongProof = true;
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-2002");
            Assert.That(Bridge.Status.State, Is.EqualTo("error"));
            Daemon.ExpectNone("inventory", RunFrame);
        }

        [Test]
        public void OversizedFrameEndsOnlyItsConnection()
        {
            Connect();
            Daemon.SendBytes(new byte[] { 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 2 });
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-1002");
            Connect();
            Assert.That(Daemon.Connections, Is.EqualTo(2));
        }

        [Test]
        public void PingsAreAnsweredAndSent()
        {
            Daemon.HeartbeatMilliseconds = 50;
            Connect();
            Daemon.Send(Messages.Create("ping").With("nonce", 41).With("head_seq", 0));
            Assert.That(Daemon.Expect("pong", RunFrame).Header.RequiredInteger("nonce", ""), Is.EqualTo(41));
            Assert.That(Daemon.Expect("ping", RunFrame).Header.RequiredString("editor_state", ""), Is.EqualTo("ready"));
        }

        [Test]
        public void SilentDaemonIsDisconnected()
        {
            Daemon.HeartbeatMilliseconds = 20;
            Connect();
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-2007");
        }

        [Test]
        public void UnknownMessageIsLoggedAndTheSessionContinues()
        {
            Connect();
            Daemon.Send(Messages.Create("from_the_future"));
            WaitFor(() => Engine.Log.Exists(entry => entry.Contains("VS-1005")));
            CreateAccepted("A", 1);
        }

        [Test]
        public void GoodbyeIsNotLostWithUnreadBytes()
        {
            Connect();
            JsonValue message = Messages.Create("pong").With("head_seq", 0).With("filler", new string('x', 1000));
            for (int i = 0; i < 300; i++) { Daemon.Send(message); } // Unity has not read them when it says goodbye.
            Bridge.Stop();
            Daemon.Expect("goodbye", () => { });
            WaitFor(() => Daemon.Ending != null);
            Assert.That(Daemon.Ending, Is.EqualTo("closed"));
        }

        [Test]
        public void DiscoveryFileOfAnotherProjectIsSkipped()
        {
            Bridge.Stop();
            Daemon.Root = "/elsewhere";
            Daemon.Announce("01920000-0000-7000-8000-0000000000ff", 1, "/nowhere");
            Bridge.Start();
            Connect();
        }
    }
}
