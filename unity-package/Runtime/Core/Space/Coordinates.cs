namespace VibeSync.Core.Space
{
    /// <summary>
    /// Converts between canonical space (glTF: right-handed, +Y up) and Unity's space (left-handed, +Y up), which
    /// differ by a mirror of X. Each function converts in both directions. Scale is the same in both spaces.
    /// </summary>
    public static class Coordinates
    {
        /// <summary>Converts a position, direction or normal. Adding zero turns -0 into 0.</summary>
        public static float[] Vector(float x, float y, float z) => new[] { -x + 0f, y, z };

        /// <summary>Converts a rotation (x, y, z, w).</summary>
        public static float[] Rotation(float x, float y, float z, float w) => new[] { x, -y + 0f, -z + 0f, w };

        /// <summary>Mirrors X in place, in an array of three numbers an element.</summary>
        public static void MirrorX(float[] triples)
        {
            for (int i = 0; i < triples.Length; i += 3) { triples[i] = -triples[i] + 0f; }
        }
    }
}
