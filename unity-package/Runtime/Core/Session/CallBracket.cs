using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Holds the scene as it was before a handler ran, finds what the handler changed, with or without undo, and takes
    /// it back.
    /// </summary>
    public sealed class CallBracket
    {
        readonly ISceneAdapter scene;
        readonly ICallScene calls;
        readonly CallSnapshot before;
        readonly HashSet<string> kindsBefore;
        readonly List<string> created = new List<string>();
        readonly List<string> changedMeshes = new List<string>();
        readonly string label;
        CallSnapshot after;
        List<string> changed = new List<string>();
        List<string> removed = new List<string>();
        bool isReverted;

        /// <summary>Begins an undo step.</summary>
        /// <param name="before">The scene at this moment.</param>
        public CallBracket(ISceneAdapter scene, ICallScene calls, CallSnapshot before, string label)
        {
            this.scene = scene;
            this.calls = calls;
            this.before = before;
            this.label = label;
            kindsBefore = new HashSet<string>(calls.UnsupportedKinds);
            calls.Begin(label);
        }

        /// <summary>Whether the handler changed something that is synchronized.</summary>
        public bool HasChanges => created.Count + removed.Count + changed.Count + changedMeshes.Count > 0;

        /// <summary>The entities that the handler created, changed or removed.</summary>
        public List<string> Touched
        {
            get
            {
                HashSet<string> touched = new HashSet<string>(changed);
                touched.UnionWith(created);
                touched.UnionWith(removed);
                touched.UnionWith(changedMeshes);
                return new List<string>(touched);
            }
        }

        /// <summary>The kinds of content that came with the call and are not synchronized.</summary>
        public List<string> NewUnsupportedKinds
        {
            get
            {
                List<string> kinds = new List<string>(calls.UnsupportedKinds);
                kinds.RemoveAll(kindsBefore.Contains);
                return kinds;
            }
        }

        /// <summary>Ends the undo step and compares.</summary>
        public void Close()
        {
            calls.End();
            if (calls.IsReplaced) { return; }
            after = calls.Read(new DirtySet(), before);
            changed = after.FindChanged(before);
            removed = after.FindRemoved(before);
            created.AddRange(changed.FindAll(uuid => !before.Contains(uuid)));
            after.CompareMeshes(before, created, changedMeshes);
        }

        /// <summary>
        /// Takes back what the handler did: by undo if nothing happened since, then value by value. Skips objects that
        /// somebody changed since. Returns whether the scene is as it was before.
        /// </summary>
        public bool TakeBack()
        {
            isReverted = calls.Revert();
            CallSnapshot now = calls.Read(new DirtySet(), after);
            bool isComplete = Restore(now) && (isReverted || changedMeshes.Count == 0);
            foreach (string uuid in created)
            {
                if (!IsChangedSince(uuid, now)) { calls.Destroy(uuid); }
            }
            now = calls.Read(new DirtySet(), after);
            foreach (string uuid in created) { isComplete &= !scene.Contains(uuid); }
            foreach (string uuid in ListKnown()) { isComplete &= before.IsSame(uuid, now); }
            return isComplete;
        }

        /// <summary>
        /// Returns what was there before and the handler changed or removed: lights and cameras before the objects that show
        /// them.
        /// </summary>
        List<string> ListKnown()
        {
            List<string> known = changed.FindAll(before.Contains);
            known.AddRange(removed);
            List<string> ordered = known.FindAll(before.HasViewer);
            ordered.AddRange(known.FindAll(uuid => !before.HasViewer(uuid)));
            return ordered;
        }

        /// <summary>Writes the values of before; returns false if an object had to be made anew.</summary>
        bool Restore(CallSnapshot now)
        {
            List<Change> changes = new List<Change>();
            bool isComplete = true;
            foreach (string uuid in ListKnown())
            {
                if (!now.Contains(uuid))
                {
                    // Without undo, the components that are not synchronized are lost.
                    isComplete = false;
                    changes.Add(new Change(ChangeOp.Create, uuid, before.Convert(uuid)));
                }
                else if (!before.IsSame(uuid, now) && !IsChangedSince(uuid, now))
                {
                    changes.Add(new Change(ChangeOp.Update, uuid, before.Convert(uuid)));
                }
            }
            if (changes.Count > 0) { Write(changes); }
            return isComplete;
        }

        /// <summary>Writes each change as soon as its parent exists again.</summary>
        void Write(List<Change> changes)
        {
            scene.BeginBatch("Take back " + label, new string[0]);
            scene.BeginSlice();
            try
            {
                for (bool isProgress = true; isProgress && changes.Count > 0;)
                {
                    isProgress = changes.RemoveAll(TryApply) > 0;
                }
            }
            finally
            {
                scene.EndSlice();
                scene.EndBatch();
            }
        }

        bool TryApply(Change change)
        {
            string parent = change.Content.Find<ReferenceComponent>("parent")?.Uuid;
            if (parent != null && !scene.Contains(parent)) { return false; }
            try
            {
                scene.Apply(change, scene.Prepare(change));
                return true;
            }
            catch (SyncException)
            {
                // The comparison afterwards tells that this one stays.
                return false;
            }
        }

        /// <summary>Returns whether somebody changed an object after the call; not if its undo step was still the last.</summary>
        bool IsChangedSince(string uuid, CallSnapshot now) =>
            !isReverted && now.Contains(uuid) && after.Contains(uuid) && !after.IsSame(uuid, now);
    }
}
