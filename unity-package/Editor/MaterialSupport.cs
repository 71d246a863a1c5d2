using System;
using System.Reflection;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Describes how the render pipeline in use shows materials.</summary>
    public sealed class MaterialSupport
    {
        // Names of types keep the package independent of the packages of the pipelines.
        const string Universal = "UniversalRenderPipelineAsset";
        const string HighDefinition = "HDRenderPipelineAsset";
        const string Validator = "UnityEngine.Rendering.HighDefinition.HDMaterial";

        /// <summary>Sets keywords and states of a material of the High Definition pipeline; null in another one.</summary>
        readonly Action<Material> validate;

        MaterialSupport(MaterialShader shader, Action<Material> validate)
        {
            Shader = shader;
            this.validate = validate;
            IsGamma = PlayerSettings.colorSpace == ColorSpace.Gamma;
        }

        /// <summary>The shader of new materials.</summary>
        public MaterialShader Shader { get; }

        /// <summary>Whether the color space of the project is gamma.</summary>
        public bool IsGamma { get; }

        /// <summary>Names what a session depends on: pipeline and color space.</summary>
        public static string FindKey()
        {
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            return (pipeline == null ? "" : pipeline.GetType().Name) + " " + PlayerSettings.colorSpace;
        }

        /// <summary>Returns the support of the pipeline in use; null if its materials are not synchronized.</summary>
        public static MaterialSupport Find()
        {
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            if (pipeline == null) { return Make(MaterialPipeline.BuiltIn, null); }
            Type type = pipeline.GetType();
            if (type.Name == Universal) { return Make(MaterialPipeline.Universal, null); }
            if (type.Name != HighDefinition) { return null; }
            MethodInfo method = type.Assembly.GetType(Validator)?.GetMethod("ValidateMaterial", new[] { typeof(Material) });
            return method == null ? null
                : Make(MaterialPipeline.HighDefinition, material => method.Invoke(null, new object[] { material }));
        }

        /// <summary>Returns whether materials of a shader can be written.</summary>
        public bool CanWrite(MaterialShader shader) =>
            shader != null && (shader.Pipeline != MaterialPipeline.HighDefinition || validate != null);

        /// <summary>Sets keywords and states of a material as its pipeline does after an edit in the inspector.</summary>
        public void Validate(Material material) => validate?.Invoke(material);

        static MaterialSupport Make(MaterialPipeline pipeline, Action<Material> validate)
        {
            MaterialShader shader = MaterialShader.Of(pipeline);
            return UnityEngine.Shader.Find(shader.Name) == null ? null : new MaterialSupport(shader, validate);
        }
    }
}
