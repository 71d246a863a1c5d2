using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>An `apply` message. Its changes are read and prepared one by one, ahead of the editor.</summary>
    public sealed class Batch
    {
        readonly ConcurrentQueue<BatchItem> ready = new ConcurrentQueue<BatchItem>();
        readonly Frame frame;
        readonly List<JsonValue> changes;
        readonly Func<Change, object> prepare;
        readonly Task reading;
        readonly Dictionary<string, MeshComponent> bases;

        /// <param name="bases">The meshes that changes build on, by uuid; see <see cref="PatchBases.FindBases"/>.</param>
        /// <param name="prepare">See <see cref="ISceneAdapter.Prepare"/>.</param>
        public Batch(Frame frame, Dictionary<string, MeshComponent> bases, Func<Change, object> prepare, Action wake)
        {
            this.bases = bases;
            this.frame = frame;
            this.prepare = prepare;
            Id = frame.Header.RequiredString("batch_id", "");
            Label = frame.Header.RequiredString("label", "");
            IsAtomic = frame.Header.RequiredString("reason", "") == "change";
            HeadSeq = frame.Header.RequiredInteger("head_seq", "");
            changes = frame.Header.Required("changes", "").AsArray("changes");
            for (int i = 0; i < changes.Count; i++)
            {
                string uuid = Uuid.Check(changes[i].RequiredString("uuid", Locate(i)), Locate(i) + ".uuid");
                if (changes[i].RequiredString("op", Locate(i)) == "delete") { Deleted.Add(uuid); }
            }
            long bytes = 0;
            foreach (byte[] attachment in frame.Attachments) { bytes += attachment.Length; }
            foreach (MeshComponent mesh in bases.Values) { bytes += mesh.CornerCount * 40L; }
            bool isLarge = bytes > Background.MinBytes || changes.Count > Background.MinEntities;
            reading = Background.Run(isLarge, ReadAll, wake);
        }

        public string Id { get; }

        public string Label { get; }

        public long HeadSeq { get; }

        /// <summary>
        /// Whether one failed change fails the batch. True for a new transaction; false for a delivery of existing
        /// state, in which each entity stands for itself.
        /// </summary>
        public bool IsAtomic { get; }

        public int Count => changes.Count;

        /// <summary>The uuids that the batch deletes.</summary>
        public HashSet<string> Deleted { get; } = new HashSet<string>();

        /// <summary>The changes taken so far, in order.</summary>
        public List<BatchItem> Items { get; } = new List<BatchItem>();

        /// <summary>Returns the next change, if it has been read.</summary>
        public bool TryPeek(out BatchItem item)
        {
            if (ready.TryPeek(out item)) { return true; }
            // Rethrows an error of the reader; otherwise the batch would seem to be slow.
            if (reading.IsFaulted) { reading.GetAwaiter().GetResult(); }
            return false;
        }

        /// <summary>Moves the change that <see cref="TryPeek"/> returned to <see cref="Items"/>.</summary>
        public void Take()
        {
            ready.TryDequeue(out BatchItem item);
            Items.Add(item);
        }

        bool ReadAll()
        {
            for (int i = 0; i < changes.Count; i++)
            {
                string location = Locate(i);
                BatchItem item = new BatchItem
                {
                    Uuid = changes[i].RequiredString("uuid", location),
                    Location = location,
                };
                try
                {
                    bases.TryGetValue(item.Uuid, out MeshComponent basis);
                    item.Change = Change.Read(changes[i], frame.Attachments, location, basis);
                    item.Prepared = prepare(item.Change);
                }
                catch (SyncException error)
                {
                    item.Error = error;
                }
                ready.Enqueue(item);
            }
            return true;
        }

        static string Locate(int i) => "changes[" + i.ToString(CultureInfo.InvariantCulture) + "]";
    }
}
