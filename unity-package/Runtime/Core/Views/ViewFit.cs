using System;

namespace VibeSync.Core.Views
{
    /// <summary>Computes where a camera must stand so that it shows a box whole.</summary>
    public sealed class ViewFit
    {
        /// <summary>The room around the box, as a ratio of its size.</summary>
        const double Margin = 1.1;

        /// <summary>Meters; a box of no size is shown as if it were this large.</summary>
        const double MinHalf = 1e-3;

        /// <summary>The distance of the nearest thing that is drawn, as a ratio of the distance of the box.</summary>
        const double NearRatio = 0.01;

        ViewFit()
        {
        }

        /// <summary>The position of the camera in the editor's space.</summary>
        public float[] Position { get; private set; }

        /// <summary>Half of the height of the picture, in meters; only without perspective.</summary>
        public float OrthographicSize { get; private set; }

        /// <summary>The distance from the camera at which drawing begins.</summary>
        public float Near { get; private set; }

        /// <summary>The distance from the camera at which drawing ends.</summary>
        public float Far { get; private set; }

        /// <summary>Returns the ratio of width to height that suits a box, from 1/2 to 2.</summary>
        public static double SuitableAspect(float[] rotation, ViewBox framed)
        {
            double width = Half(framed, Axis(rotation, 0));
            return Math.Max(0.5, Math.Min(2, width / Half(framed, Axis(rotation, 1))));
        }

        /// <summary>
        /// Returns a camera without perspective. It stands before everything, so that nothing near it is cut.
        /// </summary>
        /// <param name="rotation">That of the camera, x, y, z and w. The camera looks along its own +Z.</param>
        /// <param name="all">The box of everything visible.</param>
        /// <param name="aspect">Width by height.</param>
        public static ViewFit Orthographic(float[] rotation, ViewBox framed, ViewBox all, double aspect)
        {
            double[] forward = Axis(rotation, 2);
            double height = Math.Max(Half(framed, Axis(rotation, 1)), Half(framed, Axis(rotation, 0)) / aspect) * Margin;
            // As far before all content as the picture is high, which keeps the depth buffer exact in small scenes.
            double before = Math.Max(Half(framed, forward), DepthBefore(framed, all, forward)) + height;
            double behind = Math.Max(Half(framed, forward), DepthBefore(framed, all, Axis(rotation, 2, -1))) + height;
            return Place(framed, forward, before, height, height * NearRatio, before + behind);
        }

        /// <summary>Returns a camera with perspective.</summary>
        /// <param name="degrees">The vertical angle of view.</param>
        public static ViewFit Perspective(float[] rotation, ViewBox framed, ViewBox all, double aspect, double degrees)
        {
            double[] forward = Axis(rotation, 2);
            double slope = Math.Tan(degrees * Math.PI / 360);
            double reach = Math.Max(Half(framed, Axis(rotation, 1)), Half(framed, Axis(rotation, 0)) / aspect) / slope;
            double distance = reach * Margin + Half(framed, forward);
            double behind = Math.Max(Half(framed, forward), DepthBefore(framed, all, Axis(rotation, 2, -1)));
            return Place(framed, forward, distance, 0, distance * NearRatio, distance + behind * Margin);
        }

        static ViewFit Place(ViewBox framed, double[] forward, double distance, double size, double near, double far)
        {
            float[] position = new float[3];
            for (int i = 0; i < 3; i++) { position[i] = (float)(framed.Center[i] - forward[i] * distance); }
            return new ViewFit
            {
                Position = position,
                OrthographicSize = (float)size,
                Near = (float)near,
                Far = (float)far,
            };
        }

        static double Half(ViewBox box, double[] direction) => Math.Max(MinHalf, box.HalfAlong(direction));

        /// <summary>Returns how far everything reaches toward the camera, from the center of the framed box.</summary>
        static double DepthBefore(ViewBox framed, ViewBox all, double[] forward) =>
            framed.CenterAlong(forward) - all.CenterAlong(forward) + all.HalfAlong(forward);

        /// <summary>Returns the direction of an axis of a rotated camera: 0 right, 1 up, 2 forward.</summary>
        static double[] Axis(float[] rotation, int axis, int sign = 1)
        {
            double x = rotation[0], y = rotation[1], z = rotation[2], w = rotation[3];
            double[][] axes =
            {
                new[] { 1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w) },
                new[] { 2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w) },
                new[] { 2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y) },
            };
            return Array.ConvertAll(axes[axis], part => sign * part);
        }
    }
}
