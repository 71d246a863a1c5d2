using System;
using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>What the daemon's answers mean for the shadow, the outbox and the scene's records.</summary>
    public sealed class Answers
    {
        const double QueueFullSeconds = 0.5;

        readonly ISceneAdapter scene;
        readonly Shadow shadow;
        readonly Outbox outbox;
        readonly Capture capture;
        readonly HashSet<string> retried = new HashSet<string>();
        Queue<string> stock;

        public Answers(ISceneAdapter scene, Shadow shadow, Outbox outbox, Capture capture)
        {
            this.scene = scene;
            this.shadow = shadow;
            this.outbox = outbox;
            this.capture = capture;
        }

        /// <summary>The sentence of an error or notice: code, message and help.</summary>
        public static string Sentence(JsonValue body)
        {
            string help = body.Find("help")?.AsString("help") ?? "";
            return body.RequiredString("code", "") + ": " + body.RequiredString("message", "")
                + (help.Length == 0 ? "" : " " + help);
        }

        public SyncException ReadError(JsonValue body)
        {
            return new SyncException(body.RequiredString("code", ""), body.RequiredString("message", ""),
                body.Find("place")?.AsString("place") ?? "");
        }

        /// <summary>Starts over on a new connection.</summary>
        public void Begin() => stock = null;

        /// <summary>
        /// Fills the shadow from the scene's records, as far as the time allows; true when all are there.
        /// </summary>
        public bool TakeStock(Budget budget)
        {
            if (stock == null) { stock = new Queue<string>(scene.Uuids); }
            while (stock.Count > 0 && !budget.Spent)
            {
                string uuid = stock.Dequeue();
                if (!shadow.Knows(uuid)) { shadow.Adopt(uuid, scene.LoadRecord(uuid)); }
            }
            if (stock.Count > 0) { return false; }
            stock = null;
            return true;
        }

        /// <summary>
        /// What the scene holds, with versions; what it deleted without an answer counts as held, because the daemon
        /// would send it again otherwise.
        /// </summary>
        public List<KeyValuePair<string, long>> Inventory()
        {
            List<KeyValuePair<string, long>> entities = new List<KeyValuePair<string, long>>();
            foreach (string uuid in scene.Uuids)
            {
                long version = outbox.IsOverwritten(uuid) ? 0 : shadow.VersionOf(uuid);
                entities.Add(new KeyValuePair<string, long>(uuid, version));
            }
            foreach (string uuid in shadow.Uuids)
            {
                if (!scene.Holds(uuid))
                {
                    entities.Add(new KeyValuePair<string, long>(uuid, shadow.VersionOf(uuid)));
                }
            }
            foreach (KeyValuePair<string, long> deleted in shadow.Deleting)
            {
                if (!scene.Holds(deleted.Key)) { entities.Add(deleted); }
            }
            return entities;
        }

        public void OnOutcome(JsonValue header, SessionStatus status)
        {
            JsonValue error = header.Find("error");
            if (error != null && !error.IsNull) { status.LastError = ReadError(error); }
        }

        /// <summary>Takes an `ack`; returns the sequence up to which the scene is as new as the daemon, or 0.</summary>
        public long OnAck(JsonValue header, double now, SessionStatus status)
        {
            OutgoingIntent intent = outbox.Take(header.RequiredString("operation_id", ""));
            if (intent == null) { return 0; }
            long seq = header.RequiredInteger("seq", "");
            string answer = header.RequiredString("status", "");
            if (answer == "refused")
            {
                OnRefused(intent, ReadError(header.Required("error", "")), now, status);
                return 0;
            }
            status.HeadSeq = Math.Max(status.HeadSeq, seq);
            HashSet<string> behind = ReadBehind(header);
            foreach (Change change in intent.Changes)
            {
                // Something older is on its way to this editor; the result comes after it, with its version.
                if (behind.Contains(change.Uuid)) { shadow.Doubt(change.Uuid, seq); }
                else { Acknowledge(change, seq, intent.Overwritten.Contains(change.Uuid)); }
            }
            return behind.Count == 0 ? seq : 0;
        }

        static HashSet<string> ReadBehind(JsonValue header)
        {
            HashSet<string> behind = new HashSet<string>();
            JsonValue list = header.Find("behind");
            if (list == null) { return behind; }
            foreach (JsonValue uuid in list.AsArray("behind")) { behind.Add(uuid.AsString("behind")); }
            return behind;
        }

        void Acknowledge(Change change, long seq, bool overwritten)
        {
            if (change.Op == ChangeOp.Delete)
            {
                if (!shadow.Knows(change.Uuid)) { shadow.Bury(change.Uuid, seq); }
                return;
            }
            SyncRecord record = scene.LoadRecord(change.Uuid);
            SyncRecord entry = shadow.Find(change.Uuid);
            long version = Math.Max(seq, Math.Max(record?.Version ?? 0, entry?.Version ?? 0));
            if (entry != null) { entry.Version = version; }
            shadow.DeletedSince(change.Uuid, seq);
            if (record == null) { return; }
            record.Version = version;
            // Where a batch covered the change, the record already says what the scene holds since.
            if (!overwritten) { Shadow.Note(record, change.Content); }
            scene.SaveRecord(change.Uuid, record);
        }

        void OnRefused(OutgoingIntent intent, SyncException error, double now, SessionStatus status)
        {
            if (error.Code == ErrorCode.QueueFull)
            {
                intent.Sent = false;
                intent.NotBefore = now + QueueFullSeconds;
                outbox.PutBack(intent);
                return;
            }
            status.LastError = error;
            foreach (Change change in intent.Changes) { shadow.Doubt(change.Uuid); }
            int culprit = CulpritOf(error.Place);
            for (int i = 0; i < intent.Changes.Count; i++)
            {
                if (culprit < 0 || i == culprit) { Mend(intent.Changes[i], error.Code, error.Place); }
                else { SendAgain(intent.Changes[i]); }
            }
        }

        /// <summary>
        /// The change that was refused itself. What can be mended is, once; anything else stays as it is until the user
        /// changes it again, because the same would only be refused again.
        /// </summary>
        void Mend(Change change, string code, string place)
        {
            if (!retried.Add(code + change.Uuid)) { return; }
            if (code == ErrorCode.Tombstoned && change.Op != ChangeOp.Delete)
            {
                shadow.Forget(change.Uuid);
                if (scene.Renew(change.Uuid) != null) { capture.MarkAll(); }
            }
            else if (code == ErrorCode.UuidUnknown && change.Op != ChangeOp.Delete)
            {
                // It, or what it refers to, was refused before: all of it goes out again, what it needs first.
                foreach (string key in new[] { "parent", "data" })
                {
                    string needed = change.Content.Find<ReferenceComponent>(key)?.Uuid;
                    if (needed != null && place.Contains("." + key + ".")) { shadow.Forget(needed); }
                }
                shadow.Forget(change.Uuid);
                capture.MarkDirty(change.Uuid);
            }
        }

        /// <summary>A change that was refused only because it traveled with another one.</summary>
        void SendAgain(Change change)
        {
            if (change.Op == ChangeOp.Delete)
            {
                shadow.Undelete(change.Uuid);
                capture.MarkAll();
                return;
            }
            shadow.Forget(change.Uuid);
            shadow.Adopt(change.Uuid, scene.LoadRecord(change.Uuid));
            capture.MarkDirty(change.Uuid);
        }

        /// <summary>The number in a place such as <c>changes[3].components</c>, or -1.</summary>
        static int CulpritOf(string place)
        {
            const string Start = "changes[";
            int end = place.IndexOf(']');
            bool found = place.StartsWith(Start, StringComparison.Ordinal) && end > 0;
            return found && int.TryParse(place.Substring(Start.Length, end - Start.Length), NumberStyles.None,
                CultureInfo.InvariantCulture, out int index) ? index : -1;
        }
    }
}
