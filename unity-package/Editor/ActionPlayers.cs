using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Maps actions to the objects that play them, and finds how the clips of an action have to show its slots.</summary>
    public sealed class ActionPlayers
    {
        readonly KeptRecords kept;
        readonly ViewerRecords viewers;
        readonly LightUnits units = LightSupport.Find();
        readonly Dictionary<ObjectKey, (string Action, long Slot)> known = new Dictionary<ObjectKey, (string, long)>();
        readonly Dictionary<(string, long), List<ObjectKey>> players = new Dictionary<(string, long), List<ObjectKey>>();

        public ActionPlayers(KeptRecords kept, ViewerRecords viewers)
        {
            this.kept = kept;
            this.viewers = viewers;
        }

        /// <summary>Notes what an object plays.</summary>
        public void Note(GameObject target)
        {
            ObjectKey key = ObjectKey.Of(target);
            AnimationComponent animation = kept.GetAnimation(target);
            (string, long) played = (animation.Action, animation.Slot ?? -1);
            bool isKnown = known.TryGetValue(key, out (string, long) before);
            if (isKnown && before == played) { return; }
            Forget(key);
            if (animation.Slot == null) { return; }
            known[key] = played;
            if (!players.TryGetValue(played, out List<ObjectKey> all)) { players[played] = all = new List<ObjectKey>(); }
            all.Add(key);
        }

        /// <summary>Forgets an object that is gone.</summary>
        public void Forget(ObjectKey key)
        {
            if (!known.TryGetValue(key, out (string, long) played)) { return; }
            known.Remove(key);
            players[played].Remove(key);
            if (players[played].Count == 0) { players.Remove(played); }
        }

        /// <summary>Gives an action another uuid in the records of what plays it.</summary>
        public void Rename(string uuid, string renamed)
        {
            foreach (ObjectKey key in new List<ObjectKey>(known.Keys))
            {
                GameObject player = key.Resolve() as GameObject;
                if (player == null || known[key].Action != uuid) { continue; }
                kept.SetAnimation(player, new AnimationComponent(renamed, known[key].Slot));
                Note(player);
            }
            foreach (string each in viewers.GetUuids())
            {
                Entity viewer = viewers.Read(each);
                AnimationComponent played = viewer?.Find<AnimationComponent>(AnimationComponent.Name);
                if (played?.Action != uuid) { continue; }
                Entity change = new Entity(each, viewer.Kind);
                change.Set(new AnimationComponent(renamed, played.Slot));
                viewers.Write(change, viewer.Kind, false, null);
            }
        }

        /// <summary>Returns how a clip shows a slot for what plays it; the first one if several do.</summary>
        public SlotView FindView(string action, ActionSlot slot)
        {
            switch (slot.Kind)
            {
                case Kinds.Light: return SlotView.ForLight(FindViewer(action, slot) as LightComponent, units);
                case Kinds.Camera: return SlotView.ForCamera(FindViewer(action, slot) as CameraComponent);
                case Kinds.Mesh: return SlotView.ForMesh();
                default: return SlotView.ForObject(FindFrame(action, slot.Id));
            }
        }

        LocalFrame FindFrame(string action, long slot)
        {
            if (!players.TryGetValue((action, slot), out List<ObjectKey> keys)) { return default; }
            foreach (ObjectKey key in keys)
            {
                GameObject player = key.Resolve() as GameObject;
                if (player == null) { continue; }
                Transform above = player.transform.parent;
                return new LocalFrame(viewers.IsViewer(player), above != null && viewers.IsViewer(above.gameObject));
            }
            return default;
        }

        /// <summary>Returns the value of a light or camera that plays a slot; null for none.</summary>
        Core.Scene.Component FindViewer(string action, ActionSlot slot)
        {
            foreach (string uuid in viewers.GetUuids())
            {
                if (viewers.FindKindOf(uuid) != slot.Kind) { continue; }
                Entity viewer = viewers.Read(uuid);
                AnimationComponent animation = viewer?.Find<AnimationComponent>(AnimationComponent.Name);
                if (animation?.Action == action && animation.Slot == slot.Id) { return viewer.Components[slot.Kind]; }
            }
            return null;
        }
    }
}
