using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Holds an editor with an empty scene, a fake daemon, and the real bridge between them over a real socket. Each
    /// method that returns <see cref="Steps"/> waits over several frames; its result is then in a property.
    /// </summary>
    public abstract class SyncHarness : SceneHarness
    {
        const string RuntimeVariable = "VIBESYNC_RUNTIME_DIR";

        string runtimeBefore;
        Exception failure;
        Frame received;
        List<JsonValue> results;

        protected static ITestHost Host => TestHost.Current;

        protected FakeDaemon Daemon { get; private set; }

        /// <summary>A temporary folder of the test.</summary>
        protected string Folder { get; private set; }

        /// <summary>The frame for which the test waited last.</summary>
        protected Frame Received => received ?? throw failure;

        /// <summary>The results in the last `applied`.</summary>
        protected List<JsonValue> Results => results ?? throw failure;

        /// <summary>The last object of <see cref="CreateAccepted"/>.</summary>
        protected GameObject Created { get; private set; }

        [SetUp]
        public void StartEditor()
        {
            failure = null;
            Folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            string runtime = Path.Combine(Folder, "run");
            Directory.CreateDirectory(runtime);
            runtimeBefore = Environment.GetEnvironmentVariable(RuntimeVariable);
            Environment.SetEnvironmentVariable(RuntimeVariable, runtime);
            Host.Open(Folder);
            PrepareEditor();
            Daemon = new FakeDaemon(runtime, Path.GetDirectoryName(Host.ProjectFolder));
            Host.StartEditor();
        }

        [TearDown]
        public void StopEditor()
        {
            Host.QuitEditor();
            Daemon.Dispose();
            Environment.SetEnvironmentVariable(RuntimeVariable, runtimeBefore);
            EditorClock.Replacement = null;
            List<string> log = new List<string>(Host.Log);
            Host.Close();
            Directory.Delete(Folder, true);
            if (failure != null) { throw failure; }
            foreach (string entry in log)
            {
                Assert.That(entry, Does.Not.StartWith("exception"), "the bridge met an unexpected error");
            }
        }

        /// <summary>Changes settings of the editor before the bridge starts.</summary>
        protected virtual void PrepareEditor()
        {
        }

        /// <summary>Makes the steps of a helper one wait of the test.</summary>
        protected Steps Run(IEnumerator steps) => new Steps(steps, error => failure = failure ?? error);

        /// <summary>Waits until the condition holds.</summary>
        protected Steps WaitFor(Func<bool> condition, double seconds = 10) => Run(Wait(condition, seconds));

        /// <summary>Waits for a frame of the type, then in <see cref="Received"/>; drops frames of other types.</summary>
        protected Steps Expect(string type, double seconds = 10) => Run(WaitForFrame(seconds, type));

        /// <summary>Waits for a frame of either type, then in <see cref="Received"/>.</summary>
        protected Steps ExpectEither(string one, string other) => Run(WaitForFrame(10, one, other));

        /// <summary>Waits for a while and asserts that the client sends no frame of the type.</summary>
        protected Steps ExpectNone(string type, double seconds = 0.3) => Run(WaitInVain(type, seconds));

        /// <summary>Answers the inventory, then in <see cref="Received"/>; the client is connected soon after.</summary>
        protected Steps Sync(JsonValue want = null, int owed = 0) => Run(AnswerInventory(want, owed));

        /// <summary>Connects; the daemon then has the inventory and asks for no entity.</summary>
        protected Steps Connect() => Run(SyncAndConnect());

        /// <summary>Creates an object as a user does, and waits until the client knows that it is accepted.</summary>
        protected Steps CreateAccepted(string name, long seq) => Run(CreateAndAccept(name, seq));

        /// <summary>Waits for the answer to a batch; its results are then in <see cref="Results"/>.</summary>
        protected Steps ExpectApplied(string batch) => Run(WaitForResults(batch));

        /// <summary>Accepts the intent that says which prefabs objects come from, after one was made.</summary>
        protected Steps AcceptPrefabs(long seq) => Run(ExpectPrefabs(seq));

        IEnumerator ExpectPrefabs(long seq)
        {
            yield return Expect("intent");
            foreach (JsonValue change in GetChanges(Received)) { GetComponents(change).Required("prefab", ""); }
            Daemon.Accept(Received, seq);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
        }

        static IEnumerator Wait(Func<bool> condition, double seconds)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (!condition())
            {
                if (DateTime.UtcNow > end)
                {
                    throw new AssertionException("not in time; " + Bridge.Status.State + ", "
                        + Bridge.Status.LastError);
                }
                yield return null;
            }
        }

        IEnumerator WaitForFrame(double seconds, params string[] types)
        {
            received = null;
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (DateTime.UtcNow < end)
            {
                yield return null;
                if (!Daemon.TryReceive(out Frame frame) || Array.IndexOf(types, frame.Type) < 0) { continue; }
                received = frame;
                yield break;
            }
            throw new AssertionException("no " + string.Join(" or ", types) + " arrived; " + Bridge.Status.State + ", "
                + Bridge.Status.LastError);
        }

        IEnumerator WaitInVain(string type, double seconds)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (DateTime.UtcNow < end)
            {
                yield return null;
                if (Daemon.TryReceive(out Frame frame))
                {
                    Assert.That(frame.Type, Is.Not.EqualTo(type), JsonWriter.Write(frame.Header));
                }
            }
        }

        IEnumerator AnswerInventory(JsonValue want, int owed)
        {
            yield return Expect("inventory");
            Daemon.AnswerInventory(want, owed);
        }

        IEnumerator SyncAndConnect()
        {
            yield return Sync();
            yield return WaitFor(() => Bridge.Status.State == "connected");
        }

        IEnumerator CreateAndAccept(string name, long seq)
        {
            Created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(Created, "Create");
            yield return Expect("intent");
            Daemon.Accept(Received, seq);
            yield return WaitFor(() => GetVersion(Created) == seq);
        }

        IEnumerator WaitForResults(string batch)
        {
            results = null;
            yield return Expect("applied");
            Assert.That(Received.Header.RequiredString("batch_id", ""), Is.EqualTo(batch));
            results = Received.Header.Required("results", "").AsArray("results");
        }
    }
}
