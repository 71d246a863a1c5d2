using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests which project a scene joins, by itself and by the user's choice, and that it wakes a daemon.</summary>
    public sealed class ProjectChoiceTests : SyncHarness
    {
        /// <summary>Announces the daemon anew; the scene then is in the folder of no project.</summary>
        IEnumerator MoveProjectElsewhere()
        {
            Bridge.Stop();
            Daemon.Root = "/elsewhere/robot";
            Daemon.Announce(FakeDaemon.ProjectId, Daemon.Port, Path.Combine(Daemon.Folder, "token"));
            Bridge.Start();
            yield return WaitFor(() => Bridge.Status.State == "unjoined");
        }

        [UnityTest]
        public IEnumerator ForeignSceneJoinsOnlyWhenTheUserSaysSo()
        {
            yield return Run(MoveProjectElsewhere());
            int before = Daemon.Connections;
            for (DateTime end = DateTime.UtcNow.AddSeconds(1.5); DateTime.UtcNow < end;)
            {
                yield return ExpectNone("inventory", 0.01);
                Assert.That(Bridge.Status.State, Is.EqualTo("unjoined"), "also while it looks again");
            }
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            Assert.That(Bridge.Status.LastError, Is.Null);
            Assert.That(Host.ReadWindow(), Has.Some.Contains("in the folder of no project"));
            Assert.That(Host.ReadWindow(), Has.Member("[Join robot]"));
            Assert.That(Host.ReadTooltip("Join robot"), Is.EqualTo("/elsewhere/robot"));
            Host.Press("Join robot");
            yield return Connect();
            Assert.That(Host.ReadWindow(), Has.No.Member("[Join robot]"));
            Host.SaveScene(Host.GetScenePath("a.unity"));
            Host.OpenScene(Host.GetScenePath("a.unity"));
            yield return Connect();
        }

        [UnityTest]
        public IEnumerator WrongChoiceCanBeTakenBack()
        {
            yield return Run(MoveProjectElsewhere());
            Host.Press("Join robot");
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject made = Created;
            string uuid = GetUuid(made);
            Host.Press("Leave Project");
            yield return Expect("goodbye");
            yield return WaitFor(() => Bridge.Status.State == "unjoined");
            Assert.That(GetUuid(made), Is.EqualTo(uuid));
            Assert.That(GetVersion(made), Is.Zero);
            Host.Press("Join robot");
            yield return Sync();
            Assert.That(Received.Header.Required("entities", "").AsArray("")[0]
                .RequiredInteger("version", ""), Is.Zero, "nothing is known of the daemon's versions");
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.Zero);
        }

        [UnityTest]
        public IEnumerator SceneInTheProjectsFolderIsNotOfferedToLeave()
        {
            yield return Connect();
            Host.Press("Resync");
            yield return Connect();
            Assert.That(Host.ReadWindow(), Has.No.Member("[Leave Project]"), "it would join again by itself");
        }

        [UnityTest]
        public IEnumerator ConnectionStartsASleepingDaemon()
        {
            Bridge.Stop();
            int before = Daemon.Connections;
            using (Supervisor supervisor = new Supervisor(Daemon))
            {
                Bridge.Start();
                yield return WaitFor(() => supervisor.Accept());
                yield return WaitFor(() => Bridge.Status.IsStarting);
                Assert.That(Host.ReadWindow(), Has.Some.Contains("Starting the daemon"));
                supervisor.Release();
                yield return WaitFor(() => supervisor.Accept());
                Assert.That(Bridge.Status.LastError, Is.Null, "not awake yet");
                supervisor.WakeUp();
            }
            yield return Connect();
            Assert.That(Bridge.Status.IsStarting, Is.False);
            Assert.That(Daemon.Connections, Is.EqualTo(before + 1));
        }

        [UnityTest]
        public IEnumerator SleepingDaemonWithoutASupervisorIsAnError()
        {
            Bridge.Stop();
            new Supervisor(Daemon).Dispose();
            Bridge.Start();
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-6003");
            Assert.That(Bridge.Status.IsStarting, Is.False);
        }

        /// <summary>Listens for a daemon that sleeps, holds each connection, and closes it when the daemon runs.</summary>
        sealed class Supervisor : IDisposable
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
