using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// Writes the synchronized values of lights. Sets nothing that is equal already, and nothing that does not concern the
    /// type.
    /// </summary>
    public static class LightWriter
    {
        public static void Write(Light light, in NativeLight value, LightUnits units)
        {
            LightType type = ToUnity(value.Type);
            if (light.type != type) { light.type = type; }
            NativeLight present = LightReader.Read(light);
            if (!present.HasSameColor(value, units))
            {
                light.useColorTemperature = false;
                light.color = new Color(value.Red, value.Green, value.Blue, light.color.a);
                light.intensity = value.Intensity;
            }
            if (value.HasShadow != present.HasShadow)
            {
                light.shadows = value.HasShadow ? LightShadows.Soft : LightShadows.None;
            }
            switch (type)
            {
                case LightType.Spot: WriteSpot(light, value, present); break;
                case LightType.Point: WriteRange(light, value, present); break;
                case LightType.Rectangle:
                    WriteSize(light, value.Width, value.Height);
                    break;
                case LightType.Disc:
                    // Unity ignores the height of a disc.
                    WriteSize(light, value.Width, present.Height);
                    break;
                default: break;
            }
        }

        static void WriteSpot(Light light, in NativeLight value, in NativeLight present)
        {
            WriteRange(light, value, present);
            // The inner angle is within the outer one.
            if (value.SpotAngle != present.SpotAngle) { light.spotAngle = value.SpotAngle; }
            if (value.InnerSpotAngle != light.innerSpotAngle) { light.innerSpotAngle = value.InnerSpotAngle; }
        }

        static void WriteRange(Light light, in NativeLight value, in NativeLight present)
        {
            if (value.Range != present.Range) { light.range = value.Range; }
        }

        static void WriteSize(Light light, float width, float height)
        {
            Vector2 present = light.areaSize;
            if (present.x != width || present.y != height) { light.areaSize = new Vector2(width, height); }
        }

        static LightType ToUnity(NativeLightType type)
        {
            switch (type)
            {
                case NativeLightType.Directional: return LightType.Directional;
                case NativeLightType.Spot: return LightType.Spot;
                case NativeLightType.Rectangle: return LightType.Rectangle;
                case NativeLightType.Disc: return LightType.Disc;
                default: return LightType.Point;
            }
        }
    }
}
