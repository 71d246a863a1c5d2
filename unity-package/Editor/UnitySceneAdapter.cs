using System;
using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Gives the session access to the open scenes of Unity.</summary>
    public sealed class UnitySceneAdapter : ISceneAdapter
    {
        /// <summary>The least time for indexing the scene in a tick, in milliseconds.</summary>
        const double MinWalkMilliseconds = 2;

        /// <summary>The share of a tick for indexing the scene.</summary>
        const double WalkShare = 0.25;

        /// <summary>The approximate size of an object, to compare with the buffers of meshes.</summary>
        const long ObjectBytes = 500;

        /// <summary>The number of edited objects that the protocol lets an editor list.</summary>
        const int MaxActiveEdits = 256;

        readonly MeshRecords meshes = new MeshRecords();
        readonly EditorActivity activity = new EditorActivity();
        readonly UndoStep undo = new UndoStep();
        readonly Budget walkBudget = new Budget(MinWalkMilliseconds);
        readonly SceneEvents events;
        readonly SceneIndex index;
        readonly SceneWalk walk;
        readonly SceneSweep sweep;
        readonly MeshStore meshStore;
        readonly ObjectReader reader;
        readonly ObjectWriter objects;
        readonly ViewerRecords viewers;
        readonly LightUnits lightUnits = LightSupport.Find();
        ICollection<string> deleted = new string[0];
        double walkMilliseconds = MinWalkMilliseconds;

        public UnitySceneAdapter(SceneEvents events)
        {
            this.events = events;
            index = new SceneIndex(meshes);
            viewers = index.Viewers;
            walk = new SceneWalk(index, meshes);
            sweep = new SceneSweep(index, meshes);
            meshStore = new MeshStore(meshes);
            reader = new ObjectReader(index, meshes);
            objects = new ObjectWriter(index, meshes);
            Calls = new CallScene(events, index, walk, reader, meshes);
            Previews = new ShownPreviews(new PreviewScene(index));
            Views = new ViewScene(index, Previews);
        }

        /// <summary>The scene for calls of add-ons.</summary>
        public CallScene Calls { get; }

        /// <summary>The objects that show what the user of the other editor is doing.</summary>
        public ShownPreviews Previews { get; }

        /// <summary>Pictures of the scene, and the selection.</summary>
        public ViewScene Views { get; }

        /// <summary>One line for each kind of scene content that is not synchronized.</summary>
        public List<string> UnsupportedKinds => index.Unsupported.Lines;

        public string EditorState => activity.State;

        public bool IsAtRest => activity.IsAtRest;

        public bool IsWalking => walk.IsPending;

        public IReadOnlyList<string> ActiveEdits
        {
            get
            {
                // Not `Selection.transforms`, which leaves out an object below another selected one.
                GameObject[] selected = Selection.gameObjects;
                if (selected.Length > MaxActiveEdits) { return null; }
                SortedSet<string> uuids = new SortedSet<string>(StringComparer.Ordinal);
                foreach (GameObject item in selected)
                {
                    string uuid = index.FindUuid(ObjectKey.Of(item));
                    if (uuid != null) { uuids.Add(uuid); }
                }
                return new List<string>(uuids);
            }
        }

        public string ProjectId
        {
            get => Registry.ProjectId;

            set
            {
                Registry.ProjectId = value;
                SceneRegistry.MarkSceneChanged();
            }
        }

        public Registry Registry => SceneRegistry.Current;

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
                List<string> uuids = meshes.GetUuids();
                uuids.AddRange(viewers.GetUuids());
                uuids.AddRange(index.Uuids);
                return uuids;
            }
        }

        public IReadOnlyCollection<string> HiddenComponents => viewers.HiddenComponents;

        /// <summary>Whether the render pipeline counts light in other units than when the session began.</summary>
        public bool HasNewLightUnits => LightSupport.Find() != lightUnits;

        public bool IsComplete => walk.IsComplete;

        public void BeginTick(double milliseconds) =>
            walkMilliseconds = Math.Max(milliseconds * WalkShare, MinWalkMilliseconds);

        /// <summary>Ends a tick: what was done in it is not the user's.</summary>
        public void EndTick() => activity.NoteOwnWork();

        public void Refresh(DirtySet dirty)
        {
            if (events.TakeStructureChanged(out bool isAllChanged)) { walk.Request(isAllChanged); }
            foreach (ObjectKey key in events.TakeAppeared()) { RegisterTree(key.Resolve() as GameObject, dirty); }
            foreach (ObjectKey key in events.TakeChanged()) { AddUuids(key.Resolve(), dirty); }
            sweep.Advance(dirty);
            walkBudget.Restart(walkMilliseconds);
            walk.Advance(walkBudget, dirty);
        }

        public bool Contains(string uuid) =>
            index.Contains(uuid) || viewers.Contains(uuid) || meshes.Find(uuid) != null;

        public Sample Sample(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target != null)
            {
                NativeObject values = reader.Read(target);
                // A shown value is no value of the scene.
                values.Place = Previews.Settle(uuid, values.Place);
                return new Sample(ObjectBytes, _ => values.ToEntity(uuid));
            }
            Entity viewer = viewers.Read(uuid);
            if (viewer != null) { return new Sample(ObjectBytes, _ => viewer); }
            MeshIdentity mesh = meshes.Find(uuid);
            return mesh == null ? null : meshStore.Sample(mesh);
        }

        public MeshState FindMesh(string uuid)
        {
            MeshIdentity mesh = meshes.Find(uuid);
            return mesh == null ? null : MeshStore.ReadState(mesh);
        }

        public IReadOnlyCollection<string> MissingMeshes => meshes.Missing;

        /// <summary>Saves changed mesh files, some in each tick, once nothing has changed for a while.</summary>
        public void SaveIdleMeshes(double now) => meshStore.SaveIdle(now);

        /// <summary>Saves all changed mesh files.</summary>
        public void SaveMeshes() => meshStore.SaveAll();

        public void OnConfirmed(string uuid)
        {
            MeshIdentity mesh = meshes.Find(uuid);
            if (mesh != null) { meshStore.SaveRecord(mesh, Registry.Load(uuid).WriteDigests()); }
        }

        public string RenewUuid(string uuid)
        {
            Registry.Forget(uuid);
            GameObject target = index.Find(uuid);
            return target != null ? index.Renew(target) : viewers.RenewUuid(uuid) ?? meshes.RenewUuid(uuid);
        }

        public object Prepare(Change change)
        {
            MeshComponent mesh = change.Content?.Find<MeshComponent>("mesh");
            return mesh == null ? null : meshStore.Prepare(change.Uuid, mesh);
        }

        public MeshComponent FindReceived(string uuid) => meshStore.FindReceived(uuid);

        public void BeginBatch(string label, ICollection<string> deletedUuids)
        {
            deleted = deletedUuids;
            undo.Begin(label);
            meshStore.BeginBatch();
            viewers.BeginBatch();
        }

        public void BeginSlice() => undo.Resume();

        public void EndSlice() => undo.Pause();

        public bool RevertBatch()
        {
            if (!undo.Revert()) { return false; }
            meshStore.RevertBatch();
            viewers.RevertBatch();
            // The revert created and destroyed objects, as an undo by the user does.
            events.MarkAllChanged();
            return true;
        }

        public void EndBatch() => deleted = new string[0];

        public void Apply(Change change, object prepared)
        {
            GameObject target = index.Find(change.Uuid);
            MeshIdentity mesh = target == null ? meshes.Find(change.Uuid) : null;
            string viewer = target == null ? viewers.FindKindOf(change.Uuid) : null;
            if (change.Op == ChangeOp.Delete)
            {
                if (target != null) { objects.Delete(target, deleted, undo.Label); }
                if (target == null) { index.Remove(change.Uuid); }
                if (mesh != null) { meshStore.Delete(mesh); }
                if (viewer != null) { viewers.Delete(change.Uuid, Undo.DestroyObjectImmediate); }
                return;
            }
            bool exists = target != null || mesh != null || viewer != null;
            if (change.Op == ChangeOp.Update && !exists)
            {
                throw new SyncException(ErrorCode.ObjectVanished, "the scene has no such entity");
            }
            string kind = target != null ? Kinds.Object : mesh != null ? Kinds.Mesh
                : viewer ?? change.Content.Kind;
            if (change.Op == ChangeOp.Create && change.Content.Kind != kind)
            {
                throw new SyncException(ErrorCode.UuidOtherKind, "the scene has an entity of another kind");
            }
            switch (kind)
            {
                case Kinds.Mesh:
                    meshStore.Write(change.Content, (MeshArrays)prepared, undo.Label);
                    // The mesh may be an asset, which Unity saves without the scene that has its version.
                    SceneRegistry.MarkSceneChanged();
                    break;
                case Kinds.Object: WriteObject(target, change); break;
                case Kinds.Light:
                case Kinds.Camera:
                    viewers.Write(change.Content, kind, undo.Label);
                    break;
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
                // A partly written object would look like the user's own.
                Undo.DestroyObjectImmediate(written);
                index.Remove(change.Uuid);
                throw;
            }
        }

        /// <summary>Registers a created, copied or revived object and all objects below it.</summary>
        void RegisterTree(GameObject top, DirtySet dirty)
        {
            if (!OpenScenes.Contains(top)) { return; }
            foreach (Transform found in top.GetComponentsInChildren<Transform>(true))
            {
                if (!OpenScenes.Contains(found.gameObject)) { continue; }
                index.Register(found.gameObject, dirty);
                AddUuids(found, dirty);
            }
        }

        void AddUuids(UnityEngine.Object changed, DirtySet dirty)
        {
            if (changed == null) { return; }
            if (changed is Mesh mesh)
            {
                string meshUuid = meshes.FindUuid(mesh);
                if (meshUuid != null) { dirty.Add(meshUuid); }
                return;
            }
            GameObject owner = changed as GameObject;
            if (changed is UnityEngine.Component component) { owner = component.gameObject; }
            if (owner == null) { return; }
            string uuid = index.FindUuid(ObjectKey.Of(owner));
            if (uuid == null) { return; }
            dirty.Add(uuid);
            // The object may show another mesh now, and its light may have been edited.
            index.Register(owner, dirty);
        }
    }
}
