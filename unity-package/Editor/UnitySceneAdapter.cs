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

        /// <summary>The components of an editor that synchronizes materials.</summary>
        static readonly string[] MaterialComponents =
            { PbrComponent.Name, EmissionComponent.Name, SlotsComponent.Name, MaterialsComponent.Name };

        /// <summary>The components of an editor that synchronizes images.</summary>
        static readonly string[] ImageComponents = { ImageComponent.Name, MapsComponent.Name };

        readonly MeshRecords meshes = new MeshRecords();
        readonly EditorActivity activity = new EditorActivity();
        readonly UndoStep undo = new UndoStep();
        readonly Budget walkBudget = new Budget(MinWalkMilliseconds);
        readonly SceneEvents events;
        readonly SceneIndex index;
        readonly SceneWalk walk;
        readonly SceneSweep sweep;
        readonly MeshStore meshStore;
        readonly MeshWriter meshWriter;
        readonly ShownMeshes shown;
        readonly ObjectReader reader;
        readonly ObjectWriter objects;
        readonly ViewerRecords viewers;
        readonly MaterialStore materials;
        readonly ImageStore images;
        readonly AssetWatch assets;
        readonly EntityRecords records;
        readonly ActionStore actions;
        readonly UuidRenewal renewal;
        readonly InstanceView instances;
        readonly RigView rigs;
        readonly SliceChanges changes;
        readonly LightUnits lightUnits = LightSupport.Find();
        ICollection<string> deleted = new string[0];
        double walkMilliseconds = MinWalkMilliseconds;

        public UnitySceneAdapter(SceneEvents events)
        {
            this.events = events;
            index = new SceneIndex(meshes);
            viewers = index.Viewers;
            materials = index.Materials;
            images = materials.Images;
            assets = new AssetWatch(index);
            records = index.Records;
            actions = index.Actions;
            renewal = new UuidRenewal(index, meshes);
            instances = new InstanceView(index);
            rigs = new RigView(index);
            changes = new SliceChanges(index);
            walk = new SceneWalk(index, meshes);
            sweep = new SceneSweep(index, meshes);
            MeshPreviews meshPreviews = new MeshPreviews(meshes);
            meshStore = new MeshStore(meshes, meshPreviews, index.Shapes, index.Skins.Weights);
            index.Skins.Bones.MarkChanged = meshStore.MarkChanged;
            meshWriter = new MeshWriter(index, meshes, meshStore);
            shown = new ShownMeshes(index, meshes, meshStore);
            reader = new ObjectReader(index, meshes);
            objects = new ObjectWriter(index, meshes);
            Calls = new CallScene(events, index, walk, reader, meshes);
            Previews = new ShownPreviews(new PreviewScene(index, meshes, meshPreviews));
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

        // While the Animation window previews a clip, objects show what Unity takes back at the end.
        public string EditorState => AnimationMode.InAnimationMode() ? EditorStates.Playing : activity.State;

        public bool IsAtRest => activity.IsAtRest;

        public bool IsWalking => walk.IsPending;

        public IReadOnlyList<string> ActiveEdits
        {
            get
            {
                // Not `Selection.transforms`, which leaves out an object below another selected one.
                GameObject[] selected = Selection.gameObjects;
                return selected.Length > MaxActiveEdits ? null : index.FindUuids(selected);
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
                List<string> uuids = images.GetUuids();
                uuids.AddRange(materials.GetUuids());
                uuids.AddRange(meshes.GetUuids());
                uuids.AddRange(viewers.GetUuids());
                uuids.AddRange(index.Uuids);
                uuids.AddRange(records.GetUuids());
                uuids.AddRange(actions.GetUuids());
                return uuids;
            }
        }

        public IReadOnlyCollection<string> HiddenComponents
        {
            get
            {
                List<string> hidden = viewers.HiddenComponents;
                if (!materials.IsSynchronized) { hidden.AddRange(MaterialComponents); }
                if (!images.IsSynchronized) { hidden.AddRange(ImageComponents); }
                return hidden;
            }
        }

        /// <summary>Whether the editor synchronizes materials.</summary>
        public bool HasMaterials => materials.IsSynchronized;

        /// <summary>
        /// Whether the render pipeline counts light in other units, or shows materials otherwise, than when the session began.
        /// </summary>
        public bool HasNewPipeline => LightSupport.Find() != lightUnits || materials.HasNewSupport;

        public bool IsComplete => walk.IsComplete;

        public void BeginTick(double milliseconds) =>
            walkMilliseconds = Math.Max(milliseconds * WalkShare, MinWalkMilliseconds);

        /// <summary>Ends a tick: what was done in it is not the user's.</summary>
        public void EndTick() => activity.NoteOwnWork();

        public void Refresh(DirtySet dirty)
        {
            // A drag, here or in the other editor, comes without events.
            if (events.HasNews || activity.State == EditorStates.Modal || Previews.Uuids.Count > 0)
            {
                instances.Mark();
                rigs.Mark();
            }
            if (events.TakeStructureChanged(out bool isAllChanged))
            {
                rigs.MarkStrays();
                walk.Request(isAllChanged);
            }
            rigs.NoteHeld(Previews.Scene.IsHolding).ForEach(owner => AddUuids(owner, dirty));
            foreach (ObjectKey key in events.TakeAppeared()) { RegisterTree(key.Resolve() as GameObject, dirty); }
            if (index.Prefabs.Settle(EditorClock.Now)) { walk.Request(false); }
            if (walk.IsComplete)
            {
                walkBudget.Restart(walkMilliseconds);
                instances.Advance(walkBudget, EditorClock.Now);
                rigs.Advance(walkBudget, EditorClock.Now);
            }
            foreach (ObjectKey key in events.TakeChanged()) { AddUuids(key.Resolve(), dirty); }
            assets.Refresh(dirty);
            sweep.Advance(dirty);
            walkBudget.Restart(walkMilliseconds);
            // The next tick shows the objects that the walk finds, or misses.
            if (walk.IsPending) { instances.Mark(); }
            walk.Advance(walkBudget, dirty);
        }

        public bool Contains(string uuid) =>
            index.Contains(uuid) || viewers.Contains(uuid) || meshes.Find(uuid) != null || materials.Contains(uuid)
            || images.Contains(uuid) || records.Contains(uuid) || actions.Contains(uuid);

        public Sample Sample(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target != null)
            {
                NativeObject values = reader.Read(target);
                // A shown value is no value of the scene.
                values.Place = Previews.Settle(uuid, values.Place);
                return shown.Sample(target, uuid, ObjectBytes, () => values.ToEntity(uuid));
            }
            Entity viewer = viewers.Read(uuid);
            if (viewer != null) { return new Sample(ObjectBytes, _ => viewer); }
            MeshIdentity mesh = meshes.Find(uuid);
            if (mesh != null) { return meshStore.Sample(mesh, index.Slots.ReadSlots(mesh)); }
            if (actions.Contains(uuid)) { return actions.Sample(uuid); }
            Entity material = materials.Read(uuid) ?? records.Read(uuid);
            return material == null ? images.Sample(uuid) : new Sample(ObjectBytes, _ => material);
        }

        public MeshState FindMesh(string uuid)
        {
            if (actions.Contains(uuid)) { return actions.ReadState(uuid); }
            MeshIdentity mesh = meshes.Find(uuid);
            return mesh == null ? materials.ReadState(uuid) ?? images.ReadState(uuid) : MeshStore.ReadState(mesh);
        }

        public IReadOnlyCollection<string> MissingMeshes => meshes.Missing;

        /// <summary>Saves changed asset files, some in each tick, once nothing has changed for a while.</summary>
        public void SaveIdleFiles(double now)
        {
            meshStore.SaveIdle(now);
            materials.SaveIdle(now);
            actions.SaveIdle(now);
        }

        /// <summary>Saves all changed asset files.</summary>
        public void SaveFiles()
        {
            meshStore.SaveAll();
            materials.SaveAll();
            actions.SaveAll();
        }

        public void OnConfirmed(string uuid)
        {
            shown.MarkConfirmed(uuid);
            MeshIdentity mesh = meshes.Find(uuid);
            if (mesh != null) { meshStore.SaveRecord(mesh, Registry.Load(uuid).WriteDigests()); }
            else
            {
                materials.MarkShared(uuid);
                images.MarkShared(uuid);
                actions.MarkShared(uuid);
            }
        }

        public string RenewUuid(string uuid)
        {
            Registry.Forget(uuid);
            return renewal.Renew(uuid);
        }

        public object Prepare(Change change) => meshStore.Prepare(change) ?? (object)images.Prepare(change);

        public MeshComponent FindReceived(string uuid) => meshStore.FindReceived(uuid);

        public void BeginBatch(string label, ICollection<string> deletedUuids)
        {
            deleted = deletedUuids;
            undo.Begin(label);
            meshStore.BeginBatch();
            shown.BeginBatch();
            viewers.BeginBatch();
            materials.BeginBatch();
            index.BeginBatch();
        }

        public void BeginSlice() => undo.Resume();

        public void EndSlice()
        {
            changes.Show(undo.Label);
            // Files that the batch made are no news.
            assets.SkipNews();
            instances.Mark();
            rigs.Mark();
            undo.Pause();
        }

        public bool RevertBatch()
        {
            if (!undo.Revert()) { return false; }
            shown.RevertBatch();
            meshStore.RevertBatch();
            viewers.RevertBatch();
            // The revert created and destroyed objects, as an undo by the user does.
            events.MarkAllChanged();
            materials.RevertBatch();
            index.RevertBatch();
            return true;
        }

        public void EndBatch()
        {
            deleted = new string[0];
            index.Prefabs.SetInBatch(false, EditorClock.Now);
        }

        public void Apply(Change change, object prepared)
        {
            GameObject target = index.Find(change.Uuid);
            MeshIdentity mesh = target == null ? meshes.Find(change.Uuid) : null;
            string viewer = target == null ? viewers.FindKindOf(change.Uuid) : null;
            string present = target != null ? Kinds.Object : mesh != null ? Kinds.Mesh
                : viewer ?? FindKindOfKept(change.Uuid);
            if (change.Op == ChangeOp.Delete)
            {
                Delete(change.Uuid, target, mesh, present);
                return;
            }
            if (change.Op == ChangeOp.Update && present == null)
            {
                throw new SyncException(ErrorCode.ObjectVanished, "the scene has no such entity");
            }
            string kind = present ?? change.Content.Kind;
            string played = change.Content.Find<AnimationComponent>(AnimationComponent.Name)?.Action;
            if (played != null) { changes.Actions.Add(played); }
            if (change.Op == ChangeOp.Create && change.Content.Kind != kind)
            {
                throw new SyncException(ErrorCode.UuidOtherKind, "the scene has an entity of another kind");
            }
            switch (kind)
            {
                case Kinds.Mesh: meshWriter.Write(mesh, change, (PreparedMesh)prepared, undo.Label); break;
                case Kinds.Object:
                    objects.Write(target, change, undo.Label);
                    shown.Write(index.Find(change.Uuid), change, (prepared as PreparedMesh)?.Arrays, undo.Label);
                    break;
                case Kinds.Light:
                case Kinds.Camera:
                    viewers.Write(change.Content, kind, change.Op == ChangeOp.Create, undo.Label);
                    break;
                case Kinds.Material:
                    if (present == null) { changes.Created.Add(change.Uuid); }
                    materials.Write(change.Content, change.Op == ChangeOp.Create, undo.Label);
                    break;
                case Kinds.Image:
                    changes.Images.Add(change.Uuid);
                    images.Write(change.Content, (string)prepared);
                    break;
                case Kinds.Collection:
                case Kinds.Armature: records.Write(change.Content, kind); break;
                case Kinds.Action: actions.Write(change.Content, undo.Label); break;
                default: throw new SyncException(ErrorCode.ComponentInvalid, "the kind is not supported: " + kind);
            }
        }

        /// <summary>Returns the kind of an asset or of an entity that Unity does not have; null for none.</summary>
        string FindKindOfKept(string uuid) => materials.Contains(uuid) ? Kinds.Material : images.Contains(uuid) ? Kinds.Image
            : records.FindKind(uuid) ?? (actions.Contains(uuid) ? Kinds.Action : null);

        void Delete(string uuid, GameObject target, MeshIdentity mesh, string kind)
        {
            switch (kind)
            {
                case null: index.Remove(uuid); break;
                case Kinds.Object: objects.Delete(target, deleted, undo.Label); break;
                case Kinds.Mesh: meshStore.Delete(mesh); break;
                case Kinds.Material:
                    changes.TakenOff.Add(materials.Find(uuid));
                    materials.Delete(uuid);
                    break;
                case Kinds.Image: images.Delete(uuid); break;
                case Kinds.Collection:
                case Kinds.Armature: records.Delete(uuid); break;
                case Kinds.Action: actions.Delete(uuid); break;
                default: viewers.Delete(uuid, Undo.DestroyObjectImmediate); break;
            }
            if (kind != Kinds.Object) { index.Remove(uuid); }
        }

        /// <summary>Registers a created, copied or revived object and all objects below it.</summary>
        void RegisterTree(GameObject top, DirtySet dirty)
        {
            if (top != null && OpenScenes.IsGenerated(top)) { instances.MarkStrays(); }
            if (!OpenScenes.Contains(top)) { return; }
            foreach (Transform found in top.GetComponentsInChildren<Transform>(true))
            {
                if (!OpenScenes.Contains(found.gameObject) || index.Prefabs.IsWaiting(found.gameObject)) { continue; }
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
            if (assets.MarkAsset(changed, dirty)) { return; }
            GameObject owner = changed as GameObject;
            if (changed is UnityEngine.Component component) { owner = component.gameObject; }
            if (owner == null) { return; }
            owner = JointObjects.FindOwner(owner) ?? owner;
            string uuid = index.FindUuid(ObjectKey.Of(owner));
            if (uuid == null) { return; }
            dirty.Add(uuid);
            // The object may show another mesh now, and its light may have been edited.
            index.Register(owner, dirty);
        }
    }
}
