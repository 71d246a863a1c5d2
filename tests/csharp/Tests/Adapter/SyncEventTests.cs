using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the events by which scripts of a project follow the synchronization.</summary>
    public sealed class SyncEventTests : BridgeHarness
    {
        readonly List<SyncEvent> seen = new List<SyncEvent>();

        [SetUp]
        public void Listen()
        {
            seen.Clear();
            Bridge.Synced += seen.Add;
        }

        [Test]
        public void SentChangesAreReportedOnce()
        {
            Connect();
            GameObject made = new GameObject("Chair");
            Undo.RegisterCreatedObjectUndo(made, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            WaitFor(() => seen.Count == 1);
            Assert.That(seen[0].Direction, Is.EqualTo(SyncDirection.Sent));
            Assert.That(seen[0].Label, Is.EqualTo("Create Chair in Unity"));
            Assert.That(seen[0].Uuids, Is.EqualTo(new[] { GetUuid(made) }));
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            Frame again = Daemon.Expect("intent", RunFrame);
            Assert.That(again.Header.RequiredString("operation_id", ""),
                Is.EqualTo(intent.Header.RequiredString("operation_id", "")));
            RunFrame();
            Assert.That(seen.Count, Is.EqualTo(1), "the same change is sent again, and not reported again");
        }

        [Test]
        public void AppliedBatchIsReported()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            seen.Clear();
            string batch = Daemon.Apply(2, "Rename in Blender", null, MakeChange("update", uuid, null, MakeName("B")));
            ExpectApplied(batch);
            WaitFor(() => seen.Count > 0);
            Assert.That(seen.Count, Is.EqualTo(1));
            Assert.That(seen[0].Direction, Is.EqualTo(SyncDirection.Applied));
            Assert.That(seen[0].Label, Is.EqualTo("Rename in Blender"));
            Assert.That(seen[0].Uuids, Is.EqualTo(new[] { uuid }));
            Assert.That(FindObject(uuid).name, Is.EqualTo("B"));
        }

        [Test]
        public void ListenerThatFailsHarmsNobodyElse()
        {
            Bridge.Synced -= seen.Add;
            Bridge.Synced += _ => throw new InvalidOperationException("a listener of the project");
            Bridge.Synced += seen.Add;
            Connect();
            CreateAccepted("A", 1);
            WaitFor(() => seen.Count == 1);
            Assert.That(Engine.Log, Has.Some.Contains("a listener of the project"));
            Engine.Log.Clear();
            CreateAccepted("B", 2);
            Assert.That(Bridge.IsRunning);
            Engine.Log.Clear();
        }

        [Test]
        public void ListenerMayEndTheBridge()
        {
            Bridge.Synced += _ => Bridge.IsEnabled = false;
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            WaitFor(() => !Bridge.IsRunning);
            Assert.That(seen.Count, Is.EqualTo(1));
        }
    }
}
