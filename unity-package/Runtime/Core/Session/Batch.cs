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
    /// <summary>A change of a batch, on its way from the message to the answer.</summary>
    public sealed class BatchItem
    {
        public string Uuid;

        /// <summary>Where in the message it is.</summary>
        public string Place;

        /// <summary>Null when the message's change could not be read; <see cref="Error"/> says why.</summary>
        public Change Change;

        /// <summary>What <see cref="ISceneAdapter.Prepare"/> made of the change.</summary>
        public object Prepared;

        public SyncException Error;

        /// <summary>Read back after the whole batch was applied; null when the entity does not exist then.</summary>
        public Sample ReadBack;

        /// <summary>The converted <see cref="ReadBack"/>.</summary>
        public Entity State;
    }

    /// <summary>An `apply` message whose changes are read and checked one after the other, ahead of the editor.</summary>
    public sealed class Batch
    {
        readonly ConcurrentQueue<BatchItem> ready = new ConcurrentQueue<BatchItem>();
        readonly Frame frame;
        readonly List<JsonValue> changes;
        readonly Func<Change, object> prepare;
        readonly Task reading;

        /// <param name="prepare">See <see cref="ISceneAdapter.Prepare"/>.</param>
        public Batch(Frame frame, Func<Change, object> prepare, Action wake)
        {
            this.frame = frame;
            this.prepare = prepare;
            Id = frame.Header.RequiredString("batch_id", "");
            Label = frame.Header.RequiredString("label", "");
            AllOrNothing = frame.Header.RequiredString("reason", "") == "change";
            HeadSeq = frame.Header.RequiredInteger("head_seq", "");
            changes = frame.Header.Required("changes", "").AsArray("changes");
            for (int i = 0; i < changes.Count; i++)
            {
                string uuid = Uuid.Check(changes[i].RequiredString("uuid", Place(i)), Place(i) + ".uuid");
                if (changes[i].RequiredString("op", Place(i)) == "delete") { Deleted.Add(uuid); }
            }
            long bytes = 0;
            foreach (byte[] attachment in frame.Attachments) { bytes += attachment.Length; }
            bool large = bytes > Background.WorthwhileBytes || changes.Count > Background.WorthwhileEntities;
            reading = Background.Run(large, ReadAll, wake);
        }

        public string Id { get; }

        public string Label { get; }

        public long HeadSeq { get; }

        /// <summary>
        /// Whether it brings what somebody did just now. Else it says how things are already, each entity for itself.
        /// </summary>
        public bool AllOrNothing { get; }

        public int Count => changes.Count;

        /// <summary>The uuids of what the batch deletes.</summary>
        public HashSet<string> Deleted { get; } = new HashSet<string>();

        /// <summary>What was taken so far, in order.</summary>
        public List<BatchItem> Items { get; } = new List<BatchItem>();

        /// <summary>The next change, if it has been read.</summary>
        public bool TryPeek(out BatchItem item)
        {
            if (ready.TryPeek(out item)) { return true; }
            // Whatever went wrong there must not look like a batch that takes its time.
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
                string place = Place(i);
                BatchItem item = new BatchItem { Uuid = changes[i].RequiredString("uuid", place), Place = place };
                try
                {
                    item.Change = Change.Read(changes[i], frame.Attachments, place);
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

        static string Place(int i) => "changes[" + i.ToString(CultureInfo.InvariantCulture) + "]";
    }
}
