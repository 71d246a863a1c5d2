using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the helpers of a session: status texts, background work, atomic files.</summary>
    public sealed class SessionTextTests
    {
        [TestCase(false, "connected", "ready", "Paused")]
        [TestCase(true, "connecting", "ready", "Connecting")]
        [TestCase(true, "offline", "ready", "vibesync run")]
        [TestCase(true, "offline", "playing", "Play mode")]
        [TestCase(true, "error", "ready", "tries again by itself")]
        [TestCase(true, "connected", "playing", "until you leave it")]
        [TestCase(true, "connected", "modal", "until you pause")]
        [TestCase(true, "connected", "edit", "until you pause")]
        [TestCase(true, "connected", "compiling", "compiling")]
        [TestCase(true, "connected", "unfocused", "Everything is synchronized.")]
        public void EachStateHasASentence(bool running, string state, string editor, string expected)
        {
            SessionStatus status = new SessionStatus { State = state };
            Assert.That(StatusText.Describe(running, status, editor), Does.Contain(expected));
        }

        [Test]
        public void TaskAndPendingIntentsAreDescribed()
        {
            SessionStatus status = new SessionStatus { State = "connected", Pending = 1 };
            Assert.That(StatusText.Describe(true, status, "ready"), Is.EqualTo("Sending 1 group of changes."));
            status.Task = "receiving 9 changes";
            Assert.That(StatusText.Describe(true, status, "ready"), Is.EqualTo("Working: receiving 9 changes."));
        }

        [Test]
        public void LargeWorkRunsOnAnotherThreadAndWakes()
        {
            int here = Thread.CurrentThread.ManagedThreadId;
            using (ManualResetEventSlim woken = new ManualResetEventSlim())
            {
                Task<int> far = Background.Run(true, () => Thread.CurrentThread.ManagedThreadId, woken.Set);
                Assert.That(woken.Wait(10000));
                Assert.That(far.Result, Is.Not.EqualTo(here));
            }
            Task<int> near = Background.Run(false, () => Thread.CurrentThread.ManagedThreadId, Assert.Fail);
            Assert.That(near.IsCompleted && near.Result == here);
            Task<int> broken = Background.Run<int>(false, () => throw new SyncException("VS-3005", ""), Assert.Fail);
            SyncException error = Assert.Throws<SyncException>(() => broken.GetAwaiter().GetResult());
            Assert.That(error.Code, Is.EqualTo("VS-3005"));
        }

        [Test]
        public void FileIsReplacedAtomically()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-file-" + Guid.NewGuid().ToString("N"));
            try
            {
                string path = Path.Combine(folder, "deep", "file");
                AtomicFile.Write(path, new byte[] { 1, 2, 3 });
                // A crash during a write leaves such a file, which must not block the next write.
                File.WriteAllBytes(path + ".new", new byte[9]);
                AtomicFile.Write(path, new byte[] { 4 });
                Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 4 }));
                Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)).Select(Path.GetFileName),
                    Is.EqualTo(new[] { "file" }));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }
    }
}
