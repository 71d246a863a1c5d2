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
    public abstract class BridgeHarness
    {
        protected FakeDaemon Daemon;

        protected static readonly Action RunFrame = UnityFakes.Editor.Frame;

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
            Daemon.Sync(RunFrame);
            WaitFor(() => Bridge.Status.State == "connected");
        }

        protected static void WaitFor(Func<bool> condition, double seconds = 10)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (!condition())
            {
                if (DateTime.UtcNow > end) { throw new AssertionException("it did not happen in time"); }
                RunFrame();
                System.Threading.Thread.Sleep(2);
            }
        }

        /// <summary>Creates an object as a user does, and returns it once the daemon has accepted it.</summary>
        protected GameObject CreateAccepted(string name, long seq)
        {
            GameObject created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(created, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), seq);
            WaitFor(() => created.GetComponent<VibeSyncIdentity>().Version == seq);
            return created;
        }

        protected static string GetUuid(GameObject target) => target.GetComponent<VibeSyncIdentity>().Uuid;

        protected static List<JsonValue> GetChanges(Frame frame) =>
            frame.Header.Required("changes", "").AsArray("changes");

        protected static JsonValue GetComponents(JsonValue change) => change.Required("components", "");

        /// <summary>The results of the client's next `applied`.</summary>
        protected List<JsonValue> ExpectApplied(string batch)
        {
            Frame applied = Daemon.Expect("applied", RunFrame);
            Assert.That(applied.Header.RequiredString("batch_id", ""), Is.EqualTo(batch));
            return applied.Header.Required("results", "").AsArray("results");
        }

        protected static JsonValue MakeChange(string op, string uuid, string kind = null, JsonValue components = null)
        {
            JsonValue change = JsonValue.Object().With("op", op).With("uuid", uuid);
            if (kind != null) { change.With("kind", kind); }
            return components == null ? change : change.With("components", components);
        }

        protected static GameObject FindObject(string uuid)
        {
            VibeSyncIdentity found = OpenScenes.FindAll<VibeSyncIdentity>().FirstOrDefault(item => item.Uuid == uuid);
            return found == null ? null : found.gameObject;
        }

        protected static JsonValue MakeObject(string name, string parent, string data, JsonValue transform)
        {
            return JsonValue.Object().With("name", name).With("transform", transform)
                .With("visibility", JsonValue.Object().With("visible", true))
                .With("parent", JsonValue.Object().With("uuid", parent))
                    .With("data", JsonValue.Object().With("uuid", data));
        }

        protected static JsonValue MakeName(string name) => JsonValue.Object().With("name", name);

        protected static string GetErrorCode(JsonValue result)
        {
            JsonValue error = result.Find("error");
            return error == null ? "" : error.RequiredString("code", "");
        }

        /// <summary>One triangle facing +Z in canonical space, moved along X, as a `mesh` component.</summary>
        protected static MeshComponent MakeTriangle(float x)
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

        protected static JsonValue MakeMesh(string name, MeshComponent mesh, List<byte[]> attachments)
        {
            return JsonValue.Object().With("name", name).With("mesh", mesh.ToJson(attachments));
        }

        protected static JsonValue MakeTransform(double x, double y, double z)
        {
            return JsonValue.Object().With("translation", JsonValue.Array(x, y, z))
                .With("rotation", JsonValue.Array(0, 0, 0, 1)).With("scale", JsonValue.Array(1, 1, 1));
        }
    }
}
