using System;
using NUnit.Framework;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests in which of Unity's processes the bridge starts. Only on the fakes, because a test runs in one process of
    /// Unity.
    /// </summary>
    public sealed class ProcessTests
    {
        const string BatchMode = "VIBESYNC_IN_BATCH_MODE";

        [TearDown]
        public void StopEditor()
        {
            Environment.SetEnvironmentVariable(BatchMode, null);
            UnityFakes.Editor.Quit();
            UnityFakes.Editor.Reset();
        }

        [TestCase("main", null, true)]
        [TestCase("import worker", null, false)]
        [TestCase("secondary", null, false)]
        [TestCase("batch mode", null, false)]
        [TestCase("batch mode", "1", true)]
        [TestCase("import worker", "1", false)]
        public void BridgeStartsInTheMainProcess(string process, string batchMode, bool isStarted)
        {
            UnityFakes.Editor.Reset();
            UnityFakes.Editor.IsImportWorker = process == "import worker";
            UnityFakes.Editor.IsSecondary = process == "secondary";
            UnityFakes.Editor.IsBatchMode = process == "batch mode";
            Environment.SetEnvironmentVariable(BatchMode, batchMode);
            UnityFakes.Editor.Start();
            Assert.That(Bridge.IsRunning, Is.EqualTo(isStarted));
        }
    }
}
