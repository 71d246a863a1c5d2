using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Sends the user's changes and applies the daemon's batches while the session is live. The user's change of an
    /// entity always goes out before a batch overwrites it.
    /// </summary>
    public sealed class SyncLoop
    {
        const int MaxIntentsInFlight = 4;

        /// <summary>With at most this many marks, the user's changes go out completely before a batch begins.</summary>
        const int MaxMarksBeforeBatch = 400;

        readonly ISceneAdapter scene;
        readonly Outbox outbox;
        readonly Capture capture;
        readonly Applier applier;
        readonly SessionStatus status;
        readonly Action<byte[]> send;
        readonly Action wake;
        readonly Action<SyncEvent> synced;
        readonly Countdown compared = new Countdown();
        string projectId;
        Frame nextBatch;
        Dictionary<string, MeshComponent> nextBases;
        string deferredState;

        /// <param name="send">Sends the bytes of a frame.</param>
        public SyncLoop(ISceneAdapter scene, Outbox outbox, Capture capture, Applier applier, SessionStatus status,
            Action<byte[]> send, SessionOptions options)
        {
            this.scene = scene;
            this.outbox = outbox;
            this.capture = capture;
            this.applier = applier;
            this.status = status;
            this.send = send;
            wake = options.Wake;
            synced = options.Synced;
        }

        /// <summary>Whether a batch is under way, or begins as soon as a tick has time for it.</summary>
        public bool IsApplying =>
            applier.Batch != null || (nextBatch != null && EditorStates.CanApply(scene.EditorState));

        /// <summary>Sets the project; a sequence is valid within one project only, so another one resets it.</summary>
        public void SetProject(string project)
        {
            if (project == projectId) { return; }
            projectId = project;
            status.HeadSeq = 0;
        }

        /// <summary>Records the sequence up to which the scene is current.</summary>
        public void RaiseBaseSeq(long seq)
        {
            scene.Registry.RaiseBaseSeq(seq);
        }

        /// <summary>Starts over on a new connection.</summary>
        public void Start()
        {
            outbox.MarkAllUnsent();
            capture.MarkAllDirty();
        }

        /// <summary>Stops with the connection.</summary>
        public void Stop()
        {
            nextBatch = null;
            status.HasWaitingBatch = false;
            status.WaitingChanges = 0;
            status.Task = "";
            if (applier.Batch == null) { return; }
            applier.Cancel();
            // Reads back at once, before the user edits the entities. In play mode the scene is not the user's; the
            // read-back then waits until play mode ends, which is before the next inventory.
            if (EditorStates.CanCapture(scene.EditorState)) { applier.ReadBack(Budget.Unlimited); }
        }

        /// <summary>Continues a batch of the previous connection; returns true once there is none.</summary>
        public bool FinishPreviousBatch(Budget budget)
        {
            if (applier.Batch != null && EditorStates.CanCapture(scene.EditorState)) { applier.Run(budget, null); }
            return applier.Batch == null;
        }

        /// <summary>Accepts an `apply` message.</summary>
        public void OnApply(Frame frame)
        {
            if (frame.Header.RequiredString("project_id", "") != projectId)
            {
                throw new SyncException(ErrorCode.WrongProject, "a batch of another project", "project_id");
            }
            if (frame.Header.RequiredInteger("schema_version", "") != Messages.Version)
            {
                throw new SyncException(ErrorCode.VersionUnsupported, "a batch of another version", "schema_version");
            }
            nextBases = PatchBases.FindBases(frame.Header.Required("changes", ""), scene.FindReceived);
            nextBatch = nextBases == null ? null : frame;
            deferredState = null;
            if (nextBatch != null) { return; }
            // A mesh that the batch builds on was forgotten, or edited since.
            send(new Frame(Messages.Create("whole").With("batch_id", frame.Header.RequiredString("batch_id", ""))).Encode());
        }

        /// <summary>
        /// Sends every change that the user made. Once there is none, all are acknowledged, and no batch is under way, a
        /// call of a capability may begin: returns the scene at this moment, and null before.
        /// </summary>
        public CallSnapshot TrySettle(ICallScene calls)
        {
            bool isBusy = nextBatch != null || applier.Batch != null || outbox.Count + capture.PendingCount > 0;
            if (isBusy || !scene.IsComplete || !EditorStates.CanApply(scene.EditorState)) { return null; }
            if (calls.IsMarkingAll)
            {
                // Its marks are of the user. Without more ticks an editor without focus takes long for them.
                wake();
                return null;
            }
            CallSnapshot now = capture.ReadAll(calls);
            AddIntents(capture.CaptureChanges(Budget.Unlimited));
            return outbox.Count + capture.PendingCount == 0 ? now : null;
        }

        /// <summary>Adds the changes of a call as one intent; returns its operation id.</summary>
        public string AddCallIntent(List<Change> changes, string requestId, string label)
        {
            status.Sent++;
            return outbox.Add(projectId, scene.Registry.BaseSeq, changes, wake, requestId, label).OperationId;
        }

        public void Run(double now, Budget budget)
        {
            string state = scene.EditorState;
            bool hasBatch = nextBatch != null || applier.Batch != null;
            bool canApply = EditorStates.CanApply(state) && hasBatch;
            if (EditorStates.CanCapture(state)) { SendChanges(now, budget, canApply); }
            if (canApply) { Apply(now, budget); }
            else if (hasBatch) { Defer(state); }
            // Work is left over: the editor need not wait for its next regular tick.
            if (budget.IsSpent) { wake(); }
            UpdateProgress();
        }

        void SendChanges(double now, Budget budget, bool canApply)
        {
            if (applier.Batch != null) { capture.RefreshDirtySet(); }
            else if (canApply && capture.PendingCount <= MaxMarksBeforeBatch)
            {
                AddIntents(capture.CaptureChanges(Budget.Unlimited));
            }
            else if (outbox.Count < MaxIntentsInFlight) { AddIntents(capture.CaptureChanges(budget)); }
            SendIntents(now);
        }

        /// <summary>Sends the intents that may leave, in the order of the user's edits. Returns whether none is left.</summary>
        bool SendIntents(double now)
        {
            foreach (OutgoingIntent intent in outbox.Intents)
            {
                if (intent.IsSent) { continue; }
                if (now < intent.NotBefore || !intent.IsReady) { return false; }
                intent.IsSent = true;
                send(intent.Bytes);
                Report(intent);
            }
            return true;
        }

        void Report(OutgoingIntent intent)
        {
            if (intent.IsReported) { return; }
            intent.IsReported = true;
            List<string> uuids = intent.Changes.ConvertAll(change => change.Uuid);
            synced(new SyncEvent(SyncDirection.Sent, IntentPacking.MakeLabel(intent.Changes), uuids));
        }

        void AddIntents(List<Change> changes)
        {
            foreach (List<Change> group in IntentPacking.Pack(changes))
            {
                outbox.Add(projectId, scene.Registry.BaseSeq, group, wake);
                status.Sent++;
            }
        }

        void Apply(double now, Budget budget)
        {
            if (applier.Batch == null)
            {
                applier.Begin(nextBatch, nextBases);
                nextBatch = null;
            }
            Batch batch = applier.Batch;
            // The daemon takes what comes after the answer for newer than the batch, which has overwritten it here.
            byte[] answer = applier.Run(budget, CaptureBefore, () => SendIntents(now));
            if (answer == null) { return; }
            send(answer);
            status.HeadSeq = Math.Max(status.HeadSeq, batch.HeadSeq);
            RaiseBaseSeq(batch.HeadSeq);
            status.Applied++;
            status.Received += batch.Count;
            synced(new SyncEvent(SyncDirection.Applied, batch.Label, batch.Items.ConvertAll(item => item.Uuid)));
        }

        bool CaptureBefore(string uuid)
        {
            List<Change> captured = capture.CaptureEntity(uuid);
            if (captured == null) { return false; }
            AddIntents(captured);
            return true;
        }

        void Defer(string state)
        {
            if (deferredState == state) { return; }
            deferredState = state;
            string batch = nextBatch != null ? nextBatch.Header.RequiredString("batch_id", "") : applier.Batch.Id;
            send(Messages.Deferred(batch, state).Encode());
        }

        void UpdateProgress()
        {
            Batch batch = applier.Batch;
            status.HasWaitingBatch = batch != null || nextBatch != null;
            status.WaitingChanges = batch?.Count ?? nextBatch?.Header.Required("changes", "").AsArray("changes").Count ?? 0;
            int total = Math.Max(status.PendingDeliveries, status.Received + (batch?.Count ?? 0));
            if (batch != null && total > 0)
            {
                status.Task = "receiving " + total + (total == 1 ? " change" : " changes");
                status.Progress = (status.Received + applier.Progress * batch.Count) / total;
                return;
            }
            int uncompared = capture.PendingCount;
            status.Task = uncompared > 0 ? "comparing " + uncompared + (uncompared == 1 ? " entity" : " entities") : "";
            status.Progress = compared.Update(uncompared);
        }
    }
}
