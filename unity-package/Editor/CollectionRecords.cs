using System;
using System.Collections.Generic;
using UnityEditor;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// Keeps the collections of the project in the record of the scene, because Unity has none. Nobody can edit them here.
    /// </summary>
    public sealed class CollectionRecords
    {
        static readonly List<CollectionIdentity> None = new List<CollectionIdentity>();

        readonly Dictionary<string, Entity> parsed = new Dictionary<string, Entity>();
        List<CollectionIdentity> before = None;
        Dictionary<string, CollectionIdentity> byUuid;

        /// <summary>Grows with each change.</summary>
        public int Version { get; private set; }

        public List<string> GetUuids() => new List<string>(Index().Keys);

        public bool Contains(string uuid) => Index().ContainsKey(uuid);

        /// <summary>Returns a collection; null if there is none, or if its record is damaged.</summary>
        public Entity Read(string uuid)
        {
            if (!Index().TryGetValue(uuid, out CollectionIdentity identity)) { return null; }
            if (parsed.TryGetValue(uuid, out Entity known)) { return known; }
            try
            {
                Entity entity = new Entity(uuid, Kinds.Collection);
                entity.Set(NameComponent.FromEditor(identity.Name));
                entity.Set(CollectionComponent.Read(JsonReader.Read(identity.Value), CollectionComponent.Name));
                return parsed[uuid] = entity;
            }
            catch (SyncException)
            {
                // Somebody damaged the scene file. The collection stays known, so that it is not deleted everywhere.
                return null;
            }
        }

        /// <summary>Creates or changes a collection.</summary>
        public void Write(Entity content)
        {
            Index().TryGetValue(content.Uuid, out CollectionIdentity known);
            CollectionComponent value = content.Find<CollectionComponent>(CollectionComponent.Name);
            if (value == null && known == null)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new collection has no data");
            }
            Set(new CollectionIdentity
            {
                Uuid = content.Uuid,
                Name = content.Find<NameComponent>("name")?.Name ?? known?.Name ?? Kinds.Collection,
                Value = value == null ? known.Value : JsonWriter.Write(value.ToJson(null)),
            });
        }

        public void Delete(string uuid)
        {
            if (GetList().RemoveAll(known => known.Uuid == uuid) > 0) { MarkChanged(); }
        }

        /// <summary>Gives a collection a new uuid, also where other collections name it; returns null if there is none.</summary>
        public string RenewUuid(string uuid)
        {
            if (!Index().TryGetValue(uuid, out CollectionIdentity known)) { return null; }
            string renewed = Uuid.New();
            Delete(uuid);
            Set(new CollectionIdentity { Uuid = renewed, Name = known.Name, Value = known.Value });
            foreach (string other in GetUuids())
            {
                Entity entity = Read(other);
                CollectionComponent value = entity?.Find<CollectionComponent>(CollectionComponent.Name);
                if (value == null || Array.IndexOf(value.Parents, uuid) < 0) { continue; }
                Entity changed = new Entity(other, Kinds.Collection);
                changed.Set(value.WithRenamed(uuid, renewed));
                Write(changed);
            }
            return renewed;
        }

        /// <summary>Copies the list, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch() => before = new List<CollectionIdentity>(GetList());

        /// <summary>Restores the list, of which the undo history knows nothing.</summary>
        public void RevertBatch()
        {
            if (before.Count + GetList().Count == 0) { return; }
            VibeSyncScene record = MeshRecords.GetSceneRecord(true);
            record.Collections.Clear();
            record.Collections.AddRange(before);
            MarkChanged();
        }

        /// <summary>An identity is never changed, only replaced, so that a copy of the list holds the former one.</summary>
        void Set(CollectionIdentity identity)
        {
            List<CollectionIdentity> list = MeshRecords.GetSceneRecord(true).Collections;
            int at = list.FindIndex(known => known.Uuid == identity.Uuid);
            if (at < 0) { list.Add(identity); }
            else { list[at] = identity; }
            MarkChanged();
        }

        void MarkChanged()
        {
            byUuid = null;
            parsed.Clear();
            Version++;
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }

        Dictionary<string, CollectionIdentity> Index()
        {
            if (byUuid != null) { return byUuid; }
            byUuid = new Dictionary<string, CollectionIdentity>();
            foreach (CollectionIdentity identity in GetList()) { byUuid[identity.Uuid] = identity; }
            return byUuid;
        }

        static List<CollectionIdentity> GetList()
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            return record == null ? None : record.Collections;
        }
    }
}
