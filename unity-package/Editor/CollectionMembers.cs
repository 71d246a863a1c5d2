using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// Maps collections to the objects that are in them and to the collections in them, and lists the objects that show an
    /// instance. Follows from the records of objects and collections.
    /// </summary>
    public sealed class CollectionMembers
    {
        static readonly ObjectKey[] NoObjects = new ObjectKey[0];
        static readonly string[] None = new string[0];

        readonly KeptRecords kept;
        readonly Dictionary<ObjectKey, (string[] Around, string Shown)> known =
            new Dictionary<ObjectKey, (string[], string)>();
        readonly Dictionary<string, HashSet<ObjectKey>> objects = new Dictionary<string, HashSet<ObjectKey>>();
        readonly Dictionary<string, List<string>> children = new Dictionary<string, List<string>>();
        int childrenVersion = -1;

        public CollectionMembers(KeptRecords kept)
        {
            this.kept = kept;
        }

        /// <summary>The collections of the project.</summary>
        public CollectionRecords Collections { get; } = new CollectionRecords();

        /// <summary>Notes in which collections an object is, and which one it shows.</summary>
        public void Note(GameObject target)
        {
            ObjectKey key = ObjectKey.Of(target);
            string[] around = kept.GetCollections(target).Around;
            string shown = kept.GetInstance(target).Of;
            Forget(key);
            if (around.Length == 0 && shown == null) { return; }
            known[key] = (around, shown);
            foreach (string collection in around)
            {
                if (!objects.TryGetValue(collection, out HashSet<ObjectKey> members))
                {
                    objects[collection] = members = new HashSet<ObjectKey>();
                }
                members.Add(key);
            }
        }

        /// <summary>Forgets an object that is gone.</summary>
        public void Forget(ObjectKey key)
        {
            if (!known.TryGetValue(key, out (string[] Around, string Shown) entry)) { return; }
            known.Remove(key);
            foreach (string collection in entry.Around)
            {
                objects[collection].Remove(key);
                if (objects[collection].Count == 0) { objects.Remove(collection); }
            }
        }

        /// <summary>Returns the objects that show an instance.</summary>
        public List<ObjectKey> FindInstances()
        {
            List<ObjectKey> found = new List<ObjectKey>();
            foreach (KeyValuePair<ObjectKey, (string[] Around, string Shown)> each in known)
            {
                if (each.Value.Shown != null) { found.Add(each.Key); }
            }
            return found;
        }

        /// <summary>Returns the collection that an object shows; null for none.</summary>
        public string FindShown(ObjectKey key) => known.TryGetValue(key, out (string[] Around, string Shown) entry) ? entry.Shown : null;

        /// <summary>
        /// Returns the objects in a collection and in those below it, and whether a collection that is not hidden holds each.
        /// </summary>
        public Dictionary<ObjectKey, bool> FindAll(string collection)
        {
            Dictionary<ObjectKey, bool> found = new Dictionary<ObjectKey, bool>();
            HashSet<(string, bool)> visited = new HashSet<(string, bool)>();
            Stack<(string, bool)> unvisited = new Stack<(string, bool)>();
            unvisited.Push((collection, true));
            while (unvisited.Count > 0)
            {
                (string uuid, bool isVisible) = unvisited.Pop();
                CollectionComponent value = Collections.Read(uuid)?.Find<CollectionComponent>(CollectionComponent.Name);
                isVisible = isVisible && value != null && !value.IsHidden;
                if (!visited.Add((uuid, isVisible))) { continue; }
                foreach (ObjectKey key in FindObjects(uuid))
                {
                    found[key] = isVisible || (found.TryGetValue(key, out bool isShown) && isShown);
                }
                foreach (string child in FindChildren(uuid)) { unvisited.Push((child, isVisible)); }
            }
            return found;
        }

        /// <summary>Gives a collection another uuid in the records of all objects that name it.</summary>
        public void Rename(string uuid, string renamed)
        {
            foreach (ObjectKey key in new List<ObjectKey>(known.Keys))
            {
                (string[] around, string shown) = known[key];
                GameObject target = key.Resolve() as GameObject;
                if (target == null) { continue; }
                if (Array.IndexOf(around, uuid) >= 0)
                {
                    kept.SetCollections(target, kept.GetCollections(target).WithRenamed(uuid, renamed));
                }
                if (shown == uuid) { kept.SetInstance(target, new InstanceComponent(renamed)); }
                Note(target);
            }
        }

        IReadOnlyCollection<ObjectKey> FindObjects(string collection) =>
            objects.TryGetValue(collection, out HashSet<ObjectKey> found) ? found : (IReadOnlyCollection<ObjectKey>)NoObjects;

        IReadOnlyList<string> FindChildren(string collection)
        {
            if (childrenVersion != Collections.Version) { IndexChildren(); }
            return children.TryGetValue(collection, out List<string> found) ? found : (IReadOnlyList<string>)None;
        }

        void IndexChildren()
        {
            childrenVersion = Collections.Version;
            children.Clear();
            foreach (string uuid in Collections.GetUuids())
            {
                CollectionComponent value = Collections.Read(uuid)?.Find<CollectionComponent>(CollectionComponent.Name);
                foreach (string parent in value?.Parents ?? None)
                {
                    if (!children.TryGetValue(parent, out List<string> found)) { children[parent] = found = new List<string>(); }
                    found.Add(uuid);
                }
            }
        }
    }
}
