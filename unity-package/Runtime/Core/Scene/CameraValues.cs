namespace VibeSync.Core.Scene
{
    /// <summary>The fields of a <see cref="CameraComponent"/>. The arrays are never changed.</summary>
    public struct CameraValues
    {
        public const string Perspective = "perspective";
        public const string Orthographic = "orthographic";
        public const string Auto = "auto";
        public const string Horizontal = "horizontal";
        public const string Vertical = "vertical";
        public const string Fill = "fill";
        public const string Overscan = "overscan";
        public const string None = "none";

        /// <summary>The projections.</summary>
        public static readonly string[] Projections = { Perspective, Orthographic };

        /// <summary>The axes along which the sensor fits the picture.</summary>
        public static readonly string[] Fits = { Auto, Horizontal, Vertical, Fill, Overscan, None };

        public string Projection;
        public string Fit;

        /// <summary>Width and height in millimeters.</summary>
        public double[] Sensor;

        /// <summary>Millimeters.</summary>
        public double Focal;

        /// <summary>The whole size of an orthographic view along the fit axis, in meters.</summary>
        public double Size;

        /// <summary>Right and up, in units of the fit axis.</summary>
        public double[] Shift;

        /// <summary>Meters.</summary>
        public double Near, Far;

        /// <summary>Width divided by height of the picture, as last used; it is not compared.</summary>
        public double Aspect;

        /// <summary>Whether the camera is shown as lens and sensor, and not as an angle.</summary>
        public bool IsPhysical;

        /// <summary>The distance in focus in meters; 0 for none.</summary>
        public double Focus;

        public double FStop;

        /// <summary>
        /// Whether the sensor fits the width of the picture. Without a cut or a margin at a fixed side, its width counts.
        /// </summary>
        public bool FitsWidth => Fit == Auto ? Aspect >= 1 : Fit != Vertical;

        /// <summary>Returns a camera with the defaults of Blender, and the plain angle that Unity's cameras have.</summary>
        public static CameraValues Default() => new CameraValues
        {
            Projection = Perspective,
            Fit = Vertical,
            Sensor = new double[] { 36, 24 },
            Focal = 50,
            Size = 10,
            Shift = new double[2],
            Near = 0.1,
            Far = 1000,
            Aspect = 16.0 / 9,
            FStop = 2.8,
        };
    }
}
