using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>The settings of an importer that say how the numbers of an image are to be read.</summary>
    public static class ImageSettings
    {
        const int LargestSize = 16384;

        /// <summary>
        /// Reads color space and alpha. A value stays that of <paramref name="kept"/> while the settings are those of it.
        /// </summary>
        public static void Read(TextureImporter importer, ImageValues? kept, ref ImageValues values)
        {
            bool isSame = kept != null && IsSrgb(kept.Value) == ReadSrgb(importer);
            values.ColorSpace = isSame ? kept.Value.ColorSpace : ReadSrgb(importer) ? ImageValues.Srgb
                : values.Format == "exr" || values.Format == "hdr" ? ImageValues.Linear : ImageValues.Data;
            bool hasAlpha = importer.alphaSource != TextureImporterAlphaSource.None;
            bool isTransparency = hasAlpha && importer.alphaIsTransparency;
            bool isSameAlpha = kept != null && HasAlpha(kept.Value) == hasAlpha && IsTransparency(kept.Value) == isTransparency;
            values.Alpha = isSameAlpha ? kept.Value.Alpha
                : !hasAlpha ? ImageValues.NoAlpha : isTransparency ? ImageValues.Straight : ImageValues.Packed;
        }

        /// <summary>Sets what differs. The importer must be saved then.</summary>
        public static void Write(TextureImporter importer, in ImageValues values, bool isNew)
        {
            if (isNew)
            {
                // The pixels are those of the file, whatever they are used for.
                importer.maxTextureSize = LargestSize;
                importer.npotScale = TextureImporterNPOTScale.None;
                importer.textureCompression = TextureImporterCompression.Uncompressed;
            }
            bool isNormal = importer.textureType == TextureImporterType.NormalMap;
            if (!isNormal && importer.sRGBTexture != IsSrgb(values)) { importer.sRGBTexture = IsSrgb(values); }
            if (isNormal && IsSrgb(values)) { (importer.textureType, importer.sRGBTexture) = (TextureImporterType.Default, true); }
            importer.alphaSource = HasAlpha(values) ? TextureImporterAlphaSource.FromInput : TextureImporterAlphaSource.None;
            importer.alphaIsTransparency = IsTransparency(values);
        }

        public static string ReadWrap(TextureWrapMode mode) => mode == TextureWrapMode.Repeat ? TextureMap.Repeat
            : mode == TextureWrapMode.Clamp ? TextureMap.Clamp : TextureMap.Mirror;

        public static TextureWrapMode FindWrap(string word) => word == TextureMap.Repeat ? TextureWrapMode.Repeat
            : word == TextureMap.Clamp ? TextureWrapMode.Clamp : TextureWrapMode.Mirror;

        public static string ReadFilter(FilterMode mode) =>
            mode == FilterMode.Point ? TextureMap.Nearest : TextureMap.Linear;

        /// <summary>Sets how an image is read beyond its edges and between its pixels; returns whether that is another way.</summary>
        public static bool WriteSampling(TextureImporter importer, TextureMap map)
        {
            TextureWrapMode u = FindWrap(map.Wrap[0]);
            TextureWrapMode v = FindWrap(map.Wrap[1]);
            bool isNearest = map.Filter == TextureMap.Nearest;
            bool isSame = importer.wrapModeU == u && importer.wrapModeV == v
                && (importer.filterMode == FilterMode.Point) == isNearest;
            if (isSame) { return false; }
            (importer.wrapModeU, importer.wrapModeV) = (u, v);
            if ((importer.filterMode == FilterMode.Point) != isNearest)
            {
                importer.filterMode = isNearest ? FilterMode.Point : FilterMode.Bilinear;
            }
            return true;
        }

        /// <summary>A normal map is read without a transfer function, whatever its other setting is.</summary>
        static bool ReadSrgb(TextureImporter importer) =>
            importer.sRGBTexture && importer.textureType != TextureImporterType.NormalMap;

        static bool IsSrgb(in ImageValues values) => values.ColorSpace == ImageValues.Srgb;

        static bool HasAlpha(in ImageValues values) => values.Alpha != ImageValues.NoAlpha;

        static bool IsTransparency(in ImageValues values) => values.Alpha == ImageValues.Straight;
    }
}
