namespace VibeSync.Core.Views
{
    /// <summary>The directions of a picture; docs/protocol.md describes them.</summary>
    public static class Looks
    {
        /// <summary>The scene view that the user used last, as it stands.</summary>
        public const string View = "view";

        public const string Front = "front";

        public const string Top = "top";

        public const string Side = "side";

        /// <summary>The main camera of the scene.</summary>
        public const string Camera = "camera";

        // Half of the square root of 2.
        const float S = 0.70710678f;

        public static bool IsKnown(string look) =>
            look == View || look == Camera || FindRotation(look) != null;

        /// <summary>
        /// Returns the rotation (x, y, z, w) of a camera in Unity's space; null for a look without a direction of its own.
        /// The picture is that of Blender's view with the same name.
        /// </summary>
        public static float[] FindRotation(string look)
        {
            switch (look)
            {
                // Toward -Z, with -X to the right.
                case Front: return new[] { 0f, 1f, 0f, 0f };
                // Toward -Y, with -X to the right.
                case Top: return new[] { 0f, S, -S, 0f };
                // Toward +X, with -Z to the right: from the right of the scene, which is Unity's -X.
                case Side: return new[] { 0f, S, 0f, S };
                default: return null;
            }
        }
    }
}
