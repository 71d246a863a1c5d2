using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// What goes back and forth while the session lives: the user's changes out, the daemon's batches in. A person's
    /// change of an entity always goes out before a batch covers it.
    /// </summary>
    public sealed class Exchange
    {
        const int IntentsInFlight = 4;

        /// <summary>With fewer marks than this the user's changes go out whole before a batch begins.</summary>
        const int FewMarks = 400;

        readonly ISceneAdapter scene;
        readonly Outbox outbox;
        readonly Capture capture;
        readonly Applier applier;
        readonly SessionStatus status;
        readonly Action<byte[]> send;
        readonly Action wake;
        string projectId;
        Frame arrived;
        string deferredState;

        /// <param name="send">Sends a frame's bytes.</param>
        /// <param name="wake">Asks for a tick, from any thread.</param>
        public Exchange(ISceneAdapter scene, Outbox outbox, Capture capture, Applier applier, SessionStatus status,
            Action<byte[]> send, Action wake)
        {
            this.scene = scene;
            this.outbox = outbox;
            this.capture = capture;
            this.applier = applier;
            this.status = status;
            this.send = send;
            this.wake = wake;
        }

        /// <summary>Sequences count within one project: those of another one are forgotten.</summary>
        public void Serve(string project)
        {
            if (project == projectId) { return; }
            projectId = project;
            status.HeadSeq = 0;
        }

        /// <summary>The scene is as new as the daemon up to there.</summary>
        public void CaughtUp(long seq)
        {
            if (seq > scene.BaseSeq) { scene.BaseSeq = seq; }
        }

        /// <summary>Starts over on a new connection.</summary>
        public void Begin()
        {
            outbox.Rewind();
            capture.MarkAll();
        }

        /// <summary>Ends with the connection.</summary>
        public void End()
        {
            arrived = null;
            status.Task = "";
            if (applier.Batch == null) { return; }
            applier.Cut();
            // At once, before the user changes it. In play mode the scene is not the user's: it is read when it is again,
            // which is before the next inventory.
            if (EditorStates.CanCapture(scene.EditorState)) { applier.ReadBack(Budget.Unlimited); }
        }

        /// <summary>Goes on with a batch of the connection before; true when there is none.</summary>
        public bool Settle(Budget budget)
        {
            if (applier.Batch != null && EditorStates.CanCapture(scene.EditorState)) { applier.Work(budget, null); }
            return applier.Batch == null;
        }

        /// <summary>Takes an `apply`.</summary>
        public void OnApply(Frame frame)
        {
            if (frame.Header.RequiredString("project_id", "") != projectId)
            {
                throw new SyncException(ErrorCode.OtherProject, "a batch of another project", "project_id");
            }
            if (frame.Header.RequiredInteger("schema_version", "") != Messages.Version)
            {
                throw new SyncException(ErrorCode.VersionUnsupported, "a batch of another version", "schema_version");
            }
            arrived = frame;
            deferredState = null;
        }

        public void Work(double now, Budget budget)
        {
            string state = scene.EditorState;
            bool applies = EditorStates.CanApply(state) && (arrived != null || applier.Batch != null);
            if (EditorStates.CanCapture(state)) { SendChanges(now, budget, applies); }
            if (applies) { Apply(budget); }
            else if (arrived != null || applier.Batch != null) { Defer(state); }
            // There is more: the editor need not wait for its next regular tick.
            if (budget.Spent) { wake(); }
            Report();
        }

        void SendChanges(double now, Budget budget, bool applies)
        {
            if (applier.Batch != null) { capture.Watch(); }
            else if (applies && capture.Waiting <= FewMarks) { Put(capture.Take(Budget.Unlimited)); }
            else if (outbox.Count < IntentsInFlight) { Put(capture.Take(budget)); }
            foreach (OutgoingIntent intent in outbox.Intents)
            {
                if (intent.Sent || now < intent.NotBefore) { continue; }
                // Their order is that of what the user did.
                if (!intent.Ready) { break; }
                intent.Sent = true;
                send(intent.Bytes);
            }
        }

        void Put(List<Change> changes)
        {
            foreach (List<Change> group in IntentPacking.Pack(changes))
            {
                outbox.Add(projectId, scene.BaseSeq, group, wake);
                status.Sent++;
            }
        }

        void Apply(Budget budget)
        {
            if (applier.Batch == null)
            {
                applier.Begin(arrived);
                arrived = null;
            }
            Batch batch = applier.Batch;
            byte[] answer = applier.Work(budget, TakeBefore);
            if (answer == null) { return; }
            send(answer);
            status.HeadSeq = Math.Max(status.HeadSeq, batch.HeadSeq);
            CaughtUp(batch.HeadSeq);
            status.Applied++;
            status.Received += batch.Count;
        }

        bool TakeBefore(string uuid)
        {
            List<Change> mine = capture.TakeOne(uuid);
            if (mine == null) { return false; }
            Put(mine);
            return true;
        }

        void Defer(string state)
        {
            if (deferredState == state) { return; }
            deferredState = state;
            string batch = arrived != null ? arrived.Header.RequiredString("batch_id", "") : applier.Batch.Id;
            send(Messages.Deferred(batch, state).Encode());
        }

        void Report()
        {
            Batch batch = applier.Batch;
            int whole = Math.Max(status.Owed, status.Received + (batch?.Count ?? 0));
            if (batch != null && whole > 0)
            {
                status.Task = "receiving " + whole + (whole == 1 ? " change" : " changes");
                status.Progress = (status.Received + applier.Progress * batch.Count) / whole;
                return;
            }
            status.Task = capture.Waiting > 0 ? "comparing " + capture.Waiting + " entities" : "";
            status.Progress = capture.Waiting > 0 ? 0 : 1;
        }
    }
}
