using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Gives an entity a new uuid, also where others name it: the daemon has a tombstone for the old one.</summary>
    public sealed class UuidRenewal
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;

        public UuidRenewal(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Returns the new uuid; null if the entity does not exist, or if there is no other uuid for it.</summary>
        public string Renew(string uuid)
        {
            GameObject target = index.Find(uuid);
            return target != null ? index.Renew(target)
                : index.Viewers.RenewUuid(uuid) ?? meshes.RenewUuid(uuid) ?? RenewMaterial(uuid)
                ?? index.Materials.RenewImage(uuid) ?? index.Records.RenewUuid(uuid) ?? RenewAction(uuid);
        }

        string RenewMaterial(string uuid)
        {
            string renewed = index.Materials.RenewUuid(uuid);
            if (renewed != null) { index.Slots.Rename(uuid, renewed); }
            return renewed;
        }

        string RenewAction(string uuid)
        {
            string renewed = index.Actions.RenewUuid(uuid);
            if (renewed == null) { return null; }
            index.Players.Rename(uuid, renewed);
            foreach (string each in meshes.GetUuids())
            {
                MeshIdentity mesh = meshes.Find(each);
                mesh.Animation = mesh.Animation.Replace(uuid, renewed);
            }
            return renewed;
        }
    }
}
