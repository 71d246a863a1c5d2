using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Rendering;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests previews of materials in each render pipeline. Only on the fakes, because a project's pipeline cannot be changed
    /// for a test.
    /// </summary>
    public sealed class MaterialPreviewPipelineTests : BridgeHarness
    {
        const string Red = "01920000-0000-7000-8000-0000000000d1";
        const string MeshUuid = "01920000-0000-7000-8000-0000000000e1";
        const string Box = "01920000-0000-7000-8000-0000000000a1";

        sealed class HDRenderPipelineAsset : RenderPipelineAsset
        {
        }

        sealed class UniversalRenderPipelineAsset : RenderPipelineAsset
        {
        }

        static JsonValue MakeValues(double roughness, double strength)
        {
            PbrValues values = PbrValues.Default;
            values.BaseColor = new[] { 0.5, 0.25, 0.125, 0.75 };
            (values.Roughness, values.Metallic, values.OcclusionStrength) = (roughness, 0.625, 0.75);
            (values.NormalScale, values.AlphaCutoff) = (2, 0.375);
            return JsonValue.Object().With("pbr", new PbrComponent(values).ToJson(null))
                .With("emission", new EmissionComponent(new[] { 1, 0.5, 0 }, strength).ToJson(null));
        }

        /// <summary>Shows a preview of a material that emits light. Returns what the renderer got.</summary>
        MaterialPropertyBlock Show(RenderPipelineAsset pipeline)
        {
            GraphicsSettings.defaultRenderPipeline = pipeline;
            Daemon.Features = JsonValue.Array(PreviewMessages.Feature);
            Bridge.Stop();
            Bridge.Start();
            Connect();
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeMesh("Box", MakeTriangle(0), attachments)
                .With("slots", new SlotsComponent(new[] { Red }).ToJson(null));
            ExpectApplied(Daemon.Apply(1, "Box", attachments,
                MakeChange("create", Red, "material", MakeValues(0.5, 1).With("name", "Red")),
                MakeChange("create", MeshUuid, "mesh", mesh),
                MakeChange("create", Box, "object", MakeObject("Box", null, MeshUuid, MakeTransform(0, 0, 0)))));
            MaterialPropertyBlock block = new MaterialPropertyBlock();
            WaitFor(() =>
            {
                // A preview that comes before the end of the batch is not shown.
                Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(
                    JsonValue.Object().With("uuid", Red).With("components", MakeValues(0.25, 2)))));
                FindObject(Box).GetComponent<MeshRenderer>().GetPropertyBlock(block, 0);
                return !block.isEmpty;
            });
            return block;
        }

        [TestCase("", "_Color _Metallic _Glossiness _BumpScale _OcclusionStrength _Cutoff _EmissionColor", 0.75f, 2)]
        [TestCase("Universal", "_BaseColor _Metallic _Smoothness _BumpScale _OcclusionStrength _Cutoff _EmissionColor", 0.75f, 2)]
        [TestCase("HD", "_BaseColor _Metallic _Smoothness _NormalScale _AORemapMin _AlphaCutoff _EmissiveColor", 0.25f, 1366)]
        public void BlockHasThePropertiesOfTheShader(string pipeline, string names, float occlusion, float emission)
        {
            MaterialPropertyBlock block = Show(pipeline == "HD" ? new HDRenderPipelineAsset()
                : pipeline == "Universal" ? new UniversalRenderPipelineAsset() : (RenderPipelineAsset)null);
            string[] properties = names.Split(' ');
            Vector4 color = block.GetVector(properties[0]);
            Assert.That((color.x, color.y, color.z, color.w), Is.EqualTo((0.5f, 0.25f, 0.125f, 0.75f)));
            Assert.That(properties.Skip(1).Take(5).Select(block.GetFloat),
                Is.EqualTo(new[] { 0.625f, 0.75f, 2, occlusion, 0.375f }));
            Vector4 light = block.GetVector(properties[6]);
            Assert.That((light.x, light.y, light.z), Is.EqualTo((emission, emission / 2, 0f)));
        }

        [Test]
        public void GammaProjectGetsTheNumbersAsTheyAre()
        {
            Canvas.IsLinear = false;
            Vector4 color = Show(null).GetVector("_Color");
            Assert.That((color.x, color.y, color.z, color.w), Is.EqualTo((0.5f, 0.25f, 0.125f, 0.75f)));
            Material red = FindObject(Box).GetComponent<MeshRenderer>().sharedMaterials[0];
            Assert.That(red.GetColor("_Color").r, Is.EqualTo(0.5f), "as the material has them");
        }

        [Test]
        public void HandshakeOffersMaterialsWhereTheyCanBeShown()
        {
            Show(null);
            string[] announced = Daemon.Hello.Required("components", "").AsArray("").Select(key => key.AsString("")).ToArray();
            Assert.That(announced, Is.SupersetOf(new[] { "pbr", "emission" }));
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("features", "")), Is.EqualTo("[\"previews\"]"));
        }
    }
}
