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
    /// <summary>A fresh editor, a daemon, and the real bridge between them over a real socket.</summary>
    public abstract class BridgeFixture
    {
        protected FakeDaemon Daemon;

        protected static readonly Action Frame = UnityFakes.Editor.Frame;

        [SetUp]
        public void StartBridge()
        {
            UnityFakes.Editor.Reset();
            Daemon = new FakeDaemon();
            Environment.SetEnvironmentVariable("VIBESYNC_RUNTIME_DIR", Daemon.Folder);
            Engine.ProjectFolder = System.IO.Path.Combine(Daemon.Folder, "unity");
            UnityFakes.Editor.Start();
        }

        [TearDown]
        public void StopBridge()
        {
            UnityFakes.Editor.Quit();
            Daemon.Dispose();
            foreach (string entry in Engine.Log)
            {
                Assert.That(entry, Does.Not.StartWith("exception"), "the bridge met an unexpected error");
            }
        }

        /// <summary>Connects, and lets the daemon accept all that the scene holds.</summary>
        protected void Connect()
        {
            Daemon.Sync(Frame);
            WaitFor(() => Bridge.Status.State == "connected");
        }

        protected static void WaitFor(Func<bool> condition, double seconds = 10)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (!condition())
            {
                if (DateTime.UtcNow > end) { throw new AssertionException("it did not happen in time"); }
                Frame();
                System.Threading.Thread.Sleep(2);
            }
        }

        /// <summary>Creates an object as a user does, and returns it once the daemon has accepted it.</summary>
        protected GameObject CreateAccepted(string name, long seq)
        {
            GameObject created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(created, "Create");
            Daemon.Accept(Daemon.Expect("intent", Frame), seq);
            WaitFor(() => created.GetComponent<VibeSyncIdentity>().Version == seq);
            return created;
        }

        protected static string UuidOf(GameObject target) => target.GetComponent<VibeSyncIdentity>().Uuid;

        protected static List<JsonValue> Changes(Frame frame) =>
            frame.Header.Required("changes", "").AsArray("changes");

        protected static JsonValue Components(JsonValue change) => change.Required("components", "");

        /// <summary>The results of the client's next `applied`.</summary>
        protected List<JsonValue> Applied(string batch)
        {
            Frame applied = Daemon.Expect("applied", Frame);
            Assert.That(applied.Header.RequiredString("batch_id", ""), Is.EqualTo(batch));
            return applied.Header.Required("results", "").AsArray("results");
        }

        protected static JsonValue Change(string op, string uuid, string kind = null, JsonValue components = null)
        {
            JsonValue change = JsonValue.Object().With("op", op).With("uuid", uuid);
            if (kind != null) { change.With("kind", kind); }
            return components == null ? change : change.With("components", components);
        }

        protected static GameObject Find(string uuid)
        {
            VibeSyncIdentity found = OpenScenes.All<VibeSyncIdentity>().FirstOrDefault(item => item.Uuid == uuid);
            return found == null ? null : found.gameObject;
        }

        protected static JsonValue ObjectComponents(string name, string parent, string data, JsonValue transform)
        {
            return JsonValue.Object().With("name", name).With("transform", transform)
                .With("visibility", JsonValue.Object().With("visible", true))
                .With("parent", JsonValue.Object().With("uuid", parent))
                    .With("data", JsonValue.Object().With("uuid", data));
        }

        protected static JsonValue NameIs(string name) => JsonValue.Object().With("name", name);

        protected static string Error(JsonValue result)
        {
            JsonValue error = result.Find("error");
            return error == null ? "" : error.RequiredString("code", "");
        }

        /// <summary>One triangle facing +Z in canonical space, moved along X, as a `mesh` component.</summary>
        protected static MeshComponent Triangle(float x)
        {
            MeshComponent mesh = new MeshComponent
            {
                Position = new[] { x, 0, 0, x + 1, 0, 0, x, 1, 0 },
                Index = new[] { 0, 1, 2 },
                Normal = new float[] { 0, 0, 1, 0, 0, 1, 0, 0, 1 },
            };
            mesh.Uv[0] = new float[] { 0, 0, 1, 0, 0, 1 };
            mesh.Submeshes.Add(new Submesh(0, 0, 3));
            return mesh;
        }

        protected static JsonValue MeshComponents(string name, MeshComponent mesh, List<byte[]> attachments)
        {
            return JsonValue.Object().With("name", name).With("mesh", mesh.ToJson(attachments));
        }

        protected static JsonValue Transform(double x, double y, double z)
        {
            return JsonValue.Object().With("translation", JsonValue.Array(x, y, z))
                .With("rotation", JsonValue.Array(0, 0, 0, 1)).With("scale", JsonValue.Array(1, 1, 1));
        }
    }
}
