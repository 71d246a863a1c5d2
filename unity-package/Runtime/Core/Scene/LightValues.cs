namespace VibeSync.Core.Scene
{
    /// <summary>The fields of a <see cref="LightComponent"/>. The arrays are never changed.</summary>
    public struct LightValues
    {
        public const string Point = "point";
        public const string Sun = "sun";
        public const string Spot = "spot";
        public const string Area = "area";
        public const string Rect = "rect";
        public const string Disk = "disk";

        /// <summary>The types of lights.</summary>
        public static readonly string[] Types = { Point, Sun, Spot, Area };

        /// <summary>The shapes of area lights.</summary>
        public static readonly string[] Shapes = { Rect, Disk };

        /// <summary>White, as a color or a tint.</summary>
        public static readonly double[] White = { 1, 1, 1 };

        public string Type;

        /// <summary>The shown color, linear, a temperature included.</summary>
        public double[] Color;

        /// <summary>Candela of a point or spot light, lux of a sun, lumens of an area light.</summary>
        public double Intensity;

        /// <summary>Meters; null if none is set.</summary>
        public double? Range;

        /// <summary>The half angle inside of which a spot light has its full intensity, in radians.</summary>
        public double Inner;

        /// <summary>The half angle of a spot light, in radians.</summary>
        public double Outer;

        public string Shape;

        /// <summary>Width and height of an area light in meters, before the scale of the object.</summary>
        public double[] Size;

        /// <summary>The radius of a point or spot light, in meters.</summary>
        public double Radius;

        /// <summary>The apparent diameter of a sun, in radians.</summary>
        public double Angle;

        public bool HasShadow;

        /// <summary>The kelvins that made the color, together with the tint; null if none did.</summary>
        public double? Temperature;

        public double[] Tint;

        /// <summary>Returns a white light with the defaults of all fields that do not concern the type.</summary>
        public static LightValues Default(string type) => new LightValues
        {
            Type = type,
            Color = White,
            Inner = 0.4818878,
            Outer = 0.5235988,
            Shape = Rect,
            Size = new double[] { 1, 1 },
            Angle = 0.00918,
            HasShadow = true,
            Tint = White,
        };
    }
}
