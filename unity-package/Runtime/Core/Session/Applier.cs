using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Applies a batch in one undo step, in slices of a tick, and then reads every entity back from the editor's own
    /// data. Whatever needs nothing of the editor is done beside it.
    /// </summary>
    public sealed class Applier
    {
        enum Step
        {
            Applying,
            ReadingBack,
            Answering,
            Noting,
            Done,
        }

        readonly ISceneAdapter scene;
        readonly Shadow shadow;
        readonly Outbox outbox;
        readonly Action wake;
        readonly HashSet<string> held = new HashSet<string>();
        Batch batch;
        Step step;
        int done;
        Task<byte[]> answer;

        /// <param name="wake">Asks for a tick, from any thread.</param>
        public Applier(ISceneAdapter scene, Shadow shadow, Outbox outbox, Action wake)
        {
            this.scene = scene;
            this.shadow = shadow;
            this.outbox = outbox;
            this.wake = wake;
        }

        /// <summary>The batch under way, or null.</summary>
        public Batch Batch => batch;

        /// <summary>Entities that the batch has changed and whose read-back is not noted yet: not to be captured.</summary>
        public ICollection<string> Held => held;

        /// <summary>Of all that has to be done for the batch, the part that is done, from 0 to 1.</summary>
        public double Progress => batch == null || batch.Count == 0 ? 1 : ((int)step + (double)done / batch.Count) / 4;

        /// <summary>Takes a batch on; <see cref="Work"/> applies it.</summary>
        public void Begin(Frame frame)
        {
            batch = new Batch(frame, scene.Prepare, wake);
            step = Step.Applying;
            done = 0;
            scene.BeginBatch(batch.Label, batch.Deleted);
        }

        /// <summary>Goes on with the batch until the time is up; returns the bytes of its answer once it is done.</summary>
        /// <param name="before">Called with each uuid before it is changed, for what the user did to it; false when that
        /// takes longer, and the batch with it.</param>
        public byte[] Work(Budget budget, Func<string, bool> before)
        {
            if (step == Step.Applying) { ApplySlice(budget, before); }
            ReadBack(budget);
            if (step == Step.Answering && answer == null) { StartAnswer(); }
            if (step == Step.Answering && answer.IsCompleted)
            {
                answer.GetAwaiter().GetResult();
                step = Step.Noting;
            }
            if (step == Step.Noting) { ForEach(budget, Note); }
            if (step != Step.Done) { return null; }
            byte[] bytes = answer.GetAwaiter().GetResult();
            foreach (BatchItem item in batch.Items) { outbox.NoteOverwritten(item.Uuid); }
            Forget();
            return bytes;
        }

        /// <summary>
        /// Nobody waits for the answer any more: makes no further change, as the daemon will send again what is missing.
        /// What was changed is read back and noted all the same, or it would look like the user's own.
        /// </summary>
        public void Cut()
        {
            if (batch == null || step != Step.Applying) { return; }
            scene.EndBatch();
            Enter(Step.ReadingBack);
        }

        /// <summary>Reads back what was changed, where that is due.</summary>
        public void ReadBack(Budget budget)
        {
            if (step != Step.ReadingBack) { return; }
            ForEach(budget, item => item.ReadBack = scene.Sample(item.Uuid));
        }

        /// <summary>Cuts the batch and waits until what was changed is noted.</summary>
        public void Settle()
        {
            Cut();
            try
            {
                while (batch != null && Work(Budget.Unlimited, null) == null) { answer.Wait(); }
            }
            finally
            {
                Forget();
            }
        }

        /// <summary>Forgets the batch: what it changed is not there any more.</summary>
        public void Abandon()
        {
            Cut();
            Forget();
        }

        void Forget()
        {
            batch = null;
            answer = null;
            held.Clear();
        }

        void ApplySlice(Budget budget, Func<string, bool> before)
        {
            scene.BeginSlice();
            try
            {
                while (done < batch.Count && batch.TryPeek(out BatchItem item) && before(item.Uuid))
                {
                    batch.Take();
                    held.Add(item.Uuid);
                    if (item.Error == null) { item.Error = ApplyOne(item); }
                    done++;
                    if (budget.Spent) { break; }
                }
            }
            finally
            {
                scene.EndSlice();
            }
            if (done < batch.Count) { return; }
            if (batch.AllOrNothing) { RevertIfFailed(); }
            scene.EndBatch();
            Enter(Step.ReadingBack);
        }

        /// <summary>
        /// Where a change could not be made, none is. But for one about an entity that the user has deleted meanwhile:
        /// that fails alone, as the daemon will hear of the deletion.
        /// </summary>
        void RevertIfFailed()
        {
            BatchItem culprit = batch.Items.Find(item =>
                item.Error != null && item.Error.Code != ErrorCode.ObjectVanished);
            if (culprit == null || !scene.RevertBatch()) { return; }
            foreach (BatchItem item in batch.Items)
            {
                if (item.Error != null) { continue; }
                item.Error = new SyncException(ErrorCode.ApplyFailed, "taken back, because " + culprit.Place
                    + " of the same batch failed: " + culprit.Error.Message, item.Place);
            }
        }

        SyncException ApplyOne(BatchItem item)
        {
            if (item.Change.Op == ChangeOp.Create && WasDeleted(item.Uuid))
            {
                return new SyncException(ErrorCode.ObjectVanished, "it was deleted here", item.Place);
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
                // Whatever the engine throws belongs to this one change; the others are applied and answered all the
                // same.
                return new SyncException(ErrorCode.ApplyFailed, error.GetType().Name + ": " + error.Message,
                    item.Place);
            }
        }

        /// <summary>Whether the user has deleted what the batch brings, and the daemon was not told.</summary>
        bool WasDeleted(string uuid) => shadow.Knows(uuid) && !scene.Holds(uuid);

        void ForEach(Budget budget, Action<BatchItem> act)
        {
            while (done < batch.Items.Count)
            {
                act(batch.Items[done++]);
                if (budget.Spent) { break; }
            }
            if (done == batch.Items.Count) { Enter(step + 1); }
        }

        void Enter(Step next)
        {
            step = next;
            done = 0;
        }

        void StartAnswer()
        {
            string id = batch.Id;
            List<BatchItem> items = batch.Items;
            long bytes = 0;
            foreach (BatchItem item in items) { bytes += item.ReadBack?.Bytes ?? 0; }
            bool large = bytes > Background.WorthwhileBytes || items.Count > Background.WorthwhileEntities;
            answer = Background.Run(large, () => Answer(id, items), wake);
        }

        static byte[] Answer(string batchId, List<BatchItem> items)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue results = JsonValue.Array();
            foreach (BatchItem item in items)
            {
                item.State = item.ReadBack?.Convert();
                JsonValue result = JsonValue.Object().With("uuid", item.Uuid)
                    .With("status", item.Error == null ? "applied" : "failed")
                    .With("state", item.State == null ? JsonValue.Null : item.State.ToJson(attachments));
                if (item.Error != null) { result.With("error", ErrorJson(item.Error)); }
                results.Add(result);
            }
            return new Frame(Messages.Of("applied").With("batch_id", batchId).With("results", results), attachments)
                .Encode();
        }

        /// <summary>
        /// Counts what was read back as known to the daemon, but only for the components that the change carried, and only
        /// where it is what was sent: the user may have changed it, or another one, in the meantime.
        /// </summary>
        void Note(BatchItem item)
        {
            if (item.Error != null) { return; }
            if (item.Change.Op == ChangeOp.Delete)
            {
                shadow.Bury(item.Uuid, item.Change.Version);
                return;
            }
            if (item.State == null)
            {
                // The user has deleted it since it was applied: that is theirs to tell.
                if (!shadow.Knows(item.Uuid)) { shadow.Set(item.Uuid, new SyncRecord { Version = item.Change.Version }); }
                return;
            }
            Entity carried = new Entity(item.Uuid, item.State.Kind);
            foreach (Component sent in item.Change.Content.Components.Values)
            {
                if (!item.State.Components.TryGetValue(sent.Key, out Component held)) { continue; }
                carried.Set(sent.IsHeldAs(held) ? held : sent);
            }
            Store(carried, item.Change.Version);
            shadow.Believe(item.Uuid, item.Change.Version, item.Change.Op != ChangeOp.Update);
        }

        /// <summary>Notes components in the shadow and in the scene's own record.</summary>
        void Store(Entity content, long version)
        {
            SyncRecord record = scene.LoadRecord(content.Uuid);
            if (record == null) { return; }
            record.Version = version;
            Shadow.Note(record, content);
            scene.SaveRecord(content.Uuid, record);
            SyncRecord entry = shadow.Find(content.Uuid);
            if (entry == null)
            {
                shadow.Set(content.Uuid, record.Clone());
                return;
            }
            entry.Version = version;
            Shadow.Note(entry, content);
        }

        static JsonValue ErrorJson(SyncException error)
        {
            return JsonValue.Object().With("code", error.Code).With("message", error.Message).With("place", error.Place)
                .With("help", "");
        }
    }
}
