using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Holds the confirmed part of the replica: the project, and for each uuid the version and digests that scene and
    /// daemon share. <see cref="RegistryDocument"/> is its saved form.
    /// </summary>
    public sealed class Registry
    {
        readonly Dictionary<string, SyncRecord> entries = new Dictionary<string, SyncRecord>();
        readonly Dictionary<string, long> tombstones = new Dictionary<string, long>();

        /// <summary>The project that the scene belongs to; empty if it belongs to none yet.</summary>
        public string ProjectId { get; set; } = "";

        /// <summary>The log sequence up to which the scene is current.</summary>
        public long BaseSeq { get; set; }

        /// <summary>The highest sequence of the daemon's log that was named in an answer about the scene.</summary>
        public long LastSeq { get; set; }

        /// <summary>The epochs of the last `welcome`, as JSON; empty without any. Only the daemon reads them.</summary>
        public string Epochs { get; set; } = "";

        /// <summary>
        /// The last record that the scene shares with the daemon's log, while the session sends again what the log
        /// lacks; null otherwise.
        /// </summary>
        public long? DivergedAfter { get; set; }

        /// <summary>The confirmed states of entities, also of those that are in no open scene.</summary>
        public IReadOnlyDictionary<string, SyncRecord> Entries => entries;

        /// <summary>The versions at which scene and daemon deleted entities.</summary>
        public IReadOnlyDictionary<string, long> Tombstones => tombstones;

        /// <summary>Whether there is nothing to save.</summary>
        public bool IsEmpty => ProjectId.Length == 0 && entries.Count == 0 && tombstones.Count == 0;

        /// <summary>Raises <see cref="BaseSeq"/>, and with it <see cref="LastSeq"/>.</summary>
        public void RaiseBaseSeq(long seq)
        {
            BaseSeq = Math.Max(BaseSeq, seq);
            RaiseLastSeq(BaseSeq);
        }

        public void RaiseLastSeq(long seq) => LastSeq = Math.Max(LastSeq, seq);

        /// <summary>Returns a copy of the entity's confirmed state; of version 0 if there is none.</summary>
        public SyncRecord Load(string uuid)
        {
            return entries.TryGetValue(uuid, out SyncRecord entry) ? entry.Clone() : new SyncRecord();
        }

        /// <summary>Sets the entity's confirmed state.</summary>
        public void Save(string uuid, SyncRecord entry)
        {
            entries[uuid] = entry;
            tombstones.Remove(uuid);
        }

        /// <summary>Replaces the entity's confirmed state by the version of its deletion.</summary>
        public void Tombstone(string uuid, long version)
        {
            entries.Remove(uuid);
            tombstones[uuid] = version;
        }

        /// <summary>Removes an entity whose uuid is not used any more.</summary>
        public void Forget(string uuid) => entries.Remove(uuid);

        /// <summary>
        /// Forgets that the daemon acknowledged anything after <paramref name="seq"/>, because its log does not have
        /// these records.
        /// </summary>
        public void ForgetAfter(long seq)
        {
            foreach (string uuid in new List<string>(entries.Keys))
            {
                if (entries[uuid].Version > seq) { entries.Remove(uuid); }
            }
            foreach (string uuid in new List<string>(tombstones.Keys))
            {
                if (tombstones[uuid] > seq) { tombstones.Remove(uuid); }
            }
            LastSeq = BaseSeq = seq;
            DivergedAfter = Math.Min(seq, DivergedAfter ?? seq);
        }
    }
}
