using System;
using System.Collections.Generic;
using UnityEditor;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// Keeps entities of one kind in the record of the scene, because Unity has none. Each has a name and one component.
    /// Nobody can edit them here.
    /// </summary>
    public abstract class KeptEntities
    {
        static readonly List<KeptEntity> None = new List<KeptEntity>();

        readonly Dictionary<string, Entity> parsed = new Dictionary<string, Entity>();
        List<KeptEntity> before = None;
        Dictionary<string, KeptEntity> byUuid;

        /// <summary>Grows with each change.</summary>
        public int Version { get; private set; }

        /// <summary>The kind of entity, and the key of its component.</summary>
        public abstract string Kind { get; }

        /// <summary>Returns the list in the record of the scene.</summary>
        protected abstract List<KeptEntity> GetList(VibeSyncScene record);

        /// <summary>Reads and checks the component.</summary>
        protected abstract Component Parse(JsonValue json);

        public List<string> GetUuids() => new List<string>(Index().Keys);

        public bool Contains(string uuid) => Index().ContainsKey(uuid);

        /// <summary>Returns an entity; null if there is none, or if its record is damaged.</summary>
        public Entity Read(string uuid)
        {
            if (!Index().TryGetValue(uuid, out KeptEntity kept)) { return null; }
            if (parsed.TryGetValue(uuid, out Entity known)) { return known; }
            try
            {
                Entity entity = new Entity(uuid, Kind);
                entity.Set(NameComponent.FromEditor(kept.Name));
                entity.Set(Parse(JsonReader.Read(kept.Value)));
                return parsed[uuid] = entity;
            }
            catch (SyncException)
            {
                // Somebody damaged the scene file. The entity stays known, so that it is not deleted everywhere.
                return null;
            }
        }

        /// <summary>Creates or changes an entity.</summary>
        public void Write(Entity content)
        {
            Index().TryGetValue(content.Uuid, out KeptEntity known);
            content.Components.TryGetValue(Kind, out Component value);
            if (value == null && known == null)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new " + Kind + " has no data");
            }
            Set(new KeptEntity
            {
                Uuid = content.Uuid,
                Name = content.Find<NameComponent>("name")?.Name ?? known?.Name ?? Kind,
                Value = value == null ? known.Value : JsonWriter.Write(value.ToJson(null)),
            });
        }

        public void Delete(string uuid)
        {
            if (GetList().RemoveAll(known => known.Uuid == uuid) > 0) { MarkChanged(); }
        }

        /// <summary>Gives an entity a new uuid; returns null if there is none.</summary>
        public virtual string RenewUuid(string uuid)
        {
            if (!Index().TryGetValue(uuid, out KeptEntity known)) { return null; }
            string renewed = Uuid.New();
            Delete(uuid);
            Set(new KeptEntity { Uuid = renewed, Name = known.Name, Value = known.Value });
            return renewed;
        }

        /// <summary>Copies the list, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch() => before = new List<KeptEntity>(GetList());

        /// <summary>Restores the list, of which the undo history knows nothing.</summary>
        public void RevertBatch()
        {
            if (before.Count + GetList().Count == 0) { return; }
            List<KeptEntity> list = GetList(MeshRecords.GetSceneRecord(true));
            list.Clear();
            list.AddRange(before);
            MarkChanged();
        }

        /// <summary>An entity is never changed, only replaced, so that a copy of the list holds the former one.</summary>
        void Set(KeptEntity entity)
        {
            List<KeptEntity> list = GetList(MeshRecords.GetSceneRecord(true));
            int at = list.FindIndex(known => known.Uuid == entity.Uuid);
            if (at < 0) { list.Add(entity); }
            else { list[at] = entity; }
            MarkChanged();
        }

        void MarkChanged()
        {
            byUuid = null;
            parsed.Clear();
            Version++;
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }

        Dictionary<string, KeptEntity> Index()
        {
            if (byUuid != null) { return byUuid; }
            byUuid = new Dictionary<string, KeptEntity>();
            foreach (KeptEntity entity in GetList()) { byUuid[entity.Uuid] = entity; }
            return byUuid;
        }

        List<KeptEntity> GetList()
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            return record == null ? None : GetList(record);
        }
    }
}
