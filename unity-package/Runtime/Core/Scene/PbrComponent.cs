using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The reflection of light by the surface of a material; docs/protocol.md describes the fields.</summary>
    public sealed class PbrComponent : Component
    {
        public const string Name = "pbr";

        public PbrComponent(in PbrValues values)
        {
            Values = values;
        }

        public PbrValues Values { get; }

        public override string Key => Name;

        public static PbrComponent Read(JsonValue json, string location)
        {
            PbrValues values = new PbrValues
            {
                BaseColor = Numbers.Read(json, "base_color", 4, location),
                Metallic = Numbers.Read(json, "metallic", location),
                Roughness = Numbers.Read(json, "roughness", location),
                AlphaMode = Numbers.CheckWord(json, "alpha_mode", location, PbrValues.AlphaModes),
                AlphaCutoff = Numbers.Read(json, "alpha_cutoff", location),
                IsDoubleSided = json.Required("double_sided", location).AsBool(location + ".double_sided"),
                NormalScale = Numbers.Read(json, "normal_scale", location),
                OcclusionStrength = Numbers.Read(json, "occlusion_strength", location),
            };
            Numbers.Limit(location + ".base_color", 0, double.MaxValue, values.BaseColor);
            Numbers.Limit(location, 0, 1, values.BaseColor[3], values.Metallic, values.Roughness, values.AlphaCutoff,
                values.OcclusionStrength);
            return new PbrComponent(values);
        }

        public override bool Matches(Component readBack)
        {
            PbrValues other = ((PbrComponent)readBack).Values;
            return Values.AlphaMode == other.AlphaMode && Values.IsDoubleSided == other.IsDoubleSided
                && AreClose(Values.BaseColor, other.BaseColor) && AreClose(Values.Metallic, other.Metallic)
                && AreClose(Values.Roughness, other.Roughness) && AreClose(Values.AlphaCutoff, other.AlphaCutoff)
                && AreClose(Values.NormalScale, other.NormalScale)
                && AreClose(Values.OcclusionStrength, other.OcclusionStrength);
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("base_color", Numbers.Write(Values.BaseColor))
                .With("metallic", Values.Metallic).With("roughness", Values.Roughness)
                .With("alpha_mode", Values.AlphaMode).With("alpha_cutoff", Values.AlphaCutoff)
                .With("double_sided", Values.IsDoubleSided).With("normal_scale", Values.NormalScale)
                .With("occlusion_strength", Values.OcclusionStrength);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add(Values.AlphaMode);
            digest.Add(Values.IsDoubleSided ? 1u : 0u);
            foreach (double value in Values.BaseColor) { digest.Add(value); }
            digest.Add(Values.Metallic);
            digest.Add(Values.Roughness);
            digest.Add(Values.AlphaCutoff);
            digest.Add(Values.NormalScale);
            digest.Add(Values.OcclusionStrength);
        }
    }
}
