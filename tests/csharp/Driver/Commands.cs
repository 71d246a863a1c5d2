using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Session;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Performs the edits of a user by the editor's own API, so that the package receives the same events as in Unity.
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
                case "drag": return RunAction(() => Place(Find(command.RequiredString("uuid", "")).transform, command));
                case "select":
                    return RunAction(() => UnityFakes.Editor.SetSelection(command.Required("uuids", "").AsArray("uuids")
                        .Select(uuid => Find(uuid.AsString("uuids")).transform).ToArray()));
                case "rename": return Edit(command, Rename);
                case "reparent": return Edit(command, Reparent);
                case "visible": return Edit(command, SetVisible);
                case "edit_mesh": return Edit(command, MeshEdits.Move);
                case "weigh": return Edit(command, MeshEdits.Weigh);
                case "read_shapes": return MeshEdits.ReadShapes(Find(command.RequiredString("uuid", "")));
                case "colors": return Edit(command, MeshEdits.Color);
                case "uvs": return Edit(command, MeshEdits.Unwrap);
                case "edit_light":
                    return Edit(command, (target, _) => Viewers.Edit(target.GetComponent<Light>(), command));
                case "edit_camera":
                    return Edit(command, (target, _) => Viewers.Edit(target.GetComponent<Camera>(), command));
                case "create_material": return Materials.Create(command);
                case "edit_material": return RunAction(() => Materials.Edit(command));
                case "remove_material": return RunAction(() => Materials.Remove(command));
                case "link_image": return Images.Link(command);
                case "paint_image": return RunAction(() => Images.Paint(command));
                case "read_image": return Images.Read(command);
                case "assign_material": return Edit(command, Materials.Assign);
                case "delete": return Edit(command, (target, _) => Undo.DestroyObjectImmediate(target));
                case "undo": return RunAction(Undo.PerformUndo);
                case "redo": return RunAction(Undo.PerformRedo);
                case "play":
                    return RunAction(() => UnityFakes.Editor.SetPlaying(ReadFlag(command, "on"),
                        ReadFlag(command, "reloads")));
                case "compile": return RunAction(() => UnityFakes.Editor.SetCompiling(ReadFlag(command, "on")));
                case "domain_reload": return RunAction(() => UnityFakes.Editor.ReloadDomain());
                case "hold": return RunAction(() => GUIUtility.hotControl = ReadFlag(command, "on") ? 1 : 0);
                case "focus": return RunAction(() => UnityFakes.Editor.SetFocused(ReadFlag(command, "on")));
                case "pause": return RunAction(() => Bridge.IsEnabled = !ReadFlag(command, "paused"));
                case "save": return RunAction(() => UnityFakes.Editor.SaveScene(command.RequiredString("path", "")));
                case "open": return RunAction(() => UnityFakes.Editor.OpenScene(command.RequiredString("path", "")));
                case "add_package": return AddPackage(command);
                case "watch":
                    return RunAction(() => Watch.Begin(FindAll(command.Required("uuids", "").AsArray("uuids")
                        .Select(uuid => uuid.AsString("uuids")))));
                case "use": return RunAction(() => Program.IsUsed = ReadFlag(command, "on"));
                case "watched": return Watch.End();
                case "read_instances": return Instances.Read();
                case "clip": return Clips.Run(Find(command.RequiredString("uuid", "")), command);
                case "dump": return Dump.ReadScene();
                case "shown": return Dump.ReadShown();
                case "status": return ReadStatus();
                case "quit": return JsonValue.Object().With("bye", true);
                default: return RunOnRig(name, command);
            }
        }

        static JsonValue RunOnRig(string name, JsonValue command)
        {
            switch (name)
            {
                case "turn_joint": return Edit(command, Rigs.Turn);
                case "read_joints": return Rigs.Read(Find(command.RequiredString("uuid", "")));
                case "read_skin": return Rigs.ReadSkin(Find(command.RequiredString("uuid", "")));
                default: throw new ArgumentException("unknown command " + name);
            }
        }

        static JsonValue RunAction(Action act)
        {
            act();
            return JsonValue.Object();
        }

        /// <summary>Adds a package to the project. Its assembly is beside that of the driver.</summary>
        static JsonValue AddPackage(JsonValue command)
        {
            string name = command.RequiredString("name", "");
            string assembly = command.RequiredString("assembly", "");
            Project.Assemblies.Add(Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
            Project.Definitions[assembly] = "Packages/" + name + "/" + assembly + ".asmdef";
            Project.AddPackage(name, command.RequiredString("path", ""));
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
            Viewers.Add(created, shape, command);
            if (shape == "cube")
            {
                // The built-in cube is shared and cannot be edited, so the object gets its own mesh, as in modeling
                // tools.
                MeshFilter filter = created.GetComponent<MeshFilter>();
                filter.sharedMesh = MeshEdits.Copy(filter.sharedMesh, name);
            }
            Move(created, command);
            Undo.RegisterCreatedObjectUndo(created, "Create " + name);
            return WaitForIdentity(created, "");
        }

        static JsonValue Duplicate(JsonValue command, bool isLinked)
        {
            GameObject original = Find(command.RequiredString("uuid", ""));
            Undo.IncrementCurrentGroup();
            GameObject copy = UnityFakes.Editor.Duplicate(original);
            MeshFilter filter = copy.GetComponent<MeshFilter>();
            bool needsCopy = !isLinked && filter != null && filter.sharedMesh != null;
            if (needsCopy) { filter.sharedMesh = MeshEdits.Copy(filter.sharedMesh, copy.name); }
            return WaitForIdentity(copy, new Identities().Find(copy));
        }

        /// <summary>
        /// Waits until the package assigned the object a uuid other than <paramref name="old"/>, and returns the uuids.
        /// </summary>
        static JsonValue WaitForIdentity(GameObject target, string old)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(IdentitySeconds);
            string uuid;
            while ((uuid = new Identities().Find(target)) == old || uuid == null)
            {
                if (DateTime.UtcNow > end)
                {
                    throw new TimeoutException("the object got no identity: " + Bridge.Status.LastError);
                }
                Program.RunFrame();
                System.Threading.Thread.Sleep(5);
            }
            JsonValue answer = JsonValue.Object().With("uuid", uuid);
            DataIdentity data = Viewers.Find(target, new Identities());
            if (data != null) { answer.With(data.Kind, data.Uuid); }
            Mesh mesh = MeshEdits.Find(target);
            return mesh == null ? answer : answer.With("mesh", new MeshRecords().FindUuid(mesh));
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
            Identities identities = new Identities();
            foreach (Transform item in OpenScenes.FindAll<Transform>())
            {
                if (identities.Find(item.gameObject) == uuid) { return item.gameObject; }
            }
            throw new ArgumentException("no object has the uuid " + uuid);
        }

        static List<Transform> FindAll(IEnumerable<string> uuids)
        {
            HashSet<string> wanted = new HashSet<string>(uuids);
            Identities identities = new Identities();
            return OpenScenes.FindAll<Transform>()
                .Where(item => wanted.Contains(identities.Find(item.gameObject) ?? "")).ToList();
        }

        static void Move(GameObject target, JsonValue command)
        {
            Transform transform = target.transform;
            Undo.RecordObject(transform, "Move");
            Place(transform, command);
        }

        /// <summary>Moves as a gizmo does while it is held: nothing is published before it is released.</summary>
        static void Place(Transform transform, JsonValue command)
        {
            Viewers.Place(transform, ReadFloats(command, "translation"), ReadFloats(command, "rotation"),
                ReadFloats(command, "scale"), Viewers.IsViewer(transform),
                transform.parent != null && Viewers.IsViewer(transform.parent));
        }

        static void Rename(GameObject target, JsonValue command)
        {
            Undo.RecordObject(target, "Rename");
            target.name = command.RequiredString("name", "");
        }

        /// <summary>
        /// With `keep` the world transform stays, as when dragging in the hierarchy; otherwise the local one.
        /// </summary>
        static void Reparent(GameObject target, JsonValue command)
        {
            JsonValue parent = command.Required("parent", "");
            bool keepsWorld = command.Find("keep")?.AsBool("keep") ?? false;
            Transform transform = target.transform;
            (Vector3 position, Quaternion rotation, Vector3 scale) =
                (transform.localPosition, transform.localRotation, transform.localScale);
            Undo.SetTransformParent(transform, parent.IsNull ? null
                : Find(parent.AsString("parent")).transform, "Parent");
            if (keepsWorld) { return; }
            Undo.RecordObject(transform, "Parent");
            (transform.localPosition, transform.localRotation, transform.localScale) = (position, rotation, scale);
        }

        static void SetVisible(GameObject target, JsonValue command)
        {
            Undo.RecordObject(target, "Show");
            target.SetActive(ReadFlag(command, "visible"));
        }

        static JsonValue ReadStatus()
        {
            SessionStatus status = Bridge.Status;
            JsonValue error = status.LastError == null ? JsonValue.Null : JsonValue.Object()
                .With("code", status.LastError.Code).With("message", status.LastError.Message)
                    .With("place", status.LastError.Location);
            return JsonValue.Object().With("state", status.State).With("pending", status.Pending)
                .With("head_seq", status.HeadSeq).With("last_error", error).With("applied", status.Applied)
                .With("sent", status.Sent);
        }

        static bool ReadFlag(JsonValue command, string key) => command.Required(key, "").AsBool(key);

        internal static float[] ReadFloats(JsonValue command, string key)
        {
            List<JsonValue> values = command.Find(key)?.AsArray(key);
            return values?.Select(value => (float)value.AsNumber(key)).ToArray();
        }

    }
}
