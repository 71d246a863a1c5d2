using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the clips that show the slots of an action.</summary>
    public sealed class ActionClips
    {
        readonly ActionPlayers players;
        readonly UnsupportedContent unsupported;

        public ActionClips(ActionPlayers players, UnsupportedContent unsupported)
        {
            this.players = players;
            this.unsupported = unsupported;
        }

        /// <summary>Returns the action that the clips show; <paramref name="kept"/> itself if they show it.</summary>
        /// <param name="kept">The action that the clips were made of.</param>
        public static ActionComponent Read(VibeSyncActionAsset asset, ActionComponent kept)
        {
            bool isSame = true, isLoop = kept.IsLoop;
            List<ActionSlot> slots = new List<ActionSlot>();
            foreach (ActionSlot slot in kept.Slots)
            {
                ClipIdentity identity = Find(asset, slot.Id);
                ActionSlot now = slot;
                if (identity?.Clip != null)
                {
                    now = NativeClip.ToSlot(kept, slot, SlotView.Parse(identity.View), Split(identity.Left),
                        ClipCurves.Read(identity.Clip));
                    bool isLooping = AnimationUtility.GetAnimationClipSettings(identity.Clip).loopTime;
                    if (isLooping != kept.IsLoop) { isLoop = isLooping; }
                }
                slots.Add(now);
                isSame &= ReferenceEquals(now, slot);
            }
            if (isSame && isLoop == kept.IsLoop) { return kept; }
            (double first, double last) = NativeClip.FitRange(kept, slots);
            return new ActionComponent(kept.RateFrames, kept.RateSeconds, first, last, isLoop, slots);
        }

        /// <summary>Makes clips show an action.</summary>
        /// <param name="label">The name of the undo step; null for none.</param>
        public void Write(VibeSyncActionAsset asset, ActionComponent action, string label)
        {
            List<ClipIdentity> written = new List<ClipIdentity>();
            foreach (ActionSlot slot in action.Slots)
            {
                ClipIdentity known = Find(asset, slot.Id);
                AnimationClip clip = known?.Clip;
                bool isNew = clip == null;
                if (isNew) { clip = Create(asset, slot, action.Slots.Count); }
                else if (label != null) { Undo.RegisterCompleteObjectUndo(clip, label); }
                SlotView view = players.FindView(asset.Uuid, slot);
                string left = Write(clip, action, slot, view, asset);
                written.Add(new ClipIdentity { Slot = slot.Id, Clip = clip, View = view.Text, Left = left });
                EditorUtility.SetDirty(clip);
            }
            foreach (ClipIdentity former in asset.Clips)
            {
                bool isGone = former.Clip != null && !written.Exists(each => each.Clip == former.Clip);
                if (isGone) { Remove(former.Clip, label); }
            }
            asset.Clips = written;
        }

        /// <summary>Returns whether the clips show an action as what plays it needs them to.</summary>
        public bool IsForItsPlayers(VibeSyncActionAsset asset, ActionComponent kept)
        {
            foreach (ActionSlot slot in kept.Slots)
            {
                ClipIdentity identity = Find(asset, slot.Id);
                if (identity?.Clip == null || identity.View != players.FindView(asset.Uuid, slot).Text) { return false; }
            }
            return true;
        }

        /// <summary>Returns whether a curve that a person cannot edit is not as it was written.</summary>
        public static bool HasEditedLock(VibeSyncActionAsset asset, ActionComponent kept)
        {
            foreach (ActionSlot slot in kept.Slots)
            {
                ClipIdentity identity = Find(asset, slot.Id);
                if (identity?.Clip == null) { continue; }
                Dictionary<(ClipTarget, string), NativeKey[]> wanted = NativeClip.FromSlot(kept, slot,
                    SlotView.Parse(identity.View), Split(identity.Left), true);
                if (wanted.Count > 0 && FindOther(wanted, ClipCurves.Read(identity.Clip)).Count > 0) { return true; }
            }
            return false;
        }

        /// <summary>
        /// Writes the curves of a slot, and takes those away that Unity does not hold as they were written. Returns their names.
        /// </summary>
        string Write(AnimationClip clip, ActionComponent action, ActionSlot slot, SlotView view, VibeSyncActionAsset asset)
        {
            clip.frameRate = (float)action.FrameRate;
            AnimationClipSettings settings = AnimationUtility.GetAnimationClipSettings(clip);
            if (settings.loopTime != action.IsLoop)
            {
                settings.loopTime = action.IsLoop;
                AnimationUtility.SetAnimationClipSettings(clip, settings);
            }
            Dictionary<(ClipTarget, string), NativeKey[]> wanted = NativeClip.FromSlot(action, slot, view, new string[0]);
            Dictionary<(ClipTarget, string), NativeKey[]> changes = FindOther(wanted, ClipCurves.Read(clip));
            foreach ((ClipTarget, string) key in ClipCurves.Read(clip).Keys)
            {
                // A curve of the user's for what no channel can be stays.
                if (!wanted.ContainsKey(key) && view.Find(key.Item1, key.Item2) != null) { changes[key] = null; }
            }
            ClipCurves.Write(clip, changes);
            Dictionary<(ClipTarget, string), NativeKey[]> left = FindOther(wanted, ClipCurves.Read(clip));
            if (left.Count == 0) { return ""; }
            unsupported.Report("animation curves that Unity holds otherwise", asset);
            List<string> names = new List<string>();
            Dictionary<(ClipTarget, string), NativeKey[]> removed = new Dictionary<(ClipTarget, string), NativeKey[]>();
            bool hasRotation = new List<(ClipTarget, string)>(left.Keys).Exists(IsRotation);
            foreach ((ClipTarget, string) key in wanted.Keys)
            {
                // Unity has rotations as a whole.
                if (!left.ContainsKey(key) && !(hasRotation && IsRotation(key))) { continue; }
                names.Add(key.Item2);
                removed[key] = null;
            }
            ClipCurves.Write(clip, removed);
            return string.Join(";", names);
        }

        static bool IsRotation((ClipTarget, string) key) => key.Item2.StartsWith("m_LocalRotation.", StringComparison.Ordinal);

        /// <summary>Returns the curves that are not shown as they are wanted.</summary>
        static Dictionary<(ClipTarget, string), NativeKey[]> FindOther(Dictionary<(ClipTarget, string), NativeKey[]> wanted,
            Dictionary<(ClipTarget, string), NativeKey[]> shown)
        {
            Dictionary<(ClipTarget, string), NativeKey[]> other = new Dictionary<(ClipTarget, string), NativeKey[]>();
            foreach (KeyValuePair<(ClipTarget, string), NativeKey[]> curve in wanted)
            {
                bool isShown = shown.TryGetValue(curve.Key, out NativeKey[] now) && NativeCurve.AreSame(curve.Value, now);
                if (!isShown) { other[curve.Key] = curve.Value; }
            }
            return other;
        }

        static AnimationClip Create(VibeSyncActionAsset asset, ActionSlot slot, int slots)
        {
            AnimationClip clip = new AnimationClip
            {
                name = slots == 1 ? asset.ActionName : asset.ActionName + " (" + slot.Kind + " " + slot.Id + ")",
            };
            AssetDatabase.AddObjectToAsset(clip, asset);
            return clip;
        }

        static void Remove(AnimationClip clip, string label)
        {
            if (label != null) { Undo.DestroyObjectImmediate(clip); }
            else { UnityEngine.Object.DestroyImmediate(clip, true); }
        }

        static ClipIdentity Find(VibeSyncActionAsset asset, long slot) => asset.Clips.Find(each => each.Slot == slot);

        static string[] Split(string left) => left.Split(new[] { ';' }, StringSplitOptions.RemoveEmptyEntries);
    }
}
