using NUnit.Framework;
using UnityEditor;
using UnityFakes;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    public sealed class WindowTests : BridgeFixture
    {
        [Test]
        public void TheWindowShowsTheStateAndSwitchesTheBridge()
        {
            Connect();
            VibeSyncWindow window = EditorWindow.GetWindow<VibeSyncWindow>("VibeSync");
            Screen.Draw(window);
            Assert.That(Screen.Lines, Has.Member("●: connected"));
            Screen.Pressed = "Pause";
            Screen.Draw(window);
            Assert.That(Bridge.Running, Is.False);
            Screen.Pressed = "Resume";
            Screen.Draw(window);
            Assert.That(Bridge.Running, Is.True);
            Screen.Pressed = "";
            Daemon.Sync(Frame);
        }
    }
}
