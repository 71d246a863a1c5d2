using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>Converts the slots of an action to the curves of Unity's clips and back.</summary>
    public static class NativeClip
    {
        const string Rotation = "rotation";
        const string Euler = "euler";
        const int RotationNumbers = 4;

        /// <summary>Returns the curves that show a slot, by target and property. Other channels of it are only kept.</summary>
        /// <param name="left">Properties that Unity does not hold as they are written.</param>
        /// <param name="isFixedOnly">Whether to return only the curves that a person cannot edit.</param>
        public static Dictionary<(ClipTarget, string), NativeKey[]> FromSlot(ActionComponent action, ActionSlot slot,
            SlotView view, ICollection<string> left, bool isFixedOnly = false)
        {
            Dictionary<(ClipTarget, string), NativeKey[]> curves = new Dictionary<(ClipTarget, string), NativeKey[]>();
            foreach (ActionChannel channel in slot.Channels)
            {
                ShownChannel? shown = Find(channel, slot, view, left);
                bool isWanted = shown != null && (!isFixedOnly || IsFixed(channel, shown.Value));
                if (isWanted) { curves[(shown.Value.Target, shown.Value.Property)] = Show(action, channel, shown.Value); }
            }
            return curves;
        }

        /// <summary>
        /// Returns the slot that curves show; <paramref name="kept"/> itself if they show it. A channel that is locked,
        /// encoded, or without a curve in Unity stays as it is.
        /// </summary>
        /// <param name="kept">The slot that the curves were made of.</param>
        public static ActionSlot ToSlot(ActionComponent action, ActionSlot kept, SlotView view, ICollection<string> left,
            Dictionary<(ClipTarget, string), NativeKey[]> curves)
        {
            bool isSame = true;
            List<ActionChannel> channels = new List<ActionChannel>();
            HashSet<(ClipTarget, string)> known = new HashSet<(ClipTarget, string)>();
            foreach (ActionChannel channel in kept.Channels)
            {
                ShownChannel? shown = Find(channel, kept, view, left);
                if (shown == null)
                {
                    channels.Add(channel);
                    continue;
                }
                known.Add((shown.Value.Target, shown.Value.Property));
                ActionChannel now = IsFixed(channel, shown.Value) ? channel : Read(action, channel, shown.Value, curves);
                if (now != null) { channels.Add(now); }
                isSame &= ReferenceEquals(now, channel);
            }
            foreach (KeyValuePair<(ClipTarget, string), NativeKey[]> curve in curves)
            {
                ShownChannel? shown = known.Contains(curve.Key) || left.Contains(curve.Key.Item2) ? null
                    : view.Find(curve.Key.Item1, curve.Key.Item2);
                if (shown == null || shown.Value.IsEncoded || curve.Value.Length == 0 || IsTaken(shown.Value, kept, curves)) { continue; }
                channels.Add(Make(action, shown.Value, curve.Value));
                isSame = false;
            }
            if (isSame) { return kept; }
            channels.Sort((a, b) => a.CompareTo(b));
            return new ActionSlot(kept.Id, kept.Kind, channels);
        }

        /// <summary>
        /// Returns the first and last frame of an action with new slots: those of its keys, if they were that before. A locked
        /// channel is counted from the first frame, so an action with one keeps its range.
        /// </summary>
        public static (double First, double Last) FitRange(ActionComponent action, IReadOnlyList<ActionSlot> slots)
        {
            (double First, double Last)? before = FindExtent(action.Slots), now = FindExtent(slots);
            bool isFit = before != null && now != null && Math.Abs(before.Value.First - action.First) <= ActionChannel.TimeEpsilon
                && Math.Abs(before.Value.Last - action.Last) <= ActionChannel.TimeEpsilon;
            return isFit ? now.Value : (action.First, action.Last);
        }

        static (double First, double Last)? FindExtent(IReadOnlyList<ActionSlot> slots)
        {
            (double First, double Last)? extent = null;
            foreach (ActionSlot slot in slots)
            {
                foreach (ActionChannel channel in slot.Channels)
                {
                    if (channel.IsLocked) { return null; }
                    double first = channel.Keys[0].Time, last = channel.Keys[channel.Keys.Length - 1].Time;
                    extent = extent == null ? (first, last)
                        : (Math.Min(extent.Value.First, first), Math.Max(extent.Value.Last, last));
                }
            }
            return extent;
        }

        static ShownChannel? Find(ActionChannel channel, ActionSlot slot, SlotView view, ICollection<string> left)
        {
            ShownChannel? shown = view.Find(channel, slot);
            return shown != null && left.Contains(shown.Value.Property) ? null : shown;
        }

        /// <summary>Returns whether a person cannot edit the curve of a channel.</summary>
        static bool IsFixed(ActionChannel channel, in ShownChannel shown) => channel.IsLocked || shown.IsEncoded;

        static NativeKey[] Show(ActionComponent action, ActionChannel channel, in ShownChannel shown)
        {
            NativeCurve curve = CurveOf(action, shown);
            if (shown.IsEncoded)
            {
                double first = Math.Floor(action.First), factor = shown.Factor;
                float[] samples = channel.IsLocked ? channel.Samples : CurveSampler.ReadFrames(channel.Keys, out first);
                return new NativeCurve(action.FrameRate, 1).FromSamples(
                    Array.ConvertAll(samples, value => (float)ColorCurve.Encode(Math.Max(value * factor, 0))), first);
            }
            return channel.IsLocked ? curve.FromSamples(channel.Samples, Math.Floor(action.First)) : curve.FromKeys(channel.Keys);
        }

        static NativeCurve CurveOf(ActionComponent action, in ShownChannel shown) =>
            new NativeCurve(action.FrameRate, shown.Factor, shown.IsStepped);

        /// <summary>Returns the channel as its curve shows it; null if the curve was removed.</summary>
        static ActionChannel Read(ActionComponent action, ActionChannel channel, in ShownChannel shown,
            Dictionary<(ClipTarget, string), NativeKey[]> curves)
        {
            bool isThere = curves.TryGetValue((shown.Target, shown.Property), out NativeKey[] curve) && curve.Length > 0;
            if (!isThere) { return null; }
            CurveKey[] keys = CurveOf(action, shown).ToKeys(curve, channel.Keys);
            return ReferenceEquals(keys, channel.Keys) ? channel : channel.WithKeys(keys);
        }

        static ActionChannel Make(ActionComponent action, in ShownChannel shown, NativeKey[] curve) => new ActionChannel(
            shown.Path, shown.Component, shown.Key, CurveOf(action, shown).ToKeys(curve, new CurveKey[0]));

        /// <summary>
        /// Returns whether a curve of the user's cannot become a channel: the slot has the rotation in the other form, or a
        /// quaternion is not whole.
        /// </summary>
        static bool IsTaken(in ShownChannel shown, ActionSlot slot, Dictionary<(ClipTarget, string), NativeKey[]> curves)
        {
            if (shown.Path != Rotation && shown.Path != Euler) { return false; }
            string other = shown.Path == Rotation ? Euler : Rotation;
            foreach (ActionChannel each in slot.Channels)
            {
                if (each.Path == other && each.Joint == null) { return true; }
            }
            if (shown.Path == Euler) { return false; }
            int count = 0;
            foreach ((ClipTarget _, string property) in curves.Keys) { count += property.StartsWith("m_LocalRotation.", StringComparison.Ordinal) ? 1 : 0; }
            return count < RotationNumbers;
        }
    }
}
