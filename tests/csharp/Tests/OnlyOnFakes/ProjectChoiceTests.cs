using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests which project a scene joins, by itself and by the user's choice, and that it wakes a daemon.</summary>
    public sealed class ProjectChoiceTests : BridgeHarness
    {
        static void Draw() => Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));

        static void Press(string button)
        {
            Screen.Pressed = button;
            Draw();
            Screen.Pressed = "";
            Draw();
        }

        /// <summary>Announces the daemon anew; the scene then is in the folder of no project.</summary>
        void MoveProjectElsewhere()
        {
            Bridge.Stop();
            Daemon.Root = "/elsewhere/robot";
            Daemon.Announce(FakeDaemon.ProjectId, Daemon.Port, Path.Combine(Daemon.Folder, "token"));
            Bridge.Start();
            WaitFor(() => Bridge.Status.State == "unjoined");
        }

        [Test]
        public void ForeignSceneJoinsOnlyWhenTheUserSaysSo()
        {
            MoveProjectElsewhere();
            int before = Daemon.Connections;
            Daemon.ExpectNone("inventory", () =>
            {
                RunFrame();
                Assert.That(Bridge.Status.State, Is.EqualTo("unjoined"), "also while it looks again");
            }, 1.5);
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            Assert.That(Bridge.Status.LastError, Is.Null);
            Draw();
            Assert.That(Screen.Lines, Has.Some.Contains("in the folder of no project"));
            Assert.That(Screen.Lines, Has.Member("[Join robot]"));
            Assert.That(Screen.Tooltips["Join robot"], Is.EqualTo("/elsewhere/robot"));
            Press("Join robot");
            Connect();
            Draw();
            Assert.That(Screen.Lines, Has.No.Member("[Join robot]"));
            UnityFakes.Editor.SaveScene(Path.Combine(Folder, "a.unity"));
            UnityFakes.Editor.OpenScene(Path.Combine(Folder, "a.unity"));
            Connect();
        }

        [Test]
        public void WrongChoiceCanBeTakenBack()
        {
            MoveProjectElsewhere();
            Press("Join robot");
            Connect();
            GameObject made = CreateAccepted("A", 1);
            string uuid = GetUuid(made);
            Press("Leave Project");
            Daemon.Expect("goodbye", RunFrame);
            WaitFor(() => Bridge.Status.State == "unjoined");
            Assert.That(GetUuid(made), Is.EqualTo(uuid));
            Assert.That(GetVersion(made), Is.Zero);
            Press("Join robot");
            Assert.That(Daemon.Sync(RunFrame).Header.Required("entities", "").AsArray("")[0]
                .RequiredInteger("version", ""), Is.Zero, "nothing is known of the daemon's versions");
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.Zero);
        }

        [Test]
        public void SceneInTheProjectsFolderIsNotOfferedToLeave()
        {
            Connect();
            Press("Resync");
            Connect();
            Draw();
            Assert.That(Screen.Lines, Has.No.Member("[Leave Project]"), "it would join again by itself");
        }

        [Test]
        public void ConnectionStartsASleepingDaemon()
        {
            Bridge.Stop();
            int before = Daemon.Connections;
            using (Supervisor supervisor = new Supervisor(Daemon))
            {
                Bridge.Start();
                WaitFor(() => supervisor.Accept());
                WaitFor(() => Bridge.Status.IsStarting);
                Draw();
                Assert.That(Screen.Lines, Has.Some.Contains("Starting the daemon"));
                supervisor.Release();
                WaitFor(() => supervisor.Accept());
                Assert.That(Bridge.Status.LastError, Is.Null, "not awake yet");
                supervisor.WakeUp();
            }
            Connect();
            Assert.That(Bridge.Status.IsStarting, Is.False);
            Assert.That(Daemon.Connections, Is.EqualTo(before + 1));
        }

        [Test]
        public void SleepingDaemonWithoutASupervisorIsAnError()
        {
            Bridge.Stop();
            new Supervisor(Daemon).Dispose();
            Bridge.Start();
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-6003");
            Assert.That(Bridge.Status.IsStarting, Is.False);
        }

        /// <summary>Listens for a daemon that sleeps, holds each connection, and closes it when the daemon runs.</summary>
        sealed class Supervisor : System.IDisposable
        {
            readonly FakeDaemon daemon;
            readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
            readonly List<TcpClient> held = new List<TcpClient>();

            public Supervisor(FakeDaemon daemon)
            {
                this.daemon = daemon;
                listener.Start();
                daemon.IsAsleep = true;
                Announce(((IPEndPoint)listener.LocalEndpoint).Port);
            }

            public bool Accept()
            {
                if (!listener.Pending()) { return false; }
                held.Add(listener.AcceptTcpClient());
                return true;
            }

            public void Release()
            {
                held.ForEach(client => client.Close());
                held.Clear();
            }

            public void WakeUp()
            {
                daemon.IsAsleep = false;
                Announce(daemon.Port);
                Release();
            }

            public void Dispose()
            {
                Release();
                listener.Stop();
            }

            void Announce(int port) =>
                daemon.Announce(FakeDaemon.ProjectId, port, Path.Combine(daemon.Folder, "token"));
        }
    }
}
