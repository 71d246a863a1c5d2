using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads the values of a material.</summary>
    public static class MaterialReader
    {
        /// <summary>The first of the two transparent modes of the Standard shader.</summary>
        const int StandardFade = 2;

        /// <summary>Reads the properties that the shader has.</summary>
        public static NativeMaterial Read(Material material, MaterialShader shader)
        {
            Color color = material.GetColor(shader.BaseColor);
            return new NativeMaterial
            {
                BaseColor = new[] { color.r, color.g, color.b, color.a },
                Metallic = ReadFloat(material, shader.Metallic),
                Smoothness = ReadFloat(material, FindSmoothness(material, shader)),
                Emission = ReadEmission(material, shader),
                NormalScale = ReadFloat(material, shader.NormalScale),
                Occlusion = ReadFloat(material, shader.Occlusion),
                Cutoff = ReadFloat(material, shader.Cutoff),
                AlphaMode = ReadAlphaMode(material, shader),
                IsDoubleSided = IsDoubleSided(material, shader),
            };
        }

        /// <summary>Returns the remaps of the mask map; null for a shader without one.</summary>
        public static MaskRemaps ReadRemaps(Material material, MaterialShader shader)
        {
            MaskRemaps remaps = shader.HasMask ? new MaskRemaps() : null;
            for (int i = 0; i < shader.Remaps.Length; i++)
            {
                remaps.Set(i, ReadFloat(material, shader.Remaps[i].Min), ReadFloat(material, shader.Remaps[i].Max));
            }
            return remaps;
        }

        /// <summary>Returns the base color of a material of any shader, in sRGB with alpha; null if it has none.</summary>
        public static float[] FindBaseColor(Material material)
        {
            string property = FindColorProperty(material);
            if (property == null) { return null; }
            Color color = material.GetColor(property);
            return new[] { color.r, color.g, color.b, color.a };
        }

        /// <summary>Returns the property of the smoothness: a factor of a texture may have another one than the value.</summary>
        public static string FindSmoothness(Material material, MaterialShader shader)
        {
            bool isMapped = HasTexture(material, shader.MetallicMap) || IsSmoothnessInBase(material, shader);
            return isMapped ? shader.MappedSmoothness : shader.Smoothness;
        }

        /// <summary>Returns whether the smoothness is in the alpha of the base texture.</summary>
        public static bool IsSmoothnessInBase(Material material, MaterialShader shader) =>
            shader.Pipeline != MaterialPipeline.HighDefinition && HasTexture(material, shader.BaseMap)
            && ReadFloat(material, "_SmoothnessTextureChannel") >= 0.5f;

        /// <summary>Returns the mode of transparency.</summary>
        public static string ReadAlphaMode(Material material, MaterialShader shader)
        {
            switch (shader.Pipeline)
            {
                case MaterialPipeline.BuiltIn:
                    int mode = Mathf.RoundToInt(material.GetFloat("_Mode"));
                    return mode >= StandardFade ? PbrValues.Blend : mode == 1 ? PbrValues.Mask : PbrValues.Opaque;
                case MaterialPipeline.Universal: return ReadAlphaMode(material, "_Surface", "_AlphaClip");
                default: return ReadAlphaMode(material, "_SurfaceType", "_AlphaCutoffEnable");
            }
        }

        /// <summary>Returns whether the material emits light, as its inspector shows it.</summary>
        public static bool IsEmissive(Material material, MaterialShader shader) =>
            shader.Pipeline == MaterialPipeline.HighDefinition || material.IsKeywordEnabled("_EMISSION");

        static string ReadAlphaMode(Material material, string surface, string clip) =>
            material.GetFloat(surface) >= 0.5f ? PbrValues.Blend
                : material.GetFloat(clip) >= 0.5f ? PbrValues.Mask : PbrValues.Opaque;

        static bool IsDoubleSided(Material material, MaterialShader shader)
        {
            if (shader.DoubleSided == null) { return false; }
            float value = material.GetFloat(shader.DoubleSided);
            return shader.Pipeline == MaterialPipeline.HighDefinition ? value >= 0.5f
                : Mathf.RoundToInt(value) == (int)CullMode.Off;
        }

        static float[] ReadEmission(Material material, MaterialShader shader)
        {
            if (!IsEmissive(material, shader)) { return new float[3]; }
            Color color = material.GetColor(shader.Emission);
            return new[] { color.r, color.g, color.b };
        }

        static string FindColorProperty(Material material)
        {
            foreach (string name in new[] { "_BaseColor", "_Color" })
            {
                if (material.HasProperty(name)) { return name; }
            }
            Shader shader = material.shader;
            for (int i = 0; i < shader.GetPropertyCount(); i++)
            {
                if ((shader.GetPropertyFlags(i) & ShaderPropertyFlags.MainColor) != 0) { return shader.GetPropertyName(i); }
            }
            return null;
        }

        static bool HasTexture(Material material, string property) =>
            property != null && material.HasProperty(property) && material.GetTexture(property) != null;

        static float ReadFloat(Material material, string property) =>
            property == null || !material.HasProperty(property) ? 0 : material.GetFloat(property);
    }
}
