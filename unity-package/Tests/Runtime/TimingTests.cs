using NUnit.Framework;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the delays between attempts to connect, and the heartbeat.</summary>
    public sealed class TimingTests
    {
        [Test]
        public void BackoffDoublesToItsMaximumAndResets()
        {
            Backoff backoff = new Backoff(1);
            double last = 0;
            for (int i = 0; i < 12; i++)
            {
                last = backoff.NextDelay();
                Assert.That(last, Is.InRange(0.125, 8.0));
            }
            Assert.That(last, Is.GreaterThanOrEqualTo(4.0));
            backoff.Reset();
            Assert.That(backoff.NextDelay(), Is.LessThanOrEqualTo(0.25));
            Assert.That(new Backoff(1).NextDelay(), Is.Not.EqualTo(new Backoff(2).NextDelay()));
        }

        [Test]
        public void DaemonIsSilentAfterTenIntervalsOfARunningEditor()
        {
            Heartbeat heartbeat = new Heartbeat { Interval = 1 };
            heartbeat.Start(0);
            for (int second = 1; second <= 10; second++)
            {
                Assert.That(heartbeat.TryBeginPing(second));
                Assert.That(heartbeat.IsSilent(second), Is.False);
            }
            Assert.That(heartbeat.IsSilent(11));
            heartbeat.Start(0);
            heartbeat.TryBeginPing(60);
            Assert.That(heartbeat.IsSilent(60), Is.False, "the editor itself stood still for a minute");
        }
    }
}
