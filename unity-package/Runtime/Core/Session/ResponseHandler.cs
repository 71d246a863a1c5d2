using System;
using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Applies the daemon's `ack` and `outcome` messages to the replica, the outbox and the scene's records.
    /// </summary>
    public sealed class ResponseHandler
    {
        const double QueueFullSeconds = 0.5;

        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly Outbox outbox;
        readonly Capture capture;
        readonly HashSet<string> repaired = new HashSet<string>();
        readonly HashSet<string> stuck = new HashSet<string>();
        int accepted;
        int news;

        public ResponseHandler(ISceneAdapter scene, Replica replica, Outbox outbox, Capture capture)
        {
            this.scene = scene;
            this.replica = replica;
            this.outbox = outbox;
            this.capture = capture;
        }

        public void OnOutcome(JsonValue header, SessionStatus status)
        {
            JsonValue error = header.Find("error");
            if (error != null && !error.IsNull) { status.LastError = WireError.Read(error); }
        }

        /// <summary>Handles an `ack`; returns the sequence up to which the scene is current, or 0.</summary>
        public long OnAck(JsonValue header, double now, SessionStatus status)
        {
            OutgoingIntent intent = outbox.Find(header.RequiredString("operation_id", ""));
            if (intent == null) { return 0; }
            long seq = header.RequiredInteger("seq", "");
            SyncException refusal = header.RequiredString("status", "") == "refused"
                ? WireError.Read(header.Required("error", "")) : null;
            if (refusal?.Code == ErrorCode.QueueFull)
            {
                // It keeps its place: a later change of the same entity must not be sent before it.
                intent.IsSent = false;
                intent.NotBefore = now + QueueFullSeconds;
                return 0;
            }
            outbox.Take(intent.OperationId);
            if (refusal != null)
            {
                OnRefused(intent, refusal, status);
                return 0;
            }
            accepted++;
            status.HeadSeq = Math.Max(status.HeadSeq, seq);
            HashSet<string> behind = ReadBehind(header);
            foreach (Change change in intent.Changes)
            {
                replica.MarkKnown(change.Uuid);
                // An older batch is on its way to this editor; the result follows it and brings its version.
                if (behind.Contains(change.Uuid)) { replica.Invalidate(change.Uuid, seq); }
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

        void Acknowledge(Change change, long seq, bool isOverwritten)
        {
            if (change.Op == ChangeOp.Delete)
            {
                if (replica.Contains(change.Uuid)) { return; }
                replica.Tombstone(change.Uuid, seq);
                scene.Registry.Tombstone(change.Uuid, seq);
                return;
            }
            SyncRecord record = scene.Contains(change.Uuid) ? scene.Registry.Load(change.Uuid) : null;
            SyncRecord entry = replica.Find(change.Uuid);
            long version = Math.Max(seq, Math.Max(record?.Version ?? 0, entry?.Version ?? 0));
            if (entry != null) { entry.Version = version; }
            replica.RaiseDeleteVersion(change.Uuid, seq);
            if (record == null) { return; }
            record.Version = version;
            // After a batch overwrote the change, the record already holds the digests of that batch.
            if (!isOverwritten) { record.SetDigests(change.Content); }
            scene.Registry.Save(change.Uuid, record);
            scene.OnConfirmed(change.Uuid);
        }

        void OnRefused(OutgoingIntent intent, SyncException error, SessionStatus status)
        {
            status.LastError = error;
            foreach (Change change in intent.Changes)
            {
                replica.Invalidate(change.Uuid);
                if (change.Op == ChangeOp.Create) { replica.MarkRefused(change.Uuid); }
            }
            int culprit = FindRefusedIndex(error.Location);
            for (int i = 0; i < intent.Changes.Count; i++)
            {
                if (culprit < 0 || i == culprit) { Repair(intent.Changes[i], error.Code, error.Location, status); }
                else { Resend(intent.Changes[i]); }
            }
        }

        /// <summary>
        /// Sends the stuck entities again once all intents are answered, if an intent was accepted or a batch applied
        /// since: the entities that they refer to may exist now.
        /// </summary>
        public void ResendStuck(SessionStatus status)
        {
            if (stuck.Count == 0 || outbox.Count > 0 || news == accepted + status.Applied) { return; }
            foreach (string uuid in stuck)
            {
                replica.MarkUnknown(uuid);
                capture.MarkDirty(uuid);
            }
            stuck.Clear();
        }

        /// <summary>
        /// Repairs the refused change, once per code and entity. After that the daemon would only refuse it again. So
        /// it waits until the user edits the entity, or until the entity that it refers to may exist.
        /// </summary>
        void Repair(Change change, string code, string location, SessionStatus status)
        {
            bool isUnknown = code == ErrorCode.UuidUnknown && change.Op != ChangeOp.Delete;
            string[] referring = isUnknown ? FindRefused(change, location) : new string[0];
            if (isUnknown && referring.Length == 0)
            {
                // The daemon does not know the entity itself, and cannot refuse its create for that reason.
                if (outbox.HasCreateOf(change.Uuid)) { return; }
                replica.MarkUnknown(change.Uuid);
                capture.MarkDirty(change.Uuid);
                return;
            }
            if (!repaired.Add(code + change.Uuid))
            {
                if (!isUnknown) { return; }
                stuck.Add(change.Uuid);
                news = accepted + status.Applied;
                return;
            }
            if (code == ErrorCode.Tombstoned && change.Op != ChangeOp.Delete)
            {
                replica.MarkUnknown(change.Uuid);
                if (scene.RenewUuid(change.Uuid) != null) { capture.MarkAllDirty(); }
            }
            else if (isUnknown)
            {
                // An earlier intent with the target was refused: capture sends both as new.
                foreach (string target in referring) { replica.MarkUnknown(target); }
                replica.MarkUnknown(change.Uuid);
                capture.MarkDirty(change.Uuid);
            }
        }

        /// <summary>Returns the targets of the references at this location.</summary>
        static string[] FindRefused(Change change, string location)
        {
            List<string> targets = new List<string>();
            foreach (Component component in change.Content.Components.Values)
            {
                if (!location.Contains("." + component.Key + ".")) { continue; }
                foreach (string target in component.References)
                {
                    if (target != null) { targets.Add(target); }
                }
            }
            return targets.ToArray();
        }

        /// <summary>Has capture send a change again that was refused only with another change of its intent.</summary>
        void Resend(Change change)
        {
            if (change.Op == ChangeOp.Delete)
            {
                replica.ForgetSent(change, null);
                capture.MarkAllDirty();
                return;
            }
            replica.ForgetSent(change, scene.Registry.Load(change.Uuid));
            capture.MarkDirty(change.Uuid);
        }

        /// <summary>Returns the index in a location such as <c>changes[3].components</c>, or -1.</summary>
        static int FindRefusedIndex(string location)
        {
            const string Start = "changes[";
            int end = location.IndexOf(']');
            bool hasIndex = location.StartsWith(Start, StringComparison.Ordinal) && end > 0;
            return hasIndex && int.TryParse(location.Substring(Start.Length, end - Start.Length), NumberStyles.None,
                CultureInfo.InvariantCulture, out int index) ? index : -1;
        }
    }
}
