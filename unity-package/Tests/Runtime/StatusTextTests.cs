using NUnit.Framework;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the sentences of the window.</summary>
    public sealed class StatusTextTests
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
        public void EachStateHasASentence(bool isRunning, string state, string editor, string expected)
        {
            SessionStatus status = new SessionStatus { State = state };
            Assert.That(StatusText.Describe(isRunning, status, editor), Does.Contain(expected));
        }

        [Test]
        public void TaskAndPendingIntentsAreDescribed()
        {
            SessionStatus status = new SessionStatus { State = "connected", Pending = 1 };
            Assert.That(StatusText.Describe(true, status, "ready"), Is.EqualTo("Sending 1 group of changes."));
            status.Task = "receiving 9 changes";
            Assert.That(StatusText.Describe(true, status, "ready"), Is.EqualTo("Working: receiving 9 changes."));
        }
    }
}
