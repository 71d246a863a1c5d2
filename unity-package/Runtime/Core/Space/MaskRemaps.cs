using System;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The remaps of a mask map: what metallic, smoothness and occlusion are where their channel is zero, and where it is one.
    /// </summary>
    public sealed class MaskRemaps
    {
        public const int Metallic = 0;
        public const int Smoothness = 1;
        public const int Occlusion = 2;
        public const int Count = 3;

        /// <summary>The largest difference of equal numbers, which Unity holds in single precision.</summary>
        internal const double Tolerance = 1e-6;

        readonly double[] least = { 0, 0, 0 };
        readonly double[] most = { 1, 1, 1 };

        public double Min(int value) => least[value];

        public double Max(int value) => most[value];

        public double Range(int value) => most[value] - least[value];

        /// <summary>Whether a value is the same for each pixel.</summary>
        public bool IsConstant(int value) => Math.Abs(Range(value)) <= Tolerance;

        public void Set(int value, double min, double max) => (least[value], most[value]) = (min, max);

        /// <summary>Returns whether two have the same remap of a value.</summary>
        public bool IsSame(int value, MaskRemaps other) =>
            IsClose(least[value], other.least[value]) && IsClose(most[value], other.most[value]);

        /// <summary>Weakens the occlusion by its strength.</summary>
        public void Weaken(double strength) =>
            Set(Occlusion, 1 + strength * (least[Occlusion] - 1), 1 + strength * (most[Occlusion] - 1));

        /// <summary>Returns the strength that weakens the occlusion of another one to this one; null if there is none.</summary>
        public double? FindStrength(MaskRemaps full)
        {
            double darkest = 1 - full.least[Occlusion];
            if (darkest <= Tolerance) { return null; }
            double strength = (1 - least[Occlusion]) / darkest;
            bool isStrength = strength >= -Tolerance && strength <= 1 + Tolerance
                && IsClose(most[Occlusion], 1 + strength * (full.most[Occlusion] - 1));
            return isStrength ? Math.Min(Math.Max(strength, 0), 1) : (double?)null;
        }

        public JsonValue ToJson() => JsonValue.Object().With("min", Numbers.Write(least)).With("max", Numbers.Write(most));

        public static MaskRemaps Read(JsonValue json, string location)
        {
            double[] min = Numbers.Read(json, "min", Count, location);
            double[] max = Numbers.Read(json, "max", Count, location);
            MaskRemaps remaps = new MaskRemaps();
            for (int i = 0; i < Count; i++) { remaps.Set(i, min[i], max[i]); }
            return remaps;
        }

        static bool IsClose(double a, double b) => Math.Abs(a - b) <= Tolerance;
    }
}
