using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core;

namespace VibeSync.Editor
{
    /// <summary>
    /// Which GameObject of the open scenes has which uuid. It holds Unity's numbers, never objects; a number is resolved
    /// and its uuid compared at each use, because objects come and go between two ticks.
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

        /// <summary>What was met on the way and is not synchronized.</summary>
        public Unsupported Unsupported { get; } = new Unsupported();

        /// <summary>The uuids of all GameObjects.</summary>
        public IReadOnlyCollection<string> Uuids => keys.Keys;

        public bool Holds(string uuid) => keys.ContainsKey(uuid);

        /// <summary>The GameObject, or null when it is gone or carries another uuid by now.</summary>
        public GameObject Find(string uuid)
        {
            return keys.TryGetValue(uuid, out ObjectKey key) ? Check(key, uuid) : null;
        }

        /// <summary>
        /// Takes a GameObject in. What has no identity gets one, a copy a new one; both, and a mesh that is new, are
        /// added to <paramref name="fresh"/>. What is known stays as it is.
        /// </summary>
        public void See(GameObject found, ICollection<string> fresh)
        {
            MeshFilter filter = found.GetComponent<MeshFilter>();
            if (filter != null) { meshes.Identify(filter.sharedMesh, fresh); }
            VibeSyncIdentity identity = found.GetComponent<VibeSyncIdentity>();
            ObjectKey key = ObjectKey.Of(found);
            bool known = uuids.TryGetValue(key, out string before);
            if (known && identity != null && identity.Uuid == before) { return; }
            Unsupported.Look(found);
            if (identity == null) { identity = found.AddComponent<VibeSyncIdentity>(); }
            if (!Uuid.IsValid(identity.Uuid)) { Assign(identity); }
            else if (Find(identity.Uuid) != null)
            {
                // Whoever was known first is the original; after a load it is the first in the scene, where Unity puts
                // copies after their originals.
                Debug.LogWarning(ErrorCode.UuidDuplicated + ": " + found.name + " is a copy and gets its own identity");
                Assign(identity);
            }
            if (known) { keys.Remove(before); }
            Set(identity.Uuid, key);
            fresh.Add(identity.Uuid);
        }

        /// <summary>Adds a GameObject that was created just now.</summary>
        public void Add(string uuid, GameObject created) => Set(uuid, ObjectKey.Of(created));

        /// <summary>Forgets a GameObject that is gone.</summary>
        public void Remove(string uuid)
        {
            if (!keys.TryGetValue(uuid, out ObjectKey key)) { return; }
            keys.Remove(uuid);
            uuids.Remove(key);
        }

        /// <summary>The uuid of a GameObject that was taken in, or null.</summary>
        public string UuidOf(ObjectKey key) => uuids.TryGetValue(key, out string uuid) ? uuid : null;

        /// <summary>Whether the GameObject of a uuid is one of <paramref name="seen"/>.</summary>
        public bool IsAmong(ICollection<ObjectKey> seen, string uuid) => seen.Contains(keys[uuid]);

        /// <summary>Gives a new uuid, with nothing known of it yet.</summary>
        public static void Assign(VibeSyncIdentity identity)
        {
            identity.Uuid = Uuid.New();
            identity.Version = 0;
            identity.Digests = "";
            Overrides.Keep(identity);
        }

        void Set(string uuid, ObjectKey key)
        {
            // Where the holder of that uuid is gone, an undo may have brought it back under another number.
            if (keys.TryGetValue(uuid, out ObjectKey old)) { uuids.Remove(old); }
            keys[uuid] = key;
            uuids[key] = uuid;
        }

        static GameObject Check(ObjectKey key, string uuid)
        {
            GameObject found = key.Resolve() as GameObject;
            if (found == null) { return null; }
            VibeSyncIdentity identity = found.GetComponent<VibeSyncIdentity>();
            return identity != null && identity.Uuid == uuid ? found : null;
        }
    }
}
