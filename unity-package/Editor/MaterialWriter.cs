using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// Writes the values of a material, with the keywords and states that its inspector would set. Otherwise a value has no
    /// effect, and a look at the material in the inspector would change it.
    /// </summary>
    public sealed class MaterialWriter
    {
        readonly MaterialSupport support;

        public MaterialWriter(MaterialSupport support)
        {
            this.support = support;
        }

        /// <summary>Sets what differs. The mode of transparency is left as it is while it is the same.</summary>
        /// <param name="isNew">Whether keywords and states are set in any case.</param>
        public void Write(Material material, in NativeMaterial values, MaterialShader shader, bool isNew)
        {
            float[] color = values.BaseColor;
            SetColor(material, shader.BaseColor, new Color(color[0], color[1], color[2], color[3]));
            // The lightmapper reads the name of the Built-in pipeline.
            SetColor(material, "_Color", new Color(color[0], color[1], color[2], color[3]));
            SetFloat(material, shader.Metallic, values.Metallic);
            SetFloat(material, MaterialReader.FindSmoothness(material, shader), values.Smoothness);
            SetFloat(material, shader.NormalScale, values.NormalScale);
            SetFloat(material, shader.Occlusion, values.Occlusion);
            for (int i = 0; i < shader.Remaps.Length && values.Remaps != null; i++)
            {
                SetFloat(material, shader.Remaps[i].Min, (float)values.Remaps.Min(i));
                SetFloat(material, shader.Remaps[i].Max, (float)values.Remaps.Max(i));
            }
            SetFloat(material, shader.Cutoff, values.Cutoff);
            WriteEmission(material, values.Emission, shader);
            if (isNew || MaterialReader.ReadAlphaMode(material, shader) != values.AlphaMode)
            {
                WriteAlphaMode(material, values.AlphaMode, shader);
            }
            WriteSides(material, values.IsDoubleSided, shader, isNew);
            if (shader.Pipeline == MaterialPipeline.HighDefinition) { support.Validate(material); }
        }

        static void WriteEmission(Material material, float[] product, MaterialShader shader)
        {
            bool isEmissive = product[0] > 0 || product[1] > 0 || product[2] > 0;
            // A color that is switched off stays.
            if (!isEmissive && !MaterialReader.IsEmissive(material, shader)) { return; }
            Color color = new Color(product[0], product[1], product[2], material.GetColor(shader.Emission).a);
            SetColor(material, shader.Emission, color);
            if (shader.Pipeline == MaterialPipeline.HighDefinition)
            {
                SetFloat(material, "_UseEmissiveIntensity", 0);
                return;
            }
            bool wasOff = (material.globalIlluminationFlags & MaterialGlobalIlluminationFlags.EmissiveIsBlack) != 0;
            if (!isEmissive) { material.globalIlluminationFlags = MaterialGlobalIlluminationFlags.EmissiveIsBlack; }
            else if (wasOff) { material.globalIlluminationFlags = MaterialGlobalIlluminationFlags.BakedEmissive; }
            SetKeyword(material, "_EMISSION", isEmissive);
        }

        static void WriteAlphaMode(Material material, string mode, MaterialShader shader)
        {
            switch (shader.Pipeline)
            {
                case MaterialPipeline.BuiltIn: WriteStandardMode(material, mode); break;
                case MaterialPipeline.Universal: WriteUniversalMode(material, mode); break;
                default:
                    SetFloat(material, "_SurfaceType", mode == PbrValues.Blend ? 1 : 0);
                    SetFloat(material, "_AlphaCutoffEnable", mode == PbrValues.Mask ? 1 : 0);
                    break;
            }
        }

        static void WriteStandardMode(Material material, string mode)
        {
            bool isBlend = mode == PbrValues.Blend;
            bool isMask = mode == PbrValues.Mask;
            SetFloat(material, "_Mode", isBlend ? 2 : isMask ? 1 : 0);
            material.SetOverrideTag("RenderType", isBlend ? "Transparent" : isMask ? "TransparentCutout" : "");
            SetFloat(material, "_SrcBlend", (float)(isBlend ? BlendMode.SrcAlpha : BlendMode.One));
            SetFloat(material, "_DstBlend", (float)(isBlend ? BlendMode.OneMinusSrcAlpha : BlendMode.Zero));
            SetFloat(material, "_ZWrite", isBlend ? 0 : 1);
            SetKeyword(material, "_ALPHATEST_ON", isMask);
            SetKeyword(material, "_ALPHABLEND_ON", isBlend);
            SetKeyword(material, "_ALPHAPREMULTIPLY_ON", false);
            material.renderQueue = isBlend ? (int)RenderQueue.Transparent : isMask ? (int)RenderQueue.AlphaTest : -1;
        }

        static void WriteUniversalMode(Material material, string mode)
        {
            bool isBlend = mode == PbrValues.Blend;
            bool isMask = mode == PbrValues.Mask;
            SetFloat(material, "_Surface", isBlend ? 1 : 0);
            SetFloat(material, "_AlphaClip", isMask ? 1 : 0);
            SetFloat(material, "_AlphaToMask", isMask ? 1 : 0);
            SetKeyword(material, "_SURFACE_TYPE_TRANSPARENT", isBlend);
            SetKeyword(material, "_ALPHATEST_ON", isMask);
            SetKeyword(material, "_ALPHAMODULATE_ON", false);
            if (isBlend) { SetFloat(material, "_Blend", 0); }
            bool keepsSpecular = isBlend && material.HasProperty("_BlendModePreserveSpecular")
                && material.GetFloat("_BlendModePreserveSpecular") > 0;
            SetKeyword(material, "_ALPHAPREMULTIPLY_ON", keepsSpecular);
            SetFloat(material, "_SrcBlend", (float)(isBlend && !keepsSpecular ? BlendMode.SrcAlpha : BlendMode.One));
            BlendMode behind = isBlend ? BlendMode.OneMinusSrcAlpha : BlendMode.Zero;
            SetFloat(material, "_DstBlend", (float)behind);
            SetFloat(material, "_SrcBlendAlpha", (float)BlendMode.One);
            SetFloat(material, "_DstBlendAlpha", (float)behind);
            SetFloat(material, "_ZWrite", isBlend ? 0 : 1);
            material.SetOverrideTag("RenderType", isBlend ? "Transparent" : isMask ? "TransparentCutout" : "Opaque");
            material.SetShaderPassEnabled("DepthOnly", !isBlend);
            material.SetShaderPassEnabled("ShadowCaster", !isBlend);
            RenderQueue queue = isBlend ? RenderQueue.Transparent : isMask ? RenderQueue.AlphaTest : RenderQueue.Geometry;
            int offset = material.HasProperty("_QueueOffset") ? (int)material.GetFloat("_QueueOffset") : 0;
            material.renderQueue = (int)queue + offset;
        }

        static void WriteSides(Material material, bool isDoubleSided, MaterialShader shader, bool isNew)
        {
            if (shader.DoubleSided == null) { return; }
            if (shader.Pipeline == MaterialPipeline.HighDefinition)
            {
                SetFloat(material, shader.DoubleSided, isDoubleSided ? 1 : 0);
                return;
            }
            bool isOff = Mathf.RoundToInt(material.GetFloat(shader.DoubleSided)) == (int)CullMode.Off;
            if (isOff == isDoubleSided && !isNew) { return; }
            SetFloat(material, shader.DoubleSided, (float)(isDoubleSided ? CullMode.Off : CullMode.Back));
            material.doubleSidedGI = isDoubleSided;
        }

        static void SetColor(Material material, string property, Color value)
        {
            if (material.HasProperty(property) && !material.GetColor(property).Equals(value)) { material.SetColor(property, value); }
        }

        static void SetFloat(Material material, string property, float value)
        {
            if (property == null || !material.HasProperty(property)) { return; }
            if (!material.GetFloat(property).Equals(value)) { material.SetFloat(property, value); }
        }

        internal static void SetKeyword(Material material, string keyword, bool isOn)
        {
            if (isOn) { material.EnableKeyword(keyword); }
            else { material.DisableKeyword(keyword); }
        }
    }
}
