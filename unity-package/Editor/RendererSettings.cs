using UnityEngine;
using UnityEngine.Rendering;

namespace VibeSync.Editor
{
    /// <summary>Holds the settings of a renderer, for the renderer of another kind that takes its place.</summary>
    public sealed class RendererSettings
    {
        readonly Material[] materials;
        readonly bool hasRenderer;
        readonly bool isEnabled, receivesShadows, isOccluded;
        readonly ShadowCastingMode shadows;
        readonly LightProbeUsage lightProbes;
        readonly ReflectionProbeUsage reflectionProbes;
        readonly MotionVectorGenerationMode motionVectors;
        readonly Transform anchor;
        readonly uint layers;
        readonly int sortingLayer, sortingOrder;

        /// <param name="renderer">May be null: a new renderer then keeps its defaults, without materials.</param>
        public RendererSettings(Renderer renderer)
        {
            materials = new Material[0];
            if (renderer == null) { return; }
            hasRenderer = true;
            materials = renderer.sharedMaterials;
            isEnabled = renderer.enabled;
            receivesShadows = renderer.receiveShadows;
            isOccluded = renderer.allowOcclusionWhenDynamic;
            shadows = renderer.shadowCastingMode;
            lightProbes = renderer.lightProbeUsage;
            reflectionProbes = renderer.reflectionProbeUsage;
            motionVectors = renderer.motionVectorGenerationMode;
            anchor = renderer.probeAnchor;
            layers = renderer.renderingLayerMask;
            sortingLayer = renderer.sortingLayerID;
            sortingOrder = renderer.sortingOrder;
        }

        public void WriteTo(Renderer renderer)
        {
            renderer.sharedMaterials = materials;
            if (!hasRenderer) { return; }
            renderer.enabled = isEnabled;
            renderer.receiveShadows = receivesShadows;
            renderer.allowOcclusionWhenDynamic = isOccluded;
            renderer.shadowCastingMode = shadows;
            renderer.lightProbeUsage = lightProbes;
            renderer.reflectionProbeUsage = reflectionProbes;
            renderer.motionVectorGenerationMode = motionVectors;
            renderer.probeAnchor = anchor;
            renderer.renderingLayerMask = layers;
            renderer.sortingLayerID = sortingLayer;
            renderer.sortingOrder = sortingOrder;
        }
    }
}
