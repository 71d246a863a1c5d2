using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Finds, changes and deletes the entities that Unity does not have: collections and armatures.</summary>
    public sealed class EntityRecords
    {
        readonly CollectionMembers members;
        readonly Rigs rigs;
        readonly KeptEntities[] all;

        public EntityRecords(CollectionMembers members, Rigs rigs)
        {
            this.members = members;
            this.rigs = rigs;
            all = new KeptEntities[] { members.Collections, rigs.Armatures };
        }

        public List<string> GetUuids()
        {
            List<string> uuids = new List<string>();
            foreach (KeptEntities each in all) { uuids.AddRange(each.GetUuids()); }
            return uuids;
        }

        public bool Contains(string uuid) => Find(uuid) != null;

        /// <summary>Returns the kind of an entity; null if there is none.</summary>
        public string FindKind(string uuid) => Find(uuid)?.Kind;

        /// <summary>Returns an entity; null if there is none, or if its record is damaged.</summary>
        public Entity Read(string uuid) => Find(uuid)?.Read(uuid);

        /// <summary>Creates or changes an entity.</summary>
        public void Write(Entity content, string kind)
        {
            if (kind == Kinds.Armature) { rigs.Write(content); }
            else { members.Collections.Write(content); }
        }

        public void Delete(string uuid)
        {
            if (FindKind(uuid) == Kinds.Armature) { rigs.Delete(uuid); }
            else { Find(uuid)?.Delete(uuid); }
        }

        /// <summary>Gives an entity a new uuid, also where others name it; returns null if there is none.</summary>
        public string RenewUuid(string uuid)
        {
            if (FindKind(uuid) == Kinds.Armature) { return rigs.RenewUuid(uuid); }
            string renewed = members.Collections.RenewUuid(uuid);
            if (renewed != null) { members.Rename(uuid, renewed); }
            return renewed;
        }

        /// <summary>Copies what the undo history does not restore, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            foreach (KeptEntities each in all) { each.BeginBatch(); }
        }

        /// <summary>Reverts what the undo history does not.</summary>
        public void RevertBatch()
        {
            foreach (KeptEntities each in all) { each.RevertBatch(); }
        }

        KeptEntities Find(string uuid)
        {
            foreach (KeptEntities each in all)
            {
                if (each.Contains(uuid)) { return each; }
            }
            return null;
        }
    }
}
