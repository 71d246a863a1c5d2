using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Looks through the open scenes in slices, so that a large scene holds nothing up, and finds what came without an
    /// event and what is gone.
    /// </summary>
    public sealed class SceneWalk
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly Stack<ObjectKey> ahead = new Stack<ObjectKey>();
        readonly HashSet<ObjectKey> seen = new HashSet<ObjectKey>();
        bool underWay;
        bool wanted = true;
        bool markAll;
        bool marking;

        public SceneWalk(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Whether a walk has ended since the scene was opened.</summary>
        public bool Complete { get; private set; }

        /// <summary>Asks for a walk, after the one that is under way where there is one.</summary>
        /// <param name="all">Marks everything that is found.</param>
        public void Want(bool all)
        {
            wanted = true;
            markAll |= all;
        }

        /// <summary>Goes on until the time is up; true when a walk has ended and anything may have gone.</summary>
        public bool Go(Budget budget, ICollection<string> dirty)
        {
            if (!underWay)
            {
                if (!wanted) { return false; }
                Begin();
            }
            while (ahead.Count > 0)
            {
                Visit(ahead.Pop(), dirty);
                if (budget.Spent) { return false; }
            }
            underWay = false;
            Complete = true;
            RemoveMissing();
            meshes.Prune();
            if (marking)
            {
                foreach (string uuid in meshes.Uuids()) { dirty.Add(uuid); }
            }
            return true;
        }

        void Begin()
        {
            underWay = true;
            wanted = false;
            marking = markAll;
            markAll = false;
            seen.Clear();
            List<GameObject> roots = new List<GameObject>(OpenScenes.Roots());
            for (int i = roots.Count - 1; i >= 0; i--) { ahead.Push(ObjectKey.Of(roots[i])); }
        }

        void Visit(ObjectKey key, ICollection<string> dirty)
        {
            GameObject found = key.Resolve() as GameObject;
            if (found == null || !OpenScenes.IsOurs(found)) { return; }
            seen.Add(key);
            index.See(found, dirty);
            if (marking) { dirty.Add(index.UuidOf(key)); }
            Transform transform = found.transform;
            for (int i = transform.childCount - 1; i >= 0; i--)
            {
                ahead.Push(ObjectKey.Of(transform.GetChild(i).gameObject));
            }
        }

        void RemoveMissing()
        {
            foreach (string uuid in new List<string>(index.Uuids))
            {
                // What moved during the walk may have slipped past it, so each is asked for once more.
                if (!index.IsAmong(seen, uuid) && !OpenScenes.Hold(index.Find(uuid))) { index.Remove(uuid); }
            }
        }
    }
}
