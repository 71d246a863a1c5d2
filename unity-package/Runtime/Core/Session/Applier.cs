using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Applies a batch in one undo step, sliced over ticks, and then reads every entity back from the editor's own
    /// data. Conversion and encoding need no editor and run on other threads.
    /// </summary>
    public sealed class Applier
    {
        enum Step
        {
            Applying,
            ReadingBack,
            Encoding,
            Confirming,
            Done,
        }

        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly Outbox outbox;
        readonly Action wake;
        readonly HashSet<string> unconfirmed = new HashSet<string>();
        Batch batch;
        Step step;
        int done;
        Task<byte[]> answer;
        double endOfSlice;

        /// <param name="wake">Asks for a tick, from any thread.</param>
        public Applier(ISceneAdapter scene, Replica replica, Outbox outbox, Action wake)
        {
            this.scene = scene;
            this.replica = replica;
            this.outbox = outbox;
            this.wake = wake;
        }

        /// <summary>The batch in progress, or null.</summary>
        public Batch Batch => batch;

        /// <summary>
        /// Entities that the batch changed and that the replica does not hold yet; capture skips them.
        /// </summary>
        public ICollection<string> Unconfirmed => unconfirmed;

        /// <summary>The finished part of all work on the batch, from 0 to 1.</summary>
        public double Progress => batch == null || batch.Count == 0 ? 1 : ((int)step + (double)done / batch.Count) / 4;

        /// <summary>Accepts a batch; <see cref="Run"/> applies it.</summary>
        /// <param name="bases">The meshes that changes build on, by uuid.</param>
        public void Begin(Frame frame, Dictionary<string, MeshComponent> bases)
        {
            batch = new Batch(frame, bases, scene.Prepare, wake);
            step = Step.Applying;
            done = 0;
            scene.BeginBatch(batch.Label, batch.Deleted);
        }

        /// <summary>Continues the batch within the budget; returns the bytes of its answer once it is done.</summary>
        /// <param name="captureBefore">
        /// Captures the user's changes of an entity before the batch changes it. Returns false if that takes longer;
        /// the batch then waits.
        /// </param>
        /// <param name="sendBefore">
        /// Sends these changes. Returns false while one cannot be sent yet; the answer then waits. Null without an answer.
        /// </param>
        public byte[] Run(Budget budget, Func<string, bool> captureBefore, Func<bool> sendBefore = null)
        {
            if (step == Step.Applying) { ApplySlice(budget, captureBefore); }
            ReadBack(budget);
            if (step == Step.Encoding && answer == null) { StartEncoding(); }
            if (step == Step.Encoding && answer.IsCompleted && (sendBefore == null || sendBefore()))
            {
                answer.GetAwaiter().GetResult();
                step = Step.Confirming;
            }
            if (step == Step.Confirming) { ForEach(budget, Confirm); }
            if (step != Step.Done) { return null; }
            byte[] bytes = answer.GetAwaiter().GetResult();
            foreach (BatchItem item in batch.Items) { outbox.MarkOverwritten(item.Uuid); }
            Clear();
            return bytes;
        }

        /// <summary>
        /// Stops applying, because the daemon waits for the answer no longer and sends the rest again. Changes already
        /// made are still read back and confirmed; otherwise they would look like the user's own.
        /// </summary>
        public void Cancel()
        {
            if (batch == null || step != Step.Applying) { return; }
            scene.EndBatch();
            Enter(Step.ReadingBack);
        }

        /// <summary>Reads the changed entities back, if the batch is at that step.</summary>
        public void ReadBack(Budget budget)
        {
            if (step != Step.ReadingBack) { return; }
            ForEach(budget, item => item.ReadBack = scene.Sample(item.Uuid));
        }

        /// <summary>Cancels the batch and waits until its changes are confirmed.</summary>
        public void CancelAndWait()
        {
            Cancel();
            try
            {
                while (batch != null && Run(Budget.Unlimited, null) == null) { answer.Wait(); }
            }
            finally
            {
                Clear();
            }
        }

        /// <summary>
        /// Cancels the batch and confirms nothing, because its entities are not in the scene any more.
        /// </summary>
        public void Abandon()
        {
            Cancel();
            Clear();
        }

        void Clear()
        {
            batch = null;
            answer = null;
            unconfirmed.Clear();
        }

        void ApplySlice(Budget budget, Func<string, bool> captureBefore)
        {
            scene.BeginSlice();
            try
            {
                while (done < batch.Count && batch.TryPeek(out BatchItem item) && captureBefore(item.Uuid))
                {
                    batch.Take();
                    unconfirmed.Add(item.Uuid);
                    if (item.Error == null) { item.Error = ApplyOne(item); }
                    done++;
                    // The end of a slice takes time too, which grows with the batch.
                    if (budget.IsSpentBut(endOfSlice)) { break; }
                }
            }
            finally
            {
                double began = budget.Passed;
                scene.EndSlice();
                endOfSlice = budget.Passed - began;
            }
            if (done < batch.Count) { return; }
            if (batch.IsAtomic) { RevertIfFailed(); }
            scene.EndBatch();
            Enter(Step.ReadingBack);
        }

        /// <summary>
        /// Reverts the whole batch if one change failed. A change of an entity that the user deleted meanwhile fails
        /// alone, because the daemon will receive that deletion.
        /// </summary>
        void RevertIfFailed()
        {
            BatchItem culprit = batch.Items.Find(item =>
                item.Error != null && item.Error.Code != ErrorCode.ObjectVanished);
            if (culprit == null || !scene.RevertBatch()) { return; }
            foreach (BatchItem item in batch.Items)
            {
                if (item.Error != null) { continue; }
                item.Error = new SyncException(ErrorCode.ApplyFailed, "reverted, because " + culprit.Location
                    + " of the same batch failed: " + culprit.Error.Message, item.Location);
            }
        }

        SyncException ApplyOne(BatchItem item)
        {
            if (item.Change.Op == ChangeOp.Create && IsDeletedByUser(item.Uuid))
            {
                return new SyncException(ErrorCode.ObjectVanished, "it was deleted here", item.Location);
            }
            string missing = FindDeletedTarget(item.Change);
            if (missing != null)
            {
                return new SyncException(ErrorCode.ObjectVanished, missing + " was deleted here", item.Location);
            }
            try
            {
                scene.Apply(item.Change, item.Prepared);
                return null;
            }
            catch (SyncException error)
            {
                return error;
            }
            catch (Exception error)
            {
                // An unexpected error of the engine belongs to this change only; the batch goes on.
                return new SyncException(ErrorCode.ApplyFailed, error.GetType().Name + ": " + error.Message,
                    item.Location);
            }
        }

        /// <summary>
        /// Returns an entity that a change names and that the user has deleted, or null. The daemon is told, or will be.
        /// </summary>
        string FindDeletedTarget(Change change)
        {
            if (change.Op == ChangeOp.Delete) { return null; }
            foreach (Component component in change.Content.Components.Values)
            {
                foreach (string target in component.References)
                {
                    if (target == null || scene.Contains(target)) { continue; }
                    if (replica.Contains(target) || replica.PendingDeletes.ContainsKey(target)) { return target; }
                }
            }
            return null;
        }

        /// <summary>Returns whether the user deleted an entity and the daemon was not told yet.</summary>
        bool IsDeletedByUser(string uuid) => replica.Contains(uuid) && !scene.Contains(uuid);

        void ForEach(Budget budget, Action<BatchItem> act)
        {
            while (done < batch.Items.Count)
            {
                act(batch.Items[done++]);
                if (budget.IsSpent) { break; }
            }
            if (done == batch.Items.Count) { Enter(step + 1); }
        }

        void Enter(Step next)
        {
            step = next;
            done = 0;
        }

        void StartEncoding()
        {
            string id = batch.Id;
            List<BatchItem> items = batch.Items;
            long bytes = 0;
            foreach (BatchItem item in items) { bytes += item.ReadBack?.Bytes ?? 0; }
            bool isLarge = bytes > Background.MinBytes || items.Count > Background.MinEntities;
            answer = Background.Run(isLarge, () => Encode(id, items), wake);
        }

        /// <summary>
        /// Encodes what was read back. A mesh with exactly the corners that the daemon sent is named by the hashes of its
        /// buffers.
        /// </summary>
        static byte[] Encode(string batchId, List<BatchItem> items)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue results = JsonValue.Array();
            foreach (BatchItem item in items)
            {
                item.State = item.ReadBack?.Convert(item.Change?.Content);
                item.Confirmed = item.Error == null && item.State != null ? SelectConfirmed(item) : null;
                NameFile(item);
                JsonValue result = JsonValue.Object().With("uuid", item.Uuid)
                    .With("status", item.Error == null ? "applied" : "failed")
                    .With("state", item.State == null ? JsonValue.Null : item.State.ToJson(attachments));
                if (item.Error != null) { result.With("error", WireError.Write(item.Error)); }
                results.Add(result);
            }
            return new Frame(Messages.Create("applied").With("batch_id", batchId).With("results", results), attachments)
                .Encode();
        }

        /// <summary>Has the bulk data of an image or action that was read back as it was sent named by its hash.</summary>
        static void NameFile(BatchItem item)
        {
            ActionComponent wanted = item.Change?.Content?.Find<ActionComponent>(ActionComponent.Name);
            ActionComponent held = item.State?.Find<ActionComponent>(ActionComponent.Name);
            if (wanted != null && held != null) { item.State.Set(wanted.Answer(held)); }
            ImageComponent sent = item.Change?.Content?.Find<ImageComponent>(ImageComponent.Name);
            ImageComponent readBack = item.State?.Find<ImageComponent>(ImageComponent.Name);
            if (sent != null && readBack != null) { item.State.Set(sent.Answer(readBack)); }
        }

        /// <summary>
        /// Returns the components to record: those that the change carried, as they were read back. A component that
        /// differs from the sent one is recorded as sent, because the user changed it meanwhile.
        /// </summary>
        static Entity SelectConfirmed(BatchItem item)
        {
            Entity confirmed = new Entity(item.Uuid, item.State.Kind);
            if (item.Change.Content == null) { return confirmed; }
            foreach (Component sent in item.Change.Content.Components.Values)
            {
                if (!item.State.Components.TryGetValue(sent.Key, out Component readBack)) { continue; }
                confirmed.Set(sent.Matches(readBack) ? readBack : sent);
            }
            return confirmed;
        }

        /// <summary>Records the read-back in the replica.</summary>
        void Confirm(BatchItem item)
        {
            if (item.Error != null) { return; }
            if (item.Change.Op == ChangeOp.Delete)
            {
                replica.Tombstone(item.Uuid, item.Change.Version);
                scene.Registry.Tombstone(item.Uuid, item.Change.Version);
                return;
            }
            if (item.State == null)
            {
                // The user deleted the entity after it was applied; capture reports that deletion.
                if (!replica.Contains(item.Uuid))
                {
                    replica.Set(item.Uuid, new SyncRecord { Version = item.Change.Version });
                }
                return;
            }
            Store(item.Confirmed, item.Change.Version);
            replica.Confirm(item.Uuid, item.Change.Version, item.Change.Op != ChangeOp.Update);
        }

        /// <summary>Stores version and digests in the replica and in the registry.</summary>
        void Store(Entity content, long version)
        {
            if (!scene.Contains(content.Uuid)) { return; }
            SyncRecord record = scene.Registry.Load(content.Uuid);
            record.Version = version;
            record.SetDigests(content);
            scene.Registry.Save(content.Uuid, record);
            scene.OnConfirmed(content.Uuid);
            SyncRecord entry = replica.Find(content.Uuid);
            if (entry == null)
            {
                replica.Set(content.Uuid, record.Clone());
                return;
            }
            entry.Version = version;
            entry.SetDigests(content);
        }
    }
}
