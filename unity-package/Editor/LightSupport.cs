using UnityEngine.Rendering;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Finds how the render pipeline in use counts light.</summary>
    public static class LightSupport
    {
        // Names of types keep the package independent of the packages of the pipelines.
        const string HighDefinition = "HDRenderPipelineAsset";

        /// <summary>
        /// Returns the units of the lights; null in a pipeline whose lights are not synchronized: before Unity 6, the High
        /// Definition pipeline keeps intensities in a component of its own.
        /// </summary>
        public static LightUnits Find()
        {
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            if (pipeline == null)
            {
                return GraphicsSettings.lightsUseLinearIntensity ? LightUnits.Linear : LightUnits.Gamma;
            }
            if (pipeline.GetType().Name != HighDefinition) { return LightUnits.Linear; }
            return UnityCompat.HasPhysicalLights ? LightUnits.Physical : null;
        }
    }
}
