using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Reads the dirty entities and keeps the components that differ from the replica: the user's changes.
    /// </summary>
    public sealed class Capture
    {
        /// <summary>
        /// Entities that each tick reads, however slow the machine is, so that one edit is one intent.
        /// </summary>
        const int MinEntitiesPerTick = 100;

        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly ICollection<string> unconfirmed;
        readonly Action wake;
        readonly DirtySet dirty = new DirtySet();
        readonly HashSet<string> deferred = new HashSet<string>();
        readonly HashSet<string> visited = new HashSet<string>();
        readonly Dictionary<string, Task<Entity>> conversions = new Dictionary<string, Task<Entity>>();
        List<Change> changes = new List<Change>();

        /// <summary>
        /// The entities that the removal of a material waits for, and whether their present state is being converted; null while
        /// no removal waits.
        /// </summary>
        Dictionary<string, bool> convertedFirst;

        /// <param name="unconfirmed">Entities that a batch changed and that the replica does not hold yet.</param>
        /// <param name="wake">Asks for a tick, from any thread.</param>
        public Capture(ISceneAdapter scene, Replica replica, ICollection<string> unconfirmed, Action wake)
        {
            this.scene = scene;
            this.replica = replica;
            this.unconfirmed = unconfirmed;
            this.wake = wake;
        }

        /// <summary>Number of entities that may have changed and are not compared yet.</summary>
        public int PendingCount => dirty.Count + deferred.Count;

        /// <summary>
        /// Returns whether an entity's change waits, because the user still makes it; null while none does. The
        /// entity is marked at the end.
        /// </summary>
        public Func<string, bool> IsHeldBack { get; set; }

        /// <summary>Marks one entity as possibly changed.</summary>
        public void MarkDirty(string uuid) => dirty.Add(uuid);

        /// <summary>Marks every entity as possibly changed, and the scene as possibly without some.</summary>
        public void MarkAllDirty()
        {
            dirty.MarkStructureChanged();
            foreach (string uuid in scene.Uuids) { dirty.Add(uuid); }
        }

        /// <summary>
        /// Collects the editor's marks and gives new objects an identity, without reading any entity.
        /// </summary>
        public void RefreshDirtySet() => scene.Refresh(dirty);

        /// <summary>Reads the whole scene at once, and marks what is new in it.</summary>
        public CallSnapshot ReadAll(ICallScene calls) => calls.Read(dirty, null);

        /// <summary>
        /// Returns the changes of a call at once, and records them as sent. Waits for conversions, because a change by the
        /// user in between would be counted as one of the call. Other marks stay: they are the user's.
        /// </summary>
        /// <param name="touched">The entities that the call changed, made or removed.</param>
        public List<Change> CaptureCall(ICollection<string> touched)
        {
            List<string> removed = FindRemoved();
            List<Change> all = new List<Change>();
            foreach (string uuid in touched) { dirty.Add(uuid); }
            do
            {
                Task.WaitAll(new List<Task>(conversions.Values).ToArray());
                Begin();
                foreach (string uuid in touched)
                {
                    if (dirty.Contains(uuid) || deferred.Contains(uuid)) { Visit(uuid); }
                }
                all.AddRange(Finish());
            }
            while (conversions.Count > 0);
            Begin();
            foreach (string uuid in removed) { changes.Add(new Change(ChangeOp.Delete, uuid, null)); }
            all.AddRange(Finish());
            return all;
        }

        /// <summary>Returns the user's changes, as many as the budget allows, and records them as sent.</summary>
        public List<Change> CaptureChanges(Budget budget)
        {
            RefreshDirtySet();
            List<string> removed = dirty.TakeStructureChanged() ? FindRemoved() : new List<string>();
            Begin();
            List<string> marked = new List<string>(deferred);
            marked.AddRange(dirty.Uuids);
            foreach (string uuid in marked)
            {
                Visit(uuid);
                // A delete must travel with the children that left the deleted parent, so it ignores the budget.
                if (visited.Count >= MinEntitiesPerTick && budget.IsSpent && removed.Count == 0) { break; }
            }
            if (!MayRemove(removed)) { return Finish(); }
            foreach (string uuid in removed) { changes.Add(new Change(ChangeOp.Delete, uuid, null)); }
            return Finish();
        }

        /// <summary>
        /// Returns whether removals may be sent. The removal of a material waits until the state of this moment is sent: the
        /// daemon's state of a mesh may still name the material. It does not wait for later states.
        /// </summary>
        bool MayRemove(List<string> removed)
        {
            bool isMaterial = removed.Exists(uuid => replica.Find(uuid).Digests.ContainsKey(PbrComponent.Name));
            if (isMaterial && convertedFirst == null)
            {
                convertedFirst = new Dictionary<string, bool>();
                foreach (string uuid in deferred) { convertedFirst[uuid] = true; }
                // The conversion of a marked one began before the mark.
                foreach (string uuid in dirty.Uuids) { convertedFirst[uuid] = false; }
            }
            if (isMaterial && convertedFirst.Count > 0)
            {
                dirty.MarkStructureChanged();
                return false;
            }
            convertedFirst = null;
            return true;
        }

        /// <summary>
        /// Returns the user's changes of one entity and of the entities it refers to; null while they are converted.
        /// </summary>
        public List<Change> CaptureEntity(string uuid)
        {
            Begin();
            bool isMarked = dirty.Contains(uuid) || deferred.Contains(uuid);
            bool isComplete = !isMarked || replica.PendingDeletes.ContainsKey(uuid) || Visit(uuid);
            List<Change> captured = Finish();
            return isComplete || captured.Count > 0 ? captured : null;
        }

        void Begin()
        {
            changes = new List<Change>();
            visited.Clear();
        }

        List<Change> Finish()
        {
            foreach (Change change in changes) { replica.MarkSent(change); }
            return changes;
        }

        /// <summary>
        /// Adds the change of one entity. Returns false if the entity must wait for its conversion, or for the answer
        /// to its deletion.
        /// </summary>
        bool Visit(string uuid)
        {
            if (!visited.Add(uuid)) { return !deferred.Contains(uuid); }
            if (IsHeldBack != null && IsHeldBack(uuid))
            {
                dirty.Remove(uuid);
                return true;
            }
            // The daemon revives an entity only for a client that has seen its deletion.
            if (replica.PendingDeletes.ContainsKey(uuid)) { return Defer(uuid); }
            if (!TryRead(uuid, out Entity entity)) { return Defer(uuid); }
            deferred.Remove(uuid);
            if (entity == null) { return true; }
            if (!VisitReferences(entity)) { return Defer(uuid); }
            Entity difference = replica.Diff(entity);
            // A create that was refused is not repeated before the user edits the entity.
            if (replica.Contains(uuid) && difference.Components.Count == 0) { return true; }
            bool isKnown = replica.IsKnown(uuid);
            changes.Add(new Change(isKnown ? ChangeOp.Update : ChangeOp.Create, uuid,
                isKnown ? difference : entity.WithoutDefaults()));
            return true;
        }

        bool Defer(string uuid)
        {
            deferred.Add(uuid);
            return false;
        }

        /// <summary>
        /// Returns false while another thread converts the entity. The result is the state when the conversion began; a
        /// later mark has the entity read again.
        /// </summary>
        bool TryRead(string uuid, out Entity entity)
        {
            entity = null;
            if (!conversions.TryGetValue(uuid, out Task<Entity> task))
            {
                dirty.Remove(uuid);
                Sample sample = scene.Sample(uuid);
                if (sample == null)
                {
                    convertedFirst?.Remove(uuid);
                    return true;
                }
                task = Background.Run(sample.Bytes > Background.MinBytes, () => sample.Convert(), wake);
                conversions.Add(uuid, task);
                if (convertedFirst?.ContainsKey(uuid) == true) { convertedFirst[uuid] = true; }
            }
            if (!task.IsCompleted) { return false; }
            conversions.Remove(uuid);
            bool isPresent = convertedFirst != null && convertedFirst.TryGetValue(uuid, out bool hasBegun) && hasBegun;
            if (isPresent) { convertedFirst.Remove(uuid); }
            entity = task.GetAwaiter().GetResult();
            return true;
        }

        /// <summary>
        /// Visits the entities that an entity names, which must be created first. Targets that a batch brought are skipped.
        /// Returns false if one of them must wait.
        /// </summary>
        bool VisitReferences(Entity entity)
        {
            bool isComplete = true;
            foreach (Component component in entity.Components.Values)
            {
                foreach (string target in component.References)
                {
                    bool isKnown = target == null || replica.IsKnown(target) || unconfirmed.Contains(target);
                    if (!isKnown) { isComplete &= Visit(target); }
                }
            }
            return isComplete;
        }

        /// <summary>
        /// Returns the entities that the daemon has and the scene has not, newest first: children before parents.
        /// </summary>
        List<string> FindRemoved()
        {
            List<string> removed = new List<string>();
            foreach (string uuid in replica.Uuids)
            {
                if (!scene.Contains(uuid)) { removed.Add(uuid); }
            }
            foreach (string uuid in removed)
            {
                if (!replica.IsKnown(uuid)) { replica.MarkUnknown(uuid); }
            }
            removed.RemoveAll(uuid => !replica.Contains(uuid));
            removed.Reverse();
            return removed;
        }
    }
}
