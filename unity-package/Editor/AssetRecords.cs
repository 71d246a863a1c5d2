using System;
using System.Collections.Generic;
using UnityEditor;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Maps uuids to materials or to images by a list that the scene stores in its <see cref="VibeSyncScene"/>.
    /// </summary>
    public sealed class AssetRecords<T> where T : AssetIdentity
    {
        static readonly List<T> None = new List<T>();

        readonly Func<VibeSyncScene, List<T>> find;
        readonly Dictionary<string, T> byUuid = new Dictionary<string, T>();
        readonly Dictionary<ObjectKey, T> byAsset = new Dictionary<ObjectKey, T>();

        /// <summary>The assets that existed when they were indexed: one that is gone since was deleted.</summary>
        readonly HashSet<string> existing = new HashSet<string>();
        ObjectKey indexedRecord;
        int indexedCount = -1;

        /// <param name="find">Returns the list.</param>
        public AssetRecords(Func<VibeSyncScene, List<T>> find)
        {
            this.find = find;
        }

        /// <summary>Returns the uuids of the assets that exist.</summary>
        public List<string> GetUuids()
        {
            List<string> uuids = new List<string>();
            foreach (T identity in GetIndexedList())
            {
                if (identity.Asset != null) { uuids.Add(identity.Uuid); }
            }
            return uuids;
        }

        /// <summary>Returns whether there is an identity with that uuid, also one whose asset is gone.</summary>
        public bool Knows(string uuid)
        {
            GetIndexedList();
            return byUuid.ContainsKey(uuid);
        }

        /// <summary>Returns the identity with that uuid; null if its asset does not exist.</summary>
        public T Find(string uuid)
        {
            GetIndexedList();
            return byUuid.TryGetValue(uuid, out T found) && found.Asset != null ? found : null;
        }

        /// <summary>Returns the identity of an asset; null if it has none.</summary>
        public T Find(Object asset)
        {
            if (asset == null) { return null; }
            GetIndexedList();
            return byAsset.TryGetValue(ObjectKey.Of(asset), out T found) ? found : null;
        }

        /// <summary>Adds an identity. Replaces one with the same uuid.</summary>
        public void Add(T identity)
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(true);
            find(record).RemoveAll(known => known.Uuid == identity.Uuid);
            find(record).Add(identity);
            MarkChanged();
        }

        public void Remove(T identity)
        {
            existing.Remove(identity.Uuid);
            find(MeshRecords.GetSceneRecord(true)).Remove(identity);
            MarkChanged();
        }

        /// <summary>Marks the list as changed, so that the scene is saved with it.</summary>
        public void MarkChanged()
        {
            indexedCount = -1;
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }

        /// <summary>Returns the identities of assets that were deleted since they were indexed.</summary>
        public List<T> FindDeleted() =>
            GetIndexedList().FindAll(identity => identity.Asset == null && existing.Contains(identity.Uuid));

        /// <summary>Copies the list, for <see cref="Restore"/>.</summary>
        public List<T> Copy() => GetIndexedList().ConvertAll(identity => (T)identity.Clone());

        /// <summary>Restores a copied list.</summary>
        public void Restore(List<T> copy)
        {
            if (copy.Count + GetIndexedList().Count == 0) { return; }
            List<T> list = find(MeshRecords.GetSceneRecord(true));
            list.Clear();
            list.AddRange(copy);
            MarkChanged();
        }

        List<T> GetIndexedList()
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            if (record == null) { return None; }
            bool isIndexed = indexedRecord.Equals(ObjectKey.Of(record)) && indexedCount == find(record).Count;
            if (isIndexed) { return find(record); }
            byUuid.Clear();
            byAsset.Clear();
            foreach (T identity in find(record))
            {
                byUuid[identity.Uuid] = identity;
                if (identity.Asset == null) { continue; }
                byAsset[ObjectKey.Of(identity.Asset)] = identity;
                existing.Add(identity.Uuid);
            }
            indexedRecord = ObjectKey.Of(record);
            indexedCount = find(record).Count;
            return find(record);
        }
    }
}
