using System.Collections;
using System.Text.RegularExpressions;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the handshake, the heartbeat, and the handling of broken or unknown messages.</summary>
    public sealed class ConnectionTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator DaemonWithAWrongProofIsRefused()
        {
            LogAssert.ignoreFailingMessages = true;
            Daemon.HasWrongProof = true;
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-2002");
            Assert.That(Bridge.Status.State, Is.EqualTo("error"));
            yield return ExpectNone("inventory");
        }

        [UnityTest]
        public IEnumerator OversizedFrameEndsOnlyItsConnection()
        {
            yield return Connect();
            LogAssert.Expect(LogType.Error, new Regex("VS-1002"));
            Daemon.SendBytes(new byte[] { 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 2 });
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-1002");
            yield return Connect();
            Assert.That(Daemon.Connections, Is.EqualTo(2));
        }

        [UnityTest]
        public IEnumerator PingsAreAnsweredAndSent()
        {
            Daemon.HeartbeatMilliseconds = 50;
            yield return Connect();
            Daemon.Send(Messages.Create("ping").With("nonce", 41).With("head_seq", 0));
            yield return Expect("pong");
            Assert.That(Received.Header.RequiredInteger("nonce", ""), Is.EqualTo(41));
            yield return Expect("ping");
            Assert.That(Received.Header.RequiredString("editor_state", ""), Is.EqualTo(Host.IdleState));
        }

        [UnityTest]
        public IEnumerator SilentDaemonIsDisconnected()
        {
            LogAssert.ignoreFailingMessages = true;
            Daemon.HeartbeatMilliseconds = 20;
            yield return Connect();
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-2007");
        }

        [UnityTest]
        public IEnumerator UnknownMessageIsLoggedAndTheSessionContinues()
        {
            yield return Connect();
            Daemon.Send(Messages.Create("from_the_future"));
            yield return WaitFor(() => Host.Log.Exists(entry => entry.Contains("VS-1005")));
            yield return CreateAccepted("A", 1);
        }

        [UnityTest]
        public IEnumerator GoodbyeIsNotLostWithUnreadBytes()
        {
            yield return Connect();
            JsonValue message = Messages.Create("pong").With("head_seq", 0).With("filler", new string('x', 1000));
            for (int i = 0; i < 300; i++) { Daemon.Send(message); } // Unity has not read them when it says goodbye.
            Bridge.Stop();
            Daemon.Receive("goodbye");
            yield return WaitFor(() => Daemon.Ending != null);
            Assert.That(Daemon.Ending, Is.EqualTo("closed"));
        }

        [UnityTest]
        public IEnumerator DiscoveryFileOfAnotherProjectIsSkipped()
        {
            Bridge.Stop();
            Daemon.Root = "/elsewhere";
            Daemon.Announce("01920000-0000-7000-8000-0000000000ff", 1, "/nowhere");
            Bridge.Start();
            yield return Connect();
        }
    }
}
