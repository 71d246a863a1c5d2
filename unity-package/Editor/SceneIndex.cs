using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// Maps uuids to GameObjects of the open scenes. It stores Unity's object numbers, never objects. Each lookup
    /// resolves the number and compares the uuid, because objects come and go between two ticks.
    /// </summary>
    public sealed class SceneIndex
    {
        readonly Dictionary<string, ObjectKey> keys = new Dictionary<string, ObjectKey>();
        readonly Dictionary<ObjectKey, string> uuids = new Dictionary<ObjectKey, string>();
        readonly MeshRecords meshes;

        public SceneIndex(MeshRecords meshes)
        {
            this.meshes = meshes;
            Viewers = new ViewerRecords(Identities, meshes, Unsupported);
            Materials = new MaterialStore(Unsupported);
            Kept = new KeptRecords(Identities);
            Shapes = new ShapeStore(meshes);
            Slots = new MaterialSlots(meshes, Kept, Materials);
            Members = new CollectionMembers(Kept);
            Prefabs = new PrefabInstances(Identities, Kept, Find);
            Rigs = new Rigs(Kept, meshes);
            Records = new EntityRecords(Members, Rigs);
            Skins = new Skins(Kept, meshes, Rigs, Unsupported, Find, FindUuid);
            Players = new ActionPlayers(Kept, Viewers);
            Actions = new ActionStore(Players, Unsupported);
        }

        /// <summary>The GameObjects that show each material.</summary>
        public MaterialUsers MaterialUsers { get; } = new MaterialUsers();

        /// <summary>The uuids that the GameObjects have.</summary>
        public Identities Identities { get; } = new Identities();

        /// <summary>The content of the registered objects that is not synchronized.</summary>
        public UnsupportedContent Unsupported { get; } = new UnsupportedContent();

        /// <summary>The lights and cameras that the GameObjects show.</summary>
        public ViewerRecords Viewers { get; }

        /// <summary>The materials that the GameObjects show, and others that the daemon has.</summary>
        public MaterialStore Materials { get; }

        /// <summary>The materials of meshes and GameObjects by slot.</summary>
        public MaterialSlots Slots { get; }

        /// <summary>The weights of blend shapes that the GameObjects show.</summary>
        public ShapeStore Shapes { get; }

        /// <summary>The values of the GameObjects for which Unity has no field.</summary>
        public KeptRecords Kept { get; }

        /// <summary>The collections, and the objects that are in them and show them.</summary>
        public CollectionMembers Members { get; }

        /// <summary>The prefabs that the GameObjects are instances of.</summary>
        public PrefabInstances Prefabs { get; }

        /// <summary>The armatures, and the objects that have one.</summary>
        public Rigs Rigs { get; }

        /// <summary>The armatures that deform objects.</summary>
        public Skins Skins { get; }

        /// <summary>The entities that Unity does not have.</summary>
        public EntityRecords Records { get; }

        /// <summary>The actions that the daemon has.</summary>
        public ActionStore Actions { get; }

        /// <summary>The objects that play actions.</summary>
        public ActionPlayers Players { get; }

        /// <summary>Sets the action that an object plays.</summary>
        public void WriteAnimation(GameObject target, AnimationComponent animation)
        {
            Kept.SetAnimation(target, animation);
            Players.Note(target);
        }

        /// <summary>Copies what the undo history does not restore, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            Kept.BeginBatch();
            Records.BeginBatch();
            Actions.BeginBatch();
            Prefabs.SetInBatch(true, 0);
        }

        /// <summary>Reverts what the undo history does not.</summary>
        public void RevertBatch()
        {
            Kept.RevertBatch();
            Records.RevertBatch();
            Actions.RevertBatch();
        }

        /// <summary>The uuids of all GameObjects.</summary>
        public IReadOnlyCollection<string> Uuids => keys.Keys;

        public bool Contains(string uuid) => keys.ContainsKey(uuid);

        /// <summary>Returns the GameObject, or null if it is gone or has another uuid by now.</summary>
        public GameObject Find(string uuid)
        {
            return keys.TryGetValue(uuid, out ObjectKey key) ? Resolve(key, uuid) : null;
        }

        /// <summary>
        /// Adds a GameObject, its mesh and its light or camera to the index. An object without an identity gets one, a copy gets a new one.
        /// A known object that lost its identity, as by reverting a prefab instance, gets its own back. New entities
        /// are added to <paramref name="dirty"/>.
        /// </summary>
        public void Register(GameObject found, DirtySet dirty)
        {
            Mesh mesh = MeshHolder.Find(found);
            if (mesh != null)
            {
                meshes.Identify(mesh, dirty);
                Slots.Register(found, dirty);
            }
            MaterialUsers.Note(found);
            ObjectKey key = ObjectKey.Of(found);
            uuids.TryGetValue(key, out string before);
            string stored = Identities.Find(found);
            string own = stored;
            if (own == null || own != before)
            {
                Unsupported.Inspect(found);
                own = Choose(found, own, before);
            }
            // An object may have become a part of a prefab instance, or ceased to be one.
            Identities.Set(found, own);
            if (own != before)
            {
                if (before != null) { Remove(before); }
                Set(own, key);
                dirty.Add(own);
            }
            Settle(found, own, own != before);
            Shapes.Register(found, own, dirty);
            bool isCopy = Uuid.IsValid(stored) && stored != own;
            // The locks are about the original.
            if (isCopy) { Kept.SetLocks(found, LocksComponent.None); }
            Members.Note(found);
            Rigs.Register(found);
            Skins.Register(found, own, dirty);
            Players.Note(found);
            if (Viewers.Register(found, isCopy, dirty)) { MarkFrameChanged(found, own, dirty); }
        }

        /// <summary>
        /// Has an object show its evaluated mesh again after an undo. A copy and a revived object show their data: the daemon
        /// has no evaluated mesh of them.
        /// </summary>
        /// <param name="isNew">Whether the object was not known under this uuid.</param>
        void Settle(GameObject found, string uuid, bool isNew)
        {
            Mesh mesh = MeshHolder.Find(found);
            ShownIdentity shown = meshes.Shown.Find(mesh);
            ShownIdentity own = meshes.Shown.FindOf(uuid);
            if (shown != null)
            {
                SyncRecord record = SceneRegistry.Current.Load(uuid);
                bool isRight = shown == own && (!isNew || record.Digests.ContainsKey(ShownComponent.Name));
                if (isRight) { return; }
                ShownRecords.Assign(found, meshes.Find(shown.Data)?.Mesh);
                if (shown == own) { meshes.Shown.Remove(own); }
            }
            else if (own != null && own.Mesh != null && (meshes.FindUuid(mesh) ?? "") == own.Data)
            {
                ShownRecords.Assign(found, own.Mesh);
            }
        }

        /// <summary>Marks an object whose axes changed, and the objects directly below it.</summary>
        void MarkFrameChanged(GameObject found, string own, DirtySet dirty)
        {
            dirty.Add(own);
            Transform transform = found.transform;
            for (int i = 0; i < transform.childCount; i++)
            {
                string child = FindUuid(ObjectKey.Of(transform.GetChild(i).gameObject));
                if (child != null) { dirty.Add(child); }
            }
        }

        /// <summary>Returns the axes of an object and of the one above it.</summary>
        public LocalFrame FindFrame(Transform transform) => new LocalFrame(Viewers.IsViewer(transform.gameObject),
            transform.parent != null && Viewers.IsViewer(transform.parent.gameObject));

        /// <summary>Returns the uuid of the mesh, light, camera or armature that an object shows; null for none.</summary>
        public string FindData(GameObject target)
        {
            return meshes.FindUuid(MeshHolder.Find(target)) ?? Viewers.FindUuid(target) ?? Rigs.FindUuid(target);
        }

        /// <summary>Returns the uuid that an object keeps or gets.</summary>
        /// <param name="own">Its uuid; null without one.</param>
        /// <param name="before">The uuid under which it is known; null if it is not.</param>
        string Choose(GameObject found, string own, string before)
        {
            if (Uuid.IsValid(own))
            {
                GameObject holder = Find(own);
                if (holder == null || holder == found) { return own; }
                // The object that was registered first is the original. After a load that is the first one in the
                // scene, because Unity places copies after their originals.
                Debug.LogWarning(ErrorCode.UuidDuplicated + ": " + found.name + " is a copy and gets its own identity");
                return Uuid.New();
            }
            if (before != null) { return before; }
            // An object became a prefab while nobody watched, or an earlier package stored its uuid as an override.
            string inherited = Identities.FindInherited(found);
            bool isItsOwn = Uuid.IsValid(inherited) && SceneRegistry.Current.Entries.ContainsKey(inherited)
                && Find(inherited) == null && !Identities.IsUsed(inherited);
            return isItsOwn ? inherited : Uuid.New();
        }

        /// <summary>Gives a registered GameObject a new uuid, and returns it.</summary>
        public string Renew(GameObject target)
        {
            string uuid = Uuid.New();
            if (uuids.TryGetValue(ObjectKey.Of(target), out string before)) { Remove(before); }
            Identities.Set(target, uuid);
            Add(uuid, target);
            return uuid;
        }

        /// <summary>Adds a GameObject that a batch created.</summary>
        public void Add(string uuid, GameObject created) => Set(uuid, ObjectKey.Of(created));

        /// <summary>Removes a GameObject that is gone.</summary>
        public void Remove(string uuid)
        {
            if (!keys.TryGetValue(uuid, out ObjectKey key)) { return; }
            keys.Remove(uuid);
            uuids.Remove(key);
            Forget(key);
        }

        /// <summary>Returns the uuid of a registered GameObject, or null.</summary>
        public string FindUuid(ObjectKey key) => uuids.TryGetValue(key, out string uuid) ? uuid : null;

        /// <summary>Returns the uuids of registered GameObjects in order; for a joint that of the one with the armature.</summary>
        public List<string> FindUuids(IEnumerable<GameObject> items)
        {
            SortedSet<string> found = new SortedSet<string>(StringComparer.Ordinal);
            foreach (GameObject item in items)
            {
                string uuid = FindUuid(ObjectKey.Of(JointObjects.FindOwner(item) ?? item));
                if (uuid != null) { found.Add(uuid); }
            }
            return new List<string>(found);
        }

        /// <summary>Returns whether the GameObject of a uuid is one of <paramref name="visited"/>.</summary>
        public bool IsAmong(ICollection<ObjectKey> visited, string uuid) => visited.Contains(keys[uuid]);

        void Set(string uuid, ObjectKey key)
        {
            // An undo may revive an object under another number.
            if (keys.TryGetValue(uuid, out ObjectKey old) && !old.Equals(key))
            {
                uuids.Remove(old);
                Forget(old);
            }
            keys[uuid] = key;
            uuids[key] = uuid;
        }

        void Forget(ObjectKey key)
        {
            Viewers.Forget(key);
            MaterialUsers.Forget(key);
            Members.Forget(key);
            Rigs.Forget(key);
            Skins.Forget(key);
            Players.Forget(key);
            Shapes.Forget(key);
        }

        GameObject Resolve(ObjectKey key, string uuid)
        {
            GameObject found = key.Resolve() as GameObject;
            if (found == null) { return null; }
            // An object without an identity has lost it, and gets it back when it is registered next.
            string own = Identities.Find(found);
            return own == null || own == uuid ? found : null;
        }
    }
}
