using System;
using System.Collections.Generic;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Sends what the user is dragging: the selected objects that are not where the daemon has them. Their durable change
    /// waits until the user lets go.
    /// </summary>
    public sealed class PreviewSender
    {
        const double MessagesPerSecond = 60;

        /// <summary>Seconds after which all values are sent again; the receiver shows a value for one second.</summary>
        const double RepeatSeconds = 0.4;

        /// <summary>Seconds without a move after which a held object's change is sent for good.</summary>
        const double RestSeconds = 5;

        sealed class Drag
        {
            /// <summary>The place of an object.</summary>
            public NativeTransform Place;

            /// <summary>The value of a light, camera or material; null for an object.</summary>
            public Entity Value;
            public bool HasMoved;
            public bool IsUnsent;
            public double MovedAt;
        }

        readonly ShownPreviews shown;
        readonly Replica replica;
        readonly Outbox outbox;
        readonly Capture capture;
        readonly Func<bool> isIdle;
        readonly Func<Frame, bool> trySend;
        readonly Dictionary<string, Drag> drags = new Dictionary<string, Drag>();

        /// <summary>Objects that were let go, until their change is in the outbox or is none.</summary>
        readonly HashSet<string> released = new HashSet<string>();

        /// <summary>The operation whose answer decides on the last preview of an object.</summary>
        readonly Dictionary<string, string> undecided = new Dictionary<string, string>();

        double now;
        double sentAt;
        double repeatedAt;
        long seq;

        /// <param name="isIdle">Whether the connection writes the next message at once.</param>
        /// <param name="trySend">Sends a message; returns false if the connection does not take it.</param>
        public PreviewSender(ShownPreviews shown, Replica replica, Outbox outbox, Capture capture, Func<bool> isIdle,
            Func<Frame, bool> trySend)
        {
            this.shown = shown;
            this.replica = replica;
            this.outbox = outbox;
            this.capture = capture;
            this.isIdle = isIdle;
            this.trySend = trySend;
        }

        /// <summary>Returns whether the object's change waits, because the user still drags it.</summary>
        public bool IsDragging(string uuid) =>
            drags.TryGetValue(uuid, out Drag drag) && drag.HasMoved && now - drag.MovedAt < RestSeconds;

        /// <summary>Starts over on a new connection.</summary>
        public void Begin()
        {
            drags.Clear();
            released.Clear();
            undecided.Clear();
            seq = 0;
            sentAt = repeatedAt = double.NegativeInfinity;
        }

        /// <summary>Sends what moved since the last time. Comes before the user's changes are captured.</summary>
        public void Run(double time)
        {
            now = time;
            if (!shown.Scene.IsHolding)
            {
                Release();
                return;
            }
            foreach (string uuid in shown.Scene.Selected) { Look(uuid); }
            Send();
        }

        /// <summary>Ends the previews of objects of which no change follows. Comes after the capture.</summary>
        public void Finish()
        {
            List<string> ended = new List<string>();
            foreach (string uuid in new List<string>(released))
            {
                string operation = outbox.FindLastChangeOf(uuid)?.OperationId;
                if (operation != null) { undecided[uuid] = operation; }
                else if (IsUnsent(ReadSettled(uuid))) { continue; }
                else { ended.Add(uuid); }
                released.Remove(uuid);
            }
            End(ended);
        }

        /// <summary>Ends the previews whose durable change the daemon did not make.</summary>
        /// <param name="isMade">Whether the daemon accepted the operation, and something is different by it.</param>
        public void OnAnswer(string operationId, bool isMade)
        {
            List<string> ended = new List<string>();
            foreach (KeyValuePair<string, string> one in undecided)
            {
                if (one.Value == operationId) { ended.Add(one.Key); }
            }
            foreach (string uuid in ended) { undecided.Remove(uuid); }
            ended.RemoveAll(drags.ContainsKey);
            if (!isMade) { End(ended); }
        }

        void Look(string uuid)
        {
            if (shown.Contains(uuid) || !replica.IsKnown(uuid)) { return; }
            Entity value = null;
            if (!shown.Scene.TryRead(uuid, out NativeTransform place) && (value = shown.Scene.ReadValue(uuid)) == null) { return; }
            if (!drags.TryGetValue(uuid, out Drag drag)) { drags[uuid] = drag = new Drag(); }
            else if (value == null ? drag.Place.IsSame(place) : IsSame(drag.Value, value)) { return; }
            (drag.Place, drag.Value) = (place, value);
            drag.HasMoved |= IsUnsent(value ?? Compose(uuid, shown.Settle(uuid, place)));
            if (!drag.HasMoved) { return; }
            drag.IsUnsent = true;
            drag.MovedAt = now;
            released.Remove(uuid);
        }

        /// <summary>Reads a value without its preview; returns null if the scene has no such entity.</summary>
        Entity ReadSettled(string uuid) => shown.Scene.TryRead(uuid, out NativeTransform place)
            ? Compose(uuid, shown.Settle(uuid, place)) : shown.Scene.ReadValue(uuid);

        static Entity Compose(string uuid, in NativeTransform place)
        {
            Entity value = new Entity(uuid, Kinds.Object);
            value.Set(place.ToComponent());
            return value;
        }

        /// <summary>Returns whether two values of one entity are the same.</summary>
        static bool IsSame(Entity a, Entity b)
        {
            foreach (Component component in a.Components.Values)
            {
                if (b.Find<Component>(component.Key)?.Digest() != component.Digest()) { return false; }
            }
            return true;
        }

        /// <summary>Returns whether a value differs from what the daemon has, or is about to have.</summary>
        bool IsUnsent(Entity value)
        {
            if (value == null) { return false; }
            SyncRecord record = replica.Find(value.Uuid);
            foreach (Component component in value.Components.Values)
            {
                bool isKnown = record != null && record.Digests.TryGetValue(component.Key, out ulong digest)
                    && digest == component.Digest();
                if (!isKnown) { return true; }
            }
            return false;
        }

        void Send()
        {
            bool isRepeated = now - repeatedAt >= RepeatSeconds;
            List<Entity> values = new List<Entity>();
            int moved = 0;
            foreach (KeyValuePair<string, Drag> one in drags)
            {
                moved += one.Value.HasMoved ? 1 : 0;
                if (one.Value.IsUnsent || (isRepeated && one.Value.HasMoved))
                {
                    values.Add(one.Value.Value ?? Compose(one.Key, one.Value.Place));
                }
            }
            // Many objects take several messages, which the daemon counts.
            double messages = Math.Ceiling(moved / (double)PreviewMessages.MaxEntities);
            if (values.Count == 0 || now - sentAt < messages / MessagesPerSecond || !isIdle()) { return; }
            sentAt = now;
            if (isRepeated) { repeatedAt = now; }
            for (int at = 0; at < values.Count; at += PreviewMessages.MaxEntities)
            {
                List<Entity> part = values.GetRange(at, Math.Min(PreviewMessages.MaxEntities, values.Count - at));
                if (!trySend(PreviewMessages.Preview(seq + 1, part))) { return; }
                seq++;
                foreach (Entity value in part) { drags[value.Uuid].IsUnsent = false; }
            }
        }

        void Release()
        {
            foreach (KeyValuePair<string, Drag> one in drags)
            {
                if (!one.Value.HasMoved) { continue; }
                // Its marks were passed over.
                capture.MarkDirty(one.Key);
                released.Add(one.Key);
            }
            drags.Clear();
        }

        void End(List<string> uuids)
        {
            for (int at = 0; at < uuids.Count; at += PreviewMessages.MaxEntities)
            {
                // If the connection does not take it, the receiver ends the preview by itself after a second.
                trySend(PreviewMessages.End(uuids.GetRange(at, Math.Min(PreviewMessages.MaxEntities, uuids.Count - at))));
            }
        }
    }
}
