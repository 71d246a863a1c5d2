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
            CameraReader.Read((Camera)shown).ToComponent((CameraComponent)kept);

        public override void Write(Component shown, Value value, string label)
        {
            Camera camera = (Camera)shown;
            if (label != null) { Undo.RecordObject(camera, label); }
            CameraWriter.Write(camera, NativeCamera.From((CameraComponent)value));
            PrefabOverrides.Record(camera);
        }

        public override Component Add(GameObject target) => Undo.AddComponent<Camera>(target);

        public override Value Parse(string text) => CameraComponent.Read(JsonReader.Read(text), Kind);
    }
}
