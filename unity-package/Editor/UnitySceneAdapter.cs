using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>The open scenes, as <see cref="ISceneAdapter"/> asks for them.</summary>
    public sealed class UnitySceneAdapter : ISceneAdapter
    {
        readonly MeshStore meshes = new MeshStore();
        readonly EditorActivity activity = new EditorActivity();
        readonly SceneEvents events;
        readonly SceneIndex index;
        readonly ObjectWriter objects;
        string label = "";
        int undoGroup;
        bool structural;

        public UnitySceneAdapter(SceneEvents events)
        {
            this.events = events;
            index = new SceneIndex(meshes);
            objects = new ObjectWriter(index, meshes);
        }

        public string EditorState => activity.State;

        public string ProjectId
        {
            get
            {
                VibeSyncScene record = MeshStore.SceneRecord(false);
                return record == null ? "" : record.ProjectId;
            }

            set
            {
                VibeSyncScene record = MeshStore.SceneRecord(true);
                record.ProjectId = value;
                EditorUtility.SetDirty(record);
            }
        }

        public string OpenPath
        {
            get
            {
                string project = Path.GetDirectoryName(Application.dataPath);
                string scene = SceneManager.GetActiveScene().path;
                return string.IsNullOrEmpty(scene) ? project : Path.Combine(project, scene);
            }
        }

        public IReadOnlyList<string> Uuids => index.Uuids;

        public bool Refresh(ICollection<string> dirty)
        {
            List<ObjectKey> changed = events.TakeChanged();
            bool scanned = events.StructureChanged;
            if (scanned)
            {
                events.StructureChanged = false;
                HashSet<string> before = new HashSet<string>(index.Uuids);
                index.Scan(dirty);
                foreach (string uuid in index.Uuids)
                {
                    if (events.AllChanged || !before.Contains(uuid)) { dirty.Add(uuid); }
                }
                events.AllChanged = false;
            }
            foreach (ObjectKey key in changed) { AddUuids(key.Resolve(), dirty); }
            return scanned;
        }

        public bool Holds(string uuid) => index.Holds(uuid);

        public bool MayHaveChanged(string uuid) => meshes.Find(uuid) == null || meshes.MayHaveChanged(uuid);

        public Entity Read(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target != null) { return objects.Read(uuid, target); }
            MeshIdentity mesh = meshes.Find(uuid);
            return mesh == null ? null : meshes.Read(mesh);
        }

        public SyncRecord LoadRecord(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target != null)
            {
                VibeSyncIdentity identity = target.GetComponent<VibeSyncIdentity>();
                return SyncRecord.Read(identity.Version, identity.Digests);
            }
            MeshIdentity mesh = meshes.Find(uuid);
            return mesh == null ? null : SyncRecord.Read(mesh.Version, mesh.Digests);
        }

        public void SaveRecord(string uuid, SyncRecord record)
        {
            GameObject target = index.Find(uuid);
            if (target != null)
            {
                VibeSyncIdentity identity = target.GetComponent<VibeSyncIdentity>();
                identity.Version = record.Version;
                identity.Digests = record.WriteDigests();
                EditorUtility.SetDirty(identity);
                return;
            }
            MeshIdentity mesh = meshes.Find(uuid);
            if (mesh == null) { return; }
            mesh.Version = record.Version;
            mesh.Digests = record.WriteDigests();
            EditorUtility.SetDirty(MeshStore.SceneRecord(true));
        }

        public string Renew(string uuid)
        {
            events.StructureChanged = true;
            GameObject target = index.Find(uuid);
            if (target != null)
            {
                VibeSyncIdentity identity = target.GetComponent<VibeSyncIdentity>();
                SceneIndex.Assign(identity, new List<string>());
                return identity.Uuid;
            }
            return meshes.Renew(uuid);
        }

        public void BeginBatch(string name)
        {
            label = name;
            Undo.IncrementCurrentGroup();
            Undo.SetCurrentGroupName(name);
            undoGroup = Undo.GetCurrentGroup();
        }

        public void EndBatch()
        {
            Undo.CollapseUndoOperations(undoGroup);
            Undo.IncrementCurrentGroup();
            if (structural) { index.Scan(new List<string>()); }
            structural = false;
        }

        public void Apply(Change change)
        {
            GameObject target = index.Find(change.Uuid);
            MeshIdentity mesh = target == null ? meshes.Find(change.Uuid) : null;
            structural |= change.Op != ChangeOp.Update;
            if (change.Op == ChangeOp.Delete)
            {
                if (target != null) { objects.Delete(target, label); }
                if (mesh != null) { meshes.Delete(mesh); }
                return;
            }
            bool exists = target != null || mesh != null;
            if (change.Op == ChangeOp.Update && !exists)
            {
                throw new SyncException(ErrorCode.ObjectVanished, "the scene has no such entity");
            }
            string kind = target != null ? Kinds.Object : mesh != null ? Kinds.Mesh : change.Content.Kind;
            if (change.Op == ChangeOp.Create && change.Content.Kind != kind)
            {
                throw new SyncException(ErrorCode.UuidOfOtherKind, "the scene has an entity of another kind");
            }
            switch (kind)
            {
                case Kinds.Mesh: meshes.Write(change.Content, label); break;
                case Kinds.Object: WriteObject(target, change); break;
                default: throw new SyncException(ErrorCode.ComponentNotAllowed, "the kind is not supported: " + kind);
            }
        }

        void WriteObject(GameObject target, Change change)
        {
            GameObject written = target != null ? target : objects.Create(change.Uuid, label);
            try
            {
                objects.Write(written, change.Content, label);
            }
            catch (SyncException) when (target == null)
            {
                // All or nothing: half an object would look like the user's own.
                Undo.DestroyObjectImmediate(written);
                throw;
            }
        }

        void AddUuids(Object changed, ICollection<string> dirty)
        {
            if (changed == null) { return; }
            if (changed is Mesh mesh)
            {
                string meshUuid = meshes.UuidOf(mesh);
                if (meshUuid != null) { dirty.Add(meshUuid); }
                return;
            }
            GameObject owner = changed as GameObject;
            if (changed is UnityEngine.Component component) { owner = component.gameObject; }
            if (owner == null) { return; }
            VibeSyncIdentity identity = owner.GetComponent<VibeSyncIdentity>();
            if (identity != null && index.Holds(identity.Uuid)) { dirty.Add(identity.Uuid); }
            MeshFilter filter = owner.GetComponent<MeshFilter>();
            if (filter == null || filter.sharedMesh == null) { return; }
            meshes.Identify(filter.sharedMesh);
            string shown = meshes.UuidOf(filter.sharedMesh);
            if (shown != null && !index.Holds(shown)) { events.StructureChanged = true; }
        }
    }
}
