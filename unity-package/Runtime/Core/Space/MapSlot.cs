namespace VibeSync.Core.Space
{
    /// <summary>A texture of a material in Unity, as an index.</summary>
    public static class MapSlot
    {
        /// <summary>Base color, and alpha.</summary>
        public const int Base = 0;

        /// <summary>Metallic in red, and smoothness in alpha; in a mask map also occlusion, in green.</summary>
        public const int Metallic = 1;

        public const int Normal = 2;

        /// <summary>Occlusion in green.</summary>
        public const int Occlusion = 3;

        public const int Emission = 4;

        public const int Count = 5;
    }
}
