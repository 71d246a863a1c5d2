using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using Component = UnityEngine.Component;
using Value = VibeSync.Core.Scene.Component;

namespace VibeSync.Editor
{
    /// <summary>
    /// Maps uuids of lights and cameras to the GameObjects that show them. Several objects may show one. The record of
    /// each object has the uuid and the value that editor and daemon shared last.
    /// </summary>
    public sealed class ViewerRecords
    {
        readonly Identities identities;
        readonly MeshRecords meshes;
        readonly UnsupportedContent unsupported;
        readonly ViewerValues values = new ViewerValues();
        readonly UnusedViewers unused = new UnusedViewers();

        /// <summary>The identities that removed components of Unity had, which an undo may revive.</summary>
        readonly Dictionary<ObjectKey, DataIdentity> former = new Dictionary<ObjectKey, DataIdentity>();
        readonly Dictionary<ObjectKey, Viewer> viewers = new Dictionary<ObjectKey, Viewer>();
        readonly Dictionary<string, List<ObjectKey>> users = new Dictionary<string, List<ObjectKey>>();
        Action restore;

        public ViewerRecords(Identities identities, MeshRecords meshes, UnsupportedContent unsupported)
        {
            this.identities = identities;
            this.meshes = meshes;
            this.unsupported = unsupported;
        }

        /// <summary>An object that shows a light or a camera.</summary>
        readonly struct Viewer
        {
            internal readonly string Uuid;
            internal readonly ViewerKind Kind;

            /// <summary>The component of Unity.</summary>
            internal readonly ObjectKey Shown;

            internal Viewer(string uuid, ViewerKind kind, ObjectKey shown)
            {
                Uuid = uuid;
                Kind = kind;
                Shown = shown;
            }
        }

        /// <summary>The components that this editor does not synchronize now.</summary>
        public List<string> HiddenComponents
        {
            get
            {
                List<string> hidden = new List<string>();
                foreach (ViewerKind kind in values.Kinds)
                {
                    if (!kind.IsSynchronized) { hidden.Add(kind.Kind); }
                }
                return hidden;
            }
        }

        /// <summary>Returns the uuids of what is synchronized, also of lights and cameras that no object shows.</summary>
        public List<string> GetUuids()
        {
            List<string> uuids = new List<string>(users.Keys);
            foreach (DataIdentity data in unused.All) { uuids.Add(data.Uuid); }
            uuids.RemoveAll(uuid => FindKindOf(uuid) == null);
            return uuids;
        }

        /// <summary>Returns the kind of the entity; null if no light or camera that is synchronized has the uuid.</summary>
        public string FindKindOf(string uuid)
        {
            ViewerKind kind = users.TryGetValue(uuid, out List<ObjectKey> keys) ? viewers[keys[0]].Kind
                : values.FindKind(unused.Find(uuid)?.Kind);
            return kind?.IsSynchronized == true ? kind.Kind : null;
        }

        /// <summary>Returns whether the scene has the light or camera, also one that is not synchronized now.</summary>
        public bool Contains(string uuid) => users.ContainsKey(uuid) || unused.Find(uuid) != null;

        /// <summary>Returns the uuid of the light or camera that an object shows; null for none.</summary>
        public string FindUuid(GameObject target) =>
            TryFind(target, out Viewer viewer) && viewer.Kind.IsSynchronized ? viewer.Uuid : null;

        /// <summary>Returns whether the axes of an object are those of a light or a camera.</summary>
        public bool IsViewer(GameObject target) => TryFind(target, out _);

        /// <summary>Returns whether an object shows what it showed when it was registered last.</summary>
        public bool IsCurrent(GameObject target, bool hasMesh)
        {
            bool isViewer = viewers.TryGetValue(ObjectKey.Of(target), out Viewer viewer);
            Component shown = hasMesh ? null : FindShown(target, isViewer ? identities.FindData(target) : null, out _);
            return shown == null ? !isViewer : isViewer && viewer.Shown.Equals(ObjectKey.Of(shown));
        }

        /// <summary>
        /// Gives the light or camera of an object an identity, and takes over an edit of the user. Returns whether the axes of
        /// the object have changed.
        /// </summary>
        /// <param name="isCopy">Whether the object is a copy of another one, whose record it still has.</param>
        public bool Register(GameObject target, bool isCopy, DirtySet dirty)
        {
            ObjectKey key = ObjectKey.Of(target);
            DataIdentity data = identities.FindData(target);
            ViewerKind kind = null;
            Component shown = meshes.IsShownBy(target) ? null : FindShown(target, data, out kind);
            ReportOthers(target, shown);
            bool wasViewer = viewers.TryGetValue(key, out Viewer before);
            if (shown == null)
            {
                if (data != null) { Clear(target, data, before, wasViewer); }
                if (wasViewer) { Remove(key, dirty); }
                return wasViewer;
            }
            string latest = null;
            if (kind.IsSynchronized) { data = Identify(target, kind, shown, isCopy, data); }
            if (!wasViewer || before.Uuid != data.Uuid || !before.Shown.Equals(ObjectKey.Of(shown)))
            {
                if (wasViewer) { Remove(key, dirty); }
                List<GameObject> others = GetUsers(data.Uuid);
                if (others.Count > 0) { latest = identities.FindData(others[0])?.Value; }
                Add(key, new Viewer(data.Uuid, kind, ObjectKey.Of(shown)));
                dirty.Add(data.Uuid);
            }
            if (kind.IsSynchronized) { Settle(shown, kind, data, latest ?? data.Value, dirty); }
            return !wasViewer;
        }

        /// <summary>Forgets an object that is gone.</summary>
        public void Forget(ObjectKey key) => Remove(key, null);

        /// <summary>
        /// Returns what Unity shows of a light or camera: name, kind and value. An object that shows another value than the
        /// others decides. Returns null if there is none.
        /// </summary>
        public Entity Read(string uuid)
        {
            Entity found = null;
            foreach (GameObject user in GetUsers(uuid))
            {
                Entity entity = Read(user, out bool isKept);
                if (entity != null && !isKept) { return entity; }
                found = found ?? entity;
            }
            DataIdentity data = found == null && Contains(uuid) ? unused.Find(uuid) : null;
            return data == null ? found : ViewerValues.Compose(data, values.Parse(data));
        }

        /// <summary>Returns what Unity shows of the light or camera of an object; null for none.</summary>
        /// <param name="isKept">Whether that is the value that editor and daemon shared last.</param>
        public Entity Read(GameObject target, out bool isKept)
        {
            isKept = false;
            if (!TryFind(target, out Viewer viewer) || !viewer.Kind.IsSynchronized) { return null; }
            DataIdentity data = identities.FindData(target);
            if (data == null) { return null; }
            Value kept = values.Parse(data);
            Value value = viewer.Kind.Read(viewer.Kind.Find(target), kept, data.Units);
            isKept = ReferenceEquals(value, kept);
            return ViewerValues.Compose(data, value);
        }

        /// <summary>Creates or changes a light or camera, in all objects that show it.</summary>
        /// <param name="isCreate">Whether the content is all of it.</param>
        public void Write(Entity content, string kindName, bool isCreate, string label)
        {
            ViewerKind kind = values.FindKind(kindName);
            Entity present = Read(content.Uuid);
            content.Components.TryGetValue(kindName, out Value value);
            value = value ?? (present == null ? null : present.Components[kindName]);
            if (value == null || kind == null || !kind.IsSynchronized)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new " + kindName + " has no data");
            }
            DataIdentity data = values.Make(content, isCreate ? null : present, kind, value);
            List<GameObject> shownBy = GetUsers(content.Uuid);
            if (shownBy.Count == 0) { unused.Set(data); }
            foreach (GameObject user in shownBy)
            {
                kind.Write(kind.Find(user), value, label);
                identities.SetData(user, data);
            }
        }

        /// <summary>Shows a preview in all objects that show the light or camera. Returns false if none does.</summary>
        public bool Preview(Entity content)
        {
            List<GameObject> shownBy = FindKindOf(content.Uuid) == content.Kind ? GetUsers(content.Uuid) : new List<GameObject>();
            ViewerKind kind = values.FindKind(content.Kind);
            foreach (GameObject user in shownBy) { kind.Preview(kind.Find(user), content.Components[content.Kind]); }
            return shownBy.Count > 0;
        }

        /// <summary>Ends the preview of a light or camera.</summary>
        public void EndPreview(string uuid)
        {
            foreach (ViewerKind kind in values.Kinds) { kind.Shown.PutBackRevived(); }
            foreach (GameObject user in GetUsers(uuid))
            {
                ViewerKind kind = viewers[ObjectKey.Of(user)].Kind;
                kind.Shown.PutBack(kind.Find(user));
            }
        }

        /// <summary>Makes an object show a light or camera.</summary>
        public void Show(GameObject target, string uuid, string label)
        {
            Entity entity = Read(uuid) ?? throw new SyncException(ErrorCode.UuidUnknown, "no such data", "components.data");
            ViewerKind kind = values.FindKind(entity.Kind);
            if (TryFind(target, out Viewer before) && before.Kind != kind) { Hide(target); }
            ObjectKey key = ObjectKey.Of(target);
            Release(key, uuid);
            Component shown = kind.Find(target);
            if (shown == null) { shown = kind.Add(target); }
            Value value = entity.Components[entity.Kind];
            kind.Write(shown, value, label);
            identities.SetData(target, values.Make(entity, null, kind, value));
            Add(key, new Viewer(uuid, kind, ObjectKey.Of(shown)));
        }

        /// <summary>
        /// Removes the light or camera of an object, if the daemon knows it. The entity stays, also if no other object shows
        /// it.
        /// </summary>
        public void Hide(GameObject target)
        {
            if (FindUuid(target) == null) { return; }
            Viewer viewer = viewers[ObjectKey.Of(target)];
            former[viewer.Shown] = identities.FindData(target);
            Release(ObjectKey.Of(target), null);
            DependentComponents.Destroy(viewer.Kind.Find(target), Undo.DestroyObjectImmediate);
            identities.SetData(target, null);
        }

        /// <summary>Deletes a light or camera.</summary>
        /// <param name="destroy">Destroys a component of Unity.</param>
        public void Delete(string uuid, Action<UnityEngine.Object> destroy)
        {
            foreach (GameObject user in GetUsers(uuid))
            {
                Viewer viewer = viewers[ObjectKey.Of(user)];
                former[viewer.Shown] = identities.FindData(user);
                Remove(ObjectKey.Of(user), null);
                DependentComponents.Destroy(viewer.Kind.Find(user), destroy);
                identities.SetData(user, null);
            }
            unused.Remove(uuid);
        }

        /// <summary>Keeps the lights and cameras of an object that a batch deletes, with all objects below it.</summary>
        public void ReleaseTree(GameObject top)
        {
            foreach (Transform item in top.GetComponentsInChildren<Transform>(true))
            {
                Release(ObjectKey.Of(item.gameObject), null);
            }
        }

        /// <summary>Assigns a new uuid; returns null if there is no such light or camera.</summary>
        public string RenewUuid(string uuid)
        {
            if (!Contains(uuid)) { return null; }
            string renewed = Uuid.New();
            foreach (GameObject user in GetUsers(uuid))
            {
                ObjectKey key = ObjectKey.Of(user);
                Viewer viewer = viewers[key];
                DataIdentity data = identities.FindData(user);
                data.Uuid = renewed;
                identities.SetData(user, data);
                Remove(key, null);
                Add(key, new Viewer(renewed, viewer.Kind, viewer.Shown));
            }
            unused.Rename(uuid, renewed);
            return renewed;
        }

        /// <summary>Copies the identities, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            List<DataIdentity> unusedBefore = unused.Copy();
            Dictionary<ObjectKey, Viewer> before = new Dictionary<ObjectKey, Viewer>(viewers);
            Dictionary<ObjectKey, DataIdentity> data = new Dictionary<ObjectKey, DataIdentity>();
            foreach (ObjectKey key in viewers.Keys)
            {
                if (key.Resolve() is GameObject item && item != null) { data[key] = identities.FindData(item); }
            }
            restore = () =>
            {
                unused.Restore(unusedBefore);
                foreach (ObjectKey key in new List<ObjectKey>(viewers.Keys))
                {
                    Remove(key, null);
                    if (key.Resolve() is GameObject item && item != null) { identities.SetData(item, null); }
                }
                foreach (KeyValuePair<ObjectKey, Viewer> viewer in before)
                {
                    if (!(viewer.Key.Resolve() is GameObject item) || item == null) { continue; }
                    identities.SetData(item, data[viewer.Key]);
                    Add(viewer.Key, viewer.Value);
                }
            };
        }

        /// <summary>Reverts what the undo history does not: the identities.</summary>
        public void RevertBatch() => restore();

        /// <summary>
        /// Takes over an edit of the user, in all objects that show the same. Also shows the value anew if the units of Unity's
        /// intensities have changed, or if the value is not the one of the other objects.
        /// </summary>
        /// <param name="latest">The value of the other objects, as JSON.</param>
        void Settle(Component shown, ViewerKind kind, DataIdentity data, string latest, DirtySet dirty)
        {
            Value kept = values.Parse(data);
            Value value = kind.Read(shown, kept, data.Units);
            bool isKept = ReferenceEquals(value, kept);
            if (isKept && data.Units == kind.Units && data.Value == latest) { return; }
            if (!isKept) { dirty.Add(data.Uuid); }
            else if (data.Value != latest)
            {
                data.Value = latest;
                value = values.Parse(data) ?? value;
            }
            DataIdentity settled = values.Make(ViewerValues.Compose(data, value), null, kind, value);
            foreach (GameObject user in GetUsers(data.Uuid))
            {
                identities.SetData(user, settled);
                kind.Write(kind.Find(user), value, null);
            }
        }

        /// <summary>Returns the identity of what an object shows. It is new for a copy, and for a component of the user's.</summary>
        DataIdentity Identify(GameObject target, ViewerKind kind, Component shown, bool isCopy, DataIdentity data)
        {
            bool isKnown = data != null && data.Kind == kind.Kind && Uuid.IsValid(data.Uuid);
            if (isKnown && !isCopy) { return data; }
            DataIdentity identity = !isCopy && former.TryGetValue(ObjectKey.Of(shown), out DataIdentity earlier)
                && earlier.Kind == kind.Kind && CanReturn(earlier, kind, shown) ? earlier : new DataIdentity
                {
                    Uuid = Uuid.New(),
                    Kind = kind.Kind,
                    Name = NameComponent.FromEditor(target.name).Name,
                    Value = isKnown ? data.Value : "",
                    Units = isKnown ? data.Units : kind.Units,
                };
            identities.SetData(target, identity);
            return identity;
        }

        /// <summary>
        /// Returns whether a component may have its former identity: it must not overwrite what other objects show now.
        /// </summary>
        bool CanReturn(DataIdentity earlier, ViewerKind kind, Component shown)
        {
            List<GameObject> others = GetUsers(earlier.Uuid);
            if (others.Count == 0) { return true; }
            Value kept = values.Parse(identities.FindData(others[0]));
            return ReferenceEquals(kind.Read(shown, kept, earlier.Units), kept);
        }

        void Clear(GameObject target, DataIdentity data, Viewer before, bool wasViewer)
        {
            if (wasViewer) { former[before.Shown] = data; }
            identities.SetData(target, null);
        }

        /// <summary>Returns Unity's component of the light or camera that an object without a mesh shows.</summary>
        Component FindShown(GameObject target, DataIdentity data, out ViewerKind kind)
        {
            foreach (ViewerKind each in values.Kinds)
            {
                kind = each;
                Component found = each.Find(target);
                if (found == null) { continue; }
                // In a pipeline whose lights are not synchronized, the axes stay those of the light that the daemon has.
                if (each.CanRead(found) || (!each.IsSynchronized && data?.Kind == each.Kind)) { return found; }
            }
            kind = null;
            return null;
        }

        void ReportOthers(GameObject target, Component shown)
        {
            foreach (ViewerKind kind in values.Kinds)
            {
                Component found = kind.Find(target);
                bool isSynchronized = found == null || (found == shown && kind.IsSynchronized);
                if (!isSynchronized) { unsupported.Report(kind.Describe(found), target); }
            }
        }

        bool TryFind(GameObject target, out Viewer viewer) =>
            viewers.TryGetValue(ObjectKey.Of(target), out viewer) && viewer.Kind.Find(target) != null;

        List<GameObject> GetUsers(string uuid)
        {
            List<GameObject> found = new List<GameObject>();
            if (!users.TryGetValue(uuid, out List<ObjectKey> keys)) { return found; }
            foreach (ObjectKey key in keys)
            {
                GameObject user = key.Resolve() as GameObject;
                if (user != null && TryFind(user, out _)) { found.Add(user); }
            }
            return found;
        }

        void Add(ObjectKey key, Viewer viewer)
        {
            viewers[key] = viewer;
            if (!users.TryGetValue(viewer.Uuid, out List<ObjectKey> keys)) { users[viewer.Uuid] = keys = new List<ObjectKey>(); }
            keys.Add(key);
            unused.Remove(viewer.Uuid);
        }

        /// <param name="dirty">Is told that an entity may be gone; null for no one.</param>
        void Remove(ObjectKey key, DirtySet dirty)
        {
            if (!viewers.TryGetValue(key, out Viewer viewer)) { return; }
            viewers.Remove(key);
            if (!users.TryGetValue(viewer.Uuid, out List<ObjectKey> keys)) { return; }
            keys.Remove(key);
            if (keys.Count > 0) { return; }
            users.Remove(viewer.Uuid);
            values.Forget(viewer.Uuid);
            dirty?.MarkStructureChanged();
        }

        /// <summary>Removes an object; its light or camera stays, unless it is <paramref name="successor"/>.</summary>
        void Release(ObjectKey key, string successor)
        {
            if (!viewers.TryGetValue(key, out Viewer viewer)) { return; }
            DataIdentity data = key.Resolve() is GameObject item && item != null ? identities.FindData(item) : null;
            Remove(key, null);
            bool isLast = viewer.Kind.IsSynchronized && viewer.Uuid != successor && !users.ContainsKey(viewer.Uuid);
            if (isLast && data != null) { unused.Set(data); }
        }
    }
}
