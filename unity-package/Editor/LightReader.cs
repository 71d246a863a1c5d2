using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads the synchronized values of lights.</summary>
    public static class LightReader
    {
        /// <summary>Returns the type; null for one that is not synchronized, such as a box or a tube.</summary>
        public static NativeLightType? FindType(Light light)
        {
            switch (light.type)
            {
                case LightType.Point: return NativeLightType.Point;
                case LightType.Spot:
                    return UnityCompat.IsRoundSpot(light) ? NativeLightType.Spot : (NativeLightType?)null;
                case LightType.Directional: return NativeLightType.Directional;
                case LightType.Rectangle: return NativeLightType.Rectangle;
                case LightType.Disc: return NativeLightType.Disc;
                default: return null;
            }
        }

        /// <summary>Reads a light whose type is synchronized.</summary>
        public static NativeLight Read(Light light)
        {
            Color color = light.color;
            Color filter = light.useColorTemperature && GraphicsSettings.lightsUseLinearIntensity
                ? Mathf.CorrelatedColorTemperatureToRGB(light.colorTemperature) : new Color(1, 1, 1, 1);
            Vector2 size = light.areaSize;
            return new NativeLight
            {
                Type = FindType(light) ?? NativeLightType.Point,
                Red = color.r,
                Green = color.g,
                Blue = color.b,
                Intensity = light.intensity,
                FilterRed = filter.r,
                FilterGreen = filter.g,
                FilterBlue = filter.b,
                Range = light.range,
                SpotAngle = light.spotAngle,
                InnerSpotAngle = light.innerSpotAngle,
                Width = size.x,
                Height = size.y,
                HasShadow = light.shadows != LightShadows.None,
            };
        }
    }
}
