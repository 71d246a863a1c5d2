using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Keeps the collections of the project.</summary>
    public sealed class CollectionRecords : KeptEntities
    {
        public override string Kind => Kinds.Collection;

        protected override List<KeptEntity> GetList(VibeSyncScene record) => record.Collections;

        protected override Component Parse(JsonValue json) => CollectionComponent.Read(json, CollectionComponent.Name);

        /// <summary>Gives a collection a new uuid, also where other collections name it; returns null if there is none.</summary>
        public override string RenewUuid(string uuid)
        {
            string renewed = base.RenewUuid(uuid);
            if (renewed == null) { return null; }
            foreach (string other in GetUuids())
            {
                CollectionComponent value = Read(other)?.Find<CollectionComponent>(CollectionComponent.Name);
                if (value == null || Array.IndexOf(value.Parents, uuid) < 0) { continue; }
                Entity changed = new Entity(other, Kinds.Collection);
                changed.Set(value.WithRenamed(uuid, renewed));
                Write(changed);
            }
            return renewed;
        }
    }
}
