using System;

namespace VibeSync.Core.Space
{
    /// <summary>The sRGB curve, also beyond 1.</summary>
    static class ColorCurve
    {
        internal static double Encode(double linear) =>
            linear <= 0.0031308 ? linear * 12.92 : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055;

        internal static double Decode(double encoded) =>
            encoded <= 0.04045 ? encoded / 12.92 : Math.Pow((encoded + 0.055) / 1.055, 2.4);

        internal static double[] Encode(double[] linear) => Array.ConvertAll(linear, Encode);

        internal static double[] Decode(double[] encoded) => Array.ConvertAll(encoded, Decode);
    }
}
