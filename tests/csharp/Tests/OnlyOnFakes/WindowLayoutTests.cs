using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that the window scrolls, fits into 200 pixels, and shows the queues and what to do. Only on the fakes,
    /// because Unity does not tell what a window has drawn.
    /// </summary>
    public sealed class WindowLayoutTests : BridgeHarness
    {
        const string LongProject = "/home/somebody/projects/of a very long name/robot arm of the second generation";

        static void Draw() => Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));

        /// <summary>Shows as much as the window can show at once.</summary>
        void FillWindow()
        {
            Daemon.SafeMode = JsonValue.Object().With("since", 7).With("why", "the same change failed three times");
            foreach (string name in new[] { "Sun", "Lamp of a very long name that needs more than a line" })
            {
                GameObject shower = GameObject.CreatePrimitive(PrimitiveType.Cube);
                shower.name = name;
                shower.AddComponent<Light>();
            }
            GameObject person = new GameObject("Person");
            person.AddComponent<SkinnedMeshRenderer>().bones = new[] { person.transform };
            Daemon.Features = JsonValue.Array("agents");
            Connect();
            Daemon.Send(Messages.Create("approvals").With("open", JsonValue.Array(JsonValue.Object()
                .With("approval_id", "01920000-0000-7000-8000-0000000000a1").With("agent", "claude")
                .With("kind", "delete").With("sentence", "claude wants to delete what it did not make: tidy up")
                .With("details", JsonValue.Array("Delete \"Crate\", \"Lamp of a very long name\" and 3 more")))));
            Daemon.Send(Messages.Create("result").With("what", "agents").With("agents", JsonValue.Array(JsonValue.Object()
                .With("name", "claude").With("mode", "work").With("connected", true).With("changes", 3)
                .With("last_words", "Tidy up the whole scene"))));
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), ErrorCode.MeshInvalid, "");
            WaitFor(() => Bridge.Status.LastError != null && Bridge.Status.Agents.Agents.Count == 1);
            Bridge.Status.Task = "receiving 12345 changes of the other editor";
            Bridge.Status.LastNotice = "VS-3012: Overruled by a change in Blender. Look at the object.";
            SelfTestResult.Set("/home/somebody/a project/Logs/VibeSync-SelfTest-20260101-000000.txt", "22 passed");
        }

        [TestCase(200)]
        [TestCase(260)]
        [TestCase(400)]
        public void NothingIsCutOffAtAnyWidth(int width)
        {
            FillWindow();
            Screen.Width = width;
            Draw();
            Assert.That(Screen.Lines.Count, Is.GreaterThan(14), "the window is full");
            Assert.That(Screen.Lines, Has.Member("[For This Session]").And.Member("claude may change the scene"));
            Assert.That(Screen.CutOff, Is.Empty);
        }

        [Test]
        public void LongProjectFitsIntoItsButton()
        {
            Bridge.Stop();
            Daemon.Root = LongProject;
            Daemon.Announce(FakeDaemon.ProjectId, Daemon.Port, System.IO.Path.Combine(Daemon.Folder, "token"));
            Bridge.Start();
            WaitFor(() => Bridge.Status.State == "unjoined");
            Screen.Width = 200;
            Draw();
            Assert.That(Screen.Lines, Has.Member("[Join robot arm of the second generation]"));
            Assert.That(Screen.CutOff, Is.Empty);
        }

        [Test]
        public void LowWindowScrolls()
        {
            FillWindow();
            Screen.Height = 100;
            Draw();
            Assert.That(Screen.Lines.Count * 18, Is.GreaterThan(100));
            Assert.That(Screen.CutOff, Is.Empty);
        }

        [Test]
        public void ButtonsAreStackedInANarrowWindow()
        {
            Connect();
            Draw();
            Assert.That(Screen.Rows, Has.Member("[Pause] | [Resync]"));
            Assert.That(Screen.Rows, Has.Member("Not synchronized | textures"));
            Screen.Width = 200;
            Draw();
            Assert.That(Screen.Rows, Has.Member("[Pause]").And.Member("[Resync]"));
            int label = Screen.Rows.IndexOf("Not synchronized");
            Assert.That(Screen.Rows[label + 1], Is.EqualTo("  textures"), "the value is below");
        }

        [Test]
        public void ProgressIsShownInWordsAndAsABar()
        {
            Connect();
            Bridge.Status.Task = "receiving 9 changes";
            Bridge.Status.Progress = 0.4;
            Draw();
            int words = Screen.Lines.IndexOf("Receiving 9 changes");
            Assert.That(Screen.Lines[words + 1], Is.EqualTo("progress 40%: 40%"));
        }

        [Test]
        public void ErrorIsShownWithWhatToDoUntilDismissed()
        {
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), ErrorCode.MeshInvalid, "");
            WaitFor(() => Bridge.Status.LastError != null);
            Draw();
            Assert.That(Screen.Lines, Has.Member("● Connected, with a problem"));
            Assert.That(Screen.Lines, Has.Member("None: " + ErrorHelp.Find(ErrorCode.MeshInvalid)));
            Assert.That(Screen.Lines, Has.Member("Warning: VS-3005: refused by the test"));
            Screen.Pressed = "Dismiss";
            Draw();
            Screen.Pressed = "";
            Draw();
            Assert.That(Screen.Lines.Where(line => line.Contains("VS-3005")), Is.Empty);
        }

        [Test]
        public void ErrorOfAConnectionEndsWithTheNextOne()
        {
            double now = 1;
            UnityFakes.Editor.Clock = () => now;
            Daemon.HasWrongProof = true;
            WaitFor(() => Bridge.Status.LastError?.Code == ErrorCode.WrongProof);
            Draw();
            Assert.That(Screen.Lines, Has.Member("● Not connected"));
            Assert.That(Screen.Lines, Has.Some.Contains(ErrorHelp.Find(ErrorCode.WrongProof)));
            Daemon.HasWrongProof = false;
            // It tries again after some seconds.
            now += 60;
            Connect();
            Draw();
            Assert.That(Screen.Lines, Has.Member("● In sync"));
        }

        [Test]
        public void QueuesSayWhatWaits()
        {
            Connect();
            GameObject gone = CreateAccepted("A", 1);
            Undo.RegisterCreatedObjectUndo(new GameObject("B"), "Create");
            Undo.DestroyObjectImmediate(gone);
            Daemon.Expect("intent", RunFrame);
            Draw();
            int label = Screen.Lines.IndexOf("Waiting for an answer");
            Assert.That(label, Is.Positive);
            Assert.That(Screen.Lines[label + 1], Is.EqualTo("2 changes: 1 new, 1 deleted"));
            Assert.That(Screen.Lines, Has.Member("To Blender: 2 sent, 1 waiting"));
        }

        [Test]
        public void BatchThatWaitsForTheUserIsShown()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, false);
            Daemon.Apply(2, "Rename", null, MakeChange("update", uuid, null, MakeName("B")));
            Daemon.Expect("deferred", RunFrame);
            Draw();
            Assert.That(Screen.Lines, Has.Member("● Changes from Blender wait"));
            Assert.That(Screen.Lines, Has.Member("None: They are applied as soon as you leave play mode, or the preview of a clip."));
            Assert.That(Screen.Lines, Has.Member("From Blender: 0 applied, 1 waiting"));
            int label = Screen.Lines.IndexOf("Waiting to be applied");
            Assert.That(Screen.Lines[label + 1], Is.EqualTo("1 change"));
        }
    }
}
