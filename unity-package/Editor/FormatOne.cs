using System;
using UnityEditor;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads the versions and digests that scenes of format 1 keep in the components of their objects.
    /// </summary>
    public static class FormatOne
    {
        /// <summary>Returns whether the open scenes have data of format 1.</summary>
        public static bool Exists(VibeSyncScene record)
        {
            if (record != null && record.ProjectId.Length > 0) { return true; }
            foreach (VibeSyncIdentity identity in OpenScenes.FindAll<VibeSyncIdentity>())
            {
                if (identity.Version > 0 && !IsOfPrefab(identity)) { return true; }
            }
            return false;
        }

        public static Registry Read(VibeSyncScene record)
        {
            Registry registry = new Registry();
            foreach (VibeSyncIdentity identity in OpenScenes.FindAll<VibeSyncIdentity>())
            {
                Add(registry, identity.Uuid, identity.Version, identity.Digests);
            }
            if (record == null) { return registry; }
            foreach (MeshIdentity mesh in record.Meshes) { Add(registry, mesh.Uuid, mesh.Version, mesh.Digests); }
            registry.ProjectId = Uuid.IsValid(record.ProjectId) ? record.ProjectId : "";
            registry.Epochs = IsJson(record.Epochs) ? record.Epochs : "";
            registry.LastSeq = Math.Max(0, record.LastSeq);
            registry.RaiseBaseSeq(record.BaseSeq);
            registry.DivergedAfter = record.DivergedAfter;
            return registry;
        }

        /// <summary>Removes the data of format 1, because the registry holds them.</summary>
        public static void Clear(VibeSyncScene record)
        {
            if (record.Format > 1) { return; }
            foreach (VibeSyncIdentity identity in OpenScenes.FindAll<VibeSyncIdentity>())
            {
                bool isClear = identity.Version == 0 && identity.Digests.Length == 0;
                // Nobody reads that of a prefab, and a change would be an override.
                if (isClear || IsOfPrefab(identity)) { continue; }
                identity.ClearFormatOne();
                EditorUtility.SetDirty(identity);
            }
            foreach (MeshIdentity mesh in record.Meshes) { (mesh.Version, mesh.Digests) = (0, ""); }
            record.ClearFormatOne();
        }

        /// <summary>
        /// Adds an entry. If instances of a prefab share a uuid, the newest version is that of the object that had it.
        /// </summary>
        static void Add(Registry registry, string uuid, long version, string digests)
        {
            if (!Uuid.IsValid(uuid) || version <= registry.Load(uuid).Version) { return; }
            registry.Save(uuid, SyncRecord.Read(version, digests));
        }

        static bool IsOfPrefab(VibeSyncIdentity identity)
        {
            return PrefabUtility.GetCorrespondingObjectFromSource(identity) != null;
        }

        static bool IsJson(string text)
        {
            try
            {
                return text.Length > 0 && JsonReader.Read(text) != null;
            }
            catch (SyncException)
            {
                return false;
            }
        }
    }
}
