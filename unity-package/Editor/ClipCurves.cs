using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the curves of a clip that are about the object that plays it, not about objects below it.</summary>
    public static class ClipCurves
    {
        static readonly Dictionary<ClipTarget, Type> Types = new Dictionary<ClipTarget, Type>
        {
            [ClipTarget.Transform] = typeof(Transform),
            [ClipTarget.GameObject] = typeof(GameObject),
            [ClipTarget.Light] = typeof(Light),
            [ClipTarget.Camera] = typeof(Camera),
            [ClipTarget.SkinnedMeshRenderer] = typeof(SkinnedMeshRenderer),
        };

        /// <summary>Returns the curves by target and property.</summary>
        public static Dictionary<(ClipTarget, string), NativeKey[]> Read(AnimationClip clip)
        {
            Dictionary<(ClipTarget, string), NativeKey[]> curves = new Dictionary<(ClipTarget, string), NativeKey[]>();
            foreach (EditorCurveBinding binding in AnimationUtility.GetCurveBindings(clip))
            {
                if (!string.IsNullOrEmpty(binding.path) || !TryFind(binding.type, out ClipTarget target)) { continue; }
                AnimationCurve curve = AnimationUtility.GetEditorCurve(clip, binding);
                if (curve != null) { curves[(target, binding.propertyName)] = Array.ConvertAll(curve.keys, FromUnity); }
            }
            return curves;
        }

        /// <summary>Sets curves, and removes those without keys. Other curves of the clip stay.</summary>
        public static void Write(AnimationClip clip, IReadOnlyDictionary<(ClipTarget, string), NativeKey[]> curves)
        {
            List<EditorCurveBinding> bindings = new List<EditorCurveBinding>();
            List<AnimationCurve> values = new List<AnimationCurve>();
            foreach (KeyValuePair<(ClipTarget, string), NativeKey[]> curve in curves)
            {
                (ClipTarget target, string property) = curve.Key;
                bindings.Add(EditorCurveBinding.FloatCurve("", Types[target], property));
                values.Add(curve.Value == null ? null : ToUnity(curve.Value));
            }
            if (bindings.Count > 0) { AnimationUtility.SetEditorCurves(clip, bindings.ToArray(), values.ToArray()); }
        }

        static bool TryFind(Type type, out ClipTarget target)
        {
            foreach (KeyValuePair<ClipTarget, Type> each in Types)
            {
                target = each.Key;
                if (each.Value == type) { return true; }
            }
            target = default;
            return false;
        }

        static NativeKey FromUnity(Keyframe key) => new NativeKey
        {
            Time = key.time,
            Value = key.value,
            InTangent = key.inTangent,
            OutTangent = key.outTangent,
            InWeight = key.inWeight,
            OutWeight = key.outWeight,
            IsInWeighted = (key.weightedMode & WeightedMode.In) != 0,
            IsOutWeighted = (key.weightedMode & WeightedMode.Out) != 0,
        };

        static AnimationCurve ToUnity(NativeKey[] keys)
        {
            AnimationCurve curve = new AnimationCurve(Array.ConvertAll(keys, key =>
                new Keyframe(key.Time, key.Value, key.InTangent, key.OutTangent, key.InWeight, key.OutWeight)
                {
                    weightedMode = (key.IsInWeighted ? WeightedMode.In : WeightedMode.None)
                        | (key.IsOutWeighted ? WeightedMode.Out : WeightedMode.None),
                }));
            // The sides of a key are free of each other. A straight or constant segment stays one when a person moves its keys.
            for (int i = 0; i < keys.Length; i++)
            {
                AnimationUtility.SetKeyBroken(curve, i, true);
                if (i > 0) { AnimationUtility.SetKeyLeftTangentMode(curve, i, FindMode(keys, i - 1)); }
                if (i + 1 < keys.Length) { AnimationUtility.SetKeyRightTangentMode(curve, i, FindMode(keys, i)); }
            }
            return curve;
        }

        /// <summary>Returns the mode of the tangents of a segment.</summary>
        static AnimationUtility.TangentMode FindMode(NativeKey[] keys, int i) =>
            float.IsInfinity(keys[i].OutTangent) ? AnimationUtility.TangentMode.Constant
                : keys[i].IsOutWeighted || keys[i + 1].IsInWeighted ? AnimationUtility.TangentMode.Free
                    : AnimationUtility.TangentMode.Linear;
    }
}
