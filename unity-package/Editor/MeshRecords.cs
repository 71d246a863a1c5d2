using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Maps uuids to meshes by the list that the scene stores in its <see cref="VibeSyncScene"/>.</summary>
    public sealed class MeshRecords
    {
        /// <summary>A player needs no record, and its references would keep unused meshes in the build.</summary>
        const HideFlags RecordFlags = HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild;

        static VibeSyncScene sceneRecord;

        readonly Dictionary<string, int> indexByUuid = new Dictionary<string, int>();
        readonly Dictionary<ObjectKey, int> indexByMesh = new Dictionary<ObjectKey, int>();
        readonly Dictionary<ObjectKey, string> removedUuids = new Dictionary<ObjectKey, string>();
        readonly HashSet<string> missing = new HashSet<string>();
        ObjectKey indexedRecord;
        int indexedCount = -1;

        /// <summary>The evaluated meshes that objects show in place of their data.</summary>
        public ShownRecords Shown { get; } = new ShownRecords(GetSceneRecord);

        /// <summary>Returns the scene's record. Without one, creates it or returns null.</summary>
        public static VibeSyncScene GetSceneRecord(bool canCreate)
        {
            if (sceneRecord != null) { return sceneRecord; }
            foreach (GameObject root in OpenScenes.GetRoots())
            {
                VibeSyncScene record = root.GetComponent<VibeSyncScene>();
                if (record == null) { continue; }
                sceneRecord = record;
                root.hideFlags |= RecordFlags;
                return record;
            }
            if (!canCreate) { return null; }
            GameObject created = new GameObject("VibeSync") { hideFlags = RecordFlags };
            sceneRecord = created.AddComponent<VibeSyncScene>();
            return sceneRecord;
        }

        /// <summary>
        /// The uuids of meshes whose asset was gone when the scene was opened. Their identities stay, so that the next
        /// session knows of them too.
        /// </summary>
        public IReadOnlyCollection<string> Missing => missing;

        /// <summary>Returns the uuids of all meshes that exist.</summary>
        public List<string> GetUuids()
        {
            List<string> uuids = new List<string>();
            VibeSyncScene record = GetSceneRecord(false);
            if (record == null) { return uuids; }
            foreach (MeshIdentity identity in record.Meshes)
            {
                if (identity.Mesh != null) { uuids.Add(identity.Uuid); }
            }
            return uuids;
        }

        /// <summary>Returns all meshes that exist, by uuid.</summary>
        public Dictionary<string, Mesh> GetAll()
        {
            Dictionary<string, Mesh> all = new Dictionary<string, Mesh>();
            VibeSyncScene record = GetSceneRecord(false);
            if (record == null) { return all; }
            foreach (MeshIdentity identity in record.Meshes)
            {
                if (identity.Mesh != null) { all[identity.Uuid] = identity.Mesh; }
            }
            return all;
        }

        /// <summary>
        /// Returns the uuid of each mesh that exists, by Unity's number of the mesh; for an evaluated mesh that of the data.
        /// </summary>
        public Dictionary<ObjectKey, string> MapKeys()
        {
            Dictionary<ObjectKey, string> uuids = new Dictionary<ObjectKey, string>();
            foreach (KeyValuePair<string, Mesh> mesh in GetAll()) { uuids[ObjectKey.Of(mesh.Value)] = mesh.Key; }
            foreach (ShownIdentity shown in Shown.All)
            {
                if (shown.Mesh != null) { uuids[ObjectKey.Of(shown.Mesh)] = GetData(shown); }
            }
            return uuids;
        }

        /// <summary>Returns the identity with that uuid, or null if its mesh does not exist.</summary>
        public MeshIdentity Find(string uuid)
        {
            MeshIdentity found = Lookup(indexByUuid, uuid, identity => identity.Uuid == uuid);
            return found == null || found.Mesh == null ? null : found;
        }

        /// <summary>Returns the uuid of a mesh, or null if it has none. An evaluated mesh stands for the data of its object.</summary>
        public string FindUuid(Mesh mesh)
        {
            if (mesh == null) { return null; }
            MeshIdentity found = Lookup(indexByMesh, ObjectKey.Of(mesh), identity => identity.Mesh == mesh);
            if (found != null) { return found.Uuid; }
            ShownIdentity shown = Shown.Find(mesh);
            return shown == null ? null : GetData(shown);
        }

        /// <summary>
        /// Returns a mesh with the materials of its slots, for an evaluated one as well; null for a mesh without an identity.
        /// </summary>
        public MeshIdentity FindShowing(Mesh mesh)
        {
            if (mesh == null) { return null; }
            ShownIdentity shown = Shown.Find(mesh);
            MeshIdentity data = Find(shown == null ? FindUuid(mesh) ?? "" : shown.Data);
            if (shown == null) { return data; }
            string slots = shown.Materials.Length > 0 ? shown.Materials : data == null ? "" : data.Slots;
            return new MeshIdentity { Uuid = shown.Data, Mesh = mesh, Slots = slots };
        }

        static string GetData(ShownIdentity shown) => shown.Data.Length == 0 ? null : shown.Data;

        /// <summary>Returns whether an object shows a mesh with an identity.</summary>
        public bool IsShownBy(GameObject target)
        {
            return FindUuid(MeshHolder.Find(target)) != null;
        }

        /// <summary>
        /// Gives a mesh an identity if it has none, its data can be read and the scene saves it. A mesh that an undo
        /// revived gets its former uuid.
        /// </summary>
        public void Identify(Mesh mesh, DirtySet dirty)
        {
            if (mesh == null || !mesh.isReadable || IsGenerated(mesh)) { return; }
            if (FindUuid(mesh) != null || Shown.Find(mesh) != null) { return; }
            bool isRevived = removedUuids.TryGetValue(ObjectKey.Of(mesh), out string former) && Find(former) == null;
            string uuid = isRevived ? former : Uuid.New();
            Add(new MeshIdentity { Uuid = uuid, Mesh = mesh });
            dirty.Add(uuid);
        }

        /// <summary>
        /// Returns whether a component generates the mesh anew in each editor, as text does: neither the scene nor an
        /// asset saves it.
        /// </summary>
        static bool IsGenerated(Mesh mesh)
        {
            return (mesh.hideFlags & HideFlags.DontSaveInEditor) != 0 && !EditorUtility.IsPersistent(mesh);
        }

        /// <summary>Adds an identity. Replaces one with the same uuid, whose mesh is gone.</summary>
        public void Add(MeshIdentity identity)
        {
            VibeSyncScene record = GetSceneRecord(true);
            List<MeshIdentity> list = GetIndexedList(record);
            if (indexByUuid.TryGetValue(identity.Uuid, out int index)) { list[index] = identity; }
            else
            {
                index = list.Count;
                list.Add(identity);
            }
            indexedCount = list.Count;
            indexByUuid[identity.Uuid] = index;
            indexByMesh[ObjectKey.Of(identity.Mesh)] = index;
            EditorUtility.SetDirty(record);
        }

        /// <summary>Removes the identity of a mesh that is being deleted.</summary>
        public void Remove(MeshIdentity identity)
        {
            VibeSyncScene record = GetSceneRecord(true);
            if (identity.Mesh != null) { removedUuids[ObjectKey.Of(identity.Mesh)] = identity.Uuid; }
            record.Meshes.Remove(identity);
            MarkChanged(record);
        }

        /// <summary>
        /// Removes identities of meshes that were destroyed without an event. Keeps their uuids in case of an undo.
        /// </summary>
        public void Prune()
        {
            VibeSyncScene record = GetSceneRecord(false);
            if (record == null) { return; }
            List<MeshIdentity> list = GetIndexedList(record);
            HashSet<string> destroyed = new HashSet<string>();
            foreach (KeyValuePair<ObjectKey, int> known in indexByMesh)
            {
                MeshIdentity identity = list[known.Value];
                if (identity.Mesh != null) { continue; }
                removedUuids[known.Key] = identity.Uuid;
                destroyed.Add(identity.Uuid);
            }
            foreach (MeshIdentity identity in list)
            {
                if (identity.Mesh == null && !destroyed.Contains(identity.Uuid)) { missing.Add(identity.Uuid); }
                else { missing.Remove(identity.Uuid); }
            }
            int removed = list.RemoveAll(identity => identity.Mesh == null && !missing.Contains(identity.Uuid));
            if (removed > 0) { MarkChanged(record); }
        }

        /// <summary>Assigns a new uuid; returns null if no mesh has the old one.</summary>
        public string RenewUuid(string uuid)
        {
            MeshIdentity identity = Find(uuid);
            if (identity == null) { return null; }
            identity.Uuid = Uuid.New();
            MarkChanged(GetSceneRecord(true));
            return identity.Uuid;
        }

        /// <summary>Replaces the mesh of an identity.</summary>
        public void Replace(MeshIdentity identity, Mesh mesh)
        {
            identity.Mesh = mesh;
            MarkChanged(GetSceneRecord(true));
        }

        /// <summary>Copies the list of identities and meshes, for <see cref="Restore"/>.</summary>
        public List<(MeshIdentity Identity, MeshIdentity Before)> Copy()
        {
            List<(MeshIdentity, MeshIdentity)> copy = new List<(MeshIdentity, MeshIdentity)>();
            VibeSyncScene record = GetSceneRecord(false);
            if (record == null) { return copy; }
            foreach (MeshIdentity identity in record.Meshes) { copy.Add((identity, identity.Clone())); }
            return copy;
        }

        /// <summary>Restores a copied list.</summary>
        public void Restore(List<(MeshIdentity Identity, MeshIdentity Before)> copy)
        {
            VibeSyncScene record = GetSceneRecord(true);
            record.Meshes.Clear();
            foreach ((MeshIdentity identity, MeshIdentity before) in copy)
            {
                (identity.Mesh, identity.Slots) = (before.Mesh, before.Slots);
                (identity.ShapeKeys, identity.ShapeValues, identity.Weights) = (before.ShapeKeys, before.ShapeValues, before.Weights);
                record.Meshes.Add(identity);
            }
            MarkChanged(record);
        }

        void MarkChanged(VibeSyncScene record)
        {
            indexedCount = -1;
            EditorUtility.SetDirty(record);
        }

        /// <summary>
        /// Finds an identity by its index in the list. Checks the index at each use, and indexes the list again if it
        /// changed.
        /// </summary>
        MeshIdentity Lookup<T>(Dictionary<T, int> indices, T key, Predicate<MeshIdentity> matches)
        {
            VibeSyncScene record = GetSceneRecord(false);
            if (record == null) { return null; }
            List<MeshIdentity> list = GetIndexedList(record);
            if (!indices.TryGetValue(key, out int index)) { return null; }
            if (matches(list[index])) { return list[index]; }
            Index(list);
            return indices.TryGetValue(key, out index) ? list[index] : null;
        }

        List<MeshIdentity> GetIndexedList(VibeSyncScene record)
        {
            bool isIndexed = indexedRecord.Equals(ObjectKey.Of(record)) && indexedCount == record.Meshes.Count;
            if (!isIndexed) { Index(record.Meshes); }
            indexedRecord = ObjectKey.Of(record);
            return record.Meshes;
        }

        void Index(List<MeshIdentity> list)
        {
            indexByUuid.Clear();
            indexByMesh.Clear();
            for (int i = 0; i < list.Count; i++)
            {
                indexByUuid[list[i].Uuid] = i;
                if (list[i].Mesh != null) { indexByMesh[ObjectKey.Of(list[i].Mesh)] = i; }
            }
            indexedCount = list.Count;
        }
    }
}
