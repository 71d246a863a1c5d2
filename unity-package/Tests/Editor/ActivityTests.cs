using System;
using System.Collections;
using System.Text.RegularExpressions;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that batches wait for the user, and that repeated errors stop the bridge.</summary>
    public sealed class ActivityTests : SyncHarness
    {
        /// <summary>The last report of the edited objects: the editor's state and the uuids.</summary>
        string report;

        [UnityTest]
        public IEnumerator BatchWaitsUntilTheUserHasPaused([Values("modal", "edit")] string state)
        {
            double clock = EditorClock.Now;
            EditorClock.Replacement = () => clock;
            yield return Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            yield return Expect("intent");
            Frame intent = Received;
            Daemon.Accept(intent, 1);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            SetUserAction(state, true);
            yield return null;
            string batch = Daemon.Apply(2, "Rename", null, MakeChange("update", uuid, null, MakeName("B")));
            yield return Expect("deferred");
            Assert.That(Received.Header.RequiredString("state", ""), Is.EqualTo(state));
            SetUserAction(state, false);
            clock += 0.29;
            yield return ExpectNone("applied");
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            clock += 0.02;
            yield return ExpectApplied(batch);
            Assert.That(FindObject(uuid).name, Is.EqualTo("B"));
        }

        [UnityTest]
        public IEnumerator EditedObjectsAreReported()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject held = Created;
            yield return CreateAccepted("B", 2);
            GameObject other = Created;
            Host.Select(held.transform);
            Host.HoldMouse(true);
            yield return Run(ReadReport());
            Assert.That(report, Is.EqualTo("modal " + GetUuid(held)));
            Host.Select(other.transform, held.transform);
            string[] both = { GetUuid(held), GetUuid(other) };
            Array.Sort(both, string.CompareOrdinal);
            yield return Run(ReadReport());
            Assert.That(report, Is.EqualTo("modal " + string.Join(" ", both)));
            Transform[] many = new Transform[257];
            for (int i = 0; i < many.Length; i++) { many[i] = new GameObject("Many " + i).transform; }
            Host.Select(many);
            yield return Run(ReadReport());
            Assert.That(report, Is.EqualTo("modal all"));
            Host.Select();
            yield return Run(ReadReport());
            Assert.That(report, Is.EqualTo("modal "));
            Host.HoldMouse(false);
            yield return Run(ReadReport());
            Assert.That(report, Is.EqualTo(Host.IdleState + " all"));
        }

        [UnityTest]
        public IEnumerator ObjectSelectedBelowAnotherIsReported()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject parent = Created;
            yield return CreateAccepted("B", 2);
            GameObject child = Created;
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            Host.Select(parent.transform, child.transform);
            Host.HoldMouse(true);
            string[] both = { GetUuid(parent), GetUuid(child) };
            Array.Sort(both, string.CompareOrdinal);
            yield return Run(ReadReport());
            Assert.That(report, Is.EqualTo("modal " + string.Join(" ", both)));
        }

        /// <summary>Waits for the next `editor_state`.</summary>
        IEnumerator ReadReport()
        {
            yield return Expect("editor_state");
            JsonValue objects = Received.Header.Find("objects");
            string listed = objects == null ? "all"
                : string.Join(" ", objects.AsArray("objects").ConvertAll(uuid => uuid.AsString("objects")));
            report = Received.Header.RequiredString("state", "") + " " + listed;
        }

        static void SetUserAction(string state, bool isHeld)
        {
            if (state == "modal") { Host.HoldMouse(isHeld); }
            else { EditorGUIUtility.editingTextField = isHeld; }
        }

        [UnityTest]
        public IEnumerator BridgeStopsAfterFiveErrorsInARow()
        {
            yield return Connect();
            LogAssert.ignoreFailingMessages = true;
            double clock = EditorClock.Now;
            EditorClock.Replacement = () => throw new InvalidOperationException("broken on purpose");
            for (int i = 0; i < 4; i++) { yield return null; }
            Assert.That(Bridge.IsRunning, "four errors are allowed");
            yield return null;
            Assert.That(Bridge.IsRunning, Is.False);
            Assert.That(Bridge.StopReason, Does.Contain("5 errors in a row").And.Contain("broken on purpose"));
            Assert.That(Host.Log.FindAll(entry => entry.StartsWith("exception", StringComparison.Ordinal)).Count,
                Is.EqualTo(5));
            Host.Log.Clear();
            for (int i = 0; i < 10; i++) { yield return null; }
            Assert.That(Host.Log, Is.Empty, "a stopped bridge logs nothing");
            EditorClock.Replacement = () => clock + 1000;
            Host.Press("Re-enable");
            Assert.That(Bridge.IsRunning && Bridge.StopReason.Length == 0);
            yield return Connect();
        }

        [UnityTest]
        public IEnumerator ScatteredErrorsDoNotStopTheBridge()
        {
            yield return Connect();
            LogAssert.ignoreFailingMessages = true;
            for (int i = 0; i < 12; i++)
            {
                bool isBroken = i % 3 != 0;
                EditorClock.Replacement = isBroken ? () => throw new InvalidOperationException("some frames")
                    : (Func<double>)null;
                yield return null;
            }
            EditorClock.Replacement = null;
            Host.Log.Clear();
            Assert.That(Bridge.IsRunning);
        }

        [UnityTest]
        public IEnumerator BatchOfAnotherProjectIsRefused()
        {
            yield return Run(AssertRefused("VS-2003", "01920000-0000-7000-8000-0000000000ff", 1));
        }

        [UnityTest]
        public IEnumerator BatchOfAnotherSchemaIsRefused()
        {
            yield return Run(AssertRefused("VS-2001", FakeDaemon.ProjectId, 2));
        }

        IEnumerator AssertRefused(string code, string projectId, int schema)
        {
            LogAssert.Expect(LogType.Error, new Regex(code));
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            Daemon.Send(Messages.Create("apply").With("batch_id", Guid.NewGuid().ToString())
                .With("project_id", projectId).With("schema_version", schema)
                .With("reason", "change").With("path", "fast").With("operations", JsonValue.Array())
                .With("label", "Theirs").With("head_seq", 2)
                .With("changes", JsonValue.Array(MakeChange("update", uuid, null, MakeName("B")).With("version", 2))));
            yield return WaitFor(() => Bridge.Status.LastError?.Code == code);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            yield return Connect();
            Assert.That(Daemon.Connections, Is.EqualTo(2), "the client reconnects");
        }

        [UnityTest]
        public IEnumerator EditsWhilePausedAreSentOnResume()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            yield return CreateAccepted("Gone", 2);
            GameObject gone = Created;
            string uuid = GetUuid(gone);
            Bridge.IsEnabled = false;
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Undo.DestroyObjectImmediate(gone);
            for (int i = 0; i < 5; i++) { yield return null; }
            Bridge.IsEnabled = true;
            yield return Sync();
            yield return Expect("intent");
            string changes = JsonWriter.Write(Received.Header.Required("changes", ""));
            Assert.That(changes, Does.Contain("\"name\":\"B\"").And.Contain("\"op\":\"delete\",\"uuid\":\"" + uuid));
        }
    }
}
