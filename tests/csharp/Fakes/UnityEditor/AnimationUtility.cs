using System;
using System.Linq;
using UnityEngine;

namespace UnityEditor
{
    public struct EditorCurveBinding
    {
        public string path;
        public string propertyName;

        public Type type { get; set; }

        public static EditorCurveBinding FloatCurve(string inPath, Type inType, string inPropertyName) =>
            new EditorCurveBinding { path = inPath, type = inType, propertyName = inPropertyName };
    }

    public class AnimationClipSettings
    {
        public bool loopTime;
    }

    /// <summary>Whether the Animation window previews a clip.</summary>
    public class AnimationMode
    {
        static bool isOn;

        public static bool InAnimationMode() => isOn;

        public static void StartAnimationMode() => isOn = true;

        public static void StopAnimationMode() => isOn = false;
    }

    /// <summary>Reads and writes the curves of clips. A mode of tangents has them computed as Unity's curve editor does.</summary>
    public partial class AnimationUtility
    {
        public enum TangentMode
        {
            Free = 0,
            Auto = 1,
            Linear = 2,
            Constant = 3,
            ClampedAuto = 4,
        }

        public static EditorCurveBinding[] GetCurveBindings(AnimationClip clip) => clip.Curves.Keys
            .Select(key => EditorCurveBinding.FloatCurve(key.Path, key.Type, key.Property)).ToArray();

        /// <summary>Returns a copy; null if the clip has no such curve.</summary>
        public static AnimationCurve GetEditorCurve(AnimationClip clip, EditorCurveBinding binding) =>
            clip.Curves.TryGetValue((binding.path, binding.type, binding.propertyName), out AnimationCurve curve) ? curve.Copy() : null;

        /// <summary>A curve that is null is removed.</summary>
        public static void SetEditorCurves(AnimationClip clip, EditorCurveBinding[] bindings, AnimationCurve[] curves)
        {
            if (bindings == null || curves == null) { throw new ArgumentNullException(); }
            if (bindings.Length != curves.Length) { throw new InvalidOperationException("must be of equal length"); }
            for (int i = 0; i < bindings.Length; i++)
            {
                (string, Type, string) key = (bindings[i].path, bindings[i].type, bindings[i].propertyName);
                clip.Curves.Remove(key);
                if (curves[i] != null) { clip.Curves[key] = UnityFakes.Faults.DropsWeights ? Plain(curves[i]) : curves[i].Copy(); }
            }
            EditorUtility.SetDirty(clip);
        }

        public static AnimationClipSettings GetAnimationClipSettings(AnimationClip clip) =>
            new AnimationClipSettings { loopTime = clip.IsLooping };

        public static void SetAnimationClipSettings(AnimationClip clip, AnimationClipSettings srcClipInfo)
        {
            clip.IsLooping = srcClipInfo.loopTime;
            EditorUtility.SetDirty(clip);
        }

        public static void SetKeyBroken(AnimationCurve curve, int index, bool broken)
        {
            Keyframe key = curve.Keys[index];
            key.IsBroken = broken;
            curve.Keys[index] = key;
            Update(curve, index);
        }

        public static void SetKeyLeftTangentMode(AnimationCurve curve, int index, TangentMode tangentMode)
        {
            Keyframe key = curve.Keys[index];
            key.Left = (int)tangentMode;
            curve.Keys[index] = key;
            Update(curve, index);
        }

        public static void SetKeyRightTangentMode(AnimationCurve curve, int index, TangentMode tangentMode)
        {
            Keyframe key = curve.Keys[index];
            key.Right = (int)tangentMode;
            curve.Keys[index] = key;
            Update(curve, index);
        }

        /// <summary>Computes the tangents of a key that its modes decide.</summary>
        static void Update(AnimationCurve curve, int i)
        {
            Keyframe key = curve.Keys[i];
            if (key.Left == (int)TangentMode.Linear && i > 0) { key.inTangent = Slope(curve.Keys[i - 1], key); }
            if (key.Right == (int)TangentMode.Linear && i + 1 < curve.length) { key.outTangent = Slope(key, curve.Keys[i + 1]); }
            bool isFree = key.Left == (int)TangentMode.Free && key.Right == (int)TangentMode.Free;
            if (isFree && !key.IsBroken) { key.outTangent = key.inTangent; }
            if (key.Left == (int)TangentMode.Constant) { key.inTangent = float.PositiveInfinity; }
            if (key.Right == (int)TangentMode.Constant) { key.outTangent = float.PositiveInfinity; }
            curve.Keys[i] = key;
        }

        static float Slope(Keyframe from, Keyframe to) => (to.value - from.value) / (to.time - from.time);

        static AnimationCurve Plain(AnimationCurve curve)
        {
            AnimationCurve plain = curve.Copy();
            for (int i = 0; i < plain.length; i++)
            {
                Keyframe key = plain.Keys[i];
                key.weightedMode = WeightedMode.None;
                plain.Keys[i] = key;
            }
            return plain;
        }
    }
}
