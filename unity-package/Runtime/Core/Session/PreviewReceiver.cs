using System;
using System.Collections.Generic;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Shows what the user of the other editor is doing: the newest value of each object, for at most a second. Objects
    /// that this user holds, or whose change is on its way, show none.
    /// </summary>
    public sealed class PreviewReceiver
    {
        /// <summary>Seconds after which a value counts no more.</summary>
        const double ShownSeconds = 1;

        readonly ISceneAdapter scene;
        readonly ShownPreviews shown;
        readonly Func<string, bool> isBusy;
        readonly Dictionary<string, Entity> arrived = new Dictionary<string, Entity>();
        readonly Dictionary<string, double> shownAt = new Dictionary<string, double>();

        /// <param name="isBusy">Whether a change of the object is on its way, in one of both directions.</param>
        public PreviewReceiver(ISceneAdapter scene, ShownPreviews shown, Func<string, bool> isBusy)
        {
            this.scene = scene;
            this.shown = shown;
            this.isBusy = isBusy;
        }

        /// <summary>Takes a `preview`. A newer value replaces an older one that was not shown yet.</summary>
        public void Add(Frame frame)
        {
            foreach (Entity value in PreviewMessages.ReadPreview(frame))
            {
                bool hasRoom = arrived.Count < PreviewMessages.MaxShown || arrived.ContainsKey(value.Uuid);
                if (hasRoom) { arrived[value.Uuid] = value; }
            }
        }

        /// <summary>Puts back what these objects had before, and forgets what arrived for them.</summary>
        public void End(IEnumerable<string> uuids)
        {
            foreach (string uuid in uuids)
            {
                arrived.Remove(uuid);
                shown.PutBack(uuid);
            }
        }

        /// <summary>Puts back what all objects had before, and forgets what arrived.</summary>
        public void EndAll()
        {
            arrived.Clear();
            shownAt.Clear();
            shown.PutBackAll();
        }

        /// <summary>Shows what arrived, and ends what must not be shown any more.</summary>
        public void Run(double now)
        {
            shown.RestoreRevived();
            if (arrived.Count == 0 && shown.Uuids.Count == 0) { return; }
            Func<string, bool> isHeld = FindHeld();
            List<string> ended = new List<string>();
            foreach (string uuid in shown.Uuids)
            {
                bool isLate = !shownAt.TryGetValue(uuid, out double at) || now - at >= ShownSeconds;
                bool isNewer = arrived.ContainsKey(uuid);
                if ((isLate && !isNewer) || isHeld(uuid) || isBusy(uuid)) { ended.Add(uuid); }
            }
            foreach (string uuid in ended)
            {
                shown.PutBack(uuid);
                shownAt.Remove(uuid);
            }
            foreach (KeyValuePair<string, Entity> value in arrived)
            {
                bool hasRoom = shown.Uuids.Count < PreviewMessages.MaxShown || shown.Contains(value.Key);
                if (!hasRoom || isHeld(value.Key) || isBusy(value.Key)) { continue; }
                if (shown.Show(value.Value)) { shownAt[value.Key] = now; }
            }
            arrived.Clear();
            shown.Advance();
        }

        /// <summary>Returns which objects the user holds: those that the daemon is told of.</summary>
        Func<string, bool> FindHeld()
        {
            if (!EditorStates.IsUserEditing(scene.EditorState)) { return _ => false; }
            IReadOnlyList<string> held = scene.ActiveEdits;
            if (held == null) { return _ => true; }
            HashSet<string> all = new HashSet<string>(held);
            // Also what the held objects show.
            all.UnionWith(shown.Scene.Selected);
            return all.Contains;
        }
    }
}
