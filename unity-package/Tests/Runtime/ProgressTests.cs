using System.Linq;
using NUnit.Framework;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests how far work is said to be, how long it takes, and that the user can make it polite.</summary>
    public sealed class ProgressTests
    {
        [Test]
        public void TimeLeftFollowsFromTheTimeSoFar()
        {
            Estimate estimate = new Estimate();
            Assert.That(estimate.Update("receiving", 0.2, 10), Is.Null);
            Assert.That(estimate.Update("receiving", 0.3, 10.9), Is.Null, "too short to tell");
            Assert.That(estimate.Update("receiving", 0.4, 12), Is.EqualTo(6).Within(1e-9));
            Assert.That(estimate.Update("receiving", 0.1, 13), Is.Null, "other work");
            Assert.That(estimate.Update("receiving", 0.1, 15), Is.Null, "nothing is done");
            Assert.That(estimate.Update("receiving", 0.6, 15), Is.EqualTo(1.6).Within(1e-9));
            Assert.That(estimate.Update("comparing", 0.7, 16), Is.Null, "other work");
            Assert.That(estimate.Update("", 1, 20), Is.Null, "none");
        }

        [Test]
        public void BudgetKeepsAReserve()
        {
            Assert.That(new Budget(1e9).IsSpentBut(0), Is.False);
            Assert.That(new Budget(1e9).IsSpentBut(2e9));
        }

        [Test]
        public void CountdownBeginsAnewAfterZero()
        {
            Countdown countdown = new Countdown();
            Assert.That(countdown.Update(0), Is.EqualTo(1));
            Assert.That(new[] { 100.0, 200, 50 }.Select(countdown.Update), Is.EqualTo(new[] { 0, 0, 0.75 }));
            Assert.That(countdown.Update(0), Is.EqualTo(1));
            Assert.That(countdown.Update(50), Is.EqualTo(0));
        }

        [TestCase(null, "")]
        [TestCase(0.2, "1 s left")]
        [TestCase(12.4, "12 s left")]
        [TestCase(89.0, "89 s left")]
        [TestCase(200.0, "3 min left")]
        public void TimeLeftIsSaidInWords(double? seconds, string words)
        {
            PanelState state = new PanelState { State = "connected", Task = "receiving 9 changes", SecondsLeft = seconds };
            Assert.That(StatusText.MakeView(state).TimeLeft, Is.EqualTo(words));
        }

        [Test]
        public void ButtonForShortTicksIsThereWhileTheyAreLong([Values] bool isLong)
        {
            PanelState state = new PanelState { State = "connected", HasLongSlices = isLong };
            Assert.That(StatusText.MakeView(state).Buttons.Exists(button => button.Label == "Stay Responsive"),
                Is.EqualTo(isLong));
        }
    }
}
