using System.Collections.Generic;
using System.Globalization;
using System.Text;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// What the daemon holds or will hold once it has answered all that was sent: a version and digests per uuid. Only
    /// a difference to the shadow is a change of the user, so that what was applied is never sent back.
    /// </summary>
    public sealed class Shadow
    {
        readonly Dictionary<string, SyncRecord> entries = new Dictionary<string, SyncRecord>();
        readonly Dictionary<string, long> deleting = new Dictionary<string, long>();
        readonly Dictionary<string, long> buried = new Dictionary<string, long>();
        readonly Dictionary<string, long> doubted = new Dictionary<string, long>();

        public bool Knows(string uuid) => entries.ContainsKey(uuid);

        /// <summary>The entry, or null when the daemon has not been told of the entity.</summary>
        public SyncRecord Find(string uuid) => entries.TryGetValue(uuid, out SyncRecord entry) ? entry : null;

        /// <summary>The version of an entity that the scene holds for certain; 0 where that is none.</summary>
        public long VersionOf(string uuid) => doubted.ContainsKey(uuid) ? 0 : Find(uuid)?.Version ?? 0;

        /// <summary>The uuids of all entries.</summary>
        public IEnumerable<string> Uuids => entries.Keys;

        /// <summary>Entities that are gone here and whose delete is not answered yet, with their versions.</summary>
        public IReadOnlyDictionary<string, long> Deleting => deleting;

        /// <summary>Notes what the scene holds, and that the daemon knows it.</summary>
        public void Set(string uuid, SyncRecord entry)
        {
            entries[uuid] = entry;
            deleting.Remove(uuid);
        }

        public void Forget(string uuid)
        {
            entries.Remove(uuid);
            deleting.Remove(uuid);
            doubted.Remove(uuid);
        }

        /// <summary>
        /// Notes that an entity was deleted, here and in the daemon, with that version. If an undo brings it back, it is
        /// as new as its deletion, so that the daemon does not delete it once more.
        /// </summary>
        public void Bury(string uuid, long version)
        {
            Forget(uuid);
            buried[uuid] = version;
        }

        /// <summary>
        /// Takes an entry over from the scene's own record, where the daemon ever acknowledged the entity.
        /// </summary>
        public void Adopt(string uuid, SyncRecord record)
        {
            if (record != null && record.Version > 0 && !Knows(uuid)) { entries[uuid] = record.Clone(); }
        }

        /// <summary>
        /// The components of <paramref name="entity"/> that differ from the entry; all when there is none.
        /// </summary>
        public Entity Difference(Entity entity)
        {
            SyncRecord entry = Find(entity.Uuid);
            Entity difference = new Entity(entity.Uuid, entity.Kind);
            foreach (Component component in entity.Components.Values)
            {
                bool same = entry != null && entry.Digests.TryGetValue(component.Key, out ulong digest)
                    && digest == component.Digest();
                if (!same) { difference.Set(component); }
            }
            return difference;
        }

        /// <summary>Notes that a change is on its way to the daemon.</summary>
        public void Sent(Change change)
        {
            if (change.Op == ChangeOp.Delete)
            {
                deleting[change.Uuid] = Find(change.Uuid)?.Version ?? 0;
                entries.Remove(change.Uuid);
                return;
            }
            if (!entries.TryGetValue(change.Uuid, out SyncRecord entry))
            {
                buried.TryGetValue(change.Uuid, out long version);
                entries[change.Uuid] = entry = new SyncRecord { Version = version };
            }
            Note(entry, change.Content);
        }

        /// <summary>Notes the version of what is being deleted: an earlier change of it was acknowledged only now.</summary>
        public void DeletedSince(string uuid, long version)
        {
            if (deleting.TryGetValue(uuid, out long known) && known < version) { deleting[uuid] = version; }
        }

        /// <summary>Takes a refused delete back: the daemon still holds the entity.</summary>
        public void Undelete(string uuid)
        {
            if (!deleting.TryGetValue(uuid, out long version)) { return; }
            deleting.Remove(uuid);
            entries[uuid] = new SyncRecord { Version = version };
        }

        /// <summary>
        /// The scene may hold what does not stand, until all of the entity comes, or what came of the change, which is of
        /// version <paramref name="since"/>.
        /// </summary>
        public void Doubt(string uuid, long since = long.MaxValue)
        {
            if (Knows(uuid)) { doubted[uuid] = since; }
        }

        /// <summary>The daemon's value came. A part of the entity that is older than what is doubted settles nothing.</summary>
        public void Believe(string uuid, long version, bool whole)
        {
            if (doubted.TryGetValue(uuid, out long since) && (whole || version >= since)) { doubted.Remove(uuid); }
        }

        /// <summary>
        /// The entries as text, one a line: uuid, version, digests; what is being deleted: a minus, uuid, version; and what
        /// was: an x, uuid, version.
        /// </summary>
        public string Save()
        {
            StringBuilder text = new StringBuilder();
            foreach (KeyValuePair<string, SyncRecord> entry in entries)
            {
                text.Append(entry.Key).Append(' ').Append(VersionOf(entry.Key).ToString(CultureInfo.InvariantCulture))
                    .Append(' ').Append(entry.Value.WriteDigests()).Append('\n');
            }
            SaveGone(text, "- ", deleting);
            SaveGone(text, "x ", buried);
            return text.ToString();
        }

        static void SaveGone(StringBuilder text, string kind, Dictionary<string, long> versions)
        {
            foreach (KeyValuePair<string, long> gone in versions)
            {
                text.Append(kind).Append(gone.Key).Append(' ').Append(gone.Value.ToString(CultureInfo.InvariantCulture))
                    .Append('\n');
            }
        }

        /// <summary>Reads what <see cref="Save"/> wrote; damaged lines are left out.</summary>
        public void Load(string text)
        {
            foreach (string line in text.Split('\n'))
            {
                string[] parts = line.Split(' ');
                if (parts.Length != 3) { continue; }
                bool gone = parts[0] == "-" || parts[0] == "x";
                string uuid = gone ? parts[1] : parts[0];
                bool valid = long.TryParse(gone ? parts[2] : parts[1], NumberStyles.None, CultureInfo.InvariantCulture,
                    out long version);
                if (!valid || !Uuid.IsValid(uuid)) { continue; }
                if (gone) { (parts[0] == "-" ? deleting : buried)[uuid] = version; }
                else { entries[uuid] = SyncRecord.Read(version, parts[2]); }
            }
        }

        /// <summary>Writes the digests of the components into a record.</summary>
        public static void Note(SyncRecord record, Entity content)
        {
            foreach (Component component in content.Components.Values)
            {
                record.Digests[component.Key] = component.Digest();
            }
        }
    }
}
