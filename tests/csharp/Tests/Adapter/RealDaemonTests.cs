using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>The bridge and the real daemon, over the real socket. VIBESYNC_PROGRAM names the program.</summary>
    public sealed class RealDaemonTests
    {
        string folder;
        Process daemon;

        [SetUp]
        public void StartBoth()
        {
            folder = Path.Combine(Path.GetTempPath(), "vibesync-real-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(Path.Combine(folder, "project"));
            Environment.SetEnvironmentVariable("VIBESYNC_RUNTIME_DIR", Path.Combine(folder, "run"));
            UnityFakes.Editor.Reset();
            StartDaemon();
            UnityFakes.Editor.Start();
            WaitFor(() => Bridge.Status.State == "connected");
        }

        [TearDown]
        public void StopBoth()
        {
            UnityFakes.Editor.Quit();
            KillDaemon();
            Directory.Delete(folder, true);
        }

        [Test]
        public void WhatIsAcknowledgedStandsInTheLog()
        {
            VibeSyncIdentity identity = Create("Robot");
            WaitFor(() => identity.Version > 0 && Bridge.Status.Pending == 0);
            Assert.That(Log(), Does.Contain("\"uuid\":\"" + identity.Uuid + "\""));
            Assert.That(Log(), Does.Contain("\"name\":\"Robot\""));
        }

        [Test]
        public void AnEditMadeWhileTheDaemonIsDeadArrivesOnce()
        {
            VibeSyncIdentity identity = Create("Robot");
            WaitFor(() => identity.Version > 0 && Bridge.Status.Pending == 0);
            KillDaemon();
            WaitFor(() => Bridge.Status.State != "connected");
            Undo.RecordObject(identity.transform, "Move");
            identity.transform.localPosition = new Vector3(0, 0, 1234.5f);
            StartDaemon();
            WaitFor(() => Bridge.Status.State == "connected");
            WaitFor(() => Log().Contains("1234.5") && Bridge.Status.Pending == 0);
            string[] steps = Log().Split('\n').Where(line => line.Contains("1234.5")).ToArray();
            Assert.That(steps.Length, Is.EqualTo(1), "one step, not two");
        }

        [Test]
        public void AnotherUsersTokenIsRefused()
        {
            Bridge.Stop();
            File.WriteAllText(Path.Combine(folder, "run", "token"), new string('0', 64) + "\n");
            Bridge.Start();
            WaitFor(() => Bridge.Status.LastError != null);
            Assert.That(Bridge.Status.LastError.Code, Is.EqualTo(ErrorCode.ProofWrong));
        }

        static VibeSyncIdentity Create(string name)
        {
            GameObject created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(created, "Create");
            WaitFor(() => created.GetComponent<VibeSyncIdentity>() != null);
            return created.GetComponent<VibeSyncIdentity>();
        }

        void StartDaemon()
        {
            string program = Environment.GetEnvironmentVariable("VIBESYNC_PROGRAM");
            Assert.That(program, Is.Not.Null.And.Not.Empty, "VIBESYNC_PROGRAM must name the daemon's program");
            string arguments = "--project \"" + Path.Combine(folder, "project") + "\" run";
            ProcessStartInfo start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true };
            daemon = Process.Start(start);
            // Read, so that a full pipe never holds the daemon up.
            daemon.BeginErrorReadLine();
        }

        void KillDaemon()
        {
            if (daemon == null) { return; }
            daemon.Kill();
            daemon.WaitForExit();
            daemon.Dispose();
            daemon = null;
        }

        string Log()
        {
            string wal = Path.Combine(folder, "project", ".vibesync", "wal");
            string text = "";
            foreach (string segment in Directory.GetFiles(wal, "*.jsonl").OrderBy(name => name, StringComparer.Ordinal))
            {
                using (FileStream file = new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
                using (StreamReader reader = new StreamReader(file)) { text += reader.ReadToEnd(); }
            }
            return text;
        }

        static void WaitFor(Func<bool> condition, double seconds = 30)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (!condition())
            {
                if (DateTime.UtcNow > end)
                {
                    throw new AssertionException("not in time; " + Bridge.Status.State + ", " + Bridge.Status.LastError);
                }
                UnityFakes.Editor.Frame();
                System.Threading.Thread.Sleep(5);
            }
        }
    }
}
