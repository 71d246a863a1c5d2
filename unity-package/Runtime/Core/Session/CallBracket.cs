using System;
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
        readonly Dictionary<string, Entity> before = new Dictionary<string, Entity>();
        readonly Dictionary<string, int> meshesBefore = new Dictionary<string, int>();
        readonly HashSet<string> kindsBefore;
        readonly Dictionary<string, Entity> after = new Dictionary<string, Entity>();
        readonly List<string> created = new List<string>();
        readonly List<string> removed = new List<string>();
        readonly List<string> changedMeshes = new List<string>();
        readonly string label;
        bool isReverted;

        /// <summary>Copies the objects of the scene, whose index is complete, and begins an undo step.</summary>
        public CallBracket(ISceneAdapter scene, ICallScene calls, string label)
        {
            this.scene = scene;
            this.calls = calls;
            this.label = label;
            foreach (string uuid in calls.Objects) { before[uuid] = Read(uuid); }
            foreach (KeyValuePair<string, int> mesh in calls.Meshes) { meshesBefore[mesh.Key] = mesh.Value; }
            kindsBefore = new HashSet<string>(calls.UnsupportedKinds);
            calls.Begin(label);
        }

        /// <summary>Whether the handler changed something that is synchronized.</summary>
        public bool HasChanges => created.Count + removed.Count + after.Count + changedMeshes.Count > 0;

        /// <summary>The entities that the handler created, changed or removed.</summary>
        public List<string> Touched
        {
            get
            {
                HashSet<string> touched = new HashSet<string>(after.Keys);
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
            calls.IndexAll(new DirtySet());
            foreach (string uuid in calls.Objects)
            {
                Entity now = Read(uuid);
                if (!before.TryGetValue(uuid, out Entity known)) { created.Add(uuid); }
                else if (IsSame(known, now)) { continue; }
                after[uuid] = now;
            }
            foreach (string uuid in before.Keys)
            {
                if (!scene.Contains(uuid)) { removed.Add(uuid); }
            }
            foreach (KeyValuePair<string, int> mesh in calls.Meshes)
            {
                if (!meshesBefore.TryGetValue(mesh.Key, out int known)) { created.Add(mesh.Key); }
                else if (known != mesh.Value) { changedMeshes.Add(mesh.Key); }
            }
        }

        /// <summary>
        /// Takes back what the handler did: by undo if nothing happened since, then value by value. Skips objects that
        /// somebody changed since. Returns whether the scene is as it was before.
        /// </summary>
        public bool TakeBack()
        {
            isReverted = calls.Revert();
            calls.IndexAll(new DirtySet());
            bool isComplete = Restore() && (isReverted || changedMeshes.Count == 0);
            foreach (string uuid in created)
            {
                if (!IsChangedSince(uuid)) { calls.Destroy(uuid); }
            }
            calls.IndexAll(new DirtySet());
            foreach (string uuid in created) { isComplete &= !scene.Contains(uuid); }
            foreach (KeyValuePair<string, Entity> known in before)
            {
                isComplete &= !Touches(known.Key) || (scene.Contains(known.Key) && IsSame(known.Value, Read(known.Key)));
            }
            return isComplete;
        }

        /// <summary>Writes the values of before; returns false if an object had to be made anew.</summary>
        bool Restore()
        {
            List<Change> changes = new List<Change>();
            bool isComplete = true;
            foreach (KeyValuePair<string, Entity> known in before)
            {
                if (!Touches(known.Key)) { continue; }
                if (!scene.Contains(known.Key))
                {
                    // Without undo, the components that are not synchronized are lost.
                    isComplete = false;
                    changes.Add(new Change(ChangeOp.Create, known.Key, known.Value));
                }
                else if (!IsSame(known.Value, Read(known.Key)) && !IsChangedSince(known.Key))
                {
                    changes.Add(new Change(ChangeOp.Update, known.Key, known.Value));
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

        bool Touches(string uuid) => after.ContainsKey(uuid) || removed.Contains(uuid);

        /// <summary>Returns whether somebody changed an object after the call; not if its undo step was still the last.</summary>
        bool IsChangedSince(string uuid) =>
            !isReverted && scene.Contains(uuid) && after.TryGetValue(uuid, out Entity left) && !IsSame(left, Read(uuid));

        Entity Read(string uuid) => scene.Sample(uuid)?.Convert() ?? new Entity(uuid, Kinds.Object);

        static bool IsSame(Entity one, Entity other)
        {
            if (one.Components.Count != other.Components.Count) { return false; }
            foreach (Component component in one.Components.Values)
            {
                bool isSame = other.Components.TryGetValue(component.Key, out Component present)
                    && present.Digest() == component.Digest();
                if (!isSame) { return false; }
            }
            return true;
        }
    }
}
