using System.Threading.Tasks;
using System.Threading;
using NUnit.Framework;
using VibeSync.Core.Session;
using VibeSync.Core;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that large work runs on another thread.</summary>
    public sealed class BackgroundTests
    {
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
    }
}
