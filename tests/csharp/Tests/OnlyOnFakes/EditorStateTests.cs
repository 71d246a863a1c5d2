using System;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the work of the bridge in other states of the editor. Only on the fakes, because a test cannot make Unity
    /// compile or lose the focus, and cannot count how often Unity is asked for a tick.
    /// </summary>
    public sealed class EditorStateTests : BridgeHarness
    {
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
            // A tick that took long, for instance to compile a method, asks for one more.
            Assert.That(Enumerable.Range(0, 20).Any(_ => IsQuietAfterAFrame()), "no work is left");
        }

        static bool IsQuietAfterAFrame()
        {
            RunFrame();
            int done = UnityFakes.Editor.Signals;
            System.Threading.Thread.Sleep(100);
            return UnityFakes.Editor.Signals == done;
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
    }
}
