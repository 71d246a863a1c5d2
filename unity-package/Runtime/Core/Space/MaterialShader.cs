using System;
using System.Collections.Generic;

namespace VibeSync.Core.Space
{
    /// <summary>The render pipeline that a shader of Unity's belongs to.</summary>
    public enum MaterialPipeline
    {
        BuiltIn,
        Universal,
        HighDefinition,
    }

    /// <summary>
    /// A shader of Unity's whose materials are synchronized: the names of its properties. A property that the shader does not
    /// have is null.
    /// </summary>
    public sealed class MaterialShader
    {
        /// <summary>The luminance of Blender's unit of radiance, in nits.</summary>
        const double NitsOfOne = 683;

        /// <summary>The shaders that are read and written. The first of a pipeline is the one of new materials.</summary>
        public static readonly MaterialShader[] All =
        {
            new MaterialShader("Standard", MaterialPipeline.BuiltIn)
            {
                BaseColor = "_Color", Smoothness = "_Glossiness", Cutoff = "_Cutoff", BaseMap = "_MainTex",
                MetallicMap = "_MetallicGlossMap", DoubleSided = null, MappedSmoothness = "_GlossMapScale",
            },
            new MaterialShader("Universal Render Pipeline/Lit", MaterialPipeline.Universal),
            new MaterialShader("Universal Render Pipeline/Complex Lit", MaterialPipeline.Universal),
            new MaterialShader("Universal Render Pipeline/Simple Lit", MaterialPipeline.Universal)
            {
                Metallic = null, MetallicMap = null, Occlusion = null, OcclusionMap = null,
            },
            new MaterialShader("HDRP/Lit", MaterialPipeline.HighDefinition)
            {
                Emission = "_EmissiveColor", EmissionFactor = NitsOfOne, NormalScale = "_NormalScale",
                Occlusion = "_AORemapMin", IsOcclusionInverse = true, Cutoff = "_AlphaCutoff",
                DoubleSided = "_DoubleSidedEnable", BaseMap = "_BaseColorMap", MetallicMap = "_MaskMap",
                NormalMap = "_NormalMap", OcclusionMap = null, EmissionMap = "_EmissiveColorMap",
                Remaps = new[]
                {
                    ("_MetallicRemapMin", "_MetallicRemapMax"), ("_SmoothnessRemapMin", "_SmoothnessRemapMax"),
                    ("_AORemapMin", "_AORemapMax"),
                },
            },
        };

        MaterialShader(string name, MaterialPipeline pipeline)
        {
            Name = name;
            Pipeline = pipeline;
        }

        public string Name { get; }

        public MaterialPipeline Pipeline { get; }

        public string BaseColor { get; private set; } = "_BaseColor";

        public string Metallic { get; private set; } = "_Metallic";

        /// <summary>One minus the roughness.</summary>
        public string Smoothness { get; private set; } = "_Smoothness";

        /// <summary>The product of color and strength, which Unity does not convert.</summary>
        public string Emission { get; private set; } = "_EmissionColor";

        /// <summary>The factor from the canonical unit to that of the property.</summary>
        public double EmissionFactor { get; private set; } = 1;

        public string NormalScale { get; private set; } = "_BumpScale";

        public string Occlusion { get; private set; } = "_OcclusionStrength";

        /// <summary>Whether the property is one minus the strength.</summary>
        public bool IsOcclusionInverse { get; private set; }

        public string Cutoff { get; private set; } = "_Cutoff";

        public string DoubleSided { get; private set; } = "_Cull";

        public string BaseMap { get; private set; } = "_BaseMap";

        /// <summary>The texture of metallic and smoothness; the mask map, which also has occlusion, if there are remaps.</summary>
        public string MetallicMap { get; private set; } = "_MetallicGlossMap";

        public string NormalMap { get; private set; } = "_BumpMap";

        public string OcclusionMap { get; private set; } = "_OcclusionMap";

        public string EmissionMap { get; private set; } = "_EmissionMap";

        /// <summary>The factor of the smoothness in a texture.</summary>
        public string MappedSmoothness { get; private set; } = "_Smoothness";

        /// <summary>The properties of the remaps of a mask map, in the order of <see cref="MaskRemaps"/>.</summary>
        public (string Min, string Max)[] Remaps { get; private set; } = Array.Empty<(string, string)>();

        /// <summary>Whether one texture has metallic, occlusion and smoothness, and the factors are in its remaps.</summary>
        public bool HasMask => Remaps.Length > 0;

        /// <summary>The properties of the textures, by <see cref="MapSlot"/>.</summary>
        public string[] Textures => new[] { BaseMap, MetallicMap, NormalMap, OcclusionMap, EmissionMap };

        /// <summary>Returns the shader of that name; null for one that is not known.</summary>
        public static MaterialShader Find(string name) => Array.Find(All, shader => shader.Name == name);

        /// <summary>Returns the shader of new materials.</summary>
        public static MaterialShader Of(MaterialPipeline pipeline) => Array.Find(All, shader => shader.Pipeline == pipeline);

        /// <summary>Lists the fields that the shader does not have and that are locked for that.</summary>
        public IEnumerable<string> MissingFields => Metallic == null ? new[] { "pbr.metallic" } : Array.Empty<string>();
    }
}
