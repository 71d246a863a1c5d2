namespace VibeSync.Core.Scene
{
    /// <summary>The values of an image that say how its numbers are to be read, as words of the wire.</summary>
    public struct ImageValues
    {
        public const string Srgb = "srgb";
        public const string Linear = "linear";
        public const string Data = "data";
        public const string Straight = "straight";
        public const string Premultiplied = "premul";
        public const string Packed = "packed";
        public const string NoAlpha = "none";

        public static readonly string[] ColorSpaces = { Srgb, Linear, Data };

        public static readonly string[] Alphas = { Straight, Premultiplied, Packed, NoAlpha };

        public static readonly string[] Formats = { "png", "jpeg", "exr", "hdr", "tga", "tiff", "bmp", "webp" };

        /// <summary>Pixels.</summary>
        public int Width;

        public int Height;

        public string ColorSpace;

        public string Alpha;

        public string Format;
    }
}
