using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that the window shows the state, the next step, and unsupported content. Only on the fakes, because Unity
    /// does not tell what a window has drawn.
    /// </summary>
    public sealed class WindowTests : BridgeHarness
    {
        static void Draw() => Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));

        static void Press(string button)
        {
            Screen.Pressed = button;
            Draw();
            Screen.Pressed = "";
            Draw();
        }

        [Test]
        public void WindowShowsTheStateAndSwitchesTheBridge()
        {
            Connect();
            Draw();
            Assert.That(Screen.Lines, Has.Member("● In sync"));
            Press("Pause");
            Assert.That(Bridge.IsRunning, Is.False);
            Assert.That(Screen.Lines, Has.Member("● Paused"));
            Press("Resume");
            Assert.That(Bridge.IsRunning, Is.True);
            Daemon.Sync(RunFrame);
        }

        [Test]
        public void ResyncSendsTheInventoryAgain()
        {
            Connect();
            CreateAccepted("A", 1);
            Press("Resync");
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(inventory.Header.Required("entities", "").AsArray("").Count, Is.EqualTo(1));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void WindowSaysHowToStartAMissingDaemon()
        {
            Bridge.Stop();
            System.Environment.SetEnvironmentVariable("VIBESYNC_RUNTIME_DIR", Daemon.Folder + "-none");
            Bridge.Start();
            WaitFor(() => Bridge.Status.LastError != null);
            Draw();
            Assert.That(Screen.Lines, Has.Some.Contains("Start the daemon in the folder of the project with `vibesync run`."));
        }

        [Test]
        public void NoticeOfTheDaemonIsShown()
        {
            Connect();
            Daemon.Send(Messages.Create("notice").With("severity", "warning").With("code", "VS-3012")
                .With("message", "Overruled.").With("help", "Look at the object.")
                .With("uuids", VibeSync.Core.Json.JsonValue.Array()));
            WaitFor(() => Bridge.Status.LastNotice.Length > 0);
            Draw();
            Assert.That(Screen.Lines, Has.Member("Info: VS-3012: Overruled. Look at the object."));
        }

        [Test]
        public void SafeModeIsShownUntilItEnds()
        {
            const string Shown = "None: Automation is off: it crashed 3 times. "
                + "Your own changes go on. Turn it on again once you know what went wrong.";
            Daemon.SafeMode = JsonValue.Object().With("since", 7).With("why", "it crashed 3 times");
            Connect();
            Draw();
            Assert.That(Screen.Lines, Has.Member(Shown));
            Press("Turn On Automation");
            Frame reset = Daemon.Expect("reset", RunFrame);
            Assert.That(reset.Header.RequiredString("scope", ""), Is.EqualTo("safe-mode"));
            Assert.That(reset.Header.RequiredString("who", ""), Is.EqualTo(System.Environment.UserName));
            Daemon.Send(Messages.Create("governance").With("safe_mode", JsonValue.Null));
            WaitFor(() => Bridge.Status.SafeMode == null);
            Draw();
            Assert.That(Screen.Lines, Has.Member("● In sync"));
            Daemon.Send(Messages.Create("governance").With("safe_mode", Daemon.SafeMode));
            WaitFor(() => Bridge.Status.SafeMode != null);
            Draw();
            Assert.That(Screen.Lines, Has.Member(Shown));
        }

        [Test]
        public void UnsupportedContentIsLoggedOnceAndListed()
        {
            foreach (string name in new[] { "Sun", "Moon" }) { new GameObject(name).AddComponent<Light>(); }
            GameObject person = new GameObject("Person");
            person.AddComponent<SkinnedMeshRenderer>();
            Mesh hidden = new Mesh();
            UnityFakes.Editor.SetUnreadable(hidden);
            person.AddComponent<MeshFilter>().sharedMesh = hidden;
            Connect();
            Daemon.Expect("intent", RunFrame);
            Draw();
            Assert.That(Screen.Lines, Has.Member("lights (first found at Sun)"));
            Assert.That(Screen.Lines, Has.Member("skinned meshes (first found at Person)"));
            Assert.That(Screen.Lines, Has.Member("meshes whose import forbids reading (first found at Person)"));
            List<string> logged = Engine.Log.FindAll(entry => entry.Contains("does not synchronize lights"));
            Assert.That(logged.Count, Is.EqualTo(1));
        }

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
