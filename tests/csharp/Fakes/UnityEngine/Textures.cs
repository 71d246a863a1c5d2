using System;
using System.Collections.Generic;
using System.Linq;
using UnityFakes;

namespace UnityEngine
{
    public enum RenderTextureFormat
    {
        ARGB32 = 0,
    }

    public enum RenderTextureReadWrite
    {
        Default = 0,
        Linear = 1,
        sRGB = 2,
    }

    public enum TextureFormat
    {
        RGB24 = 3,
        RGBA32 = 4,
    }

    public enum TextureWrapMode
    {
        Repeat = 0,
        Clamp = 1,
        Mirror = 2,
        MirrorOnce = 3,
    }

    public enum FilterMode
    {
        Point = 0,
        Bilinear = 1,
        Trilinear = 2,
    }

    public class Texture : Object
    {
        internal int Width;
        internal int Height;

        public TextureWrapMode wrapModeU { get; set; }

        public TextureWrapMode wrapModeV { get; set; }

        public FilterMode filterMode { get; set; } = FilterMode.Bilinear;

        /// <summary>Three bytes a pixel, the lowest row first.</summary>
        internal byte[] Pixels;

        public virtual int width => Width;

        public virtual int height => Height;

        protected Texture()
        {
        }
    }

    public class RenderTexture : Texture
    {
        /// <summary>The targets that were got and not released.</summary>
        internal static readonly HashSet<RenderTexture> Borrowed = new HashSet<RenderTexture>();

        internal bool IsSrgb;

        internal RenderTexture()
        {
        }

        public static RenderTexture active { get; set; }

        public static RenderTexture GetTemporary(int width, int height, int depthBuffer, RenderTextureFormat format,
            RenderTextureReadWrite readWrite)
        {
            RenderTexture target = new RenderTexture
            {
                Width = width,
                Height = height,
                Pixels = new byte[width * height * 3],
                // The default is sRGB, which has a meaning in linear projects alone.
                IsSrgb = readWrite != RenderTextureReadWrite.Linear && Canvas.IsLinear,
            };
            Borrowed.Add(target);
            return target;
        }

        public static void ReleaseTemporary(RenderTexture temp)
        {
            if (active == temp) { throw new InvalidOperationException("Releasing render texture that is set to be active"); }
            Borrowed.Remove(temp);
            DestroyImmediate(temp);
        }
    }

    public sealed class Texture2D : Texture
    {
        /// <summary>Makes the texture of a file.</summary>
        internal Texture2D()
        {
        }

        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain)
        {
            (Width, Height, Pixels) = (width, height, new byte[width * height * 3]);
        }

        /// <summary>The pixels of one with alpha; null for another one.</summary>
        internal Color32[] Rgba { get; set; }

        public Color32[] GetPixels32() => (Color32[])Rgba.Clone();

        public void SetPixels32(Color32[] colors) => Rgba = (Color32[])colors.Clone();

        /// <summary>Copies the pixels of the active target as they are, without a conversion.</summary>
        public void ReadPixels(Rect source, int destX, int destY, bool recalculateMipMaps)
        {
            RenderTexture from = RenderTexture.active;
            if (from == null) { throw new InvalidOperationException("there is no active target"); }
            for (int y = 0; y < (int)source.height; y++)
            {
                int at = ((int)source.y + y) * from.Width + (int)source.x;
                Array.Copy(from.Pixels, at * 3, Pixels, ((destY + y) * Width + destX) * 3, (int)source.width * 3);
            }
        }
    }

    public static class ImageConversion
    {
        public static byte[] EncodeToPNG(this Texture2D tex) => tex.Rgba == null ? Png.Encode(tex.Width, tex.Height, tex.Pixels)
            : Png.Encode(tex.Width, tex.Height, tex.Rgba.SelectMany(pixel => new[] { pixel.r, pixel.g, pixel.b, pixel.a }).ToArray(), 4);

        /// <summary>Reads a PNG; returns false for a file that it cannot read.</summary>
        public static bool LoadImage(this Texture2D tex, byte[] data)
        {
            byte[] rows;
            try { (tex.Width, tex.Height, rows) = Png.Decode(data); }
            catch (System.IO.InvalidDataException) { return false; }
            int channels = rows.Length / (tex.Width * tex.Height);
            tex.Rgba = new Color32[tex.Width * tex.Height];
            for (int i = 0; i < tex.Rgba.Length; i++)
            {
                int at = ((tex.Height - 1 - i / tex.Width) * tex.Width + i % tex.Width) * channels;
                tex.Rgba[i] = new Color32(rows[at], rows[at + 1], rows[at + 2], channels == 4 ? rows[at + 3] : (byte)255);
            }
            return true;
        }
    }

    public sealed partial class SystemInfo
    {
        public static Rendering.GraphicsDeviceType graphicsDeviceType => Canvas.Device;
    }
}

namespace UnityEngine.Rendering
{
    public enum GraphicsDeviceType
    {
        Null = 4,
        Vulkan = 21,
    }
}
