using System;
using System.IO;
using NUnit.Framework;
using UnityFakes;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Holds a fresh faked editor with the bridge, and a temporary folder with the runtime folder of a daemon. A
    /// subclass starts the daemon.
    /// </summary>
    public abstract class EditorHarness : SceneHarness
    {
        protected static readonly Action RunFrame = UnityFakes.Editor.Frame;

        /// <summary>A temporary folder of the test.</summary>
        protected string Folder { get; private set; }

        /// <summary>The runtime folder, in which a daemon announces itself.</summary>
        protected string RuntimeFolder => Path.Combine(Folder, "run");

        [SetUp]
        public void StartEditor()
        {
            Folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(RuntimeFolder);
            Environment.SetEnvironmentVariable("VIBESYNC_RUNTIME_DIR", RuntimeFolder);
            UnityFakes.Editor.Reset();
            Engine.ProjectFolder = Path.Combine(Folder, "unity");
            StartDaemon();
            UnityFakes.Editor.Start();
        }

        [TearDown]
        public void StopEditor()
        {
            UnityFakes.Editor.Quit();
            StopDaemon();
            Directory.Delete(Folder, true);
            foreach (string entry in Engine.Log)
            {
                Assert.That(entry, Does.Not.StartWith("exception"), "the bridge met an unexpected error");
            }
        }

        protected abstract void StartDaemon();

        protected abstract void StopDaemon();

        /// <summary>Runs frames until the condition holds.</summary>
        protected static void WaitFor(Func<bool> condition, double seconds = 10)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (!condition())
            {
                if (DateTime.UtcNow > end)
                {
                    throw new AssertionException("not in time; " + Bridge.Status.State + ", "
                        + Bridge.Status.LastError);
                }
                RunFrame();
                System.Threading.Thread.Sleep(2);
            }
        }
    }
}
