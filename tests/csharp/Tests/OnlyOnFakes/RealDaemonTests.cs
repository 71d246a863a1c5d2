using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the bridge with the real daemon over a real socket. VIBESYNC_PROGRAM names the daemon's program. Only on
    /// the fakes, because a Unity project has no program of the daemon.
    /// </summary>
    public sealed class RealDaemonTests : EditorHarness
    {
        const double MaxSeconds = 30;

        Process daemon;

        string ProjectFolder => Path.Combine(Folder, "project");

        [SetUp]
        public void Connect() => WaitFor(() => Bridge.Status.State == "connected", MaxSeconds);

        [Test]
        public void AcknowledgedChangeIsInTheLog()
        {
            VibeSyncIdentity identity = Create("Robot");
            WaitFor(() => GetVersion(identity) > 0 && Bridge.Status.Pending == 0, MaxSeconds);
            Assert.That(ReadLog(), Does.Contain("\"uuid\":\"" + identity.Uuid + "\""));
            Assert.That(ReadLog(), Does.Contain("\"name\":\"Robot\""));
        }

        [Test]
        public void EditWithoutADaemonArrivesOnceAfterItsRestart()
        {
            VibeSyncIdentity identity = Create("Robot");
            WaitFor(() => GetVersion(identity) > 0 && Bridge.Status.Pending == 0, MaxSeconds);
            StopDaemon();
            WaitFor(() => Bridge.Status.State != "connected", MaxSeconds);
            Undo.RecordObject(identity.transform, "Move");
            identity.transform.localPosition = new Vector3(0, 0, 1234.5f);
            StartDaemon();
            WaitFor(() => Bridge.Status.State == "connected", MaxSeconds);
            WaitFor(() => ReadLog().Contains("1234.5") && Bridge.Status.Pending == 0, MaxSeconds);
            string[] steps = ReadLog().Split('\n').Where(line => line.Contains("1234.5")).ToArray();
            Assert.That(steps.Length, Is.EqualTo(1), "one step, not two");
        }

        [Test]
        public void WrongTokenFileIsRefused()
        {
            Bridge.Stop();
            File.WriteAllText(Path.Combine(RuntimeFolder, "token"), new string('0', 64) + "\n");
            Bridge.Start();
            WaitFor(() => Bridge.Status.LastError != null, MaxSeconds);
            Assert.That(Bridge.Status.LastError.Code, Is.EqualTo(ErrorCode.WrongProof));
        }

        static long GetVersion(VibeSyncIdentity identity) => SceneRegistry.Current.Load(identity.Uuid).Version;

        static VibeSyncIdentity Create(string name)
        {
            GameObject created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(created, "Create");
            WaitFor(() => created.GetComponent<VibeSyncIdentity>() != null, MaxSeconds);
            return created.GetComponent<VibeSyncIdentity>();
        }

        protected override void StartDaemon()
        {
            Directory.CreateDirectory(ProjectFolder);
            Engine.ProjectFolder = Path.Combine(ProjectFolder, "unity");
            string program = Environment.GetEnvironmentVariable("VIBESYNC_PROGRAM");
            Assert.That(program, Is.Not.Null.And.Not.Empty, "VIBESYNC_PROGRAM must name the daemon's program");
            string arguments = "--project \"" + ProjectFolder + "\" run";
            ProcessStartInfo start = new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            };
            daemon = Process.Start(start);
            // Reads the output, so that a full pipe never blocks the daemon.
            daemon.BeginErrorReadLine();
        }

        protected override void StopDaemon()
        {
            if (daemon == null) { return; }
            daemon.Kill();
            daemon.WaitForExit();
            daemon.Dispose();
            daemon = null;
        }

        string ReadLog()
        {
            string wal = Path.Combine(ProjectFolder, ".vibesync", "wal");
            string text = "";
            foreach (string segment in Directory.GetFiles(wal, "*.jsonl").OrderBy(name => name, StringComparer.Ordinal))
            {
                using (FileStream file = new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
                using (StreamReader reader = new StreamReader(file)) { text += reader.ReadToEnd(); }
            }
            return text;
        }
    }
}
