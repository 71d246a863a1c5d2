using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Reads the identities of objects, and builds and reads the messages between daemon and client.</summary>
    public abstract class SceneHarness
    {
        protected static string GetUuid(GameObject target) => new Identities().Find(target);

        protected static long GetVersion(GameObject target) => SceneRegistry.Current.Load(GetUuid(target)).Version;

        protected static List<JsonValue> GetChanges(Frame frame) =>
            frame.Header.Required("changes", "").AsArray("changes");

        protected static JsonValue GetComponents(JsonValue change) => change.Required("components", "");

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
