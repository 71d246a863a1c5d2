using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>Holds the unacknowledged intents, in order. They outlive connections and domain reloads.</summary>
    public sealed class Outbox
    {
        readonly List<OutgoingIntent> intents = new List<OutgoingIntent>();

        public int Count => intents.Count;

        public IReadOnlyList<OutgoingIntent> Intents => intents;

        /// <summary>
        /// Freezes an intent. Each attempt to send it uses the same bytes, and so the same operation id.
        /// </summary>
        /// <param name="wake">Called, from any thread, once the intent is encoded.</param>
        /// <param name="requestId">The call that made the changes; null for the user's own.</param>
        /// <param name="label">Null to make one.</param>
        public OutgoingIntent Add(string projectId, long baseSeq, List<Change> changes, Action wake,
            string requestId = null, string label = null)
        {
            string operationId = Uuid.New();
            long size = 0;
            foreach (Change change in changes) { size += IntentPacking.EstimateSize(change); }
            OutgoingIntent intent = new OutgoingIntent(operationId, Background.Run(size > Background.MinBytes,
                () => Encode(operationId, projectId, baseSeq, changes, requestId, label), wake), changes);
            intents.Add(intent);
            return intent;
        }

        static byte[] Encode(string operationId, string projectId, long baseSeq, List<Change> changes,
            string requestId, string label)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue list = JsonValue.Array();
            foreach (Change change in changes) { list.Add(change.ToJson(attachments)); }
            JsonValue header = JsonValue.Object().With("type", "intent").With("operation_id", operationId)
                .With("project_id", projectId).With("schema_version", 1).With("base_seq", baseSeq)
                .With("label", label ?? IntentPacking.MakeLabel(changes)).With("changes", list);
            if (requestId != null) { header.With("request_id", requestId); }
            return new Frame(header, attachments).Encode();
        }

        /// <summary>Removes and returns the intent, or null if the outbox has none of that id.</summary>
        public OutgoingIntent Take(string operationId)
        {
            OutgoingIntent found = Find(operationId);
            intents.Remove(found);
            return found;
        }

        /// <summary>Removes all intents, because another scene is open now that does not hold their changes.</summary>
        public void Clear() => intents.Clear();

        /// <summary>Returns the intent, or null if the outbox has none of that id.</summary>
        public OutgoingIntent Find(string operationId) => intents.Find(intent => intent.OperationId == operationId);

        /// <summary>Records that a batch overwrote an entity that unacknowledged intents change.</summary>
        public void MarkOverwritten(string uuid)
        {
            foreach (OutgoingIntent intent in intents)
            {
                if (intent.HasChangeOf(uuid)) { intent.Overwritten.Add(uuid); }
            }
        }

        /// <summary>Lowers the base of all intents, because the daemon's log lost the records after it.</summary>
        public void LimitBaseSeq(long seq)
        {
            foreach (OutgoingIntent intent in intents) { intent.LimitBaseSeq(seq); }
        }

        /// <summary>Returns whether an unacknowledged intent creates the entity.</summary>
        public bool HasCreateOf(string uuid)
        {
            return intents.Exists(intent => intent.HasChangeOf(uuid)
                && intent.Changes.Exists(change => change.Uuid == uuid && change.Op == ChangeOp.Create));
        }

        /// <summary>Returns the newest intent that changes the entity, or null.</summary>
        public OutgoingIntent FindLastChangeOf(string uuid) => intents.FindLast(intent => intent.HasChangeOf(uuid));

        /// <summary>Returns whether a batch overwrote an entity that unacknowledged intents change.</summary>
        public bool IsOverwritten(string uuid) => intents.Exists(intent => intent.Overwritten.Contains(uuid));

        /// <summary>Marks all intents as unsent, because a new connection starts.</summary>
        public void MarkAllUnsent()
        {
            foreach (OutgoingIntent intent in intents) { intent.IsSent = false; }
        }

        /// <summary>
        /// Writes one line for each intent: its bytes in base64, then the uuids that a batch overwrote. Stops before
        /// the text exceeds <paramref name="maxBytes"/>.
        /// </summary>
        public string Save(int maxBytes)
        {
            StringBuilder text = new StringBuilder();
            foreach (OutgoingIntent intent in intents)
            {
                if (text.Length + intent.Bytes.Length * 4L / 3 > maxBytes) { break; }
                text.Append(Convert.ToBase64String(intent.Bytes));
                foreach (string uuid in intent.Overwritten) { text.Append(' ').Append(uuid); }
                text.Append('\n');
            }
            return text.ToString();
        }

        /// <summary>Reads the text that <see cref="Save"/> wrote; throws if it is damaged.</summary>
        public void Load(string text)
        {
            foreach (string line in text.Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = line.Split(' ');
                byte[] bytes = Convert.FromBase64String(parts[0]);
                Frame frame = OutgoingIntent.Decode(bytes);
                List<Change> changes = new List<Change>();
                foreach (JsonValue change in frame.Header.Required("changes", "").AsArray("changes"))
                {
                    changes.Add(Change.Read(change, frame.Attachments, "changes"));
                }
                OutgoingIntent intent = new OutgoingIntent(frame.Header.RequiredString("operation_id", ""),
                    Task.FromResult(bytes), changes);
                for (int i = 1; i < parts.Length; i++) { intent.Overwritten.Add(parts[i]); }
                intents.Add(intent);
            }
        }
    }
}
