using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes the uuids of GameObjects. A part of a prefab instance has its uuid in the list of its scene, any
    /// other object in a component. A component that comes from a prefab asset is no identity, because all instances
    /// have it.
    /// </summary>
    public sealed class Identities
    {
        /// <summary>A player needs no list.</summary>
        const HideFlags ListFlags = HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild;

        readonly Dictionary<ObjectKey, (PartIdentity Part, VibeSyncParts List)> parts =
            new Dictionary<ObjectKey, (PartIdentity, VibeSyncParts)>();
        static readonly KeptValues NoValues = new KeptValues();

        VibeSyncParts lastList;
        bool isIndexed;

        /// <summary>Returns the uuid of a GameObject, or null if it has none.</summary>
        public string Find(GameObject target)
        {
            Index();
            if (parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry))
            {
                return entry.Part.Uuid;
            }
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            return own == null || own.Uuid.Length == 0 || IsInherited(own) ? null : own.Uuid;
        }

        /// <summary>Returns the uuid of the component that an instance has from its prefab, or null.</summary>
        public static string FindInherited(GameObject target)
        {
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            return own != null && IsInherited(own) ? own.Uuid : null;
        }

        /// <summary>Returns whether people keep a GameObject, and all below it, from agents.</summary>
        public bool IsHumanOnly(GameObject target)
        {
            Index();
            if (parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry))
            {
                return entry.List != null && entry.List.HumanOnly.Contains(target);
            }
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            return own != null && own.IsHumanOnly && !IsInherited(own);
        }

        /// <summary>Keeps a GameObject, and all below it, from agents, or no longer.</summary>
        public void SetHumanOnly(GameObject target, bool isHumanOnly, string label)
        {
            if (IsHumanOnly(target) == isHumanOnly) { return; }
            if (!PrefabUtility.IsPartOfPrefabInstance(target))
            {
                VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
                if (own == null) { own = Undo.AddComponent<VibeSyncIdentity>(target); }
                Undo.RecordObject(own, label);
                own.IsHumanOnly = isHumanOnly;
                EditorUtility.SetDirty(own);
                return;
            }
            if (Find(target) == null) { Set(target, Uuid.New()); }
            VibeSyncParts list = GetList(target.scene);
            Undo.RecordObject(list, label);
            if (isHumanOnly) { list.HumanOnly.Add(target); }
            else { list.HumanOnly.Remove(target); }
            EditorUtility.SetDirty(list);
        }

        /// <summary>Returns a copy of the identity of the light or camera that an object shows; null for none.</summary>
        public DataIdentity FindData(GameObject target)
        {
            DataIdentity data = GetData(target);
            return data == null || data.Uuid.Length == 0 ? null : data.Clone();
        }

        /// <summary>Stores the identity of the light or camera that an object with a uuid shows.</summary>
        /// <param name="data">Null for none.</param>
        public void SetData(GameObject target, DataIdentity data)
        {
            DataIdentity stored = data?.Clone() ?? new DataIdentity();
            if (parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry))
            {
                entry.Part.Data = stored;
                if (entry.List != null) { EditorUtility.SetDirty(entry.List); }
                return;
            }
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            if (own == null || IsInherited(own)) { return; }
            own.Data = stored;
            EditorUtility.SetDirty(own);
        }

        /// <summary>Returns the values of an object for which Unity has no field; the caller must not change them.</summary>
        public KeptValues FindKept(GameObject target) => GetKept(target) ?? NoValues;

        /// <summary>Stores the values of an object with a uuid for which Unity has no field.</summary>
        public void SetKept(GameObject target, KeptValues kept)
        {
            if (parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry))
            {
                entry.Part.Kept = kept.Clone();
                if (entry.List != null) { EditorUtility.SetDirty(entry.List); }
                return;
            }
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            if (own == null || IsInherited(own)) { return; }
            own.Kept = kept.Clone();
            EditorUtility.SetDirty(own);
        }

        KeptValues GetKept(GameObject target)
        {
            Index();
            if (parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry))
            {
                return entry.Part.Kept;
            }
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            return own == null || IsInherited(own) ? null : own.Kept;
        }

        DataIdentity GetData(GameObject target)
        {
            Index();
            if (parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry))
            {
                return entry.Part.Data;
            }
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            return own == null || IsInherited(own) ? null : own.Data;
        }

        /// <summary>Returns whether an object of the open scenes has the uuid.</summary>
        public bool IsUsed(string uuid)
        {
            Index();
            foreach ((PartIdentity part, VibeSyncParts _) in parts.Values)
            {
                if (part.Uuid == uuid && part.Object != null) { return true; }
            }
            foreach (VibeSyncIdentity identity in OpenScenes.FindAll<VibeSyncIdentity>())
            {
                if (identity.Uuid == uuid && Find(identity.gameObject) == uuid) { return true; }
            }
            return false;
        }

        /// <summary>Stores the uuid of a GameObject where it belongs, and nowhere else.</summary>
        public void Set(GameObject target, string uuid)
        {
            Index();
            VibeSyncIdentity own = target.GetComponent<VibeSyncIdentity>();
            if (PrefabUtility.IsPartOfPrefabInstance(target))
            {
                // The object that a prefab was made of keeps its uuid, and its guard and its light with it.
                bool isListed = parts.ContainsKey(ObjectKey.Of(target));
                bool isOrigin = !isListed && own != null && own.Uuid == uuid;
                bool isHumanOnly = isOrigin && own.IsHumanOnly;
                DataIdentity data = isOrigin ? own.Data.Clone() : GetData(target);
                KeptValues kept = isOrigin ? own.Kept.Clone() : GetKept(target);
                if (own != null && !IsInherited(own)) { Object.DestroyImmediate(own); }
                SetPart(target, uuid, data, kept);
                List<GameObject> listed = GetList(target.scene).HumanOnly;
                if (isHumanOnly && !listed.Contains(target)) { listed.Add(target); }
                return;
            }
            bool wasHumanOnly = IsHumanOnly(target);
            bool isMoved = parts.ContainsKey(ObjectKey.Of(target));
            DataIdentity moved = isMoved ? GetData(target) : null;
            KeptValues movedValues = isMoved ? GetKept(target) : null;
            RemovePart(target);
            if (own == null) { own = target.AddComponent<VibeSyncIdentity>(); }
            own.IsHumanOnly = wasHumanOnly;
            if (moved != null) { own.Data = moved; }
            if (movedValues != null) { own.Kept = movedValues; }
            // The inspector offers to remove each component that it shows.
            own.hideFlags |= HideFlags.HideInInspector;
            if (own.Uuid == uuid) { return; }
            own.Uuid = uuid;
            EditorUtility.SetDirty(own);
        }

        /// <summary>Removes the entries of a scene that was just opened whose objects its file does not have.</summary>
        public static void Prune(Scene opened)
        {
            foreach (GameObject root in opened.GetRootGameObjects())
            {
                VibeSyncParts list = root.GetComponent<VibeSyncParts>();
                if (list != null) { list.Parts.RemoveAll(part => part.Object == null); }
            }
        }

        static bool IsInherited(VibeSyncIdentity identity)
        {
            return PrefabUtility.GetCorrespondingObjectFromSource(identity) != null;
        }

        /// <summary>Entries of deleted objects stay, because an undo may revive them.</summary>
        void Index()
        {
            if (isIndexed) { return; }
            isIndexed = true;
            foreach (VibeSyncParts list in OpenScenes.FindAll<VibeSyncParts>())
            {
                foreach (PartIdentity part in list.Parts)
                {
                    if (part.Object != null) { parts[ObjectKey.Of(part.Object)] = (part, list); }
                }
            }
        }

        void SetPart(GameObject target, string uuid, DataIdentity data, KeptValues kept)
        {
            VibeSyncParts list = GetList(target.scene);
            bool isListed = parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry);
            if (isListed && entry.List == list && entry.Part.Uuid == uuid) { return; }
            RemovePart(target);
            PartIdentity part = new PartIdentity { Uuid = uuid, Object = target };
            part.Data = data ?? part.Data;
            part.Kept = kept ?? part.Kept;
            list.Parts.Add(part);
            parts[ObjectKey.Of(target)] = (part, list);
            EditorUtility.SetDirty(list);
        }

        void RemovePart(GameObject target)
        {
            if (!parts.TryGetValue(ObjectKey.Of(target), out (PartIdentity Part, VibeSyncParts List) entry)) { return; }
            parts.Remove(ObjectKey.Of(target));
            // The list is gone if its scene was closed after the object had moved to another one.
            if (entry.List == null) { return; }
            entry.List.Parts.Remove(entry.Part);
            EditorUtility.SetDirty(entry.List);
        }

        /// <summary>Returns the list of a scene; creates it if there is none. A list cannot refer to other scenes.</summary>
        VibeSyncParts GetList(Scene scene)
        {
            if (lastList != null && lastList.gameObject.scene.Equals(scene)) { return lastList; }
            foreach (GameObject root in scene.GetRootGameObjects())
            {
                lastList = root.GetComponent<VibeSyncParts>();
                if (lastList != null) { return lastList; }
            }
            GameObject created = new GameObject("VibeSync Parts") { hideFlags = ListFlags };
            SceneManager.MoveGameObjectToScene(created, scene);
            return lastList = created.AddComponent<VibeSyncParts>();
        }
    }
}
