using System;
using System.Collections.Generic;
using System.Globalization;
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
        /// <summary>How long the scene may be looked through in a tick, in milliseconds.</summary>
        const double WalkMilliseconds = 2;

        /// <summary>So many objects the protocol lets an editor list as under its user's hands.</summary>
        const int MostHands = 256;

        readonly MeshRecords meshes = new MeshRecords();
        readonly EditorActivity activity = new EditorActivity();
        readonly UndoStep undo = new UndoStep();
        readonly Budget walking = new Budget(WalkMilliseconds);
        readonly SceneEvents events;
        readonly SceneIndex index;
        readonly SceneWalk walk;
        readonly SceneSweep sweep;
        readonly MeshStore meshStore;
        readonly ObjectWriter objects;
        ICollection<string> deleted = new string[0];

        public UnitySceneAdapter(SceneEvents events)
        {
            this.events = events;
            index = new SceneIndex(meshes);
            walk = new SceneWalk(index, meshes);
            sweep = new SceneSweep(index, meshes);
            meshStore = new MeshStore(meshes);
            objects = new ObjectWriter(index, meshes);
        }

        /// <summary>What the scene holds that is not synchronized, one line a kind.</summary>
        public List<string> NotSynchronized => index.Unsupported.Lines;

        public string EditorState => activity.State;

        public IReadOnlyList<string> Hands
        {
            get
            {
                Transform[] selected = Selection.transforms;
                if (selected.Length > MostHands) { return null; }
                SortedSet<string> uuids = new SortedSet<string>(StringComparer.Ordinal);
                foreach (Transform held in selected)
                {
                    string uuid = index.UuidOf(ObjectKey.Of(held.gameObject));
                    if (uuid != null) { uuids.Add(uuid); }
                }
                return new List<string>(uuids);
            }
        }

        public string ProjectId
        {
            get
            {
                VibeSyncScene record = MeshRecords.SceneRecord(false);
                if (record == null) { return ""; }
                // A session begins with this: what a newer package wrote is neither guessed at nor overwritten.
                if (record.Format > VibeSyncScene.KnownFormat)
                {
                    throw new SyncException(ErrorCode.MadeByNewer, "a newer VibeSync wrote this scene, in format "
                        + record.Format.ToString(CultureInfo.InvariantCulture) + "; this one reads up to "
                        + VibeSyncScene.KnownFormat.ToString(CultureInfo.InvariantCulture), "scene");
                }
                return record.ProjectId;
            }

            set
            {
                VibeSyncScene record = MeshRecords.SceneRecord(true);
                record.ProjectId = value;
                EditorUtility.SetDirty(record);
            }
        }

        public long BaseSeq
        {
            get
            {
                VibeSyncScene record = MeshRecords.SceneRecord(false);
                return record == null ? 0 : record.BaseSeq;
            }

            set
            {
                VibeSyncScene record = MeshRecords.SceneRecord(true);
                record.BaseSeq = value;
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

        public IReadOnlyCollection<string> Uuids
        {
            get
            {
                List<string> uuids = meshes.Uuids();
                uuids.AddRange(index.Uuids);
                return uuids;
            }
        }

        public bool Complete => walk.Complete;

        public bool Refresh(ICollection<string> dirty)
        {
            if (events.TakeStructureChanged(out bool all)) { walk.Want(all); }
            foreach (ObjectKey key in events.TakeAppeared()) { SeeBelow(key.Resolve() as GameObject, dirty); }
            foreach (ObjectKey key in events.TakeChanged()) { AddUuids(key.Resolve(), dirty); }
            sweep.Go(dirty);
            walking.Restart();
            return walk.Go(walking, dirty);
        }

        public bool Holds(string uuid) => index.Holds(uuid) || meshes.Find(uuid) != null;

        public Sample Sample(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target != null) { return objects.Sample(uuid, target); }
            MeshIdentity mesh = meshes.Find(uuid);
            return mesh == null ? null : MeshStore.Sample(mesh);
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
                Overrides.Keep(identity);
                return;
            }
            MeshIdentity mesh = meshes.Find(uuid);
            if (mesh == null) { return; }
            mesh.Version = record.Version;
            mesh.Digests = record.WriteDigests();
            EditorUtility.SetDirty(MeshRecords.SceneRecord(true));
        }

        public string Renew(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target == null) { return meshes.Renew(uuid); }
            VibeSyncIdentity identity = target.GetComponent<VibeSyncIdentity>();
            SceneIndex.Assign(identity);
            index.See(target, new List<string>());
            return identity.Uuid;
        }

        public object Prepare(Change change)
        {
            MeshComponent mesh = change.Content?.Find<MeshComponent>("mesh");
            return mesh == null ? null : MeshArrays.FromCanonical(mesh);
        }

        public void BeginBatch(string label, ICollection<string> deletedUuids)
        {
            deleted = deletedUuids;
            undo.Begin(label);
            meshStore.Begin();
        }

        public void BeginSlice() => undo.Resume();

        public void EndSlice() => undo.Pause();

        public bool RevertBatch()
        {
            if (!undo.Revert()) { return false; }
            meshStore.Revert();
            // Objects came and went, as with an undo of the user's.
            events.Undone();
            return true;
        }

        public void EndBatch() => deleted = new string[0];

        public void Apply(Change change, object prepared)
        {
            GameObject target = index.Find(change.Uuid);
            MeshIdentity mesh = target == null ? meshes.Find(change.Uuid) : null;
            if (change.Op == ChangeOp.Delete)
            {
                if (target != null) { objects.Delete(target, deleted, undo.Label); }
                if (target == null) { index.Remove(change.Uuid); }
                if (mesh != null) { meshStore.Delete(mesh); }
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
                throw new SyncException(ErrorCode.UuidOtherKind, "the scene has an entity of another kind");
            }
            switch (kind)
            {
                case Kinds.Mesh: meshStore.Write(change.Content, (MeshArrays)prepared, undo.Label); break;
                case Kinds.Object: WriteObject(target, change); break;
                default: throw new SyncException(ErrorCode.ComponentInvalid, "the kind is not supported: " + kind);
            }
        }

        void WriteObject(GameObject target, Change change)
        {
            GameObject written = target != null ? target : objects.Create(change.Uuid, undo.Label);
            try
            {
                objects.Write(written, change.Content, undo.Label);
            }
            catch (SyncException) when (target == null)
            {
                // All or nothing: half an object would look like the user's own.
                Undo.DestroyObjectImmediate(written);
                index.Remove(change.Uuid);
                throw;
            }
        }

        /// <summary>What was created, copied or brought back by an undo comes with all that is below it.</summary>
        void SeeBelow(GameObject top, ICollection<string> dirty)
        {
            if (!OpenScenes.Hold(top)) { return; }
            foreach (Transform found in top.GetComponentsInChildren<Transform>(true))
            {
                if (!OpenScenes.Hold(found.gameObject)) { continue; }
                index.See(found.gameObject, dirty);
                AddUuids(found, dirty);
            }
        }

        void AddUuids(UnityEngine.Object changed, ICollection<string> dirty)
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
            string uuid = index.UuidOf(ObjectKey.Of(owner));
            if (uuid == null) { return; }
            dirty.Add(uuid);
            // It may show another mesh now.
            index.See(owner, dirty);
        }
    }
}
