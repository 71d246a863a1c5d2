using System;
using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// The values of a material in a property block, which a renderer shows instead of those of the material. A block has
    /// numbers alone: keywords and render states stay those of the material.
    /// </summary>
    public static class MaterialBlock
    {
        /// <summary>A property that no shader reads. It tells the blocks of previews from those of scripts.</summary>
        const string Mark = "_VibeSyncPreview";

        /// <param name="color">The linear base color.</param>
        public static MaterialPropertyBlock Make(Material material, in NativeMaterial values, double[] color, MaterialShader shader)
        {
            MaterialPropertyBlock block = new MaterialPropertyBlock();
            block.SetFloat(Mark, 1);
            // Unity converts a color of a block even where a shader takes it as it is. It never converts a vector, so this
            // is what the shader gets of the material after the durable change.
            block.SetVector(shader.BaseColor, MakeVector(Array.ConvertAll(color, Convert.ToSingle), values.BaseColor[3]));
            SetFloat(block, material, shader.Metallic, values.Metallic);
            SetFloat(block, material, MaterialReader.FindSmoothness(material, shader), values.Smoothness);
            SetFloat(block, material, shader.NormalScale, values.NormalScale);
            SetFloat(block, material, shader.Occlusion, values.Occlusion);
            for (int i = 0; i < shader.Remaps.Length && values.Remaps != null; i++)
            {
                SetFloat(block, material, shader.Remaps[i].Min, (float)values.Remaps.Min(i));
                SetFloat(block, material, shader.Remaps[i].Max, (float)values.Remaps.Max(i));
            }
            SetFloat(block, material, shader.Cutoff, values.Cutoff);
            // Without its keyword the shader has no emission.
            if (MaterialReader.IsEmissive(material, shader)) { block.SetVector(shader.Emission, MakeVector(values.Emission, 1)); }
            return block;
        }

        /// <summary>Returns whether a block is one of a preview.</summary>
        public static bool IsPreview(MaterialPropertyBlock block) => !block.isEmpty && block.GetFloat(Mark) == 1;

        static Vector4 MakeVector(float[] color, float alpha) => new Vector4(color[0], color[1], color[2], alpha);

        static void SetFloat(MaterialPropertyBlock block, Material material, string property, float value)
        {
            if (property != null && material.HasProperty(property)) { block.SetFloat(property, value); }
        }
    }
}
