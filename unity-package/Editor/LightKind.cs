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
            LightReader.Read((Light)shown).ToComponent((LightComponent)kept, LightUnits.Find(units) ?? this.units);

        public override void Write(Component shown, Value value, string label)
        {
            Light light = (Light)shown;
            if (label != null) { Undo.RecordObject(light, label); }
            LightWriter.Write(light, NativeLight.From((LightComponent)value, units), units);
            PrefabOverrides.Record(light);
        }

        public override Component Add(GameObject target) => Undo.AddComponent<Light>(target);

        public override Value Parse(string text) => LightComponent.Read(JsonReader.Read(text), Kind);
    }
}
