using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Holds a faked editor, a fake daemon, and the real bridge between them over a real socket.</summary>
    public abstract class BridgeHarness : EditorHarness
    {
        protected FakeDaemon Daemon { get; private set; }

        protected override void StartDaemon() => Daemon = new FakeDaemon(RuntimeFolder, Folder);

        protected override void StopDaemon() => Daemon.Dispose();

        /// <summary>Connects; the daemon then has the inventory and asks for no entity.</summary>
        protected void Connect()
        {
            Daemon.Sync(RunFrame);
            WaitFor(() => Bridge.Status.State == "connected");
        }

        /// <summary>Creates an object as a user does, and returns it once the daemon has acknowledged it.</summary>
        protected GameObject CreateAccepted(string name, long seq)
        {
            GameObject created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(created, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), seq);
            WaitFor(() => GetVersion(created) == seq);
            return created;
        }

        /// <summary>Returns the results of the client's next `applied`.</summary>
        protected List<JsonValue> ExpectApplied(string batch)
        {
            Frame applied = Daemon.Expect("applied", RunFrame);
            Assert.That(applied.Header.RequiredString("batch_id", ""), Is.EqualTo(batch));
            return applied.Header.Required("results", "").AsArray("results");
        }
    }
}
