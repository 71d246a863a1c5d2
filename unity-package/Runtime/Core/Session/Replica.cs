using System.Collections.Generic;
using System.Globalization;
using System.Text;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Holds a version and component digests for each uuid: the state that the daemon has, or will have once it has
    /// answered every intent. Capture sends only what differs from the replica, so an applied change is never sent
    /// back.
    /// </summary>
    public sealed class Replica
    {
        readonly Dictionary<string, SyncRecord> entries = new Dictionary<string, SyncRecord>();
        readonly Dictionary<string, long> pendingDeletes = new Dictionary<string, long>();
        readonly Dictionary<string, long> tombstones = new Dictionary<string, long>();
        readonly Dictionary<string, long> invalidated = new Dictionary<string, long>();
        readonly HashSet<string> refused = new HashSet<string>();

        /// <summary>Digests of components that the editor holds damaged: docs/unity.md, Decisions.</summary>
        readonly Dictionary<string, SyncRecord> damaged = new Dictionary<string, SyncRecord>();

        public bool Contains(string uuid) => entries.ContainsKey(uuid);

        /// <summary>Returns whether the daemon knows the entity, or is about to.</summary>
        public bool IsKnown(string uuid) => Contains(uuid) && !refused.Contains(uuid);

        /// <summary>Returns the entry, or null if the daemon was never told of the entity.</summary>
        public SyncRecord Find(string uuid) => entries.TryGetValue(uuid, out SyncRecord entry) ? entry : null;

        /// <summary>Returns the version that the scene certainly holds; 0 if there is none.</summary>
        public long GetVersion(string uuid) =>
            invalidated.ContainsKey(uuid) || damaged.ContainsKey(uuid) ? 0 : Find(uuid)?.Version ?? 0;

        /// <summary>The uuids of all entries.</summary>
        public IEnumerable<string> Uuids => entries.Keys;

        /// <summary>Entities deleted here whose delete is not answered yet, with their versions.</summary>
        public IReadOnlyDictionary<string, long> PendingDeletes => pendingDeletes;

        /// <summary>Records the state of an entity that both the scene and the daemon hold.</summary>
        public void Set(string uuid, SyncRecord entry)
        {
            entries[uuid] = entry;
            pendingDeletes.Remove(uuid);
            refused.Remove(uuid);
        }

        /// <summary>
        /// Records that the daemon refused the create of an entity, so it does not know the entity: capture creates it
        /// again, and sends no delete of it.
        /// </summary>
        public void MarkRefused(string uuid)
        {
            if (Contains(uuid) && Find(uuid).Version == 0) { refused.Add(uuid); }
        }

        /// <summary>Returns whether the daemon refused the create of the entity.</summary>
        public bool IsRefused(string uuid) => refused.Contains(uuid);

        /// <summary>Records that the daemon accepted a change of the entity.</summary>
        public void MarkKnown(string uuid) => refused.Remove(uuid);

        /// <summary>Removes the entry: the daemon does not know the entity, so capture sends it as new.</summary>
        public void MarkUnknown(string uuid)
        {
            entries.Remove(uuid);
            pendingDeletes.Remove(uuid);
            invalidated.Remove(uuid);
            refused.Remove(uuid);
            damaged.Remove(uuid);
        }

        /// <summary>Makes capture send all components of an entity again: the daemon has lost its bulk data.</summary>
        public void ForgetDigests(string uuid) => Find(uuid)?.Digests.Clear();

        /// <summary>
        /// Records that the scene and the daemon deleted an entity, at this version. If an undo revives the entity, its
        /// version is that of the deletion; otherwise the daemon would delete it again.
        /// </summary>
        public void Tombstone(string uuid, long version)
        {
            MarkUnknown(uuid);
            tombstones[uuid] = version;
        }

        /// <summary>
        /// Copies the state in the registry, if the daemon ever acknowledged the entity. Returns whether it did.
        /// </summary>
        public bool AdoptRecord(string uuid, SyncRecord record)
        {
            if (record == null || record.Version == 0 || Contains(uuid)) { return false; }
            entries[uuid] = record.Clone();
            return true;
        }

        /// <summary>
        /// Records that a component lost its content, and holds this one instead. It is not sent, and the entity counts
        /// as version 0, until the entity arrives complete or the user changes the component.
        /// </summary>
        public void MarkDamaged(string uuid, Component component)
        {
            if (!damaged.TryGetValue(uuid, out SyncRecord known)) { damaged[uuid] = known = new SyncRecord(); }
            known.Digests[component.Key] = component.Digest();
        }

        /// <summary>Copies the tombstones of the registry.</summary>
        public void AdoptTombstones(IReadOnlyDictionary<string, long> saved)
        {
            foreach (KeyValuePair<string, long> tombstone in saved)
            {
                if (!Contains(tombstone.Key)) { tombstones[tombstone.Key] = tombstone.Value; }
            }
        }

        /// <summary>
        /// Returns the components of <paramref name="entity"/> that differ from its entry; all if it has no entry.
        /// </summary>
        public Entity Diff(Entity entity)
        {
            SyncRecord entry = Find(entity.Uuid);
            Entity difference = new Entity(entity.Uuid, entity.Kind);
            foreach (Component component in entity.Components.Values)
            {
                bool isSame = Has(entry, component) || Has(damaged.TryGetValue(entity.Uuid, out SyncRecord lost)
                    ? lost : null, component) || IsNamedByItsFile(entity, entry, component)
                    || (component.IsDefault && entry?.Digests.ContainsKey(component.Key) != true);
                if (!isSame) { difference.Set(component); }
            }
            return difference;
        }

        static bool Has(SyncRecord record, Component component)
        {
            return record != null && record.Digests.TryGetValue(component.Key, out ulong digest)
                && digest == component.Digest();
        }

        /// <summary>
        /// Returns whether the editor named a known entity by its file, whose name is the uuid. That is no rename.
        /// </summary>
        static bool IsNamedByItsFile(Entity entity, SyncRecord entry, Component component)
        {
            return component is NameComponent name && name.Name == entity.Uuid && entry != null
                && entry.Digests.ContainsKey(name.Key);
        }

        /// <summary>Records a change that is on its way to the daemon.</summary>
        public void MarkSent(Change change)
        {
            if (change.Op == ChangeOp.Delete)
            {
                pendingDeletes[change.Uuid] = Find(change.Uuid)?.Version ?? 0;
                entries.Remove(change.Uuid);
                return;
            }
            if (!entries.TryGetValue(change.Uuid, out SyncRecord entry))
            {
                tombstones.TryGetValue(change.Uuid, out long version);
                entries[change.Uuid] = entry = new SyncRecord { Version = version };
            }
            entry.SetDigests(change.Content);
            refused.Remove(change.Uuid);
            if (!damaged.TryGetValue(change.Uuid, out SyncRecord lost)) { return; }
            foreach (string key in change.Content.Components.Keys) { lost.Digests.Remove(key); }
            if (lost.Digests.Count == 0) { damaged.Remove(change.Uuid); }
        }

        /// <summary>
        /// Forgets a change that was refused only because another change of its intent was. A deleted entity exists in
        /// the daemon again; any other entity falls back to its last acknowledged state.
        /// </summary>
        /// <param name="acknowledged">The state in the registry; null for a delete.</param>
        public void ForgetSent(Change change, SyncRecord acknowledged)
        {
            if (change.Op != ChangeOp.Delete)
            {
                MarkUnknown(change.Uuid);
                // The record of an entity that had to be created is of a state that the daemon does not have.
                if (change.Op == ChangeOp.Update) { AdoptRecord(change.Uuid, acknowledged); }
            }
            else if (pendingDeletes.TryGetValue(change.Uuid, out long version))
            {
                pendingDeletes.Remove(change.Uuid);
                entries[change.Uuid] = new SyncRecord { Version = version };
            }
        }

        /// <summary>
        /// Raises the version of an entity that is being deleted, when an earlier change of it is acknowledged.
        /// </summary>
        public void RaiseDeleteVersion(string uuid, long version)
        {
            if (pendingDeletes.TryGetValue(uuid, out long known) && known < version) { pendingDeletes[uuid] = version; }
        }

        /// <summary>
        /// Records that the scene may hold values the daemon does not. The entity counts as version 0 until it arrives
        /// complete, or until a part of it arrives at version <paramref name="since"/> or later.
        /// </summary>
        public void Invalidate(string uuid, long since = long.MaxValue)
        {
            if (Contains(uuid)) { invalidated[uuid] = since; }
        }

        /// <summary>
        /// Ends the invalidation of an entity whose value arrived from the daemon. An older part of it does not.
        /// </summary>
        public void Confirm(string uuid, long version, bool isComplete)
        {
            if (invalidated.TryGetValue(uuid, out long since) && (isComplete || version >= since))
            {
                invalidated.Remove(uuid);
            }
            if (isComplete) { damaged.Remove(uuid); }
        }

        /// <summary>
        /// Forgets that the daemon acknowledged anything after <paramref name="seq"/>, because its log does not have
        /// these records. Capture then creates the entities in the scene, and deletes the others. Returns their number.
        /// </summary>
        public int ForgetAfter(long seq, ISceneAdapter scene)
        {
            HashSet<string> forgotten = new HashSet<string>();
            foreach (KeyValuePair<string, SyncRecord> entry in entries)
            {
                if (entry.Value.Version > seq) { forgotten.Add(entry.Key); }
            }
            foreach (KeyValuePair<string, long> behind in invalidated)
            {
                if (behind.Value > seq && behind.Value < long.MaxValue) { forgotten.Add(behind.Key); }
            }
            foreach (KeyValuePair<string, long> tombstone in tombstones)
            {
                if (tombstone.Value > seq) { forgotten.Add(tombstone.Key); }
            }
            foreach (string uuid in forgotten)
            {
                MarkUnknown(uuid);
                tombstones.Remove(uuid);
                if (!scene.Contains(uuid)) { entries[uuid] = new SyncRecord(); }
            }
            foreach (string uuid in new List<string>(pendingDeletes.Keys))
            {
                if (pendingDeletes[uuid] > seq) { pendingDeletes[uuid] = 0; }
            }
            return forgotten.Count;
        }

        /// <summary>
        /// Writes one line for each uuid. An entry is "uuid version digests", a pending delete "- uuid version", a
        /// tombstone "x uuid version", a damaged entity "d uuid digests".
        /// </summary>
        public string Save()
        {
            StringBuilder text = new StringBuilder();
            foreach (KeyValuePair<string, SyncRecord> entry in entries)
            {
                if (refused.Contains(entry.Key)) { continue; }
                text.Append(entry.Key).Append(' ').Append(GetVersion(entry.Key).ToString(CultureInfo.InvariantCulture))
                    .Append(' ').Append(entry.Value.WriteDigests()).Append('\n');
            }
            SaveVersions(text, "- ", pendingDeletes);
            SaveVersions(text, "x ", tombstones);
            foreach (KeyValuePair<string, SyncRecord> lost in damaged)
            {
                text.Append("d ").Append(lost.Key).Append(' ').Append(lost.Value.WriteDigests()).Append('\n');
            }
            return text.ToString();
        }

        static void SaveVersions(StringBuilder text, string prefix, Dictionary<string, long> versions)
        {
            foreach (KeyValuePair<string, long> pair in versions)
            {
                text.Append(prefix).Append(pair.Key).Append(' ')
                    .Append(pair.Value.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }

        /// <summary>Reads the text that <see cref="Save"/> wrote; skips damaged lines.</summary>
        public void Load(string text)
        {
            foreach (string line in text.Split('\n'))
            {
                string[] parts = line.Split(' ');
                if (parts.Length != 3) { continue; }
                if (parts[0] == "d" && Uuid.IsValid(parts[1]))
                {
                    damaged[parts[1]] = SyncRecord.Read(0, parts[2]);
                    continue;
                }
                bool isDeleted = parts[0] == "-" || parts[0] == "x";
                string uuid = isDeleted ? parts[1] : parts[0];
                bool isValid = long.TryParse(isDeleted ? parts[2] : parts[1], NumberStyles.None,
                    CultureInfo.InvariantCulture, out long version);
                if (!isValid || !Uuid.IsValid(uuid)) { continue; }
                if (isDeleted) { (parts[0] == "-" ? pendingDeletes : tombstones)[uuid] = version; }
                else { entries[uuid] = SyncRecord.Read(version, parts[2]); }
            }
        }
    }
}
