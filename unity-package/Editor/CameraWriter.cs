using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Writes the synchronized values of cameras. Sets nothing that is equal already.</summary>
    public static class CameraWriter
    {
        public static void Write(Camera camera, in NativeCamera value)
        {
            NativeCamera present = CameraReader.Read(camera);
            if (present.IsOrthographic != value.IsOrthographic) { camera.orthographic = value.IsOrthographic; }
            if (present.Size != value.Size) { camera.orthographicSize = value.Size; }
            if (!present.HasSameLens(value)) { WriteLens(camera, value); }
            // Unity keeps the far plane behind the near one, so the one that gives way is set first.
            if (value.Far != present.Far && value.Far > present.Near) { camera.farClipPlane = value.Far; }
            if (value.Near != present.Near) { camera.nearClipPlane = value.Near; }
            if (value.Far != camera.farClipPlane) { camera.farClipPlane = value.Far; }
        }

        static void WriteLens(Camera camera, in NativeCamera value)
        {
            camera.usePhysicalProperties = value.IsPhysical;
            if (!value.IsPhysical)
            {
                camera.fieldOfView = value.FieldOfView;
                return;
            }
            camera.gateFit = (Camera.GateFitMode)(int)value.GateFit;
            camera.sensorSize = new Vector2(value.SensorWidth, value.SensorHeight);
            // The focal length follows the sensor and the angle, so it is set after the sensor.
            camera.focalLength = value.FocalLength;
            camera.lensShift = new Vector2(value.ShiftX, value.ShiftY);
        }
    }
}
