using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>The types of Unity's lights that are synchronized.</summary>
    public enum NativeLightType
    {
        Point,
        Spot,
        Directional,
        Rectangle,
        Disc,
    }

    /// <summary>
    /// The synchronized values of a light as Unity has them. Unity has no field for some canonical ones, so the canonical
    /// light is kept beside it. A canonical field stays that of the kept light while Unity shows the same.
    /// </summary>
    public struct NativeLight
    {
        /// <summary>The largest difference of equal numbers, which Unity holds in single precision.</summary>
        const double Tolerance = 1e-6;

        const double DegreesToHalfAngle = Math.PI / 360;
        const double MinSpotDegrees = 1;
        const double MaxSpotDegrees = 179;

        /// <summary>The intensity at which a light without a range ends.</summary>
        const double FaintIntensity = 0.001;
        const double MinRange = 10;
        const double MaxRange = 1000;

        public NativeLightType Type;

        /// <summary>The color in sRGB.</summary>
        public float Red, Green, Blue;

        public float Intensity;

        /// <summary>Factors of the linear color, from Unity's own color temperature.</summary>
        public float FilterRed, FilterGreen, FilterBlue;

        /// <summary>The range of a point or spot light.</summary>
        public float Range;

        /// <summary>The angles of a spot light in degrees, from edge to edge.</summary>
        public float SpotAngle, InnerSpotAngle;

        /// <summary>The size of a rectangle; the width is the radius of a disc.</summary>
        public float Width, Height;

        public bool HasShadow;

        bool IsArea => Type == NativeLightType.Rectangle || Type == NativeLightType.Disc;

        bool HasRange => Type == NativeLightType.Point || Type == NativeLightType.Spot;

        /// <summary>Converts from canonical space.</summary>
        public static NativeLight From(LightComponent light, LightUnits units)
        {
            LightValues values = light.Values;
            double[] product = Product(values, units);
            double outer = Clamp(values.Outer / DegreesToHalfAngle, MinSpotDegrees, MaxSpotDegrees);
            NativeLight native = new NativeLight
            {
                Type = TypeOf(values),
                FilterRed = 1,
                FilterGreen = 1,
                FilterBlue = 1,
                Range = (float)(values.Range ?? DeriveRange(product)),
                SpotAngle = (float)outer,
                InnerSpotAngle = (float)Math.Min(values.Inner / DegreesToHalfAngle, outer),
                HasShadow = values.HasShadow,
            };
            bool isDisc = native.Type == NativeLightType.Disc;
            native.Width = (float)(isDisc ? Math.Sqrt(values.Size[0] * values.Size[1]) / 2 : values.Size[0]);
            native.Height = (float)values.Size[1];
            native.SetColor(values, product, units);
            return native;
        }

        /// <summary>
        /// Converts to canonical space. Returns <paramref name="kept"/> itself if that is what the light shows.
        /// </summary>
        /// <param name="kept">The canonical light that editor and daemon shared last; null for none.</param>
        public LightComponent ToComponent(LightComponent kept, LightUnits units)
        {
            LightValues values = LightValues.Default(CanonicalType);
            values.Shape = Type == NativeLightType.Disc ? LightValues.Disk : LightValues.Rect;
            bool isKept = kept != null && kept.Values.Type == values.Type;
            NativeLight shown = isKept ? From(kept, units) : default;
            if (isKept)
            {
                string shape = values.Shape;
                values = kept.Values;
                if (IsArea) { values.Shape = shape; }
            }
            bool isSame = isKept && TypeOf(kept.Values) == Type && HasShadow == shown.HasShadow;
            values.HasShadow = HasShadow;
            isSame &= KeepsSize(ref values, shown, isSame) & KeepsAngles(ref values, shown, isKept);
            isSame &= KeepsColor(ref values, isKept ? kept : null, units);
            isSame &= KeepsRange(ref values, shown, isKept, units);
            return isSame ? kept : new LightComponent(values);
        }

        /// <summary>Returns whether both show the same color with the same intensity.</summary>
        public bool HasSameColor(in NativeLight other, LightUnits units) =>
            AreSame(Product(units), other.Product(units), 1);

        string CanonicalType => Type == NativeLightType.Directional ? LightValues.Sun
            : Type == NativeLightType.Spot ? LightValues.Spot : IsArea ? LightValues.Area : LightValues.Point;

        static NativeLightType TypeOf(in LightValues values)
        {
            switch (values.Type)
            {
                case LightValues.Sun: return NativeLightType.Directional;
                case LightValues.Spot: return NativeLightType.Spot;
                case LightValues.Area:
                    return values.Shape == LightValues.Disk ? NativeLightType.Disc : NativeLightType.Rectangle;
                default: return NativeLightType.Point;
            }
        }

        void SetColor(in LightValues values, double[] product, LightUnits units)
        {
            double[] color = values.Color;
            double intensity = Largest(product);
            double brightest = Largest(color);
            if (units.IsGamma)
            {
                double[] encoded = ColorCurve.Encode(product);
                intensity = Largest(encoded);
                color = intensity > 0 ? Scale(encoded, 1 / intensity)
                    : ColorCurve.Encode(Scale(color, brightest > 1 ? 1 / brightest : 1));
            }
            else
            {
                // A color of Unity's ends at 1.
                if (brightest > 1) { color = Scale(color, 1 / brightest); }
                else { intensity = values.Intensity * units.Factor(values); }
                color = ColorCurve.Encode(color);
            }
            (Red, Green, Blue) = ((float)color[0], (float)color[1], (float)color[2]);
            Intensity = (float)Math.Min(intensity, float.MaxValue);
        }

        bool KeepsSize(ref LightValues values, in NativeLight shown, bool isKept)
        {
            if (!IsArea) { return true; }
            bool isDisc = Type == NativeLightType.Disc;
            if (isKept && IsSame(Width, shown.Width) && (isDisc || IsSame(Height, shown.Height))) { return true; }
            double width = Positive(Width);
            values.Size = isDisc ? new[] { width * 2, width * 2 } : new[] { width, Positive(Height) };
            return false;
        }

        bool KeepsAngles(ref LightValues values, in NativeLight shown, bool isKept)
        {
            if (Type != NativeLightType.Spot) { return true; }
            bool isSame = isKept && IsSame(SpotAngle, shown.SpotAngle) && IsSame(InnerSpotAngle, shown.InnerSpotAngle);
            if (isSame) { return true; }
            values.Outer = Math.Min(Positive(SpotAngle) * DegreesToHalfAngle, Math.PI / 2);
            values.Inner = Math.Min(Positive(InnerSpotAngle) * DegreesToHalfAngle, values.Outer);
            return false;
        }

        bool KeepsRange(ref LightValues values, in NativeLight shown, bool isKept, LightUnits units)
        {
            if (!HasRange || (isKept && IsSame(Range, shown.Range))) { return true; }
            // The range of a light without one follows from its intensity.
            if (isKept && values.Range == null && IsSame(Range, (float)DeriveRange(Product(units)))) { return true; }
            values.Range = Positive(Range);
            return false;
        }

        /// <summary>
        /// Sets color and intensity to those of the light that is shown. If its color is that of the kept light, only the
        /// intensity changes, and the color temperature stays.
        /// </summary>
        bool KeepsColor(ref LightValues values, LightComponent kept, LightUnits units)
        {
            double[] product = Product(units);
            double factor = units.Factor(values);
            double[] before = kept == null ? null : Product(kept.Values, units);
            double brightest = before == null ? 0 : Largest(before);
            double ratio = brightest > 0 ? Largest(product) / brightest : 0;
            if (before != null && AreSame(product, before, 1) && factor == units.Factor(kept.Values)) { return true; }
            if (ratio > 0 && AreSame(product, before, ratio))
            {
                double change = factor > 0 ? ratio * units.Factor(kept.Values) / factor : 0;
                values.Intensity = Math.Min(kept.Values.Intensity * change, Numbers.Largest);
                return false;
            }
            values.Temperature = null;
            values.Tint = LightValues.White;
            values.Color = Filter(ColorCurve.Decode(new double[] { Positive(Red), Positive(Green), Positive(Blue) }), units);
            double intensity = Positive(Intensity);
            if (units.IsGamma)
            {
                intensity = Largest(product);
                if (intensity > 0) { values.Color = Scale(product, 1 / intensity); }
            }
            values.Intensity = factor > 0 ? Math.Min(intensity / factor, Numbers.Largest) : 0;
            return false;
        }

        /// <summary>Returns the linear light of a canonical light, in Unity's units.</summary>
        static double[] Product(in LightValues values, LightUnits units) =>
            Scale(values.Color, values.Intensity * units.Factor(values));

        /// <summary>Returns the linear light that Unity shows.</summary>
        double[] Product(LightUnits units)
        {
            double[] color = { Positive(Red), Positive(Green), Positive(Blue) };
            double intensity = Positive(Intensity);
            return units.IsGamma ? ColorCurve.Decode(Scale(color, intensity))
                : Scale(Filter(ColorCurve.Decode(color), units), intensity);
        }

        /// <summary>Applies Unity's color temperature, which a project with gamma intensities ignores.</summary>
        double[] Filter(double[] color, LightUnits units) => units.IsGamma ? color
            : new[] { color[0] * Positive(FilterRed), color[1] * Positive(FilterGreen), color[2] * Positive(FilterBlue) };

        static double DeriveRange(double[] product) =>
            Clamp(Math.Sqrt(Largest(product) / FaintIntensity), MinRange, MaxRange);

        static bool AreSame(double[] a, double[] b, double scaleOfB)
        {
            double tolerance = Tolerance * Math.Max(Largest(a), Largest(b) * scaleOfB);
            for (int i = 0; i < a.Length; i++)
            {
                if (!(Math.Abs(a[i] - b[i] * scaleOfB) <= tolerance)) { return false; }
            }
            return true;
        }

        static bool IsSame(float a, float b) => Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

        static double[] Scale(double[] values, double factor) => Array.ConvertAll(values, value => value * factor);

        static double Largest(double[] values) => Math.Max(values[0], Math.Max(values[1], values[2]));

        static double Clamp(double value, double min, double max) => Math.Max(min, Math.Min(max, value));

        /// <summary>Returns the nearest number that a canonical light has.</summary>
        static double Positive(float value) => value > 0 ? Math.Min(value, Numbers.Largest) : 0;
    }
}
