using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Finds what the user changed: compares the entities that may have changed with the shadow and puts the
    /// differences into intents. A slow sweep over all entities finds what no event reports.
    /// </summary>
    public sealed class Capture
    {
        /// <summary>How many entities are read in a tick, so that a tick stays short in a large scene.</summary>
        const int EntitiesPerTick = 400;

        /// <summary>How many entities the sweep looks at in a tick.</summary>
        const int SweptPerTick = 20;

        const int ChangesPerIntent = 1000;
        const int AttachmentsPerIntent = 1000;
        const long BytesPerIntent = 64L << 20;

        readonly ISceneAdapter scene;
        readonly Shadow shadow;
        readonly HashSet<string> dirty = new HashSet<string>();
        readonly HashSet<string> visited = new HashSet<string>();
        List<Change> changes = new List<Change>();
        int sweptTo;
        bool structureChanged;

        public Capture(ISceneAdapter scene, Shadow shadow)
        {
            this.scene = scene;
            this.shadow = shadow;
        }

        /// <summary>Marks one entity as possibly changed.</summary>
        public void MarkDirty(string uuid) => dirty.Add(uuid);

        /// <summary>Marks every entity as possibly changed, gone or new.</summary>
        public void MarkAll()
        {
            structureChanged = true;
            foreach (string uuid in scene.Uuids) { dirty.Add(uuid); }
        }

        public void Clear()
        {
            dirty.Clear();
            structureChanged = false;
        }

        /// <summary>Notes what happens while nothing can be sent, and gives identities to what is new.</summary>
        public void Watch() => structureChanged |= scene.Refresh(dirty);

        /// <summary>
        /// The user's changes in groups, one an intent. The shadow then counts them as sent.
        /// </summary>
        /// <param name="whole">Reads everything that is marked now, whatever it takes: a remote change is about to be
        /// applied and must not cover what the user did before it.</param>
        public List<List<Change>> Take(bool whole)
        {
            Watch();
            Sweep();
            List<string> removed = structureChanged ? Removed() : new List<string>();
            // A delete goes together with what moved out of its way, so then nothing is put off.
            int budget = whole || removed.Count > 0 ? int.MaxValue : EntitiesPerTick;
            changes = new List<Change>();
            visited.Clear();
            foreach (string uuid in new List<string>(dirty))
            {
                if (budget-- == 0) { break; }
                dirty.Remove(uuid);
                Visit(uuid);
            }
            foreach (string uuid in removed) { changes.Add(new Change(ChangeOp.Delete, uuid, null)); }
            structureChanged = false;
            foreach (Change change in changes) { shadow.Sent(change); }
            return Pack(changes);
        }

        /// <summary>What the undo history of the other editor calls the changes.</summary>
        public static string Label(List<Change> changes)
        {
            string count = changes.Count.ToString(CultureInfo.InvariantCulture);
            string name = changes[0].Content?.Find<NameComponent>("name")?.Name;
            string what = changes.Count == 1 ? name ?? "1 entity" : count + " entities";
            switch (changes[0].Op)
            {
                case ChangeOp.Create: return "Create " + what + " in Unity";
                case ChangeOp.Delete: return "Delete " + what + " in Unity";
                default: return "Change " + what + " in Unity";
            }
        }

        void Visit(string uuid)
        {
            if (!visited.Add(uuid)) { return; }
            Entity entity = scene.Read(uuid);
            if (entity == null) { return; }
            VisitUnknown(entity.Find<ReferenceComponent>("parent"));
            VisitUnknown(entity.Find<ReferenceComponent>("data"));
            Entity difference = shadow.Difference(entity);
            bool known = shadow.Knows(uuid);
            if (known && difference.Components.Count == 0) { return; }
            changes.Add(new Change(known ? ChangeOp.Update : ChangeOp.Create, uuid, known ? difference : entity));
        }

        /// <summary>What an entity refers to is created before it.</summary>
        void VisitUnknown(ReferenceComponent reference)
        {
            if (reference?.Uuid == null || shadow.Knows(reference.Uuid)) { return; }
            dirty.Remove(reference.Uuid);
            Visit(reference.Uuid);
        }

        void Sweep()
        {
            IReadOnlyList<string> uuids = scene.Uuids;
            for (int i = 0; i < SweptPerTick && i < uuids.Count; i++)
            {
                sweptTo = (sweptTo + 1) % uuids.Count;
                if (scene.MayHaveChanged(uuids[sweptTo])) { dirty.Add(uuids[sweptTo]); }
            }
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

        static List<List<Change>> Pack(List<Change> changes)
        {
            List<List<Change>> groups = new List<List<Change>>();
            List<Change> group = null;
            int attachments = 0;
            long bytes = 0;
            foreach (Change change in changes)
            {
                MeshComponent mesh = change.Content?.Find<MeshComponent>("mesh");
                int buffers = mesh == null ? 0 : 4 + MeshComponent.UvSets;
                long size = mesh == null ? 500 : mesh.Position.Length * 4L + mesh.CornerCount * 100L;
                bool full = group == null || group.Count >= ChangesPerIntent
                    || attachments + buffers > AttachmentsPerIntent || bytes + size > BytesPerIntent;
                if (full)
                {
                    groups.Add(group = new List<Change>());
                    attachments = 0;
                    bytes = 0;
                }
                group.Add(change);
                attachments += buffers;
                bytes += size;
            }
            return groups;
        }
    }
}
