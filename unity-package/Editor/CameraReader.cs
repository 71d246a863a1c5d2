using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads the synchronized values of cameras.</summary>
    public static class CameraReader
    {
        public static NativeCamera Read(Camera camera)
        {
            Vector2 sensor = camera.sensorSize;
            Vector2 shift = camera.lensShift;
            return new NativeCamera
            {
                IsOrthographic = camera.orthographic,
                IsPhysical = camera.usePhysicalProperties,
                Size = camera.orthographicSize,
                FieldOfView = camera.fieldOfView,
                FocalLength = camera.focalLength,
                SensorWidth = sensor.x,
                SensorHeight = sensor.y,
                GateFit = (NativeGateFit)(int)camera.gateFit,
                ShiftX = shift.x,
                ShiftY = shift.y,
                Near = camera.nearClipPlane,
                Far = camera.farClipPlane,
                Aspect = camera.aspect,
            };
        }
    }
}
