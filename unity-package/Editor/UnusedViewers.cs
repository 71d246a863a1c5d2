using System.Collections.Generic;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>
    /// The list, in the record of the scene, of lights and cameras that the project has and no object shows: a batch brings
    /// them before their object.
    /// </summary>
    public sealed class UnusedViewers
    {
        static readonly List<DataIdentity> None = new List<DataIdentity>();

        public IReadOnlyList<DataIdentity> All => GetList();

        /// <summary>Returns the identity; null if it is not in the list.</summary>
        public DataIdentity Find(string uuid) => GetList().Find(data => data.Uuid == uuid);

        /// <summary>Adds an identity, or replaces the one with its uuid.</summary>
        public void Set(DataIdentity data)
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(true);
            record.Unused.RemoveAll(known => known.Uuid == data.Uuid);
            record.Unused.Add(data.Clone());
            EditorUtility.SetDirty(record);
        }

        public void Remove(string uuid)
        {
            if (GetList().RemoveAll(known => known.Uuid == uuid) > 0)
            {
                EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
            }
        }

        public void Rename(string uuid, string renewed)
        {
            DataIdentity found = Find(uuid);
            if (found != null) { found.Uuid = renewed; }
        }

        /// <summary>Copies the list, for <see cref="Restore"/>.</summary>
        public List<DataIdentity> Copy() => GetList().ConvertAll(data => data.Clone());

        /// <summary>Restores a copied list.</summary>
        public void Restore(List<DataIdentity> copy)
        {
            if (copy.Count + GetList().Count == 0) { return; }
            VibeSyncScene record = MeshRecords.GetSceneRecord(true);
            record.Unused.Clear();
            record.Unused.AddRange(copy);
            EditorUtility.SetDirty(record);
        }

        static List<DataIdentity> GetList()
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            return record == null ? None : record.Unused;
        }
    }
}
