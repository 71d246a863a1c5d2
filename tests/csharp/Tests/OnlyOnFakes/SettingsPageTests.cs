using NUnit.Framework;
using UnityEditor;
using UnityFakes;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the page of the project settings. Only on the fakes, because a test cannot drag a slider of Unity.
    /// </summary>
    public sealed class SettingsPageTests : BridgeHarness
    {
        [Test]
        public void SettingsPageSwitchesTheBridgeAndSetsTheTick()
        {
            Connect();
            SettingsProvider provider = Screen.FindSettings("Project/VibeSync");
            Screen.Slid["Milliseconds a tick"] = 99;
            provider.guiHandler("");
            Assert.That(VibeSync.Editor.Settings.TickMilliseconds, Is.EqualTo(50), "bounded");
            Daemon.Sync(RunFrame);
            Screen.Pressed = "Synchronize";
            provider.guiHandler("");
            Assert.That(Bridge.IsRunning, Is.False);
            UnityFakes.Editor.ReloadDomain();
            Assert.That(Bridge.IsRunning, Is.False, "it stays off over a reload");
        }
    }
}
