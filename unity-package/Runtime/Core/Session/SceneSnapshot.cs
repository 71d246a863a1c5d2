using System.Collections.Generic;
using System.IO;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Copies the whole scene before play mode and restores the differences after it. Unity itself restores the scene's
    /// objects, but not the assets that a game changed.
    /// </summary>
    public static class SceneSnapshot
    {
        /// <summary>Returns the whole scene as frames, back to back.</summary>
        public static byte[] Take(ISceneAdapter scene)
        {
            List<Change> all = new List<Change>();
            foreach (string uuid in scene.Uuids)
            {
                Entity entity = scene.Sample(uuid)?.Convert();
                if (entity != null) { all.Add(new Change(ChangeOp.Create, uuid, entity)); }
            }
            using (MemoryStream bytes = new MemoryStream())
            {
                foreach (List<Change> group in IntentPacking.Pack(all))
                {
                    List<byte[]> attachments = new List<byte[]>();
                    JsonValue changes = JsonValue.Array();
                    foreach (Change change in group) { changes.Add(change.ToJson(attachments)); }
                    JsonValue header = Messages.Create("snapshot").With("changes", changes);
                    byte[] frame = new Frame(header, attachments).Encode();
                    bytes.Write(frame, 0, frame.Length);
                }
                return bytes.ToArray();
            }
        }

        /// <summary>
        /// Restores the entities that differ from a snapshot, in one undo step, and returns their uuids. New entities
        /// stay.
        /// </summary>
        public static List<string> Restore(ISceneAdapter scene, byte[] snapshot, string label)
        {
            List<Change> differences = FindDifferences(scene, snapshot);
            if (differences.Count == 0) { return new List<string>(); }
            scene.BeginBatch(label, new string[0]);
            scene.BeginSlice();
            try
            {
                foreach (Change change in differences) { scene.Apply(change, scene.Prepare(change)); }
            }
            finally
            {
                scene.EndSlice();
                scene.EndBatch();
            }
            return differences.ConvertAll(change => change.Uuid);
        }

        static List<Change> FindDifferences(ISceneAdapter scene, byte[] snapshot)
        {
            List<Frame> frames = new List<Frame>();
            new FrameDecoder { IsHandshakeDone = true }.Push(snapshot, 0, snapshot.Length, frames);
            List<Change> differences = new List<Change>();
            foreach (Frame frame in frames)
            {
                foreach (JsonValue json in frame.Header.Required("changes", "").AsArray("changes"))
                {
                    Change before = Change.Read(json, frame.Attachments, "changes");
                    Change difference = Compare(before, scene.Sample(before.Uuid)?.Convert());
                    if (difference != null) { differences.Add(difference); }
                }
            }
            return differences;
        }

        static Change Compare(Change before, Entity now)
        {
            if (now == null) { return before; }
            Entity changed = new Entity(before.Uuid, before.Content.Kind);
            foreach (Component component in before.Content.Components.Values)
            {
                bool isSame = now.Components.TryGetValue(component.Key, out Component present)
                    && present.Digest() == component.Digest();
                if (!isSame) { changed.Set(component); }
            }
            return changed.Components.Count == 0 ? null : new Change(ChangeOp.Update, before.Uuid, changed);
        }
    }
}
