using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Shows instances of collections by generated objects below the objects that have them. Each round compares every
    /// instance with its plan and changes what differs, so it also repairs what undo, copies and people did.
    /// </summary>
    public sealed class InstanceView
    {
        /// <summary>The most generated objects of a scene.</summary>
        public const int MaxObjects = 20000;

        readonly SceneIndex index;

        /// <summary>The generated objects below each instance, by the object above and the source, as they were left.</summary>
        readonly Dictionary<ObjectKey, Dictionary<(ObjectKey, string), GeneratedObject.Look>> shown =
            new Dictionary<ObjectKey, Dictionary<(ObjectKey, string), GeneratedObject.Look>>();
        readonly Rounds rounds;
        Dictionary<(ObjectKey, string), GeneratedObject.Look> before;
        Dictionary<(ObjectKey, string), GeneratedObject.Look> after;
        bool mayHaveStrays = true;
        bool wasEdited;
        int left;

        public InstanceView(SceneIndex index)
        {
            this.index = index;
            rounds = new Rounds(Begin, Show);
        }

        /// <summary>Requests a round: something in the scene has changed.</summary>
        public void Mark() => rounds.Mark();

        /// <summary>Requests a search for generated objects that belong to no instance, as after a paste.</summary>
        public void MarkStrays()
        {
            mayHaveStrays = true;
            Mark();
        }

        /// <summary>Continues the round, or begins one if it is requested or due. At least one instance is compared.</summary>
        public void Advance(Budget budget, double now) => rounds.Advance(budget, now);

        List<ObjectKey> Begin()
        {
            left = MaxObjects;
            if (mayHaveStrays) { RemoveStrays(); }
            mayHaveStrays = false;
            List<ObjectKey> instances = index.Members.FindInstances();
            // The same instances are cut in each round if there is too much to show.
            instances.Sort((a, b) => string.CompareOrdinal(index.FindUuid(a), index.FindUuid(b)));
            HashSet<ObjectKey> present = new HashSet<ObjectKey>(instances);
            List<ObjectKey> round = new List<ObjectKey>();
            foreach (ObjectKey key in shown.Keys)
            {
                if (!present.Contains(key)) { round.Add(key); }
            }
            round.AddRange(instances);
            return round;
        }

        void Show(ObjectKey key)
        {
            GameObject instance = key.Resolve() as GameObject;
            string collection = index.Members.FindShown(key);
            List<InstancePlan> plans = new List<InstancePlan>();
            bool isShown = instance != null && collection != null && InstancePlan.CanShow(index, instance);
            if (isShown && left > 0) { plans.Add(InstancePlan.Make(index, collection, ref left)); }
            if (isShown && left <= 0) { index.Unsupported.Report("instances of more than " + MaxObjects + " objects", instance); }
            if (instance != null && collection != null && PrefabOverrides.IsPart(instance))
            {
                index.Unsupported.Report("instances of collections in prefab instances", instance);
            }
            if (!shown.TryGetValue(key, out before)) { before = new Dictionary<(ObjectKey, string), GeneratedObject.Look>(); }
            after = new Dictionary<(ObjectKey, string), GeneratedObject.Look>();
            wasEdited = false;
            if (instance != null) { Show(instance.transform, instance.transform, plans); }
            if (isShown) { shown[key] = after; }
            else { shown.Remove(key); }
            if (!wasEdited) { return; }
            mayHaveStrays = true;
            index.Unsupported.Report("edits of objects that an instance of a collection shows", instance);
        }

        /// <summary>Makes the generated objects directly below an object those of the plans.</summary>
        void Show(Transform instance, Transform parent, List<InstancePlan> plans)
        {
            Dictionary<string, InstancePlan> wanted = new Dictionary<string, InstancePlan>();
            foreach (InstancePlan plan in plans) { wanted[plan.Source] = plan; }
            for (int i = parent.childCount - 1; i >= 0; i--)
            {
                GameObject child = parent.GetChild(i).gameObject;
                VibeSyncGenerated marker = child.GetComponent<VibeSyncGenerated>();
                if (marker == null)
                {
                    if (parent != instance) { MoveOut(child, instance); }
                }
                else if (wanted.TryGetValue(marker.Source, out InstancePlan plan))
                {
                    wanted.Remove(marker.Source);
                    Show(instance, parent, plan, child, false);
                }
                else { Remove(child, instance); }
            }
            foreach (InstancePlan plan in plans)
            {
                if (!wanted.Remove(plan.Source)) { continue; }
                Show(instance, parent, plan, GeneratedObject.Create(parent, plan.Source), true);
            }
        }

        void Show(Transform instance, Transform parent, InstancePlan plan, GameObject target, bool isNew)
        {
            (ObjectKey, string) id = (ObjectKey.Of(parent.gameObject), plan.Source);
            // An object that was there and is new now was removed by a person, as far as the one above it is the same.
            bool isKnown = before.TryGetValue(id, out GeneratedObject.Look left);
            wasEdited |= isKnown && (isNew || !left.Equals(GeneratedObject.Look.Of(target)));
            DataIdentity data = plan.Original == null ? null : index.Identities.FindData(plan.Original);
            GeneratedObject.Update(target, plan, data?.Kind == Kinds.Light ? data.Value : null);
            after[id] = GeneratedObject.Look.Of(target);
            Show(instance, target.transform, plan.Children);
        }

        /// <summary>Removes a generated object. Objects of a person below it stay, outside.</summary>
        static void Remove(GameObject target, Transform instance)
        {
            // Unity lets nobody remove it from a prefab instance.
            if (PrefabOverrides.IsPart(target)) { return; }
            foreach (Transform below in target.GetComponentsInChildren<Transform>(true))
            {
                if (below != null && !OpenScenes.IsGenerated(below.gameObject) && OpenScenes.IsGenerated(below.parent.gameObject))
                {
                    MoveOut(below.gameObject, instance);
                }
            }
            Object.DestroyImmediate(target);
        }

        static void MoveOut(GameObject target, Transform instance)
        {
            if (OpenScenes.IsSynchronized(target)) { Undo.SetTransformParent(target.transform, instance, "Move out of Instance"); }
        }

        /// <summary>Removes the generated objects that are below no instance.</summary>
        void RemoveStrays()
        {
            List<GameObject> strays = new List<GameObject>();
            foreach (VibeSyncGenerated marker in OpenScenes.FindAllShown<VibeSyncGenerated>())
            {
                Transform above = marker.gameObject.transform.parent;
                bool isInPlace = above != null && (OpenScenes.IsGenerated(above.gameObject)
                    || index.Members.FindShown(ObjectKey.Of(above.gameObject)) != null);
                if (!isInPlace) { strays.Add(marker.gameObject); }
            }
            foreach (GameObject stray in strays) { Remove(stray, stray.transform.parent); }
        }
    }
}
