using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The synchronized values of a material as Unity has them. Unity has no field for some canonical ones, so the canonical
    /// components are kept beside the material. A canonical field stays that of the kept component while Unity shows the same.
    /// </summary>
    public struct NativeMaterial
    {
        /// <summary>The largest difference of equal numbers, which Unity holds in single precision.</summary>
        const double Tolerance = 1e-6;

        /// <summary>The color as Unity stores it: in sRGB unless the project's color space is gamma. Alpha is the last.</summary>
        public float[] BaseColor;

        public float Metallic, Smoothness;

        /// <summary>The product of color and strength, in the unit of the shader.</summary>
        public float[] Emission;

        public float NormalScale;

        /// <summary>The strength, or one minus it.</summary>
        public float Occlusion;

        /// <summary>The remaps of the mask map; null where they are not written.</summary>
        public MaskRemaps Remaps;

        public float Cutoff;

        public string AlphaMode;

        public bool IsDoubleSided;

        /// <summary>Converts from canonical space.</summary>
        /// <param name="isGamma">Whether the project's color space is gamma: colors are then not converted.</param>
        public static NativeMaterial From(PbrComponent pbr, EmissionComponent emission, MaterialShader shader, bool isGamma)
        {
            PbrValues values = pbr.Values;
            double occlusion = values.OcclusionStrength;
            return new NativeMaterial
            {
                BaseColor = Array.ConvertAll(new[]
                {
                    Encode(values.BaseColor[0], isGamma), Encode(values.BaseColor[1], isGamma),
                    Encode(values.BaseColor[2], isGamma), values.BaseColor[3],
                }, Convert.ToSingle),
                Metallic = (float)values.Metallic,
                Smoothness = (float)(1 - values.Roughness),
                Emission = Array.ConvertAll(emission.Product, channel =>
                    (float)Math.Min(channel * shader.EmissionFactor, float.MaxValue)),
                NormalScale = (float)values.NormalScale,
                Occlusion = (float)(shader.IsOcclusionInverse ? 1 - occlusion : occlusion),
                Cutoff = (float)values.AlphaCutoff,
                AlphaMode = values.AlphaMode,
                IsDoubleSided = values.IsDoubleSided,
            };
        }

        /// <summary>
        /// Converts to canonical space. Returns <paramref name="kept"/> itself if that is what the material shows.
        /// </summary>
        /// <param name="kept">The component that editor and daemon shared last; null for none.</param>
        public PbrComponent ToPbr(PbrComponent kept, MaterialShader shader, bool isGamma)
        {
            PbrComponent basis = kept ?? new PbrComponent(WithoutDoubleSided(shader));
            NativeMaterial shown = From(basis, EmissionComponent.None, shader, isGamma);
            PbrValues values = basis.Values;
            bool isSame = KeepsColor(ref values, shown, isGamma);
            isSame &= shader.Metallic == null || Keeps(ref values.Metallic, Metallic, shown.Metallic, ToUnit);
            isSame &= Keeps(ref values.Roughness, Smoothness, shown.Smoothness, value => 1 - ToUnit(value));
            isSame &= Keeps(ref values.AlphaCutoff, Cutoff, shown.Cutoff, ToUnit);
            isSame &= Keeps(ref values.NormalScale, NormalScale, shown.NormalScale, ToFinite);
            isSame &= shader.Occlusion == null || Keeps(ref values.OcclusionStrength, Occlusion, shown.Occlusion,
                value => shader.IsOcclusionInverse ? 1 - ToUnit(value) : ToUnit(value));
            isSame &= AlphaMode == shown.AlphaMode;
            values.AlphaMode = AlphaMode;
            bool isSided = shader.DoubleSided == null || IsDoubleSided == shown.IsDoubleSided;
            if (!isSided) { values.IsDoubleSided = IsDoubleSided; }
            return kept != null && isSame && isSided ? kept : new PbrComponent(values);
        }

        /// <summary>
        /// Converts to canonical space. Returns <paramref name="kept"/> itself if that is what the material shows. A change of
        /// the brightness alone is one of the strength.
        /// </summary>
        /// <param name="kept">The component that editor and daemon shared last; null for none.</param>
        public EmissionComponent ToEmission(EmissionComponent kept, MaterialShader shader)
        {
            double[] product = Array.ConvertAll(Emission, channel => ToPositive(channel) / shader.EmissionFactor);
            double[] before = (kept ?? EmissionComponent.None).Product;
            if (kept != null && AreSame(product, before)) { return kept; }
            double brightest = Largest(product);
            double[] color = kept?.Color ?? EmissionComponent.None.Color;
            if (brightest <= 0) { return new EmissionComponent(color, 0); }
            double strength = Largest(color) > 0 ? brightest / Largest(color) : 0;
            bool isSameColor = kept != null && AreSame(product, Array.ConvertAll(color, channel => channel * strength));
            return isSameColor ? new EmissionComponent(color, strength)
                : new EmissionComponent(Array.ConvertAll(product, channel => channel / brightest), brightest);
        }

        /// <summary>A shader without a setting for it shows the front alone.</summary>
        static PbrValues WithoutDoubleSided(MaterialShader shader)
        {
            PbrValues values = PbrValues.Default;
            values.IsDoubleSided &= shader.DoubleSided != null;
            return values;
        }

        bool KeepsColor(ref PbrValues values, in NativeMaterial shown, bool isGamma)
        {
            bool isSame = true;
            double[] color = (double[])values.BaseColor.Clone();
            for (int i = 0; i < 4; i++)
            {
                if (IsSame(BaseColor[i], shown.BaseColor[i])) { continue; }
                color[i] = i == 3 ? ToUnit(BaseColor[i])
                    : isGamma ? ToPositive(BaseColor[i]) : ColorCurve.Decode(ToPositive(BaseColor[i]));
                isSame = false;
            }
            values.BaseColor = color;
            return isSame;
        }

        static bool Keeps(ref double value, float now, float shown, Func<float, double> convert)
        {
            if (IsSame(now, shown)) { return true; }
            value = convert(now);
            return false;
        }

        static double Encode(double linear, bool isGamma) => isGamma ? linear : ColorCurve.Encode(linear);

        static bool AreSame(double[] a, double[] b)
        {
            double tolerance = Tolerance * Math.Max(Largest(a), Largest(b));
            for (int i = 0; i < a.Length; i++)
            {
                if (!(Math.Abs(a[i] - b[i]) <= tolerance)) { return false; }
            }
            return true;
        }

        static bool IsSame(float a, float b) => Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

        static double Largest(double[] values) => Math.Max(values[0], Math.Max(values[1], values[2]));

        // A number that is none fails each comparison.
        static double ToUnit(float value) => value > 0 ? Math.Min(value, 1) : 0;

        static double ToPositive(float value) => value > 0 ? Math.Min(value, Numbers.Largest) : 0;

        static double ToFinite(float value) =>
            value >= -Numbers.Largest ? Math.Min(value, Numbers.Largest) : float.IsNaN(value) ? 0 : -Numbers.Largest;
    }
}
