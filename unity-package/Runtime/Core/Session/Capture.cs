using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Finds what the user changed: compares the entities that may have changed with the shadow.
    /// </summary>
    public sealed class Capture
    {
        /// <summary>So many entities are read in a tick, however slow the machine: one edit is one intent.</summary>
        const int AtLeast = 100;

        readonly ISceneAdapter scene;
        readonly Shadow shadow;
        readonly ICollection<string> held;
        readonly Action wake;
        readonly HashSet<string> dirty = new HashSet<string>();
        readonly HashSet<string> waiting = new HashSet<string>();
        readonly HashSet<string> visited = new HashSet<string>();
        readonly Dictionary<string, Task<Entity>> converting = new Dictionary<string, Task<Entity>>();
        List<Change> changes = new List<Change>();
        bool structureChanged;

        /// <param name="held">Entities that a batch brought and that the shadow does not know yet.</param>
        /// <param name="wake">Asks for a tick, from any thread.</param>
        public Capture(ISceneAdapter scene, Shadow shadow, ICollection<string> held, Action wake)
        {
            this.scene = scene;
            this.shadow = shadow;
            this.held = held;
            this.wake = wake;
        }

        /// <summary>How many entities may have changed and were not compared yet.</summary>
        public int Waiting => dirty.Count + waiting.Count;

        /// <summary>Marks one entity as possibly changed.</summary>
        public void MarkDirty(string uuid) => dirty.Add(uuid);

        /// <summary>Marks every entity as possibly changed, gone or new.</summary>
        public void MarkAll()
        {
            structureChanged = true;
            foreach (string uuid in scene.Uuids) { dirty.Add(uuid); }
        }

        /// <summary>Notes what happens while nothing can be sent, and gives identities to what is new.</summary>
        public void Watch() => structureChanged |= scene.Refresh(dirty);

        /// <summary>The user's changes, as many as the time allows. The shadow then counts them as sent.</summary>
        public List<Change> Take(Budget budget)
        {
            Watch();
            List<string> removed = structureChanged ? Removed() : new List<string>();
            structureChanged = false;
            Begin();
            List<string> marked = new List<string>(waiting);
            marked.AddRange(dirty);
            foreach (string uuid in marked)
            {
                Visit(uuid);
                // A delete goes together with what moved out of its way, so then nothing is put off.
                if (visited.Count >= AtLeast && budget.Spent && removed.Count == 0) { break; }
            }
            foreach (string uuid in removed) { changes.Add(new Change(ChangeOp.Delete, uuid, null)); }
            return Finish();
        }

        /// <summary>
        /// The user's changes of one entity, where it is marked, and of what it needs; null when they are still being
        /// converted.
        /// </summary>
        public List<Change> TakeOne(string uuid)
        {
            Begin();
            bool marked = (dirty.Contains(uuid) || waiting.Contains(uuid)) && !shadow.Deleting.ContainsKey(uuid);
            bool complete = !marked || Visit(uuid);
            List<Change> taken = Finish();
            return complete || taken.Count > 0 ? taken : null;
        }

        void Begin()
        {
            changes = new List<Change>();
            visited.Clear();
        }

        List<Change> Finish()
        {
            foreach (Change change in changes) { shadow.Sent(change); }
            return changes;
        }

        /// <summary>
        /// False when the entity has to wait, because its data is being converted or its deletion is not answered yet.
        /// </summary>
        bool Visit(string uuid)
        {
            if (!visited.Add(uuid)) { return !waiting.Contains(uuid); }
            // What an undo brought back can only be revived by someone who has seen its deletion.
            if (shadow.Deleting.ContainsKey(uuid)) { return Wait(uuid); }
            if (!Read(uuid, out Entity entity)) { return Wait(uuid); }
            waiting.Remove(uuid);
            if (entity == null) { return true; }
            bool complete = VisitUnknown(entity.Find<ReferenceComponent>("parent"))
                & VisitUnknown(entity.Find<ReferenceComponent>("data"));
            if (!complete) { return Wait(uuid); }
            Entity difference = shadow.Difference(entity);
            bool known = shadow.Knows(uuid);
            if (known && difference.Components.Count == 0) { return true; }
            changes.Add(new Change(known ? ChangeOp.Update : ChangeOp.Create, uuid, known ? difference : entity));
            return true;
        }

        bool Wait(string uuid)
        {
            waiting.Add(uuid);
            return false;
        }

        /// <summary>
        /// False while the entity is being converted beside the editor. It is then taken as it was when that began; what
        /// marks it meanwhile has it looked at again.
        /// </summary>
        bool Read(string uuid, out Entity entity)
        {
            entity = null;
            if (!converting.TryGetValue(uuid, out Task<Entity> task))
            {
                dirty.Remove(uuid);
                Sample sample = scene.Sample(uuid);
                if (sample == null) { return true; }
                task = Background.Run(sample.Bytes > Background.WorthwhileBytes, sample.Convert, wake);
                converting.Add(uuid, task);
            }
            if (!task.IsCompleted) { return false; }
            converting.Remove(uuid);
            entity = task.GetAwaiter().GetResult();
            return true;
        }

        /// <summary>What an entity refers to is created before it; what is held came from the daemon.</summary>
        bool VisitUnknown(ReferenceComponent reference)
        {
            return reference?.Uuid == null || shadow.Knows(reference.Uuid) || held.Contains(reference.Uuid)
                || Visit(reference.Uuid);
        }

        /// <summary>
        /// What the daemon holds and the scene no longer does; what came last goes first: children before parents.
        /// </summary>
        List<string> Removed()
        {
            List<string> removed = new List<string>();
            foreach (string uuid in shadow.Uuids)
            {
                if (!scene.Holds(uuid)) { removed.Add(uuid); }
            }
            removed.Reverse();
            return removed;
        }
    }
}
