using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Session;
using VibeSync.Core.Space;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// What a user does in the editor, by the editor's own means, so that the package notices as it would there.
    /// </summary>
    public static class Commands
    {
        const double IdentitySeconds = 20;

        public static JsonValue Run(JsonValue command)
        {
            string name = command.RequiredString("do", "");
            switch (name)
            {
                case "create": return Create(command);
                case "move": return Edit(command, Move);
                case "rename": return Edit(command, Rename);
                case "reparent": return Edit(command, Reparent);
                case "visible": return Edit(command, Show);
                case "edit_mesh": return Edit(command, EditMesh);
                case "delete": return Edit(command, (target, _) => Undo.DestroyObjectImmediate(target));
                case "undo": Undo.PerformUndo(); return JsonValue.Object();
                case "play": UnityFakes.Editor.SetPlaying(command.Required("playing",
                    "").AsBool("playing")); return JsonValue.Object();
                case "dump": return Dump.Scene();
                case "status": return Status();
                case "quit": return JsonValue.Object().With("bye", true);
                default: throw new ArgumentException("unknown command " + name);
            }
        }

        static JsonValue Create(JsonValue command)
        {
            string shape = command.RequiredString("shape", "");
            string name = command.RequiredString("name", "");
            Undo.IncrementCurrentGroup();
            GameObject created = shape == "cube" ? GameObject.CreatePrimitive(PrimitiveType.Cube)
                : new GameObject(name);
            created.name = name;
            if (shape == "cube")
            {
                // The built-in cube is shared and cannot be edited; modeling tools give each object its own mesh.
                Mesh own = new Mesh { name = name };
                MeshAccess.Write(own, MeshAccess.Read(created.GetComponent<MeshFilter>().sharedMesh));
                created.GetComponent<MeshFilter>().sharedMesh = own;
            }
            Move(created, command);
            Undo.RegisterCreatedObjectUndo(created, "Create " + name);
            DateTime end = DateTime.UtcNow.AddSeconds(IdentitySeconds);
            while (created.GetComponent<VibeSyncIdentity>() == null)
            {
                if (DateTime.UtcNow > end)
                {
                    throw new TimeoutException("the object got no identity: " + Bridge.Status.LastError);
                }
                Program.Frame();
                System.Threading.Thread.Sleep(5);
            }
            JsonValue answer = JsonValue.Object().With("uuid", created.GetComponent<VibeSyncIdentity>().Uuid);
            MeshFilter filter = created.GetComponent<MeshFilter>();
            return filter == null ? answer : answer.With("mesh", new MeshStore().UuidOf(filter.sharedMesh));
        }

        static JsonValue Edit(JsonValue command, Action<GameObject, JsonValue> act)
        {
            GameObject target = Find(command.RequiredString("uuid", ""));
            Undo.IncrementCurrentGroup();
            act(target, command);
            return JsonValue.Object();
        }

        static GameObject Find(string uuid)
        {
            foreach (GameObject candidate in SceneIndex.AllGameObjects())
            {
                VibeSyncIdentity identity = candidate.GetComponent<VibeSyncIdentity>();
                if (identity != null && identity.Uuid == uuid) { return candidate; }
            }
            throw new ArgumentException("no object has the uuid " + uuid);
        }

        static void Move(GameObject target, JsonValue command)
        {
            Transform transform = target.transform;
            Undo.RecordObject(transform, "Move");
            float[] translation = Floats(command, "translation");
            float[] rotation = Floats(command, "rotation");
            float[] scale = Floats(command, "scale");
            if (translation != null)
            {
                transform.localPosition = Vector(Coordinates.Vector(translation[0], translation[1], translation[2]));
            }
            if (rotation != null)
            {
                float[] native = Coordinates.Rotation(rotation[0], rotation[1], rotation[2], rotation[3]);
                transform.localRotation = new Quaternion(native[0], native[1], native[2], native[3]);
            }
            if (scale != null) { transform.localScale = Vector(scale); }
        }

        static void Rename(GameObject target, JsonValue command)
        {
            Undo.RecordObject(target, "Rename");
            target.name = command.RequiredString("name", "");
        }

        static void Reparent(GameObject target, JsonValue command)
        {
            JsonValue parent = command.Required("parent", "");
            Transform transform = target.transform;
            Vector3 position = transform.localPosition;
            Undo.SetTransformParent(transform, parent.IsNull ? null
                : Find(parent.AsString("parent")).transform, "Parent");
            Undo.RecordObject(transform, "Parent");
            transform.localPosition = position;
        }

        static void Show(GameObject target, JsonValue command)
        {
            Undo.RecordObject(target, "Show");
            target.SetActive(command.Required("visible", "").AsBool("visible"));
        }

        static void EditMesh(GameObject target, JsonValue command)
        {
            Mesh mesh = target.GetComponent<MeshFilter>().sharedMesh;
            float[] delta = Floats(command, "delta");
            float[] native = Coordinates.Vector(delta[0], delta[1], delta[2]);
            Undo.RecordObject(mesh, "Edit mesh");
            Vector3[] vertices = mesh.vertices;
            long i = command.RequiredInteger("vertex", "");
            vertices[i] = new Vector3(vertices[i].x + native[0], vertices[i].y + native[1], vertices[i].z + native[2]);
            mesh.vertices = vertices;
        }

        static JsonValue Status()
        {
            SessionStatus status = Bridge.Status;
            JsonValue error = status.LastError == null ? JsonValue.Null : JsonValue.Object()
                .With("code", status.LastError.Code).With("message", status.LastError.Message)
                    .With("place", status.LastError.Place);
            return JsonValue.Object().With("state", status.State).With("pending", status.Pending)
                .With("head_seq", status.HeadSeq).With("last_error", error).With("applied", status.Applied)
                .With("sent", status.Sent);
        }

        static float[] Floats(JsonValue command, string key)
        {
            List<JsonValue> values = command.Find(key)?.AsArray(key);
            return values?.Select(value => (float)value.AsNumber(key)).ToArray();
        }

        static Vector3 Vector(float[] values) => new Vector3(values[0], values[1], values[2]);
    }
}
