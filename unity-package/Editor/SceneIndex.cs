using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

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
        }

        /// <summary>The content of the registered objects that is not synchronized.</summary>
        public UnsupportedContent Unsupported { get; } = new UnsupportedContent();

        /// <summary>The uuids of all GameObjects.</summary>
        public IReadOnlyCollection<string> Uuids => keys.Keys;

        public bool Contains(string uuid) => keys.ContainsKey(uuid);

        /// <summary>Returns the GameObject, or null if it is gone or has another uuid by now.</summary>
        public GameObject Find(string uuid)
        {
            return keys.TryGetValue(uuid, out ObjectKey key) ? Resolve(key, uuid) : null;
        }

        /// <summary>
        /// Adds a GameObject and its mesh to the index. An object without an identity gets one, a copy gets a new one.
        /// A known object that lost its identity, as by reverting a prefab instance, gets its own back. New entities
        /// are added to <paramref name="dirty"/>.
        /// </summary>
        public void Register(GameObject found, DirtySet dirty)
        {
            MeshFilter filter = found.GetComponent<MeshFilter>();
            if (filter != null) { meshes.Identify(filter.sharedMesh, dirty); }
            VibeSyncIdentity identity = found.GetComponent<VibeSyncIdentity>();
            ObjectKey key = ObjectKey.Of(found);
            bool isKnown = uuids.TryGetValue(key, out string before);
            if (isKnown && identity != null && identity.Uuid == before) { return; }
            Unsupported.Inspect(found);
            if (identity == null)
            {
                identity = found.AddComponent<VibeSyncIdentity>();
                if (isKnown) { identity.Uuid = before; }
                PrefabOverrides.Record(identity);
            }
            GameObject holder = Uuid.IsValid(identity.Uuid) ? Find(identity.Uuid) : null;
            if (!Uuid.IsValid(identity.Uuid)) { AssignNewUuid(identity); }
            else if (holder != null && holder != found)
            {
                // The object that was registered first is the original. After a load that is the first one in the
                // scene, because Unity places copies after their originals.
                Debug.LogWarning(ErrorCode.UuidDuplicated + ": " + found.name + " is a copy and gets its own identity");
                AssignNewUuid(identity);
            }
            if (isKnown && identity.Uuid != before) { Remove(before); }
            Set(identity.Uuid, key);
            dirty.Add(identity.Uuid);
        }

        /// <summary>Adds a GameObject that a batch created.</summary>
        public void Add(string uuid, GameObject created) => Set(uuid, ObjectKey.Of(created));

        /// <summary>Removes a GameObject that is gone.</summary>
        public void Remove(string uuid)
        {
            if (!keys.TryGetValue(uuid, out ObjectKey key)) { return; }
            keys.Remove(uuid);
            uuids.Remove(key);
        }

        /// <summary>Returns the uuid of a registered GameObject, or null.</summary>
        public string FindUuid(ObjectKey key) => uuids.TryGetValue(key, out string uuid) ? uuid : null;

        /// <summary>Returns whether the GameObject of a uuid is one of <paramref name="visited"/>.</summary>
        public bool IsAmong(ICollection<ObjectKey> visited, string uuid) => visited.Contains(keys[uuid]);

        /// <summary>Assigns a new uuid.</summary>
        public static void AssignNewUuid(VibeSyncIdentity identity)
        {
            identity.Uuid = Uuid.New();
            PrefabOverrides.Record(identity);
        }

        void Set(string uuid, ObjectKey key)
        {
            // An undo may revive an object under another number.
            if (keys.TryGetValue(uuid, out ObjectKey old)) { uuids.Remove(old); }
            keys[uuid] = key;
            uuids[key] = uuid;
        }

        static GameObject Resolve(ObjectKey key, string uuid)
        {
            GameObject found = key.Resolve() as GameObject;
            if (found == null) { return null; }
            VibeSyncIdentity identity = found.GetComponent<VibeSyncIdentity>();
            return identity != null && identity.Uuid == uuid ? found : null;
        }
    }
}
