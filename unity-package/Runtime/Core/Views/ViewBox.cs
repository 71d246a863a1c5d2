using System;

namespace VibeSync.Core.Views
{
    /// <summary>A box along the axes of the editor's space, in meters: a center, and half of each side.</summary>
    public sealed class ViewBox
    {
        public ViewBox(float[] center, float[] extents)
        {
            Center = center;
            Extents = extents;
        }

        public float[] Center { get; }

        public float[] Extents { get; }

        /// <summary>Returns half of the box's size along a direction of length 1.</summary>
        public double HalfAlong(double[] direction)
        {
            double half = 0;
            for (int i = 0; i < 3; i++) { half += Math.Abs(direction[i]) * Extents[i]; }
            return half;
        }

        /// <summary>Returns the position of the center along a direction of length 1.</summary>
        public double CenterAlong(double[] direction)
        {
            double at = 0;
            for (int i = 0; i < 3; i++) { at += direction[i] * Center[i]; }
            return at;
        }
    }
}
