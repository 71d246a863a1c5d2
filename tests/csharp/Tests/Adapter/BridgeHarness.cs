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

        protected override void StartDaemon() => Daemon = new FakeDaemon(RuntimeFolder);

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

        protected static string GetUuid(GameObject target) => new Identities().Find(target);

        protected static long GetVersion(GameObject target) => SceneRegistry.Current.Load(GetUuid(target)).Version;

        protected static List<JsonValue> GetChanges(Frame frame) =>
            frame.Header.Required("changes", "").AsArray("changes");

        protected static JsonValue GetComponents(JsonValue change) => change.Required("components", "");

        /// <summary>Returns the results of the client's next `applied`.</summary>
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
            Identities identities = new Identities();
            Transform found = OpenScenes.FindAll<Transform>().FirstOrDefault(item =>
                identities.Find(item.gameObject) == uuid);
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

        /// <summary>Returns one triangle facing +Z in canonical space, moved along X.</summary>
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
