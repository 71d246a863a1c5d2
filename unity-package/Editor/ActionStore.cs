using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes actions. An action of the daemon gets a file in <see cref="ActionFiles.Folder"/>, with a clip for each
    /// slot; no other clip is ever written.
    /// </summary>
    public sealed class ActionStore
    {
        readonly AssetRecords<ActionIdentity> records = new AssetRecords<ActionIdentity>(scene => scene.Actions);
        readonly ActionFiles files = new ActionFiles();
        readonly ActionContent content = new ActionContent();
        readonly ActionClips clips;
        readonly Dictionary<string, int> states = new Dictionary<string, int>();
        List<ActionIdentity> recordsBefore = new List<ActionIdentity>();

        public ActionStore(ActionPlayers players, UnsupportedContent unsupported)
        {
            clips = new ActionClips(players, unsupported);
        }

        /// <summary>Returns the uuids of the actions.</summary>
        public List<string> GetUuids() => records.GetUuids();

        public bool Contains(string uuid) => records.Find(uuid) != null;

        /// <summary>Returns the uuid of an action by its file or by one of its clips; null for another asset.</summary>
        public string FindUuid(UnityEngine.Object asset)
        {
            if (asset is AnimationClip clip) { asset = AssetDatabase.LoadMainAssetAtPath(AssetDatabase.GetAssetPath(clip)); }
            return asset is VibeSyncActionAsset ? records.Find(asset)?.Uuid : null;
        }

        /// <summary>Returns an action as its clips show it; null if there is none, or if its file is damaged.</summary>
        public Entity Read(string uuid)
        {
            VibeSyncActionAsset asset = records.Find(uuid)?.File;
            ActionComponent kept = asset == null ? null : content.Read(asset);
            if (kept == null) { return null; }
            Entity entity = new Entity(uuid, Kinds.Action);
            entity.Set(NameComponent.FromEditor(asset.name == asset.AssetName ? asset.ActionName : asset.name));
            entity.Set(ActionClips.Read(asset, kept));
            return entity;
        }

        /// <summary>Returns the entity for the session; null if there is none.</summary>
        public Sample Sample(string uuid)
        {
            Entity entity = Read(uuid);
            long bytes = entity?.Find<ActionComponent>(ActionComponent.Name)?.Bytes ?? 0;
            return entity == null ? null : new Sample(bytes, _ => entity);
        }

        /// <summary>Creates or changes an action.</summary>
        public void Write(Entity entity, string label)
        {
            ActionComponent action = entity.Find<ActionComponent>(ActionComponent.Name);
            string name = entity.Find<NameComponent>("name")?.Name;
            ActionIdentity identity = records.Find(entity.Uuid);
            bool isNew = identity == null;
            if (isNew) { identity = Open(entity.Uuid, name ?? "Action", action); }
            VibeSyncActionAsset asset = identity.File;
            // Undoing the step that created a file does not clear it: nothing plays it then.
            if (!isNew) { Undo.RegisterCompleteObjectUndo(asset, label); }
            if (name != null) { (asset.ActionName, asset.AssetName) = (name, asset.name); }
            if (action != null)
            {
                clips.Write(asset, action, isNew ? null : label);
                content.Write(asset, action);
            }
            MarkChanged(asset);
        }

        /// <summary>
        /// Shows an action anew, if what plays it is another now, or if a person has changed a curve that only Blender may
        /// change.
        /// </summary>
        /// <param name="isEdited">Whether a person may have changed a curve.</param>
        /// <param name="label">The name of the undo step; null for none.</param>
        public void Settle(string uuid, bool isEdited, string label)
        {
            VibeSyncActionAsset asset = records.Find(uuid)?.File;
            ActionComponent kept = asset == null ? null : content.Read(asset);
            bool isCurrent = kept == null || (clips.IsForItsPlayers(asset, kept) && !(isEdited && ActionClips.HasEditedLock(asset, kept)));
            if (isCurrent) { return; }
            ActionComponent now = ActionClips.Read(asset, kept);
            if (label != null) { Undo.RegisterCompleteObjectUndo(asset, label); }
            clips.Write(asset, now, label);
            content.Write(asset, now);
            MarkChanged(asset);
        }

        /// <summary>Has all actions count as changed, as after an undo.</summary>
        public void MarkAllChanged() => states.Clear();

        /// <summary>Returns whether Unity has marked an action as changed since the last call.</summary>
        public bool TakeChanged(string uuid)
        {
            VibeSyncActionAsset asset = records.Find(uuid)?.File;
            if (asset == null) { return false; }
            int state = EditorUtility.GetDirtyCount(asset);
            foreach (ClipIdentity each in asset.Clips)
            {
                state = state * 31 + (each.Clip == null ? -1 : EditorUtility.GetDirtyCount(each.Clip));
            }
            bool isKnown = states.TryGetValue(uuid, out int known) && known == state;
            states[uuid] = state;
            return !isKnown;
        }

        /// <summary>Removes the identity of an action. Its file goes to the trash later.</summary>
        public void Delete(string uuid)
        {
            ActionIdentity identity = records.Find(uuid);
            if (identity == null) { return; }
            if (ActionFiles.IsOwn(identity.File)) { files.MarkDeleted(identity.File); }
            content.Forget(uuid);
            states.Remove(uuid);
            records.Remove(identity);
        }

        /// <summary>Removes the identities of actions whose files were deleted; returns whether there were any.</summary>
        public bool TakeDeleted()
        {
            List<ActionIdentity> gone = records.FindDeleted();
            foreach (ActionIdentity identity in gone) { records.Remove(identity); }
            return gone.Count > 0;
        }

        /// <summary>Assigns another uuid; returns null if there is no such action.</summary>
        public string RenewUuid(string uuid)
        {
            ActionIdentity identity = records.Find(uuid);
            if (identity == null) { return null; }
            identity.Uuid = identity.File.Uuid = Uuid.New();
            content.Forget(uuid);
            records.MarkChanged();
            MarkChanged(identity.File);
            return identity.Uuid;
        }

        /// <summary>Returns facts about the file of an action; null without one.</summary>
        public MeshState ReadState(string uuid)
        {
            VibeSyncActionAsset asset = records.Find(uuid)?.File;
            return asset == null ? null : new MeshState(asset.ActionName, false, asset.Digests);
        }

        /// <summary>Notes in the file of an action the state that daemon and editor share.</summary>
        public void MarkShared(string uuid)
        {
            VibeSyncActionAsset asset = records.Find(uuid)?.File;
            string digests = asset == null ? null : SceneRegistry.Current.Load(uuid).WriteDigests();
            if (asset == null || asset.Digests == digests) { return; }
            asset.Digests = digests;
            MarkChanged(asset);
        }

        /// <summary>Saves and removes files, some in each tick, once nothing has changed for a while.</summary>
        public void SaveIdle(double now) => files.SaveIdle(now);

        /// <summary>Saves all changed files.</summary>
        public void SaveAll() => files.SaveAll(records.GetUuids().ConvertAll(uuid => records.Find(uuid).File));

        /// <summary>Copies the identities, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            files.BeginBatch();
            recordsBefore = records.Copy();
        }

        /// <summary>Reverts the parts that the undo history does not: identities and created files.</summary>
        public void RevertBatch()
        {
            records.Restore(recordsBefore);
            foreach (string uuid in records.GetUuids()) { files.Revive(records.Find(uuid).File); }
            files.RevertBatch();
        }

        void MarkChanged(VibeSyncActionAsset asset)
        {
            EditorUtility.SetDirty(asset);
            files.MarkChanged(asset);
        }

        ActionIdentity Open(string uuid, string name, ActionComponent action)
        {
            VibeSyncActionAsset file = files.Find(uuid);
            if (file == null)
            {
                if (action == null) { throw new SyncException(ErrorCode.ComponentInvalid, "a new action has no data"); }
                file = files.Create(uuid, name);
            }
            files.Revive(file);
            ActionIdentity identity = new ActionIdentity { Uuid = uuid, File = file };
            records.Add(identity);
            return identity;
        }
    }
}
