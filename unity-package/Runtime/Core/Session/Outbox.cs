using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>An intent that the daemon has not answered, exactly as it was first sent.</summary>
    public sealed class OutgoingIntent
    {
        readonly Task<byte[]> encoding;
        readonly HashSet<string> uuids = new HashSet<string>();

        public OutgoingIntent(string operationId, Task<byte[]> encoding, List<Change> changes)
        {
            OperationId = operationId;
            this.encoding = encoding;
            Changes = changes;
            foreach (Change change in changes) { uuids.Add(change.Uuid); }
        }

        public string OperationId { get; }

        /// <summary>Whether <see cref="Bytes"/> can be had without waiting.</summary>
        public bool Ready => encoding.IsCompleted;

        public byte[] Bytes => encoding.GetAwaiter().GetResult();

        public List<Change> Changes { get; }

        /// <summary>Whether it says something of an entity.</summary>
        public bool Names(string uuid) => uuids.Contains(uuid);

        /// <summary>Whether it went out on the present connection.</summary>
        public bool Sent { get; set; }

        /// <summary>
        /// Entities that a batch has overwritten since this was captured: the result must come again.
        /// </summary>
        public HashSet<string> Overwritten { get; } = new HashSet<string>();

        /// <summary>Seconds of the session's clock before which it is not to be sent.</summary>
        public double NotBefore { get; set; }
    }

    /// <summary>Intents waiting for their `ack`, in order. They outlive connections and domain reloads.</summary>
    public sealed class Outbox
    {
        readonly List<OutgoingIntent> intents = new List<OutgoingIntent>();

        public int Count => intents.Count;

        public IReadOnlyList<OutgoingIntent> Intents => intents;

        /// <summary>
        /// Freezes an intent. The same bytes, and so the same operation id, go out however often it is sent.
        /// </summary>
        /// <param name="wake">Called, from any thread, once it is encoded.</param>
        public OutgoingIntent Add(string projectId, long baseSeq, List<Change> changes, Action wake)
        {
            string operationId = Uuid.New();
            long size = 0;
            foreach (Change change in changes) { size += IntentPacking.Size(change); }
            OutgoingIntent intent = new OutgoingIntent(operationId, Background.Run(size > Background.WorthwhileBytes,
                () => Encode(operationId, projectId, baseSeq, changes), wake), changes);
            intents.Add(intent);
            return intent;
        }

        static byte[] Encode(string operationId, string projectId, long baseSeq, List<Change> changes)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue list = JsonValue.Array();
            foreach (Change change in changes) { list.Add(change.ToJson(attachments)); }
            JsonValue header = JsonValue.Object().With("type", "intent").With("operation_id", operationId)
                .With("project_id", projectId).With("schema_version", 1).With("base_seq", baseSeq)
                .With("label", IntentPacking.Label(changes)).With("changes", list);
            return new Frame(header, attachments).Encode();
        }

        /// <summary>Removes and returns the intent, or null when there is none of that id.</summary>
        public OutgoingIntent Take(string operationId)
        {
            int at = intents.FindIndex(intent => intent.OperationId == operationId);
            if (at < 0) { return null; }
            OutgoingIntent found = intents[at];
            intents.RemoveAt(at);
            return found;
        }

        /// <summary>
        /// Forgets all: another scene is open now, which does not hold what was said of the one before.
        /// </summary>
        public void Clear() => intents.Clear();

        /// <summary>Puts an intent back that was taken but must be sent again.</summary>
        public void PutBack(OutgoingIntent intent) => intents.Insert(0, intent);

        /// <summary>Notes that a batch has overwritten what unanswered intents say of an entity.</summary>
        public void NoteOverwritten(string uuid)
        {
            foreach (OutgoingIntent intent in intents)
            {
                if (intent.Names(uuid)) { intent.Overwritten.Add(uuid); }
            }
        }

        /// <summary>Whether the scene may hold less of an entity than its unanswered intents say.</summary>
        public bool IsOverwritten(string uuid) => intents.Exists(intent => intent.Overwritten.Contains(uuid));

        /// <summary>Marks all as unsent, because a new connection starts.</summary>
        public void Rewind()
        {
            foreach (OutgoingIntent intent in intents) { intent.Sent = false; }
        }

        /// <summary>
        /// All intents as text, one a line, each with the entities that a batch has overwritten since; those that would
        /// pass <paramref name="maxBytes"/> are left out.
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

        /// <summary>Reads what <see cref="Save"/> wrote; throws when it is damaged.</summary>
        public void Load(string text)
        {
            foreach (string line in text.Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = line.Split(' ');
                byte[] bytes = Convert.FromBase64String(parts[0]);
                List<Frame> frames = new List<Frame>();
                new FrameDecoder { HandshakeOver = true }.Push(bytes, 0, bytes.Length, frames);
                Frame frame = frames[0];
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
