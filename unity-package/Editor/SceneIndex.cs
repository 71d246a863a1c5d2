using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Where each GameObject of the open scenes is, by uuid. It holds Unity's numbers, never objects; a number is
    /// resolved and its uuid compared at each use, because objects come and go between two ticks.
    /// </summary>
    public sealed class SceneIndex
    {
        readonly MeshStore meshes;
        Dictionary<string, ObjectKey> objects = new Dictionary<string, ObjectKey>();
        HashSet<string> meshUuids = new HashSet<string>();
        List<string> uuids = new List<string>();

        public SceneIndex(MeshStore meshes)
        {
            this.meshes = meshes;
        }

        /// <summary>Meshes first, then objects with parents before children.</summary>
        public IReadOnlyList<string> Uuids => uuids;

        public bool Holds(string uuid) => objects.ContainsKey(uuid) || meshUuids.Contains(uuid);

        /// <summary>
        /// Looks through the open scenes; gives an identity to what has none and a new one to copies; adds the uuids of
        /// both to <paramref name="fresh"/>.
        /// </summary>
        public void Scan(ICollection<string> fresh)
        {
            Dictionary<string, ObjectKey> before = objects;
            objects = new Dictionary<string, ObjectKey>();
            List<string> order = new List<string>();
            foreach (GameObject found in AllGameObjects())
            {
                string uuid = Identify(found, before, order, fresh);
                objects.Add(uuid, ObjectKey.Of(found));
                order.Add(uuid);
                MeshFilter filter = found.GetComponent<MeshFilter>();
                if (filter != null) { meshes.Identify(filter.sharedMesh); }
            }
            uuids = meshes.Uuids();
            meshUuids = new HashSet<string>(uuids);
            uuids.AddRange(order);
        }

        /// <summary>
        /// The GameObject, or null. Looks through the scene once when the index turns out to be stale.
        /// </summary>
        public GameObject Find(string uuid)
        {
            if (!objects.TryGetValue(uuid, out ObjectKey key)) { return null; }
            GameObject found = Check(key, uuid);
            if (found != null) { return found; }
            Scan(new List<string>());
            return objects.TryGetValue(uuid, out key) ? Check(key, uuid) : null;
        }

        /// <summary>Adds a GameObject that was created just now.</summary>
        public void Add(string uuid, GameObject created)
        {
            objects[uuid] = ObjectKey.Of(created);
            uuids.Add(uuid);
        }

        /// <summary>Every GameObject that is synchronized, parents before children.</summary>
        public static List<GameObject> AllGameObjects()
        {
            List<GameObject> found = new List<GameObject>();
            for (int i = 0; i < SceneManager.sceneCount; i++)
            {
                Scene scene = SceneManager.GetSceneAt(i);
                if (!scene.isLoaded) { continue; }
                foreach (GameObject root in scene.GetRootGameObjects()) { Collect(root, found); }
            }
            return found;
        }

        static void Collect(GameObject candidate, List<GameObject> found)
        {
            // What other tools hide or do not save is theirs, and so is all below it.
            if ((candidate.hideFlags & (HideFlags.HideInHierarchy | HideFlags.DontSaveInEditor)) != 0) { return; }
            found.Add(candidate);
            Transform transform = candidate.transform;
            for (int i = 0; i < transform.childCount; i++) { Collect(transform.GetChild(i).gameObject, found); }
        }

        static GameObject Check(ObjectKey key, string uuid)
        {
            GameObject found = key.Resolve() as GameObject;
            if (found == null) { return null; }
            VibeSyncIdentity identity = found.GetComponent<VibeSyncIdentity>();
            return identity != null && identity.Uuid == uuid ? found : null;
        }

        string Identify(GameObject found, Dictionary<string, ObjectKey> before, List<string> order,
            ICollection<string> fresh)
        {
            VibeSyncIdentity identity = found.GetComponent<VibeSyncIdentity>();
            if (identity == null) { identity = found.AddComponent<VibeSyncIdentity>(); }
            if (!Uuid.IsValid(identity.Uuid)) { Assign(identity, fresh); }
            string uuid = identity.Uuid;
            if (!objects.TryGetValue(uuid, out ObjectKey other)) { return uuid; }
            Debug.LogWarning(ErrorCode.UuidDuplicated + ": " + found.name + " is a copy and gets its own identity");
            bool otherIsCopy = before.TryGetValue(uuid, out ObjectKey original) && original.Equals(ObjectKey.Of(found));
            if (!otherIsCopy)
            {
                // Unknown which came first: Unity puts copies after their originals.
                Assign(identity, fresh);
                return identity.Uuid;
            }
            VibeSyncIdentity copy = ((GameObject)other.Resolve()).GetComponent<VibeSyncIdentity>();
            Assign(copy, fresh);
            objects.Remove(uuid);
            objects.Add(copy.Uuid, other);
            order[order.IndexOf(uuid)] = copy.Uuid;
            return uuid;
        }

        /// <summary>Gives a new uuid, with nothing known of it yet.</summary>
        public static void Assign(VibeSyncIdentity identity, ICollection<string> fresh)
        {
            identity.Uuid = Uuid.New();
            identity.Version = 0;
            identity.Digests = "";
            EditorUtility.SetDirty(identity);
            fresh.Add(identity.Uuid);
        }
    }
}
