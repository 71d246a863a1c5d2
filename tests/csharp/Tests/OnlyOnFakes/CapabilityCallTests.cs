using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Calls of a tool: when it runs, what it may do, and what happens to its changes.</summary>
    public sealed class CapabilityCallTests : CapabilityHarness
    {
        [Test]
        public void ChangesOfACallAreOneIntentAndOneUndoStep()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            int steps = UnityFakes.Editor.UndoGroups;
            CapabilityHandlers.Act = arguments =>
            {
                MoveWithUndo(chair, 5);
                CreateWithUndo("Table");
                new GameObject("Lamp");
                return AiResult.Success("done", new Dictionary<string, object> { ["made"] = 2 });
            };
            Call("act");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(intent.Header.RequiredString("request_id", ""), Is.EqualTo(RequestId));
            Assert.That(intent.Header.RequiredString("label", ""), Is.EqualTo("claude: test_tools.act"));
            Assert.That(intent.Header.Required("changes", "").AsArray("").Select(change => change.RequiredString("op", "")),
                Is.EquivalentTo(new[] { "update", "create", "create" }));
            Daemon.ExpectNone("command_response", RunFrame, 0.1);
            Daemon.Accept(intent, 2);
            JsonValue answer = ExpectAnswer();
            Assert.That(Status(answer), Is.EqualTo("success"));
            Assert.That(Result(answer).Required("data", "").RequiredInteger("made", ""), Is.EqualTo(2));
            Assert.That(answer.RequiredString("operation_id", ""),
                Is.EqualTo(intent.Header.RequiredString("operation_id", "")));
            Assert.That(IsTakenBack(answer), Is.False);
            SendEnd(true);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(steps + 1));
            Assert.That(UnityFakes.Editor.LastUndoName, Is.EqualTo("claude: test_tools.act"));
        }

        [Test]
        public void FailedCallIsTakenBackWithAndWithoutUndo()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            GameObject shelf = CreateAccepted("Shelf", 2);
            int steps = UnityFakes.Editor.UndoGroups;
            CapabilityHandlers.Act = arguments =>
            {
                MoveWithUndo(chair, 5);
                shelf.transform.localPosition = new Vector3(7, 0, 0);
                CreateWithUndo("Table");
                chair.transform.SetParent(new GameObject("Lamp").transform, false);
                return AiResult.Error("no room", "NO_ROOM");
            };
            Call("act");
            JsonValue answer = ExpectAnswerWithoutIntent();
            Assert.That(Status(answer), Is.EqualTo("error"));
            Assert.That(Result(answer).RequiredString("error_code", ""), Is.EqualTo("NO_ROOM"));
            Assert.That(Code(answer), Is.EqualTo("VS-9106"));
            Assert.That(IsTakenBack(answer), Is.True);
            Assert.That(ObjectNames(), Is.EquivalentTo(new[] { "Chair", "Shelf" }));
            Assert.That(chair.transform.localPosition.x, Is.EqualTo(0));
            Assert.That(shelf.transform.localPosition.x, Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(UnityFakes.Editor.UndoGroups, Is.LessThanOrEqualTo(steps + 1));
        }

        [Test]
        public void ExceptionIsAnAnswerWithItsStack()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments =>
            {
                CreateWithUndo("Table");
                Debug.LogWarning("about to fail");
                throw new InvalidOperationException("the table is broken");
            };
            Call("act");
            JsonValue answer = ExpectAnswerWithoutIntent();
            Assert.That(Code(answer), Is.EqualTo("VS-9106"));
            Assert.That(Result(answer).RequiredString("error_code", ""), Is.EqualTo("EXECUTION_FAILED"));
            Assert.That(Result(answer).RequiredString("message", ""),
                Is.EqualTo("InvalidOperationException: the table is broken"));
            Assert.That(answer.RequiredString("output", ""), Is.EqualTo("Warning: about to fail\n"));
            Assert.That(Result(answer).Required("data", "").RequiredString("traceback", ""),
                Does.Contain("ExceptionIsAnAnswerWithItsStack"));
            Assert.That(ObjectNames(), Is.Empty);
            CapabilityHandlers.Act = arguments => 7;
            Call("act");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"), "the next call runs");
        }

        [Test]
        public void RefusedChangesAreTakenBack()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            CapabilityHandlers.Act = arguments =>
            {
                MoveWithUndo(chair, 5);
                CreateWithUndo("Table");
                return null;
            };
            Call("act");
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), "VS-9205", "changes[0]");
            JsonValue answer = ExpectAnswer();
            Assert.That(IsTakenBack(answer), Is.True);
            Assert.That(answer.RequiredString("output", ""), Does.Contain("VS-9205"));
            SendEnd(false);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(ObjectNames(), Is.EqualTo(new[] { "Chair" }));
            Assert.That(chair.transform.localPosition.x, Is.EqualTo(0));
            MoveWithUndo(chair, 3);
            Frame own = Daemon.Expect("intent", RunFrame);
            Assert.That(own.Header.Find("request_id"), Is.Null, "the person's own change");
        }

        [Test]
        public void ChangesAreTakenBackValueByValueAfterThePersonWentOn()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            GameObject shelf = CreateAccepted("Shelf", 2);
            CapabilityHandlers.Act = arguments =>
            {
                MoveWithUndo(chair, 5);
                MoveWithUndo(shelf, 6);
                CreateWithUndo("Table");
                return null;
            };
            Call("act");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Undo.IncrementCurrentGroup();
            MoveWithUndo(shelf, 9);
            Frame own = Daemon.Expect("intent", RunFrame);
            Daemon.Refuse(intent, "VS-9110", "");
            JsonValue answer = ExpectAnswer();
            Assert.That(IsTakenBack(answer), Is.False, "the person's value stays");
            Assert.That(chair.transform.localPosition.x, Is.EqualTo(0));
            Assert.That(shelf.transform.localPosition.x, Is.EqualTo(9));
            Assert.That(ObjectNames(), Is.EquivalentTo(new[] { "Chair", "Shelf" }));
            Daemon.Accept(own, 3);
        }

        [Test]
        public void EndWithoutKeepTakesAcceptedChangesBack()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            CapabilityHandlers.Act = arguments =>
            {
                MoveWithUndo(chair, 5);
                return null;
            };
            Call("act");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            ExpectAnswer();
            SendEnd(false);
            WaitFor(() => chair.transform.localPosition.x == 0);
        }

        [Test]
        public void PersonsChangesGoOutBeforeTheCall()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            bool hasRun = false;
            CapabilityHandlers.Act = arguments =>
            {
                hasRun = true;
                return null;
            };
            // Without an event: only the walk of the call finds it.
            new GameObject("Unannounced");
            MoveWithUndo(chair, 2);
            Call("act");
            List<Frame> own = new List<Frame>();
            for (DateTime end = DateTime.UtcNow.AddSeconds(0.3); DateTime.UtcNow < end;)
            {
                RunFrame();
                if (Daemon.TryReceive(out Frame sent, 5) && sent.Type == "intent") { own.Add(sent); }
            }
            Assert.That(own, Is.Not.Empty);
            Assert.That(own.TrueForAll(sent => sent.Header.Find("request_id") == null), Is.True);
            Assert.That(hasRun, Is.False, "the person's changes are not acknowledged");
            long seq = 1;
            foreach (Frame sent in own) { Daemon.Accept(sent, ++seq); }
            Frame frame = null;
            WaitFor(() =>
            {
                if (!Daemon.TryReceive(out frame)) { return false; }
                if (frame.Type == "intent") { Daemon.Accept(frame, ++seq); }
                return frame.Type == "command_response";
            });
            Assert.That(Status(frame.Header), Is.EqualTo("success"));
            Assert.That(hasRun, Is.True);
        }

        [TestCase("modal")]
        [TestCase("compiling")]
        [TestCase("importing")]
        public void CallWaitsUntilTheEditorIsAble(string state)
        {
            ConnectWithAddon();
            Call("act");
            SetState(state, true);
            JsonValue progress = Daemon.Expect("command_progress", RunFrame).Header;
            Assert.That(progress.RequiredString("state", ""), Is.EqualTo("waiting"));
            Daemon.ExpectNone("command_response", RunFrame, 0.2);
            SetState(state, false);
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
        }

        [Test]
        public void CallOfPlayModeIsAnsweredWhenTheSessionEnds()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments => throw new AssertionException("it ran");
            UnityFakes.Editor.SetPlaying(true, false);
            Call("act");
            Daemon.ExpectNone("command_response", RunFrame, 0.1);
            UnityFakes.Editor.SetPlaying(false);
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9206"));
        }

        [Test]
        public void DomainReloadEndsACallHonestly()
        {
            ConnectWithAddon();
            int polls = 0;
            CapabilityHandlers.Act = arguments => AiResult.Later(() =>
            {
                polls++;
                return null;
            });
            Call("act");
            WaitFor(() => polls > 1);
            UnityFakes.Editor.ReloadDomain();
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9107"));
            Connect();
            ExpectCapabilities();
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void ChangesWithoutAnAnswerAreTakenBackWhenTheConnectionBreaks()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            CapabilityHandlers.Act = arguments =>
            {
                MoveWithUndo(chair, 5);
                CreateWithUndo("Table");
                return null;
            };
            Call("act");
            Daemon.Expect("intent", RunFrame);
            Daemon.Drop();
            WaitFor(() => chair.transform.localPosition.x == 0);
            Connect();
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(ObjectNames(), Is.EqualTo(new[] { "Chair" }));
        }

        [Test]
        public void CallThatCannotBeginInTimeIsRefused()
        {
            ConnectWithAddon();
            SetState("modal", true);
            Call("act", milliseconds: 50);
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9206"));
        }

        [Test]
        public void HandlerThatIsLateIsTakenBack()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments =>
            {
                CreateWithUndo("Table");
                System.Threading.Thread.Sleep(600);
                return null;
            };
            Call("act", milliseconds: 500);
            JsonValue answer = ExpectAnswerWithoutIntent();
            Assert.That(Code(answer), Is.EqualTo("VS-9107"));
            Assert.That(IsTakenBack(answer), Is.True);
            Assert.That(ObjectNames(), Is.Empty);
        }

        [Test]
        public void SecondCallIsRefusedWhileOneIsUnderWay()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments => AiResult.Later(() => null);
            Call("act");
            string first = RequestId;
            Daemon.Expect("command_progress", RunFrame);
            Call("act");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9206"));
            Assert.That(RequestId, Is.Not.EqualTo(first));
        }

        [Test]
        public void HandlerCannotRunOrEndTheSession()
        {
            ConnectWithAddon();
            int runs = 0;
            CapabilityHandlers.Act = arguments =>
            {
                if (++runs == 1) { EditorApplication.update(); }
                Bridge.Resync();
                return null;
            };
            Call("act");
            JsonValue answer = ExpectAnswer();
            Assert.That(Code(answer), Is.EqualTo("VS-9106"));
            Assert.That(Result(answer).RequiredString("message", ""), Does.Contain("not from the handler of an add-on"));
            Assert.That(runs, Is.EqualTo(1));
            Assert.That(Bridge.Status.State, Is.EqualTo("connected"));
        }

        [Test]
        public void HandlerThatOpensAnotherSceneDeletesNothing()
        {
            ConnectWithAddon();
            CreateAccepted("Chair", 1);
            CapabilityHandlers.Act = arguments =>
            {
                UnityEditor.SceneManagement.EditorSceneManager.NewScene(
                    UnityEditor.SceneManagement.NewSceneSetup.EmptyScene,
                    UnityEditor.SceneManagement.NewSceneMode.Single);
                return null;
            };
            Call("act");
            Assert.That(Code(ExpectAnswerWithoutIntent()), Is.EqualTo("VS-9110"));
        }

        [Test]
        public void ReadOnlyToolThatChangesTheSceneIsTakenBack()
        {
            string path = Path.Combine(AddonPath, "addon_ai.json");
            File.WriteAllText(path, File.ReadAllText(path).Replace("\"name\": \"act\"", "\"name\": \"act\", \"read_only\": true"));
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments => CreateWithUndo("Table").name;
            Call("act");
            Assert.That(Code(ExpectAnswerWithoutIntent()), Is.EqualTo("VS-9110"));
            Assert.That(ObjectNames(), Is.Empty);
        }

        [Test]
        public void ResultThatIsNoJsonIsTakenBack()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments =>
            {
                CreateWithUndo("Table");
                return AiResult.Success("done", new[] { 1.0, double.NaN });
            };
            Call("act");
            JsonValue answer = ExpectAnswerWithoutIntent();
            Assert.That(Code(answer), Is.EqualTo("VS-9108"));
            Assert.That(Result(answer).RequiredString("message", ""), Does.Contain("data[1]"));
            Assert.That(ObjectNames(), Is.Empty);
        }

        static void SetState(string state, bool isSet)
        {
            switch (state)
            {
                case "modal": GUIUtility.hotControl = isSet ? 7 : 0; break;
                case "compiling": UnityFakes.Editor.SetCompiling(isSet); break;
                default: UnityFakes.Editor.SetUpdating(isSet); break;
            }
        }
    }
}
