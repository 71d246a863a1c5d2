using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Maps uuids to materials by the list that the scene stores in its <see cref="VibeSyncScene"/>.</summary>
    public sealed class MaterialRecords
    {
        static readonly List<MaterialIdentity> None = new List<MaterialIdentity>();

        readonly Dictionary<string, MaterialIdentity> byUuid = new Dictionary<string, MaterialIdentity>();
        readonly Dictionary<ObjectKey, MaterialIdentity> byMaterial = new Dictionary<ObjectKey, MaterialIdentity>();

        /// <summary>The materials that existed when they were indexed: one that is gone since was deleted.</summary>
        readonly HashSet<string> existing = new HashSet<string>();
        ObjectKey indexedRecord;
        int indexedCount = -1;

        /// <summary>Returns the uuids of the materials that exist.</summary>
        public List<string> GetUuids()
        {
            List<string> uuids = new List<string>();
            foreach (MaterialIdentity identity in GetIndexedList())
            {
                if (identity.Material != null) { uuids.Add(identity.Uuid); }
            }
            return uuids;
        }

        /// <summary>Returns the identity with that uuid; null if its material does not exist.</summary>
        public MaterialIdentity Find(string uuid)
        {
            GetIndexedList();
            return byUuid.TryGetValue(uuid, out MaterialIdentity found) && found.Material != null ? found : null;
        }

        /// <summary>Returns the identity of a material; null if it has none.</summary>
        public MaterialIdentity Find(Material material)
        {
            if (material == null) { return null; }
            GetIndexedList();
            return byMaterial.TryGetValue(ObjectKey.Of(material), out MaterialIdentity found) ? found : null;
        }

        /// <summary>Adds an identity. Replaces one with the same uuid.</summary>
        public void Add(MaterialIdentity identity)
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(true);
            record.Materials.RemoveAll(known => known.Uuid == identity.Uuid);
            record.Materials.Add(identity);
            MarkChanged();
        }

        public void Remove(MaterialIdentity identity)
        {
            existing.Remove(identity.Uuid);
            MeshRecords.GetSceneRecord(true).Materials.Remove(identity);
            MarkChanged();
        }

        /// <summary>Marks the list as changed, so that the scene is saved with it.</summary>
        public void MarkChanged()
        {
            indexedCount = -1;
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }

        /// <summary>Returns the identities of materials that were deleted since they were indexed.</summary>
        public List<MaterialIdentity> FindDeleted() =>
            GetIndexedList().FindAll(identity => identity.Material == null && existing.Contains(identity.Uuid));

        /// <summary>Copies the list, for <see cref="Restore"/>.</summary>
        public List<MaterialIdentity> Copy() => GetIndexedList().ConvertAll(identity => identity.Clone());

        /// <summary>Restores a copied list.</summary>
        public void Restore(List<MaterialIdentity> copy)
        {
            if (copy.Count + GetIndexedList().Count == 0) { return; }
            List<MaterialIdentity> list = MeshRecords.GetSceneRecord(true).Materials;
            list.Clear();
            list.AddRange(copy);
            MarkChanged();
        }

        List<MaterialIdentity> GetIndexedList()
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            if (record == null) { return None; }
            bool isIndexed = indexedRecord.Equals(ObjectKey.Of(record)) && indexedCount == record.Materials.Count;
            if (isIndexed) { return record.Materials; }
            byUuid.Clear();
            byMaterial.Clear();
            foreach (MaterialIdentity identity in record.Materials)
            {
                byUuid[identity.Uuid] = identity;
                if (identity.Material == null) { continue; }
                byMaterial[ObjectKey.Of(identity.Material)] = identity;
                existing.Add(identity.Uuid);
            }
            indexedRecord = ObjectKey.Of(record);
            indexedCount = record.Materials.Count;
            return record.Materials;
        }
    }
}
