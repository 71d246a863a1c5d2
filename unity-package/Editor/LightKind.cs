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
    /// <summary>Lights as entities.</summary>
    public sealed class LightKind : ViewerKind
    {
        readonly LightUnits units = LightSupport.Find();

        public override string Kind => Kinds.Light;

        public override string Units => units == null ? "" : units.Name;

        public override bool IsSynchronized => units != null;

        public override Component Find(GameObject target) => target.GetComponent<Light>();

        public override bool CanRead(Component shown) => IsSynchronized && LightReader.FindType((Light)shown) != null;

        public override string Describe(Component other) => !IsSynchronized ? "lights"
            : CanRead(other) ? "lights beside a mesh" : "box, pyramid and tube lights";

        public override Value Read(Component shown, Value kept, string units) =>
            Shown.Without(shown, () => LightReader.Read((Light)shown))
                .ToComponent((LightComponent)kept, LightUnits.Find(units) ?? this.units);

        public override void Write(Component shown, Value value, string label)
        {
            Light light = (Light)shown;
            Shown.PutBack(light);
            if (label != null) { Undo.RecordObject(light, label); }
            LightWriter.Write(light, NativeLight.From((LightComponent)value, units), units);
            PrefabOverrides.Record(light);
        }

        public override ShownFields Shown { get; } = new ShownFields(
            Field(light => light.useColorTemperature, (light, value) => light.useColorTemperature = (bool)value),
            Field(light => light.color, (light, value) => light.color = (Color)value),
            Field(light => light.intensity, (light, value) => light.intensity = (float)value),
            Field(light => light.range, (light, value) => light.range = (float)value),
            Field(light => light.spotAngle, (light, value) => light.spotAngle = (float)value),
            Field(light => light.innerSpotAngle, (light, value) => light.innerSpotAngle = (float)value),
            Field(light => light.areaSize, (light, value) => light.areaSize = (Vector2)value),
            Field(light => light.shadows, (light, value) => light.shadows = (LightShadows)value));

        public override void Preview(Component shown, Value value)
        {
            Light light = (Light)shown;
            NativeLight native = NativeLight.From((LightComponent)value, units);
            if (LightReader.FindType(light) == native.Type) { Shown.Show(light, () => LightWriter.Write(light, native, units)); }
        }

        static ShownFields.Field Field(Func<Light, object> get, Action<Light, object> set) =>
            new ShownFields.Field(shown => get((Light)shown), (shown, value) => set((Light)shown, value));

        public override Component Add(GameObject target) => Undo.AddComponent<Light>(target);

        public override Value Parse(string text) => LightComponent.Read(JsonReader.Read(text), Kind);
    }
}
