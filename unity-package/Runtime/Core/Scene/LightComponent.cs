using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>A light, in physical units; docs/protocol.md describes the fields.</summary>
    public sealed class LightComponent : Component
    {
        /// <summary>The coarser resolution of products of two numbers in single precision.</summary>
        const double ProductEpsilon = 1.0 / (1 << 18);

        /// <summary>Radians by which an angle may be too large, because it was rounded.</summary>
        const double AngleTolerance = 1e-6;

        public LightComponent(in LightValues values)
        {
            Values = values;
        }

        public LightValues Values { get; }

        public override string Key => Kinds.Light;

        public static LightComponent Read(JsonValue json, string location)
        {
            LightValues values = new LightValues
            {
                Type = Numbers.CheckWord(json, "type", location, LightValues.Types),
                Color = Numbers.Read(json, "color", 3, location),
                Intensity = Numbers.Read(json, "intensity", location),
                Range = Numbers.ReadOptional(json, "range", location),
                Inner = Numbers.Read(json, "inner", location),
                Outer = Numbers.Read(json, "outer", location),
                Shape = Numbers.CheckWord(json, "shape", location, LightValues.Shapes),
                Size = Numbers.Read(json, "size", 2, location),
                Radius = Numbers.Read(json, "radius", location),
                Angle = Numbers.Read(json, "angle", location),
                HasShadow = json.Required("shadow", location).AsBool(location + ".shadow"),
                Temperature = Numbers.ReadOptional(json, "temperature", location),
                Tint = Numbers.Read(json, "tint", 3, location),
            };
            Numbers.Limit(location, 0, double.MaxValue, values.Color);
            Numbers.Limit(location, 0, double.MaxValue, values.Tint);
            Numbers.Limit(location, 0, double.MaxValue, values.Size);
            Numbers.Limit(location, 0, double.MaxValue, values.Intensity, values.Range ?? 0, values.Radius, values.Angle,
                values.Temperature ?? 0);
            Numbers.Limit(location + ".outer", 0, Math.PI / 2 + AngleTolerance, values.Outer);
            Numbers.Limit(location + ".inner", 0, values.Outer + AngleTolerance, values.Inner);
            return new LightComponent(values);
        }

        /// <summary>Compares the light that is shown: the split of color and intensity is the editor's.</summary>
        public override bool Matches(Component readBack)
        {
            LightValues other = ((LightComponent)readBack).Values;
            for (int i = 0; i < 3; i++)
            {
                double a = Values.Color[i] * Values.Intensity;
                double b = other.Color[i] * other.Intensity;
                double largest = Math.Max(Math.Abs(a), Math.Abs(b));
                if (!(Math.Abs(a - b) <= Math.Max(Epsilon, ProductEpsilon * largest))) { return false; }
            }
            bool isSpot = Values.Type == LightValues.Spot;
            return Values.Type == other.Type && Values.Shape == other.Shape && Values.HasShadow == other.HasShadow
                && AreClose(Values.Range, other.Range) && AreClose(Values.Size, other.Size)
                && AreClose(Values.Radius, other.Radius) && AreClose(Values.Angle, other.Angle)
                && AreClose(Values.Temperature, other.Temperature) && AreClose(Values.Tint, other.Tint)
                && (!isSpot || (AreClose(Values.Inner, other.Inner) && AreClose(Values.Outer, other.Outer)));
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("type", Values.Type).With("color", Numbers.Write(Values.Color))
                .With("intensity", Values.Intensity).With("range", Numbers.Write(Values.Range))
                .With("inner", Values.Inner).With("outer", Values.Outer).With("shape", Values.Shape)
                .With("size", Numbers.Write(Values.Size)).With("radius", Values.Radius).With("angle", Values.Angle)
                .With("shadow", Values.HasShadow).With("temperature", Numbers.Write(Values.Temperature))
                .With("tint", Numbers.Write(Values.Tint));
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add(Values.Type);
            digest.Add(Values.Shape);
            digest.Add(Values.HasShadow ? 1u : 0u);
            foreach (double value in Values.Color) { digest.Add(value); }
            foreach (double value in Values.Size) { digest.Add(value); }
            foreach (double value in Values.Tint) { digest.Add(value); }
            foreach (double value in new[]
            {
                Values.Intensity, Values.Range ?? -1, Values.Inner, Values.Outer, Values.Radius, Values.Angle,
                Values.Temperature ?? -1,
            })
            {
                digest.Add(value);
            }
        }
    }
}
