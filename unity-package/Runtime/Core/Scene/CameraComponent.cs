using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>A camera; docs/protocol.md describes the fields.</summary>
    public sealed class CameraComponent : Component
    {
        public CameraComponent(in CameraValues values)
        {
            Values = values;
        }

        public CameraValues Values { get; }

        public override string Key => Kinds.Camera;

        public static CameraComponent Read(JsonValue json, string location)
        {
            CameraValues values = new CameraValues
            {
                Projection = Numbers.CheckWord(json, "projection", location, CameraValues.Projections),
                Fit = Numbers.CheckWord(json, "fit", location, CameraValues.Fits),
                Sensor = Numbers.Read(json, "sensor", 2, location),
                Focal = Numbers.Read(json, "focal", location),
                Size = Numbers.Read(json, "size", location),
                Shift = Numbers.Read(json, "shift", 2, location),
                Near = Numbers.Read(json, "near", location),
                Far = Numbers.Read(json, "far", location),
                Aspect = Numbers.Read(json, "aspect", location),
                IsPhysical = json.Required("physical", location).AsBool(location + ".physical"),
                Focus = Numbers.Read(json, "focus", location),
                FStop = Numbers.Read(json, "fstop", location),
            };
            Numbers.Limit(location, 0, double.MaxValue, values.Sensor);
            Numbers.Limit(location, 0, double.MaxValue, values.Focal, values.Size, values.Far, values.Aspect, values.Focus,
                values.FStop);
            return new CameraComponent(values);
        }

        public override bool Matches(Component readBack)
        {
            CameraValues other = ((CameraComponent)readBack).Values;
            return Values.Projection == other.Projection && Values.Fit == other.Fit
                && Values.IsPhysical == other.IsPhysical && AreClose(Values.Sensor, other.Sensor)
                && AreClose(Values.Shift, other.Shift) && AreClose(Lengths(Values), Lengths(other));
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("projection", Values.Projection).With("fit", Values.Fit)
                .With("sensor", Numbers.Write(Values.Sensor)).With("focal", Values.Focal).With("size", Values.Size)
                .With("shift", Numbers.Write(Values.Shift)).With("near", Values.Near).With("far", Values.Far)
                .With("aspect", Values.Aspect).With("physical", Values.IsPhysical).With("focus", Values.Focus)
                .With("fstop", Values.FStop);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add(Values.Projection);
            digest.Add(Values.Fit);
            digest.Add(Values.IsPhysical ? 1u : 0u);
            foreach (double value in Values.Sensor) { digest.Add(value); }
            foreach (double value in Values.Shift) { digest.Add(value); }
            foreach (double value in Lengths(Values)) { digest.Add(value); }
        }

        static double[] Lengths(in CameraValues values) =>
            new[] { values.Focal, values.Size, values.Near, values.Far, values.Focus, values.FStop };
    }
}
