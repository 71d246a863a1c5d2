using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>Builds the `inventory` message's list: the version of each entity that the scene holds.</summary>
    public sealed class InventoryBuilder
    {
        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly Outbox outbox;
        readonly DamageCheck damage;
        Queue<string> unread;

        public InventoryBuilder(ISceneAdapter scene, Replica replica, Outbox outbox)
        {
            damage = new DamageCheck(scene, replica);
            this.scene = scene;
            this.replica = replica;
            this.outbox = outbox;
        }

        /// <summary>Starts over on a new connection.</summary>
        public void Reset() => unread = null;

        /// <summary>
        /// Fills the replica from the scene's records, as many as the budget allows; returns true once all are read.
        /// </summary>
        public bool ReadRecords(Budget budget)
        {
            if (unread == null)
            {
                unread = new Queue<string>(scene.Uuids);
                damage.Begin();
            }
            while (unread.Count > 0 && !budget.IsSpent)
            {
                string uuid = unread.Dequeue();
                if (replica.Contains(uuid)) { continue; }
                SyncRecord record = scene.Registry.Load(uuid);
                // An entity that this process has synchronized before is not inspected: its changes are the user's.
                if (replica.AdoptRecord(uuid, record)) { damage.Inspect(uuid, record); }
            }
            if (unread.Count > 0) { return false; }
            unread = null;
            replica.AdoptTombstones(scene.Registry.Tombstones);
            return true;
        }

        /// <summary>Returns a warning about damage that the last records showed, or null.</summary>
        public string TakeWarning() => damage.TakeWarning();

        /// <summary>
        /// Returns the entities with their versions. Entities whose deletion is not acknowledged are listed too;
        /// otherwise the daemon would send them again.
        /// </summary>
        public List<KeyValuePair<string, long>> Build()
        {
            List<KeyValuePair<string, long>> entities = new List<KeyValuePair<string, long>>();
            foreach (string uuid in scene.Uuids)
            {
                long version = outbox.IsOverwritten(uuid) ? 0 : replica.GetVersion(uuid);
                entities.Add(new KeyValuePair<string, long>(uuid, version));
            }
            foreach (string uuid in replica.Uuids)
            {
                if (!scene.Contains(uuid))
                {
                    entities.Add(new KeyValuePair<string, long>(uuid, replica.GetVersion(uuid)));
                }
            }
            foreach (KeyValuePair<string, long> deleted in replica.PendingDeletes)
            {
                if (!scene.Contains(deleted.Key)) { entities.Add(deleted); }
            }
            return entities;
        }
    }
}
