using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads which objects are instances of prefabs, and makes an object that comes back an instance again. Never unpacks an
    /// instance, and never makes an object that is there another one.
    /// </summary>
    public sealed class PrefabInstances
    {
        /// <summary>The time that the parts of a new instance wait for their entities, in seconds: a batch may be divided.</summary>
        const double WaitSeconds = 2;

        readonly SceneIndex index;

        /// <summary>The parts of new instances that no entity has taken yet, by instance and number in the asset.</summary>
        readonly Dictionary<(ObjectKey, long), ObjectKey> waiting = new Dictionary<(ObjectKey, long), ObjectKey>();
        readonly HashSet<ObjectKey> waitingParts = new HashSet<ObjectKey>();
        double waitsUntil;
        bool isInBatch;

        public PrefabInstances(SceneIndex index)
        {
            this.index = index;
        }

        /// <summary>Returns whether an object is a part of a new instance, and its entity may still come.</summary>
        public bool IsWaiting(GameObject target) => waitingParts.Count > 0 && waitingParts.Contains(ObjectKey.Of(target));

        /// <summary>Says whether a batch is under way: the time of waiting begins after it.</summary>
        public void SetInBatch(bool isUnderWay, double now)
        {
            isInBatch = isUnderWay;
            waitsUntil = now + WaitSeconds;
        }

        /// <summary>Returns the value of an object: the received one while Unity shows what it showed then.</summary>
        public PrefabComponent Read(GameObject target)
        {
            PrefabComponent shown = ReadShown(target);
            KeptValues kept = index.Identities.FindKept(target);
            bool isKept = kept.Prefab.Length > 0 && kept.PrefabShown == Write(shown);
            return isKept ? PrefabComponent.Read(JsonReader.Read(kept.Prefab), PrefabComponent.Name) : shown;
        }

        /// <summary>Keeps a received value, whatever the object is.</summary>
        public void Keep(GameObject target, PrefabComponent prefab)
        {
            PrefabComponent shown = ReadShown(target);
            bool isShown = shown.Digest() == prefab.Digest();
            index.Kept.SetPrefab(target, isShown ? "" : Write(prefab), isShown ? "" : Write(shown));
        }

        /// <summary>
        /// Returns the object of a new entity: an instance of its prefab, or a part of one that was made before. Returns null if
        /// it comes from no prefab, or if there is none.
        /// </summary>
        public GameObject Make(Entity content, string label)
        {
            PrefabComponent prefab = content.Find<PrefabComponent>(PrefabComponent.Name);
            if (prefab == null || prefab.IsDefault) { return null; }
            GameObject made = prefab.IsRoot ? Instantiate(prefab, label) : TakePart(content, prefab);
            return made;
        }

        /// <summary>
        /// Removes the parts whose entities did not come: they had been deleted in that instance. Before Unity 2022.2 they stay
        /// as new objects. Returns whether the scene has changed.
        /// </summary>
        public bool Settle(double now)
        {
            if (waitingParts.Count == 0 || isInBatch || now < waitsUntil) { return false; }
            List<ObjectKey> left = new List<ObjectKey>(waitingParts);
            waiting.Clear();
            waitingParts.Clear();
            foreach (ObjectKey key in left)
            {
                // A part goes with the one above it.
                bool isThere = key.Resolve() is GameObject part && part != null;
                if (isThere && UnityCompat.CanDeleteParts) { Object.DestroyImmediate(key.Resolve()); }
            }
            return true;
        }

        GameObject Instantiate(PrefabComponent prefab, string label)
        {
            GameObject asset = AssetDatabase.LoadAssetAtPath<GameObject>(AssetDatabase.GUIDToAssetPath(prefab.Asset));
            GameObject made = asset == null ? null : PrefabUtility.InstantiatePrefab(asset) as GameObject;
            if (made == null) { return null; }
            Undo.RegisterCreatedObjectUndo(made, label);
            ObjectKey root = ObjectKey.Of(made);
            foreach (Transform part in made.GetComponentsInChildren<Transform>(true))
            {
                PrefabComponent shown = ReadShown(part.gameObject);
                if (shown.IsDefault || part == made.transform) { continue; }
                waiting[(root, shown.File)] = ObjectKey.Of(part.gameObject);
                waitingParts.Add(ObjectKey.Of(part.gameObject));
            }
            return made;
        }

        GameObject TakePart(Entity content, PrefabComponent prefab)
        {
            string above = content.Find<ReferenceComponent>("parent")?.Uuid;
            GameObject parent = above == null ? null : index.Find(above);
            GameObject root = parent == null ? null : PrefabUtility.GetOutermostPrefabInstanceRoot(parent);
            if (root == null || !waiting.TryGetValue((ObjectKey.Of(root), prefab.File), out ObjectKey key)) { return null; }
            waiting.Remove((ObjectKey.Of(root), prefab.File));
            waitingParts.Remove(key);
            return key.Resolve() as GameObject;
        }

        /// <summary>Returns what Unity shows.</summary>
        static PrefabComponent ReadShown(GameObject target)
        {
            GameObject source = PrefabUtility.IsPartOfPrefabInstance(target)
                ? PrefabUtility.GetCorrespondingObjectFromSource(target) : null;
            if (source == null) { return PrefabComponent.None; }
            bool isKnown = AssetDatabase.TryGetGUIDAndLocalFileIdentifier(source, out string guid, out long file);
            return isKnown ? new PrefabComponent(guid, PrefabUtility.IsOutermostPrefabInstanceRoot(target), file)
                : PrefabComponent.None;
        }

        static string Write(PrefabComponent prefab) => JsonWriter.Write(prefab.ToJson(null));
    }
}
