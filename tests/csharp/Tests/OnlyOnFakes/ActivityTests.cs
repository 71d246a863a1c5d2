using System;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that batches wait for the user, and that repeated errors stop the bridge.</summary>
    public sealed class ActivityTests : BridgeHarness
    {
        [TestCase("modal")]
        [TestCase("edit")]
        public void BatchWaitsUntilTheUserHasPaused(string state)
        {
            double clock = 100;
            UnityFakes.Editor.Clock = () => clock;
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 1);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            SetUserAction(state, true);
            RunFrame();
            string batch = Daemon.Apply(2, "Rename", null, MakeChange("update", uuid, null, MakeName("B")));
            Assert.That(Daemon.Expect("deferred", RunFrame).Header.RequiredString("state", ""), Is.EqualTo(state));
            SetUserAction(state, false);
            clock += 0.29;
            Daemon.ExpectNone("applied", RunFrame);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            clock += 0.02;
            ExpectApplied(batch);
            Assert.That(FindObject(uuid).name, Is.EqualTo("B"));
        }

        [Test]
        public void EditedObjectsAreReported()
        {
            Connect();
            GameObject held = CreateAccepted("A", 1);
            GameObject other = CreateAccepted("B", 2);
            UnityFakes.Editor.SetSelection(held.transform);
            GUIUtility.hotControl = 7;
            Assert.That(ReadReport(), Is.EqualTo("modal " + GetUuid(held)));
            UnityFakes.Editor.SetSelection(other.transform, held.transform);
            string[] both = { GetUuid(held), GetUuid(other) };
            Array.Sort(both, string.CompareOrdinal);
            Assert.That(ReadReport(), Is.EqualTo("modal " + string.Join(" ", both)));
            Transform[] many = new Transform[257];
            for (int i = 0; i < many.Length; i++) { many[i] = held.transform; }
            UnityFakes.Editor.SetSelection(many);
            Assert.That(ReadReport(), Is.EqualTo("modal all"));
            UnityFakes.Editor.SetSelection();
            Assert.That(ReadReport(), Is.EqualTo("modal "));
            GUIUtility.hotControl = 0;
            Assert.That(ReadReport(), Is.EqualTo("ready all"));
        }

        [Test]
        public void ObjectSelectedBelowAnotherIsReported()
        {
            Connect();
            GameObject parent = CreateAccepted("A", 1);
            GameObject child = CreateAccepted("B", 2);
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 3);
            UnityFakes.Editor.SetSelection(parent.transform, child.transform);
            GUIUtility.hotControl = 7;
            string[] both = { GetUuid(parent), GetUuid(child) };
            Array.Sort(both, string.CompareOrdinal);
            Assert.That(ReadReport(), Is.EqualTo("modal " + string.Join(" ", both)));
        }

        /// <summary>Returns the state and the objects of the next `editor_state`.</summary>
        string ReadReport()
        {
            JsonValue report = Daemon.Expect("editor_state", RunFrame).Header;
            JsonValue objects = report.Find("objects");
            string listed = objects == null ? "all"
                : string.Join(" ", objects.AsArray("objects").ConvertAll(uuid => uuid.AsString("objects")));
            return report.RequiredString("state", "") + " " + listed;
        }

        static void SetUserAction(string state, bool isHeld)
        {
            if (state == "modal") { GUIUtility.hotControl = isHeld ? 7 : 0; }
            else { EditorGUIUtility.editingTextField = isHeld; }
        }

        [Test]
        public void BatchIsDeferredWhileUnityCompiles([Values] bool isImport)
        {
            Action<bool> set = isImport ? (Action<bool>)UnityFakes.Editor.SetUpdating : UnityFakes.Editor.SetCompiling;
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            set(true);
            string batch = Daemon.Apply(2, "Rename", null, MakeChange("update", uuid, null, MakeName("B")));
            Frame deferred = Daemon.Expect("deferred", RunFrame);
            Assert.That(deferred.Header.RequiredString("state", ""), Is.EqualTo("compiling"));
            Daemon.ExpectNone("applied", RunFrame);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            set(false);
            ExpectApplied(batch);
        }

        [Test]
        public void BridgeStopsAfterFiveErrorsInARow()
        {
            Connect();
            UnityFakes.Editor.Clock = () => throw new InvalidOperationException("broken on purpose");
            for (int i = 0; i < 4; i++) { RunFrame(); }
            Assert.That(Bridge.IsRunning, "four errors are allowed");
            RunFrame();
            Assert.That(Bridge.IsRunning, Is.False);
            Assert.That(Bridge.StopReason, Does.Contain("5 errors in a row").And.Contain("broken on purpose"));
            Assert.That(Engine.Log.FindAll(entry => entry.StartsWith("exception", StringComparison.Ordinal)).Count,
                Is.EqualTo(5));
            Engine.Log.Clear();
            for (int i = 0; i < 10; i++) { RunFrame(); }
            Assert.That(Engine.Log, Is.Empty, "a stopped bridge logs nothing");
            UnityFakes.Editor.Clock = () => 1000;
            Screen.Pressed = "Re-enable";
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            Assert.That(Bridge.IsRunning && Bridge.StopReason.Length == 0);
            Connect();
        }

        [Test]
        public void ScatteredErrorsDoNotStopTheBridge()
        {
            Connect();
            Func<double> clock = UnityFakes.Editor.Clock;
            for (int i = 0; i < 12; i++)
            {
                bool isBroken = i % 3 != 0;
                UnityFakes.Editor.Clock = () => isBroken ? throw new InvalidOperationException("some frames")
                    : clock();
                RunFrame();
            }
            UnityFakes.Editor.Clock = clock;
            Engine.Log.Clear();
            Assert.That(Bridge.IsRunning);
        }

        [Test]
        public void BatchOfAnotherProjectIsRefused()
        {
            AssertRefused("VS-2003", "01920000-0000-7000-8000-0000000000ff", 1);
        }

        [Test]
        public void BatchOfAnotherSchemaIsRefused()
        {
            AssertRefused("VS-2001", FakeDaemon.ProjectId, 2);
        }

        void AssertRefused(string code, string projectId, int schema)
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            Daemon.Send(Messages.Create("apply").With("batch_id", Guid.NewGuid().ToString())
                .With("project_id", projectId).With("schema_version", schema)
                .With("reason", "change").With("path", "fast").With("operations", JsonValue.Array())
                .With("label", "Theirs").With("head_seq", 2)
                .With("changes", JsonValue.Array(MakeChange("update", uuid, null, MakeName("B")).With("version", 2))));
            WaitFor(() => Bridge.Status.LastError?.Code == code);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            Connect();
            Assert.That(Daemon.Connections, Is.EqualTo(2), "the client reconnects");
        }

        [Test]
        public void ReceivedMessageAsksForATick()
        {
            Connect();
            int before = UnityFakes.Editor.Signals;
            Daemon.Send(Messages.Create("ping").With("nonce", 1).With("head_seq", 0));
            DateTime end = DateTime.UtcNow.AddSeconds(10);
            while (UnityFakes.Editor.Signals == before && DateTime.UtcNow < end) { System.Threading.Thread.Sleep(2); }
            Assert.That(UnityFakes.Editor.Signals, Is.GreaterThan(before), "from the socket's thread, without a frame");
        }

        [Test]
        public void WorkThatIsLeftAsksForATickUntilItComes()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Stop();
            Bridge.Start();
            Connect();
            JsonValue[] changes = new JsonValue[500];
            for (int i = 0; i < changes.Length; i++)
            {
                changes[i] = MakeChange("create", Guid.NewGuid().ToString(), "object",
                    MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)));
            }
            Daemon.Apply(2, "Many", null, changes);
            WaitFor(() => Bridge.Status.Task.StartsWith("receiving", StringComparison.Ordinal));
            System.Threading.Thread.Sleep(20);
            int before = UnityFakes.Editor.Signals;
            System.Threading.Thread.Sleep(300);
            Assert.That(UnityFakes.Editor.Signals, Is.GreaterThan(before + 3), "a signal within the tick has no effect");
            Daemon.Expect("applied", RunFrame);
            WaitFor(() => Bridge.Status.Progress == 1);
            RunFrame();
            int done = UnityFakes.Editor.Signals;
            System.Threading.Thread.Sleep(100);
            Assert.That(UnityFakes.Editor.Signals, Is.EqualTo(done), "no work is left");
        }

        [Test]
        public void BatchIsAppliedWithoutFocus()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            UnityFakes.Editor.SetFocused(false);
            Assert.That(Daemon.Expect("editor_state", RunFrame).Header.RequiredString("state", ""),
                Is.EqualTo("unfocused"));
            ExpectApplied(Daemon.Apply(2, "Rename", null, MakeChange("update", uuid, null, MakeName("B"))));
        }

        [Test]
        public void EditsWhilePausedAreSentOnResume()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            GameObject gone = CreateAccepted("Gone", 2);
            string uuid = GetUuid(gone);
            Bridge.IsEnabled = false;
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Undo.DestroyObjectImmediate(gone);
            for (int i = 0; i < 5; i++) { RunFrame(); }
            Bridge.IsEnabled = true;
            Daemon.Sync(RunFrame);
            string changes = JsonWriter.Write(Daemon.Expect("intent", RunFrame).Header.Required("changes", ""));
            Assert.That(changes, Does.Contain("\"name\":\"B\"").And.Contain("\"op\":\"delete\",\"uuid\":\"" + uuid));
        }
    }
}
