using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>
    /// Maps objects to the evaluated meshes that they show, by the list that the scene stores. An evaluated mesh is no
    /// entity: wherever the mesh of an object is asked for, it stands for the object's data.
    /// </summary>
    public sealed class ShownRecords
    {
        const string Label = "Show evaluated mesh";

        readonly Dictionary<ObjectKey, ShownIdentity> byMesh = new Dictionary<ObjectKey, ShownIdentity>();
        readonly Dictionary<string, ShownIdentity> byObject = new Dictionary<string, ShownIdentity>();
        readonly Func<bool, VibeSyncScene> getSceneRecord;
        ObjectKey indexed;
        int indexedCount = -1;

        /// <param name="getSceneRecord">Returns the record of the scene. Without one, creates it or returns null.</param>
        public ShownRecords(Func<bool, VibeSyncScene> getSceneRecord)
        {
            this.getSceneRecord = getSceneRecord;
        }

        /// <summary>Returns the record of an evaluated mesh; null for any other mesh.</summary>
        public ShownIdentity Find(Mesh mesh)
        {
            if (mesh == null || !TryIndex()) { return null; }
            return byMesh.TryGetValue(ObjectKey.Of(mesh), out ShownIdentity found) ? found : null;
        }

        /// <summary>Returns the record of an object by its uuid; null if it shows its data.</summary>
        public ShownIdentity FindOf(string uuid)
        {
            if (uuid == null || !TryIndex()) { return null; }
            return byObject.TryGetValue(uuid, out ShownIdentity found) ? found : null;
        }

        /// <summary>Returns all records.</summary>
        public IReadOnlyList<ShownIdentity> All
        {
            get
            {
                VibeSyncScene record = getSceneRecord(false);
                return record == null ? new List<ShownIdentity>() : record.Shown;
            }
        }

        public void Add(ShownIdentity identity)
        {
            VibeSyncScene record = getSceneRecord(true);
            record.Shown.Add(identity);
            MarkChanged(record);
        }

        public void Remove(ShownIdentity identity)
        {
            VibeSyncScene record = getSceneRecord(true);
            record.Shown.Remove(identity);
            MarkChanged(record);
        }

        /// <summary>Notes that a record has changed.</summary>
        public void MarkChanged() => MarkChanged(getSceneRecord(true));

        /// <summary>Shows a mesh, outside of the undo history unless the object needs another renderer for it.</summary>
        public static void Assign(GameObject target, Mesh mesh)
        {
            if (MeshHolder.Find(target) == mesh) { return; }
            MeshFilter filter = target.GetComponent<MeshFilter>();
            bool isPlain = mesh == null || mesh.blendShapeCount == 0;
            if (filter == null || !isPlain || MeshHolder.FindSkin(target) != null)
            {
                if (mesh == null) { MeshHolder.Clear(target, Label); }
                else { MeshHolder.Show(target, mesh, Label); }
                return;
            }
            filter.sharedMesh = mesh;
            EditorUtility.SetDirty(filter);
            PrefabOverrides.Record(filter);
        }

        void MarkChanged(VibeSyncScene record)
        {
            indexedCount = -1;
            EditorUtility.SetDirty(record);
        }

        /// <summary>Indexes the list if it is another one than before; returns false without a list.</summary>
        bool TryIndex()
        {
            VibeSyncScene record = getSceneRecord(false);
            if (record == null) { return false; }
            ObjectKey key = ObjectKey.Of(record);
            if (indexed.Equals(key) && indexedCount == record.Shown.Count) { return true; }
            byMesh.Clear();
            byObject.Clear();
            foreach (ShownIdentity identity in record.Shown)
            {
                byObject[identity.Uuid] = identity;
                if (identity.Mesh != null) { byMesh[ObjectKey.Of(identity.Mesh)] = identity; }
            }
            indexed = key;
            indexedCount = record.Shown.Count;
            return true;
        }
    }
}
