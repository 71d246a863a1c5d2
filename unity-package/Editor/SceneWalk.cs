using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Indexes the open scenes in slices, so that a large scene does not block the editor. Finds objects that came
    /// without an event, and objects that are gone.
    /// </summary>
    public sealed class SceneWalk
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly Stack<ObjectKey> unvisited = new Stack<ObjectKey>();
        readonly HashSet<ObjectKey> visited = new HashSet<ObjectKey>();
        bool isRunning;
        bool isRequested = true;
        bool isMarkingRequested;
        bool isMarking;

        public SceneWalk(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Whether a walk has finished since the scene was opened.</summary>
        public bool IsComplete { get; private set; }

        /// <summary>Whether a walk is requested or not finished.</summary>
        public bool IsPending => isRequested || isRunning;

        /// <summary>Whether a walk that marks every entity is requested or not finished.</summary>
        public bool IsMarkingAll => isMarkingRequested || (isRunning && isMarking);

        /// <summary>Requests a walk, after the present one if one is running.</summary>
        /// <param name="isMarkingAll">Whether to mark every entity as dirty.</param>
        public void Request(bool isMarkingAll)
        {
            isRequested = true;
            isMarkingRequested |= isMarkingAll;
        }

        /// <summary>Continues the walk within the budget.</summary>
        public void Advance(Budget budget, DirtySet dirty)
        {
            if (!isRunning)
            {
                if (!isRequested) { return; }
                Begin();
            }
            while (unvisited.Count > 0)
            {
                Visit(unvisited.Pop(), dirty);
                if (budget.IsSpent) { return; }
            }
            isRunning = false;
            IsComplete = true;
            RemoveMissing();
            meshes.Prune();
            if (isMarking)
            {
                foreach (string uuid in meshes.GetUuids()) { dirty.Add(uuid); }
                foreach (string uuid in index.Materials.GetUuids()) { dirty.Add(uuid); }
                index.Actions.MarkAllChanged();
                foreach (string uuid in index.Actions.GetUuids()) { dirty.Add(uuid); }
            }
            dirty.MarkStructureChanged();
        }

        void Begin()
        {
            isRunning = true;
            isRequested = false;
            isMarking = isMarkingRequested;
            isMarkingRequested = false;
            visited.Clear();
            List<GameObject> roots = new List<GameObject>(OpenScenes.GetRoots());
            for (int i = roots.Count - 1; i >= 0; i--) { unvisited.Push(ObjectKey.Of(roots[i])); }
        }

        void Visit(ObjectKey key, DirtySet dirty)
        {
            GameObject found = key.Resolve() as GameObject;
            if (found == null || !OpenScenes.IsSynchronized(found) || index.Prefabs.IsWaiting(found)) { return; }
            visited.Add(key);
            index.Register(found, dirty);
            if (isMarking) { dirty.Add(index.FindUuid(key)); }
            Transform transform = found.transform;
            for (int i = transform.childCount - 1; i >= 0; i--)
            {
                unvisited.Push(ObjectKey.Of(transform.GetChild(i).gameObject));
            }
        }

        void RemoveMissing()
        {
            foreach (string uuid in new List<string>(index.Uuids))
            {
                // The walk may have missed an object that moved meanwhile, so each is looked up once more.
                if (!index.IsAmong(visited, uuid) && !OpenScenes.Contains(index.Find(uuid))) { index.Remove(uuid); }
            }
        }
    }
}
