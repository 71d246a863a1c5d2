using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Access to all that the open scene stores about its project.</summary>
    public static class SceneRecords
    {
        /// <summary>Forgets the project and the versions. Objects and meshes keep their uuids.</summary>
        public static void Forget()
        {
            foreach (VibeSyncIdentity identity in OpenScenes.FindAll<VibeSyncIdentity>())
            {
                identity.Version = 0;
                identity.Digests = "";
                PrefabOverrides.Record(identity);
            }
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            if (record == null) { return; }
            foreach (MeshIdentity mesh in record.Meshes)
            {
                mesh.Version = 0;
                mesh.Digests = "";
            }
            record.ProjectId = "";
            record.BaseSeq = 0;
            record.LastSeq = 0;
            record.Epochs = "";
            record.DivergedAfter = null;
            EditorUtility.SetDirty(record);
        }
    }
}
