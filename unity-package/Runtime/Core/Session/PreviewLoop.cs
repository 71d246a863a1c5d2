using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Sends and shows previews while the session is live, if daemon and editor agreed on the feature. Nothing of a
    /// preview is ever compared, read back or sent as a change.
    /// </summary>
    public sealed class PreviewLoop
    {
        readonly ISceneAdapter scene;
        readonly Capture capture;
        readonly PreviewReceiver receiver;
        readonly PreviewSender sender;

        /// <summary>The entities of the batches that are not answered.</summary>
        readonly HashSet<string> delivered = new HashSet<string>();

        /// <summary>Whether such a batch deletes something or changes a parent.</summary>
        bool isStructural;

        bool isOn;

        /// <param name="shown">Null in an editor without previews.</param>
        /// <param name="isIdle">Whether the connection writes the next message at once.</param>
        /// <param name="trySend">Sends a message; returns false if the connection does not take it.</param>
        public PreviewLoop(ISceneAdapter scene, ShownPreviews shown, Replica replica, Outbox outbox, Capture capture,
            Func<bool> isIdle, Func<Frame, bool> trySend)
        {
            this.scene = scene;
            this.capture = capture;
            receiver = new PreviewReceiver(scene, shown,
                uuid => delivered.Contains(uuid) || outbox.FindLastChangeOf(uuid) != null);
            sender = new PreviewSender(shown, replica, outbox, capture, isIdle, trySend);
        }

        /// <summary>Starts over on a new connection.</summary>
        /// <param name="isAgreed">Whether the daemon offers previews, and this editor has them.</param>
        public void Begin(bool isAgreed)
        {
            isOn = isAgreed;
            sender.Begin();
            Answered();
            capture.IsHeldBack = isOn ? sender.IsDragging : (Func<string, bool>)null;
        }

        /// <summary>Ends all previews with the connection.</summary>
        public void Stop()
        {
            if (isOn) { receiver.EndAll(); }
            Begin(false);
        }

        /// <summary>Accepts a message of the daemon; returns false if it is none about previews.</summary>
        public bool TryHandle(string type, Frame frame)
        {
            if (!isOn) { return false; }
            switch (type)
            {
                case "preview": receiver.Add(frame); return true;
                case "preview_end": receiver.End(PreviewMessages.ReadEnd(frame.Header)); return true;
                default: return false;
            }
        }

        /// <summary>
        /// Notes what an `apply` changes: it shows no preview until the batch is answered. A deletion or another parent
        /// moves objects that the batch does not name, so then none does.
        /// </summary>
        public void OnApply(JsonValue header)
        {
            if (!isOn) { return; }
            foreach (JsonValue change in header.Required("changes", "").AsArray("changes"))
            {
                delivered.Add(change.RequiredString("uuid", "changes"));
                isStructural |= change.RequiredString("op", "changes") == "delete"
                    || change.Find("components")?.Find("parent") != null;
            }
        }

        /// <summary>Handles the `ack` of an intent.</summary>
        public void OnAck(JsonValue header)
        {
            string status = header.RequiredString("status", "");
            if (status == "waiting") { return; }
            sender.OnAnswer(header.RequiredString("operation_id", ""), status != "refused" && status != "unchanged");
        }

        /// <summary>Shows and sends. Comes before the user's changes are captured and batches are applied.</summary>
        /// <param name="isCalling">Whether a call of an add-on is under way, which compares the whole scene.</param>
        public void Run(double now, bool isCalling)
        {
            if (!isOn) { return; }
            bool isAble = EditorStates.CanCapture(scene.EditorState);
            if (isAble && !isCalling && !isStructural) { receiver.Run(now); }
            else { receiver.EndAll(); }
            if (isAble) { sender.Run(now); }
        }

        /// <summary>Ends what is over. Comes last in a tick.</summary>
        /// <param name="hasBatch">Whether a batch waits or is under way.</param>
        public void Finish(bool hasBatch)
        {
            if (!isOn) { return; }
            if (!hasBatch) { Answered(); }
            sender.Finish();
        }

        void Answered()
        {
            delivered.Clear();
            isStructural = false;
        }
    }
}
