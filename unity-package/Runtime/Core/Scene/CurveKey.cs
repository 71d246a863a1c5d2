namespace VibeSync.Core.Scene
{
    /// <summary>The form of a curve from a key to the next one, with the numbers of the wire.</summary>
    public enum Interpolation
    {
        Constant = 0,
        Linear = 1,
        Bezier = 2,
    }

    /// <summary>
    /// One key of a curve. Times are frames. The handles of a Bezier segment are points in time and value, as in Blender.
    /// </summary>
    public struct CurveKey
    {
        public float Time, Value;

        /// <summary>The handle before the key.</summary>
        public float InTime, InValue;

        /// <summary>The handle behind the key.</summary>
        public float OutTime, OutValue;

        /// <summary>The form of the curve behind the key.</summary>
        public Interpolation Interpolation;
    }
}
