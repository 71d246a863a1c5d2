using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Converts curves to those of Unity and back. Both have cubic segments in time and value. A key stays the canonical one
    /// while Unity shows what follows from it, so Unity's precision and its limits change nothing.
    /// </summary>
    public readonly struct NativeCurve
    {
        /// <summary>The least length of a handle, as a part of its segment: a vertical one has no slope.</summary>
        const double MinWeight = 1e-4;

        /// <summary>The length of a handle without a weight of its own.</summary>
        const double PlainWeight = 1.0 / 3;

        const double LineTolerance = 1e-4;

        readonly double rate, factor;
        readonly bool isStepped;

        /// <param name="rate">Frames in a second.</param>
        /// <param name="factor">Unity's value divided by the canonical one.</param>
        /// <param name="isStepped">Whether all segments are shown as constant ones.</param>
        public NativeCurve(double rate, double factor, bool isStepped = false)
        {
            this.rate = rate;
            this.factor = factor;
            this.isStepped = isStepped;
        }

        /// <summary>Returns whether Unity shows two curves alike. The outer sides of the first and last key show nothing.</summary>
        public static bool AreSame(NativeKey[] a, NativeKey[] b)
        {
            if (a.Length != b.Length) { return false; }
            for (int i = 0; i < a.Length; i++)
            {
                bool isSame = a[i].HasSamePoint(b[i]) && (i == 0 || IsSameSegment(a, i - 1, b, i - 1));
                if (!isSame) { return false; }
            }
            return true;
        }

        /// <summary>Returns the curve through keys.</summary>
        public NativeKey[] FromKeys(CurveKey[] keys)
        {
            NativeKey[] shown = new NativeKey[keys.Length];
            for (int i = 0; i < keys.Length; i++) { shown[i] = Place(keys[i].Time, keys[i].Value); }
            for (int i = 0; i + 1 < keys.Length; i++)
            {
                switch (isStepped ? Interpolation.Constant : keys[i].Interpolation)
                {
                    case Interpolation.Constant: MakeConstant(shown, i); break;
                    case Interpolation.Linear: MakeLinear(shown, i); break;
                    default: MakeBezier(shown, i, keys[i], keys[i + 1]); break;
                }
            }
            return shown;
        }

        /// <summary>Returns the curve with straight lines between values at whole frames.</summary>
        public NativeKey[] FromSamples(float[] samples, double firstFrame)
        {
            NativeKey[] shown = new NativeKey[samples.Length];
            for (int i = 0; i < samples.Length; i++) { shown[i] = Place(firstFrame + i, samples[i]); }
            for (int i = 0; i + 1 < samples.Length; i++)
            {
                if (isStepped) { MakeConstant(shown, i); }
                else { MakeLinear(shown, i); }
            }
            return shown;
        }

        /// <summary>
        /// Returns the canonical keys of Unity's curve; <paramref name="kept"/> itself if the curve is what follows from it.
        /// </summary>
        /// <param name="kept">The keys that the curve was made of; empty for none.</param>
        public CurveKey[] ToKeys(NativeKey[] shown, CurveKey[] kept)
        {
            NativeKey[] before = FromKeys(kept);
            if (AreSame(shown, before)) { return kept; }
            int[] origins = FindOrigins(shown, before);
            List<CurveKey> keys = new List<CurveKey>();
            for (int i = 0; i < shown.Length; i++)
            {
                bool isNew = origins[i] < 0;
                if (!isNew && shown[i].HasSamePoint(before[origins[i]])) { keys.Add(kept[origins[i]]); }
                else if (!isNew) { keys.Add(Move(kept[origins[i]], ToValue(shown[i].Value))); }
                else
                {
                    keys.Add(Make((float)(shown[i].Time * rate), ToValue(shown[i].Value),
                        keys.Count > 0 ? keys[keys.Count - 1].Interpolation : Interpolation.Bezier));
                }
            }
            CurveKey[] all = keys.ToArray();
            for (int i = 0; i + 1 < all.Length; i++)
            {
                bool isKept = origins[i] >= 0 && origins[i + 1] == origins[i] + 1
                    && shown[i].HasSamePoint(before[origins[i]]) && shown[i + 1].HasSamePoint(before[origins[i + 1]])
                    && IsSameSegment(shown, i, before, origins[i]);
                if (!isKept) { ReadSegment(all, i, shown); }
            }
            return WithoutRepeats(all);
        }

        static bool IsSameSegment(NativeKey[] a, int i, NativeKey[] b, int j)
        {
            bool isConstant = IsConstant(a, i);
            if (isConstant || IsConstant(b, j)) { return isConstant == IsConstant(b, j); }
            return a[i].HasSameOut(b[j]) && a[i + 1].HasSameIn(b[j + 1]);
        }

        static bool IsConstant(NativeKey[] keys, int i) =>
            float.IsInfinity(keys[i].OutTangent) || float.IsInfinity(keys[i + 1].InTangent);

        /// <summary>Returns for each key the place of the one that was at its time before; -1 for a new key.</summary>
        static int[] FindOrigins(NativeKey[] shown, NativeKey[] before)
        {
            int[] origins = new int[shown.Length];
            int at = 0;
            for (int i = 0; i < shown.Length; i++)
            {
                while (at < before.Length && !shown[i].HasSameTime(before[at]) && before[at].Time < shown[i].Time) { at++; }
                origins[i] = at < before.Length && shown[i].HasSameTime(before[at]) ? at++ : -1;
            }
            return origins;
        }

        NativeKey Place(double frame, double value) =>
            new NativeKey { Time = (float)(frame / rate), Value = (float)(value * factor) };

        static void MakeConstant(NativeKey[] keys, int i) =>
            keys[i].OutTangent = keys[i + 1].InTangent = float.PositiveInfinity;

        static void MakeLinear(NativeKey[] keys, int i) => keys[i].OutTangent = keys[i + 1].InTangent = Slope(keys[i], keys[i + 1]);

        void MakeBezier(NativeKey[] shown, int i, in CurveKey from, in CurveKey to)
        {
            double length = (double)to.Time - from.Time;
            (shown[i].OutTangent, shown[i].OutWeight) = Handle((double)from.OutTime - from.Time,
                (double)from.OutValue - from.Value, length);
            (shown[i + 1].InTangent, shown[i + 1].InWeight) = Handle((double)to.Time - to.InTime,
                (double)to.Value - to.InValue, length);
            shown[i].IsOutWeighted = shown[i + 1].IsInWeighted = true;
        }

        /// <summary>
        /// Returns tangent and weight of a handle, which is shortened to its segment. The numbers of the handle are those of
        /// its ascent: frames, and the value per these frames.
        /// </summary>
        (float Tangent, float Weight) Handle(double frames, double ascent, double length)
        {
            double least = MinWeight * length;
            double run = Math.Max(frames, least);
            return ((float)(ascent * factor / run * rate), (float)Math.Min(run / length, 1));
        }

        float ToValue(double value)
        {
            float canonical = (float)(value / factor);
            return float.IsNaN(canonical) || float.IsInfinity(canonical) ? 0 : canonical;
        }

        /// <summary>Returns a key with another value, whose handles move with it.</summary>
        static CurveKey Move(CurveKey key, float value)
        {
            float ascent = value - key.Value;
            key.Value = value;
            key.InValue += ascent;
            key.OutValue += ascent;
            return key;
        }

        /// <summary>Returns a key with level handles of one frame.</summary>
        static CurveKey Make(float time, float value, Interpolation interpolation) => new CurveKey
        {
            Time = time,
            Value = value,
            InTime = time - 1,
            InValue = value,
            OutTime = time + 1,
            OutValue = value,
            Interpolation = interpolation,
        };

        void ReadSegment(CurveKey[] keys, int i, NativeKey[] shown)
        {
            NativeKey from = shown[i], to = shown[i + 1];
            double length = (double)keys[i + 1].Time - keys[i].Time;
            if (IsConstant(shown, i))
            {
                keys[i].Interpolation = Interpolation.Constant;
                return;
            }
            double slope = Slope(from, to);
            bool isLine = NativeKey.IsClose(from.OutTangent, slope, LineTolerance) && NativeKey.IsClose(to.InTangent, slope, LineTolerance);
            keys[i].Interpolation = isLine ? Interpolation.Linear : Interpolation.Bezier;
            double run = length * Weight(from.IsOutWeighted, from.OutWeight);
            keys[i].OutTime = (float)(keys[i].Time + run);
            keys[i].OutValue = ToValue(from.Value + from.OutTangent * run / rate);
            run = length * Weight(to.IsInWeighted, to.InWeight);
            keys[i + 1].InTime = (float)(keys[i + 1].Time - run);
            keys[i + 1].InValue = ToValue(to.Value - to.InTangent * run / rate);
        }

        static double Weight(bool isWeighted, float weight) =>
            isWeighted && weight >= 0 ? Math.Min(weight, 1) : PlainWeight;

        static float Slope(in NativeKey from, in NativeKey to) =>
            (float)(((double)to.Value - from.Value) / ((double)to.Time - from.Time));

        /// <summary>Leaves out keys whose times are the same in single precision.</summary>
        static CurveKey[] WithoutRepeats(CurveKey[] keys)
        {
            List<CurveKey> kept = new List<CurveKey>();
            foreach (CurveKey key in keys)
            {
                if (kept.Count == 0 || key.Time > kept[kept.Count - 1].Time) { kept.Add(key); }
            }
            return kept.ToArray();
        }
    }
}
