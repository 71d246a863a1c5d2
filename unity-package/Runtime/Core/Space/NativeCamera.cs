using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>The ways in which Unity fits a sensor into a picture, with Unity's numbers.</summary>
    public enum NativeGateFit
    {
        None = 0,
        Vertical = 1,
        Horizontal = 2,
        Fill = 3,
        Overscan = 4,
    }

    /// <summary>
    /// The synchronized values of a camera as Unity has them. The canonical camera is kept beside it, as with
    /// <see cref="NativeLight"/>: Unity fits no sensor by the shape of the picture, and has no shift without a sensor.
    /// </summary>
    public struct NativeCamera
    {
        /// <summary>The largest relative difference of equal numbers, which Unity holds in single precision.</summary>
        const double Tolerance = 1e-6;

        /// <summary>The smallest distance at which Unity begins to draw in perspective.</summary>
        const double MinNear = 0.01;

        const double MaxFieldOfView = 179;

        const double DegreesToRadians = Math.PI / 180;

        public bool IsOrthographic, IsPhysical;

        /// <summary>Half the height of an orthographic view.</summary>
        public float Size;

        /// <summary>The vertical angle in degrees; it follows from the lens if the camera is physical.</summary>
        public float FieldOfView;

        public float FocalLength, SensorWidth, SensorHeight;

        public NativeGateFit GateFit;

        /// <summary>The shift in units of the sensor.</summary>
        public float ShiftX, ShiftY;

        public float Near, Far;

        /// <summary>Width divided by height of the picture.</summary>
        public float Aspect;

        /// <summary>Converts from canonical space.</summary>
        public static NativeCamera From(CameraComponent camera)
        {
            CameraValues values = camera.Values;
            double aspect = values.Aspect > 0 ? values.Aspect : 1;
            double height = values.FitsWidth ? values.Size / aspect : values.Size;
            NativeCamera native = new NativeCamera
            {
                IsOrthographic = values.Projection == CameraValues.Orthographic,
                IsPhysical = values.IsPhysical,
                Size = (float)(height / 2),
                FieldOfView = (float)Math.Min(2 * Math.Atan(Tangent(values)) / DegreesToRadians, MaxFieldOfView),
                FocalLength = (float)values.Focal,
                GateFit = GateOf(values),
                Near = (float)values.Near,
                Far = (float)values.Far,
                Aspect = (float)aspect,
            };
            if (!native.IsOrthographic) { native.Near = (float)Math.Max(values.Near, MinNear); }
            double[] sensor = SensorOf(values, aspect);
            (native.SensorWidth, native.SensorHeight) = ((float)sensor[0], (float)sensor[1]);
            double fit = values.FitsWidth ? sensor[0] : sensor[1];
            native.ShiftX = (float)(sensor[0] > 0 ? values.Shift[0] * fit / sensor[0] : 0);
            native.ShiftY = (float)(sensor[1] > 0 ? values.Shift[1] * fit / sensor[1] : 0);
            return native;
        }

        /// <summary>
        /// Converts to canonical space. Returns <paramref name="kept"/> itself if that is what the camera shows.
        /// </summary>
        /// <param name="kept">The canonical camera that editor and daemon shared last; null for none.</param>
        public CameraComponent ToComponent(CameraComponent kept)
        {
            NativeCamera shown = kept == null ? default : From(kept);
            CameraValues values = kept == null ? CameraValues.Default() : kept.Values;
            bool isNew = kept == null;
            if (isNew && IsPositive(Aspect)) { values.Aspect = Aspect; }
            bool isSame = !isNew && IsOrthographic == shown.IsOrthographic && IsPhysical == shown.IsPhysical;
            values.Projection = IsOrthographic ? CameraValues.Orthographic : CameraValues.Perspective;
            bool hasNewLens = isNew || IsPhysical != shown.IsPhysical;
            values.IsPhysical = IsPhysical;
            isSame &= IsPhysical ? KeepsLens(ref values, shown, hasNewLens) : KeepsAngle(ref values, shown, hasNewLens);
            bool hasNewAxis = isNew || kept.Values.FitsWidth != values.FitsWidth;
            isSame &= KeepsSize(ref values, shown, hasNewAxis);
            isSame &= KeepsClip(ref values, shown, isNew);
            return isSame ? kept : new CameraComponent(values);
        }

        /// <summary>Returns whether both show the same lens: an angle, or a focal length and a sensor.</summary>
        public bool HasSameLens(in NativeCamera other) => IsPhysical == other.IsPhysical && (IsPhysical
            ? IsSame(FocalLength, other.FocalLength) && HasSameSensor(other) && IsSame(ShiftX, other.ShiftX)
                && IsSame(ShiftY, other.ShiftY)
            : IsSame(FieldOfView, other.FieldOfView));

        bool HasSameSensor(in NativeCamera other) => GateFit == other.GateFit && IsSame(SensorWidth, other.SensorWidth)
            && IsSame(SensorHeight, other.SensorHeight);

        bool KeepsLens(ref CameraValues values, in NativeCamera shown, bool isNew)
        {
            bool hasSameSensor = !isNew && HasSameSensor(shown);
            if (!hasSameSensor)
            {
                values.Fit = Enum.GetName(typeof(NativeGateFit), GateFit).ToLowerInvariant();
                values.Sensor = new[] { Positive(SensorWidth), Positive(SensorHeight) };
            }
            bool hasSameFocal = !isNew && IsSame(FocalLength, shown.FocalLength);
            if (!hasSameFocal) { values.Focal = Positive(FocalLength); }
            bool hasSameShift = hasSameSensor && IsSame(ShiftX, shown.ShiftX) && IsSame(ShiftY, shown.ShiftY);
            if (!hasSameShift)
            {
                double fit = values.FitsWidth ? Positive(SensorWidth) : Positive(SensorHeight);
                values.Shift = fit > 0 ? new[]
                {
                    Finite(ShiftX) * Positive(SensorWidth) / fit, Finite(ShiftY) * Positive(SensorHeight) / fit,
                } : new double[2];
            }
            return hasSameSensor && hasSameFocal && hasSameShift;
        }

        /// <summary>A plain angle is a focal length before a sensor, whose height stays.</summary>
        bool KeepsAngle(ref CameraValues values, in NativeCamera shown, bool isNew)
        {
            if (!isNew && IsSame(FieldOfView, shown.FieldOfView)) { return true; }
            if (isNew)
            {
                CameraValues plain = CameraValues.Default();
                (values.Fit, values.Sensor, values.Focal) = (plain.Fit, plain.Sensor, plain.Focal);
            }
            double tangent = Math.Tan(Math.Min(Positive(FieldOfView), MaxFieldOfView) * DegreesToRadians / 2);
            if (tangent > 0) { values.Focal = Math.Min(values.Focal * Tangent(values) / tangent, Numbers.Largest); }
            return false;
        }

        bool KeepsSize(ref CameraValues values, in NativeCamera shown, bool isNew)
        {
            if (!isNew && IsSame(Size, shown.Size)) { return true; }
            double height = Positive(Size) * 2;
            double size = values.FitsWidth ? height * (values.Aspect > 0 ? values.Aspect : 1) : height;
            values.Size = Math.Min(size, Numbers.Largest);
            return false;
        }

        bool KeepsClip(ref CameraValues values, in NativeCamera shown, bool isNew)
        {
            bool hasSameNear = !isNew && IsSame(Near, shown.Near);
            bool hasSameFar = !isNew && IsSame(Far, shown.Far);
            if (!hasSameNear) { values.Near = Finite(Near); }
            if (!hasSameFar) { values.Far = Positive(Far); }
            return hasSameNear && hasSameFar;
        }

        /// <summary>Returns the tangent of half the vertical angle.</summary>
        static double Tangent(in CameraValues values)
        {
            if (!(values.Focal > 0)) { return 1; }
            // The width of the sensor counts for a picture that is fitted by its shape, also if that is upright.
            bool isWidth = values.FitsWidth || values.Fit == CameraValues.Auto;
            double half = (isWidth ? values.Sensor[0] : values.Sensor[1]) / 2 / values.Focal;
            return values.FitsWidth && values.Aspect > 0 ? half / values.Aspect : half;
        }

        static NativeGateFit GateOf(in CameraValues values)
        {
            switch (values.Fit)
            {
                case CameraValues.Vertical: return NativeGateFit.Vertical;
                case CameraValues.Fill: return NativeGateFit.Fill;
                case CameraValues.Overscan: return NativeGateFit.Overscan;
                case CameraValues.None: return NativeGateFit.None;
                default: return values.FitsWidth ? NativeGateFit.Horizontal : NativeGateFit.Vertical;
            }
        }

        /// <summary>Returns the sensor. One that is fitted by the shape of the picture has that shape.</summary>
        static double[] SensorOf(in CameraValues values, double aspect)
        {
            if (values.Fit != CameraValues.Auto) { return values.Sensor; }
            double longer = values.Sensor[0];
            return values.FitsWidth ? new[] { longer, longer / aspect } : new[] { longer * aspect, longer };
        }

        static bool IsSame(float a, float b) => Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

        static bool IsPositive(float value) => value > 0 && !float.IsInfinity(value);

        /// <summary>Returns the nearest length that a canonical camera has.</summary>
        static double Positive(float value) => value > 0 ? Math.Min(value, Numbers.Largest) : 0;

        static double Finite(float value) => float.IsNaN(value) ? 0 : Math.Max(-Numbers.Largest, Math.Min(value, Numbers.Largest));
    }
}
