namespace VibeSync.Core.Views
{
    /// <summary>A picture of the scene.</summary>
    public sealed class Picture
    {
        /// <summary>The most bytes of a picture.</summary>
        public const int MaxBytes = 4 << 20;

        public Picture(byte[] png, int width, int height, string camera)
        {
            Png = png;
            Width = width;
            Height = height;
            Camera = camera;
        }

        /// <summary>The file: a PNG of 8 bits a channel, in sRGB.</summary>
        public byte[] Png { get; }

        public int Width { get; }

        public int Height { get; }

        /// <summary>The name of the camera of the scene; empty for any other look.</summary>
        public string Camera { get; }
    }
}
