using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The relation of Unity's light intensities to physical ones. It depends on the render pipeline and on the project.
    /// </summary>
    public sealed class LightUnits
    {
        /// <summary>
        /// A sun of pi in Blender lights a white surface with 1, as does a light of 1 in Unity; a watt has 683 lumens.
        /// </summary>
        const double ArbitraryScale = 1 / (683 * Math.PI);

        /// <summary>Unity's intensities are candela, lux and nits, and multiply the linear color.</summary>
        public static readonly LightUnits Physical = new LightUnits("physical", 1, false);

        /// <summary>Intensities have no unit, and multiply the linear color.</summary>
        public static readonly LightUnits Linear = new LightUnits("linear", ArbitraryScale, false);

        /// <summary>Intensities have no unit, and multiply the sRGB color, whose product is then decoded.</summary>
        public static readonly LightUnits Gamma = new LightUnits("gamma", ArbitraryScale, true);

        readonly double scale;

        LightUnits(string name, double scale, bool isGamma)
        {
            Name = name;
            this.scale = scale;
            IsGamma = isGamma;
        }

        /// <summary>The name by which a scene remembers them.</summary>
        public string Name { get; }

        public bool IsGamma { get; }

        /// <summary>Returns the units with this name; null for an unknown one.</summary>
        public static LightUnits Find(string name) =>
            Array.Find(new[] { Physical, Linear, Gamma }, units => units.Name == name);

        /// <summary>
        /// Returns what Unity's intensity is for a canonical one of 1: an area light is counted by its luminance. Returns 0
        /// for a light without an area.
        /// </summary>
        internal double Factor(in LightValues light)
        {
            if (light.Type != LightValues.Area) { return scale; }
            double area = light.Size[0] * light.Size[1] * (light.Shape == LightValues.Disk ? Math.PI / 4 : 1);
            return area > 0 ? scale / (Math.PI * area) : 0;
        }
    }
}
