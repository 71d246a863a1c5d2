using System.Collections.Generic;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>
    /// Maps materials to the GameObjects whose renderers show them, as they were registered last. So a preview need not search
    /// the scene. An entry may be out of date: its renderer is asked once more.
    /// </summary>
    public sealed class MaterialUsers
    {
        static readonly ObjectKey[] None = new ObjectKey[0];

        readonly Dictionary<ObjectKey, HashSet<ObjectKey>> users = new Dictionary<ObjectKey, HashSet<ObjectKey>>();
        readonly Dictionary<ObjectKey, ObjectKey[]> shown = new Dictionary<ObjectKey, ObjectKey[]>();
        readonly List<Material> buffer = new List<Material>();

        /// <summary>Grows with each change.</summary>
        public int Version { get; private set; }

        /// <summary>Notes which materials an object shows.</summary>
        public void Note(GameObject target)
        {
            ObjectKey key = ObjectKey.Of(target);
            ObjectKey[] now = Read(target);
            if (!shown.TryGetValue(key, out ObjectKey[] before)) { before = None; }
            if (new HashSet<ObjectKey>(now).SetEquals(before)) { return; }
            Forget(key);
            if (now.Length == 0) { return; }
            shown[key] = now;
            foreach (ObjectKey material in now)
            {
                if (!users.TryGetValue(material, out HashSet<ObjectKey> known)) { users[material] = known = new HashSet<ObjectKey>(); }
                known.Add(key);
            }
            Version++;
        }

        /// <summary>Forgets an object that is gone.</summary>
        public void Forget(ObjectKey key)
        {
            if (!shown.TryGetValue(key, out ObjectKey[] before)) { return; }
            shown.Remove(key);
            foreach (ObjectKey material in before)
            {
                if (!users.TryGetValue(material, out HashSet<ObjectKey> known)) { continue; }
                known.Remove(key);
                if (known.Count == 0) { users.Remove(material); }
            }
            Version++;
        }

        /// <summary>Returns the objects that show a material.</summary>
        public List<ObjectKey> Find(Material material) => users.TryGetValue(ObjectKey.Of(material), out HashSet<ObjectKey> known)
            ? new List<ObjectKey>(known) : new List<ObjectKey>();

        ObjectKey[] Read(GameObject target)
        {
            Renderer renderer = target.GetComponent<Renderer>();
            if (renderer == null) { return None; }
            renderer.GetSharedMaterials(buffer);
            buffer.RemoveAll(material => material == null);
            return buffer.ConvertAll(material => ObjectKey.Of(material)).ToArray();
        }
    }
}
