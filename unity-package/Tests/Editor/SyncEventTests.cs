using System;
using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the events by which scripts of a project follow the synchronization.</summary>
    public sealed class SyncEventTests : SyncHarness
    {
        readonly List<SyncEvent> seen = new List<SyncEvent>();

        /// <summary>A listener of one test.</summary>
        Action<SyncEvent> special;

        [SetUp]
        public void Listen()
        {
            seen.Clear();
            Bridge.Synced += seen.Add;
        }

        [TearDown]
        public void ForgetTheListeners()
        {
            Bridge.Synced -= seen.Add;
            Bridge.Synced -= special;
        }

        [UnityTest]
        public IEnumerator SentChangesAreReportedOnce()
        {
            yield return Connect();
            GameObject made = new GameObject("Chair");
            Undo.RegisterCreatedObjectUndo(made, "Create");
            yield return Expect("intent");
            Frame intent = Received;
            yield return WaitFor(() => seen.Count == 1);
            Assert.That(seen[0].Direction, Is.EqualTo(SyncDirection.Sent));
            Assert.That(seen[0].Label, Is.EqualTo("Create Chair in Unity"));
            Assert.That(seen[0].Uuids, Is.EqualTo(new[] { GetUuid(made) }));
            Daemon.Drop();
            yield return Sync();
            yield return Expect("intent");
            Frame again = Received;
            Assert.That(again.Header.RequiredString("operation_id", ""),
                Is.EqualTo(intent.Header.RequiredString("operation_id", "")));
            yield return null;
            Assert.That(seen.Count, Is.EqualTo(1), "the same change is sent again, and not reported again");
        }

        [UnityTest]
        public IEnumerator AppliedBatchIsReported()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            seen.Clear();
            string batch = Daemon.Apply(2, "Rename in Blender", null, MakeChange("update", uuid, null, MakeName("B")));
            yield return ExpectApplied(batch);
            yield return WaitFor(() => seen.Count > 0);
            Assert.That(seen.Count, Is.EqualTo(1));
            Assert.That(seen[0].Direction, Is.EqualTo(SyncDirection.Applied));
            Assert.That(seen[0].Label, Is.EqualTo("Rename in Blender"));
            Assert.That(seen[0].Uuids, Is.EqualTo(new[] { uuid }));
            Assert.That(FindObject(uuid).name, Is.EqualTo("B"));
        }

        [UnityTest]
        public IEnumerator ListenerThatFailsHarmsNobodyElse()
        {
            LogAssert.ignoreFailingMessages = true;
            Bridge.Synced -= seen.Add;
            special = _ => throw new InvalidOperationException("a listener of the project");
            Bridge.Synced += special;
            Bridge.Synced += seen.Add;
            yield return Connect();
            yield return CreateAccepted("A", 1);
            yield return WaitFor(() => seen.Count == 1);
            Assert.That(Host.Log, Has.Some.Contains("a listener of the project"));
            Host.Log.Clear();
            yield return CreateAccepted("B", 2);
            Assert.That(Bridge.IsRunning);
            Host.Log.Clear();
        }

        [UnityTest]
        public IEnumerator ListenerMayEndTheBridge()
        {
            special = _ => Bridge.IsEnabled = false;
            Bridge.Synced += special;
            yield return Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            yield return WaitFor(() => !Bridge.IsRunning);
            Assert.That(seen.Count, Is.EqualTo(1));
        }
    }
}
