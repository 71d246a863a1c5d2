using System;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Editor;
using Screen = UnityFakes.Screen;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that ticks are long only while nobody uses the editor. Only on the fakes, because a test cannot move the mouse
    /// of a real editor.
    /// </summary>
    public sealed class RestTests : BridgeHarness
    {
        const int Many = 20000;

        double clock;

        /// <summary>Sends a batch that takes many ticks, also long ones. Time passes by frames alone.</summary>
        void SendMany()
        {
            clock = EditorApplication.timeSinceStartup;
            UnityFakes.Editor.Clock = () => clock;
            VibeSync.Editor.Settings.TickMilliseconds = 1;
            VibeSync.Editor.Settings.RestMilliseconds = 2;
            Bridge.Stop();
            Bridge.Start();
            Connect();
            Daemon.Apply(5, "Many", null, Enumerable.Range(0, Many).Select(i => MakeChange("create",
                MakeUuid(i), "object", MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray());
            WaitFor(() => Bridge.Status.Task.StartsWith("receiving", StringComparison.Ordinal));
        }

        static string MakeUuid(int i) => "01920000-0000-7000-8000-" + i.ToString("x12");

        /// <summary>Runs frames of half a second each; returns whether one of them took a long tick.</summary>
        bool HasLongTick(int frames, Action<int> input)
        {
            bool isLong = false;
            for (int i = 0; i < frames; i++)
            {
                clock += 0.5;
                input(i);
                RunFrame();
                Assert.That(Bridge.Status.Task, Does.StartWith("receiving"), "the work goes on");
                isLong |= Bridge.Status.HasLongSlices;
            }
            return isLong;
        }

        [TestCase("mouse")]
        [TestCase("click")]
        [TestCase("focus")]
        public void TicksAreShortWhileTheUserUsesTheEditor(string input)
        {
            SendMany();
            Assert.That(HasLongTick(4, i => Use(input, i)), Is.False);
            Assert.That(HasLongTick(4, _ => { }), "nobody uses it");
            Assert.That(HasLongTick(1, _ => Use(input, 9)), Is.False, "somebody is back");
        }

        static void Use(string input, int i)
        {
            switch (input)
            {
                case "mouse": UnityFakes.Editor.MoveMouse(i, 7); break;
                case "click": Undo.IncrementCurrentGroup(); break;
                default: UnityFakes.Editor.SetFocused(i % 2 == 0 == (i < 9)); break;
            }
        }

        [Test]
        public void MouseInAnotherApplicationIsNoInput()
        {
            SendMany();
            UnityFakes.Editor.SetFocused(false);
            HasLongTick(4, i => UnityFakes.Editor.MoveMouse(i, 7));
            Assert.That(HasLongTick(1, i => UnityFakes.Editor.MoveMouse(i, 8)));
        }

        [Test]
        public void UserCanMakeLongTicksShort()
        {
            SendMany();
            Assert.That(HasLongTick(4, _ => { }));
            Screen.Pressed = "Stay Responsive";
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            Screen.Pressed = "";
            Assert.That(HasLongTick(4, _ => { }), Is.False, "until the work is done");
            Assert.That(Bridge.Panel.SecondsLeft, Is.Not.Null);
        }
    }
}
