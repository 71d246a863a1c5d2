using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads the synchronized values of GameObjects: of one, or of the whole scene at one moment.</summary>
    public sealed class ObjectReader
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;

        public ObjectReader(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Returns the values of one object.</summary>
        public NativeObject Read(GameObject target)
        {
            Transform parent = target.transform.parent;
            return Read(target, target.transform, parent == null ? null : index.Identities.Find(parent.gameObject),
                index.FindData(target), index.FindFrame(target.transform));
        }

        /// <summary>
        /// Returns the values of all objects. Objects and meshes that are new get an identity; objects that are gone leave
        /// the index. Both are added to <paramref name="dirty"/>.
        /// </summary>
        /// <param name="earlier">Objects that differ from it are registered anew; null for none.</param>
        public CallSnapshot ReadAll(DirtySet dirty, CallSnapshot earlier)
        {
            CallSnapshot snapshot = new CallSnapshot(index.Uuids.Count);
            Dictionary<ObjectKey, string> known = meshes.MapKeys();
            // Each object with the uuid of the one above it, and whether that one is a viewer; the objects that are visited
            // next are at the end.
            Stack<(Transform, string, bool)> unvisited = new Stack<(Transform, string, bool)>();
            List<GameObject> roots = new List<GameObject>(OpenScenes.GetRoots());
            for (int i = roots.Count - 1; i >= 0; i--) { unvisited.Push((roots[i].transform, null, false)); }
            while (unvisited.Count > 0)
            {
                (Transform transform, string parent, bool isBelowViewer) = unvisited.Pop();
                GameObject target = transform.gameObject;
                if (!OpenScenes.IsSynchronized(target) || index.Prefabs.IsWaiting(target)) { continue; }
                string uuid = Read(target, parent, isBelowViewer, known, dirty, out NativeObject values);
                if (earlier != null && !earlier.IsSame(uuid, values))
                {
                    // It may have become a part of a prefab, which keeps the uuid and the guard elsewhere.
                    index.Register(target, dirty);
                    uuid = Read(target, parent, isBelowViewer, known, dirty, out values);
                }
                snapshot.Add(uuid, values);
                AddViewer(snapshot, target);
                for (int i = transform.childCount - 1; i >= 0; i--)
                {
                    unvisited.Push((transform.GetChild(i), uuid, values.Place.Frame.IsViewer));
                }
            }
            RemoveMissing(snapshot, dirty);
            meshes.Prune();
            foreach (KeyValuePair<string, Mesh> mesh in meshes.GetAll())
            {
                int state = EditorUtility.GetDirtyCount(mesh.Value) * 31 + mesh.Value.vertexCount;
                MeshIdentity identity = meshes.Find(mesh.Key);
                state = state * 31 + index.Shapes.ReadValues(identity).Digest().GetHashCode();
                snapshot.AddMesh(mesh.Key, state * 31 + identity.Slots.GetHashCode());
            }
            foreach (string uuid in index.Materials.GetUuids()) { snapshot.AddViewer(index.Materials.Read(uuid)); }
            return snapshot;
        }

        /// <summary>Adds the light or camera of an object; that of several objects as it differs from the known value.</summary>
        void AddViewer(CallSnapshot snapshot, GameObject target)
        {
            Entity viewer = index.Viewers.Read(target, out bool isKept);
            if (viewer != null && (!isKept || !snapshot.HasViewer(viewer.Uuid))) { snapshot.AddViewer(viewer); }
        }

        string Read(GameObject target, string parent, bool isBelowViewer, Dictionary<ObjectKey, string> known,
            DirtySet dirty, out NativeObject values)
        {
            ObjectKey key = ObjectKey.Of(target);
            Mesh mesh = MeshHolder.Find(target);
            string data = null;
            bool isMeshKnown = mesh == null || known.TryGetValue(ObjectKey.Of(mesh), out data);
            if (index.FindUuid(key) == null || !isMeshKnown || !index.Viewers.IsCurrent(target, data != null))
            {
                index.Register(target, dirty);
                data = meshes.FindUuid(mesh);
                if (data != null) { known[ObjectKey.Of(mesh)] = data; }
            }
            bool isViewer = index.Viewers.IsViewer(target);
            values = Read(target, target.transform, parent, data ?? index.Viewers.FindUuid(target) ?? index.Rigs.FindUuid(target),
                new LocalFrame(isViewer, isBelowViewer));
            return index.FindUuid(key);
        }

        NativeObject Read(GameObject target, Transform transform, string parent, string data, LocalFrame frame)
        {
            return new NativeObject
            {
                Name = target.name,
                Parent = parent,
                Data = data,
                IsActive = target.activeSelf,
                IsHumanOnly = index.Identities.IsHumanOnly(target),
                Place = Placement.Read(transform, frame),
                Materials = index.Slots.ReadOwn(target),
                Locks = index.Kept.GetLocks(target),
                Collections = index.Kept.GetCollections(target),
                Instance = index.Kept.GetInstance(target),
                Prefab = index.Prefabs.Read(target),
                Pose = index.Rigs.ReadPose(target),
                Skin = index.Skins.Read(target),
                Animation = index.Kept.GetAnimation(target),
            };
        }

        void RemoveMissing(CallSnapshot snapshot, DirtySet dirty)
        {
            foreach (string uuid in new List<string>(index.Uuids))
            {
                if (!snapshot.Contains(uuid)) { index.Remove(uuid); }
            }
            // A mesh may be gone too.
            dirty.MarkStructureChanged();
        }
    }
}
