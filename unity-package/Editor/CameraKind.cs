using System;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using Component = UnityEngine.Component;
using Value = VibeSync.Core.Scene.Component;

namespace VibeSync.Editor
{
    /// <summary>Cameras as entities.</summary>
    public sealed class CameraKind : ViewerKind
    {
        public override string Kind => Kinds.Camera;

        public override Component Find(GameObject target) => target.GetComponent<Camera>();

        public override string Describe(Component other) => "cameras beside a mesh or a light";

        public override Value Read(Component shown, Value kept, string units) =>
            Shown.Without(shown, () => CameraReader.Read((Camera)shown)).ToComponent((CameraComponent)kept);

        public override void Write(Component shown, Value value, string label)
        {
            Camera camera = (Camera)shown;
            Shown.PutBack(camera);
            if (label != null) { Undo.RecordObject(camera, label); }
            CameraWriter.Write(camera, NativeCamera.From((CameraComponent)value));
            PrefabOverrides.Record(camera);
        }

        // The angle comes before the lens that decides it, and the planes last: Unity keeps the far one behind the near one.
        public override ShownFields Shown { get; } = new ShownFields(
            Field(camera => camera.orthographic, (camera, value) => camera.orthographic = (bool)value),
            Field(camera => camera.orthographicSize, (camera, value) => camera.orthographicSize = (float)value),
            Field(camera => camera.usePhysicalProperties, (camera, value) => camera.usePhysicalProperties = (bool)value),
            Field(camera => camera.fieldOfView, (camera, value) => camera.fieldOfView = (float)value),
            Field(camera => camera.gateFit, (camera, value) => camera.gateFit = (Camera.GateFitMode)value),
            Field(camera => camera.sensorSize, (camera, value) => camera.sensorSize = (Vector2)value),
            Field(camera => camera.focalLength, (camera, value) => camera.focalLength = (float)value),
            Field(camera => camera.lensShift, (camera, value) => camera.lensShift = (Vector2)value),
            Field(camera => camera.nearClipPlane, (camera, value) => camera.nearClipPlane = (float)value),
            Field(camera => camera.farClipPlane, (camera, value) => camera.farClipPlane = (float)value));

        public override void Preview(Component shown, Value value)
        {
            NativeCamera native = NativeCamera.From((CameraComponent)value);
            Shown.Show(shown, () => CameraWriter.Write((Camera)shown, native));
        }

        static ShownFields.Field Field(Func<Camera, object> get, Action<Camera, object> set) =>
            new ShownFields.Field(shown => get((Camera)shown), (shown, value) => set((Camera)shown, value));

        public override Component Add(GameObject target) => Undo.AddComponent<Camera>(target);

        public override Value Parse(string text) => CameraComponent.Read(JsonReader.Read(text), Kind);
    }
}
