using System;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// One key of a curve as Unity has it. A tangent is a slope, in value per second; a weight is the length of the handle in
    /// time, as a part of the segment. The weight of a side without one is a third.
    /// </summary>
    public struct NativeKey
    {
        /// <summary>The largest relative difference of equal times and values, which Unity holds in single precision.</summary>
        const double Tolerance = 1e-6;

        /// <summary>The same for tangents and weights, which Unity may compute anew.</summary>
        const double SlopeTolerance = 1e-4;

        /// <summary>The time in seconds.</summary>
        public float Time;

        public float Value;

        /// <summary>The slopes before and behind the key; infinite beside a segment that is constant.</summary>
        public float InTangent, OutTangent;

        public float InWeight, OutWeight;

        /// <summary>Whether the handles before and behind the key have a weight of their own.</summary>
        public bool IsInWeighted, IsOutWeighted;

        internal bool HasSameTime(in NativeKey other) => IsClose(Time, other.Time, Tolerance);

        /// <summary>Returns whether both are at the same place.</summary>
        internal bool HasSamePoint(in NativeKey other) => HasSameTime(other) && IsClose(Value, other.Value, Tolerance);

        internal bool HasSameIn(in NativeKey other) => IsInWeighted == other.IsInWeighted
            && IsClose(InTangent, other.InTangent, SlopeTolerance)
            && (!IsInWeighted || IsClose(InWeight, other.InWeight, SlopeTolerance));

        internal bool HasSameOut(in NativeKey other) => IsOutWeighted == other.IsOutWeighted
            && IsClose(OutTangent, other.OutTangent, SlopeTolerance)
            && (!IsOutWeighted || IsClose(OutWeight, other.OutWeight, SlopeTolerance));

        internal static bool IsClose(double a, double b, double tolerance) => a.Equals(b) || (!double.IsInfinity(a)
            && !double.IsInfinity(b) && Math.Abs(a - b) <= tolerance * Math.Max(Math.Max(Math.Abs(a), Math.Abs(b)), 1e-3));
    }
}
