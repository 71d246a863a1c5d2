using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The light that the surface of a material emits: a linear color times a strength.</summary>
    public sealed class EmissionComponent : Component
    {
        public const string Name = "emission";

        /// <summary>The names of the fields on the wire, which can all be locked.</summary>
        public static readonly string[] Fields = { "color", "strength" };

        /// <summary>The value of a new material.</summary>
        public static readonly EmissionComponent None = new EmissionComponent(new double[] { 1, 1, 1 }, 0);

        /// <summary>The coarser resolution of products of two numbers in single precision.</summary>
        const double ProductEpsilon = 1.0 / (1 << 18);

        /// <param name="color">Is never changed.</param>
        public EmissionComponent(double[] color, double strength)
        {
            Color = color;
            Strength = strength;
        }

        /// <summary>Linear red, green and blue.</summary>
        public double[] Color { get; }

        public double Strength { get; }

        /// <summary>The linear light that is shown.</summary>
        public double[] Product => Array.ConvertAll(Color, channel => channel * Strength);

        public override string Key => Name;

        public static EmissionComponent Read(JsonValue json, string location)
        {
            double[] color = Numbers.Read(json, "color", 3, location);
            double strength = Numbers.Read(json, "strength", location);
            Numbers.Limit(location + ".color", 0, double.MaxValue, color);
            Numbers.Limit(location + ".strength", 0, double.MaxValue, strength);
            return new EmissionComponent(color, strength);
        }

        /// <summary>Compares the light that is shown: the split of color and strength is the editor's.</summary>
        public override bool Matches(Component readBack)
        {
            double[] own = Product;
            double[] other = ((EmissionComponent)readBack).Product;
            for (int i = 0; i < own.Length; i++)
            {
                double largest = Math.Max(Math.Abs(own[i]), Math.Abs(other[i]));
                if (!(Math.Abs(own[i] - other[i]) <= Math.Max(Epsilon, ProductEpsilon * largest))) { return false; }
            }
            return true;
        }

        public override JsonValue ToJson(List<byte[]> attachments) =>
            JsonValue.Object().With("color", Numbers.Write(Color)).With("strength", Strength);

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (double value in Color) { digest.Add(value); }
            digest.Add(Strength);
        }
    }
}
