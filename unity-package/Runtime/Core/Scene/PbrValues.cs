namespace VibeSync.Core.Scene
{
    /// <summary>The fields of a <see cref="PbrComponent"/>. The array is never changed.</summary>
    public struct PbrValues
    {
        public const string Opaque = "opaque";
        public const string Mask = "mask";
        public const string Blend = "blend";

        /// <summary>The modes of transparency.</summary>
        public static readonly string[] AlphaModes = { Opaque, Mask, Blend };

        /// <summary>The names of the fields on the wire, which can all be locked.</summary>
        public static readonly string[] Fields =
        {
            "base_color", "metallic", "roughness", "alpha_mode", "alpha_cutoff", "double_sided", "normal_scale",
            "occlusion_strength",
        };

        /// <summary>Linear red, green and blue, and alpha.</summary>
        public double[] BaseColor;

        public double Metallic;

        public double Roughness;

        public string AlphaMode;

        public double AlphaCutoff;

        public bool IsDoubleSided;

        public double NormalScale;

        public double OcclusionStrength;

        /// <summary>The values of a new material.</summary>
        public static PbrValues Default => new PbrValues
        {
            BaseColor = new[] { 0.8, 0.8, 0.8, 1 },
            Roughness = 0.5,
            AlphaMode = Opaque,
            AlphaCutoff = 0.5,
            IsDoubleSided = true,
            NormalScale = 1,
            OcclusionStrength = 1,
        };
    }
}
