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
                case "duplicate": return Duplicate(command, command.Find("linked")?.AsBool("linked") ?? false);
                case "duplicate_linked": return Duplicate(command, true);
                case "move": return Edit(command, Move);
                case "rename": return Edit(command, Rename);
                case "reparent": return Edit(command, Reparent);
                case "visible": return Edit(command, Show);
                case "edit_mesh": return Edit(command, MeshEdits.Move);
                case "colors": return Edit(command, MeshEdits.Color);
                case "uvs": return Edit(command, MeshEdits.Unwrap);
                case "delete": return Edit(command, (target, _) => Undo.DestroyObjectImmediate(target));
                case "undo": return Do(Undo.PerformUndo);
                case "redo": return Do(Undo.PerformRedo);
                case "play": return Do(() => UnityFakes.Editor.SetPlaying(Flag(command, "on"), Flag(command, "reloads")));
                case "compile": return Do(() => UnityFakes.Editor.SetCompiling(Flag(command, "on")));
                case "domain_reload": return Do(() => UnityFakes.Editor.ReloadDomain());
                case "hold": return Do(() => GUIUtility.hotControl = Flag(command, "on") ? 1 : 0);
                case "focus": return Do(() => UnityFakes.Editor.SetFocused(Flag(command, "on")));
                case "pause": return Do(() => Bridge.IsEnabled = !Flag(command, "paused"));
                case "save": return Do(() => UnityFakes.Editor.SaveScene(command.RequiredString("path", "")));
                case "open": return Do(() => UnityFakes.Editor.OpenScene(command.RequiredString("path", "")));
                case "dump": return Dump.Scene();
                case "status": return Status();
                case "quit": return JsonValue.Object().With("bye", true);
                default: throw new ArgumentException("unknown command " + name);
            }
        }

        static JsonValue Do(Action act)
        {
            act();
            return JsonValue.Object();
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
                MeshFilter filter = created.GetComponent<MeshFilter>();
                filter.sharedMesh = MeshEdits.Copy(filter.sharedMesh, name);
            }
            Move(created, command);
            Undo.RegisterCreatedObjectUndo(created, "Create " + name);
            return Identities(created, "");
        }

        static JsonValue Duplicate(JsonValue command, bool linked)
        {
            GameObject original = Find(command.RequiredString("uuid", ""));
            Undo.IncrementCurrentGroup();
            GameObject copy = UnityFakes.Editor.Duplicate(original);
            MeshFilter filter = copy.GetComponent<MeshFilter>();
            bool own = !linked && filter != null && filter.sharedMesh != null;
            if (own) { filter.sharedMesh = MeshEdits.Copy(filter.sharedMesh, copy.name); }
            return Identities(copy, copy.GetComponent<VibeSyncIdentity>().Uuid);
        }

        /// <summary>Waits until the package has given an object an identity other than <paramref name="old"/>.</summary>
        static JsonValue Identities(GameObject target, string old)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(IdentitySeconds);
            string uuid;
            while ((uuid = target.GetComponent<VibeSyncIdentity>()?.Uuid ?? "") == old || uuid.Length == 0)
            {
                if (DateTime.UtcNow > end)
                {
                    throw new TimeoutException("the object got no identity: " + Bridge.Status.LastError);
                }
                Program.Frame();
                System.Threading.Thread.Sleep(5);
            }
            JsonValue answer = JsonValue.Object().With("uuid", uuid);
            MeshFilter filter = target.GetComponent<MeshFilter>();
            return filter == null ? answer : answer.With("mesh", new MeshRecords().FindUuid(filter.sharedMesh));
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
            foreach (VibeSyncIdentity identity in OpenScenes.FindAll<VibeSyncIdentity>())
            {
                if (identity.Uuid == uuid) { return identity.gameObject; }
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

        /// <summary>With `keep` the place in the world stays, as when dragging in the hierarchy; else the local one.</summary>
        static void Reparent(GameObject target, JsonValue command)
        {
            JsonValue parent = command.Required("parent", "");
            bool keep = command.Find("keep")?.AsBool("keep") ?? false;
            Transform transform = target.transform;
            (Vector3 position, Quaternion rotation, Vector3 scale) =
                (transform.localPosition, transform.localRotation, transform.localScale);
            Undo.SetTransformParent(transform, parent.IsNull ? null
                : Find(parent.AsString("parent")).transform, "Parent");
            if (keep) { return; }
            Undo.RecordObject(transform, "Parent");
            (transform.localPosition, transform.localRotation, transform.localScale) = (position, rotation, scale);
        }

        static void Show(GameObject target, JsonValue command)
        {
            Undo.RecordObject(target, "Show");
            target.SetActive(Flag(command, "visible"));
        }

        static JsonValue Status()
        {
            SessionStatus status = Bridge.Status;
            JsonValue error = status.LastError == null ? JsonValue.Null : JsonValue.Object()
                .With("code", status.LastError.Code).With("message", status.LastError.Message)
                    .With("place", status.LastError.Location);
            return JsonValue.Object().With("state", status.State).With("pending", status.Pending)
                .With("head_seq", status.HeadSeq).With("last_error", error).With("applied", status.Applied)
                .With("sent", status.Sent);
        }

        static bool Flag(JsonValue command, string key) => command.Required(key, "").AsBool(key);

        internal static float[] Floats(JsonValue command, string key)
        {
            List<JsonValue> values = command.Find(key)?.AsArray(key);
            return values?.Select(value => (float)value.AsNumber(key)).ToArray();
        }

        static Vector3 Vector(float[] values) => new Vector3(values[0], values[1], values[2]);
    }
}
