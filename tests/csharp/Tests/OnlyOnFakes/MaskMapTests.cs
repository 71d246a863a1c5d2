using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests maps in the High Definition pipeline, which has metallic, occlusion and smoothness in one texture. Only on the fakes,
    /// because a project's pipeline cannot be changed for a test.
    /// </summary>
    public sealed class MaskMapTests : BridgeHarness
    {
        const string Red = "01920000-0000-7000-8000-0000000000d1";
        const string Wood = "01920000-0000-7000-8000-0000000000f1";
        const string Grain = "01920000-0000-7000-8000-0000000000f2";

        const string MeshUuid = "01920000-0000-7000-8000-0000000000e1";
        const string Box = "01920000-0000-7000-8000-0000000000a1";

        sealed class HDRenderPipelineAsset : RenderPipelineAsset
        {
        }

        static Material Shown => AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Red.mat");

        static byte[] MakePng(byte shade)
        {
            Texture2D texture = new Texture2D(1, 1, TextureFormat.RGBA32, false);
            texture.SetPixels32(new[] { new Color32(shade, shade, shade, shade) });
            return texture.EncodeToPNG();
        }

        static TextureMap Map(string image, string channel, double scale = 1, double bias = 0) =>
            new TextureMap { Image = image, Channel = channel, Scale = scale, Bias = bias };

        static MapsComponent Maps(params (string Field, TextureMap Map)[] maps) =>
            new MapsComponent(maps.ToDictionary(each => each.Field, each => each.Map));

        void ApplyImage(long seq, string uuid, string name, byte shade)
        {
            byte[] file = MakePng(shade);
            JsonValue image = MakeName(name).With("image", JsonValue.Object().With("width", 1).With("height", 1)
                .With("color_space", "data").With("alpha", "packed").With("format", "png").With("buffers", JsonValue.Object()
                    .With("file", JsonValue.Object().With("attachment", 0).With("bytes", file.Length))));
            ExpectApplied(Daemon.Apply(seq, "Image", new List<byte[]> { file }, MakeChange("create", uuid, "image", image)));
        }

        static PbrComponent MakePbr(double metallic)
        {
            PbrValues values = PbrValues.Default;
            (values.Metallic, values.Roughness, values.OcclusionStrength) = (metallic, 0.375, 0.75);
            return new PbrComponent(values);
        }

        /// <summary>Has the daemon create two images, and a material with these maps, which it shows as they are.</summary>
        void Prepare(MapsComponent maps)
        {
            GraphicsSettings.defaultRenderPipeline = new HDRenderPipelineAsset();
            Connect();
            ApplyImage(1, Wood, "Wood", 10);
            ApplyImage(2, Grain, "Grain", 128);
            JsonValue components = MakeName("Red").With("pbr", MakePbr(0.25).ToJson(null))
                .With("emission", EmissionComponent.None.ToJson(null)).With("maps", maps.ToJson(null));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(3, "Material", null,
                MakeChange("create", Red, "material", components)));
            JsonValue state = GetComponents(results[0].Required("state", ""));
            Assert.That(MapsComponent.Read(state.Required("maps", ""), "").Digest(), Is.EqualTo(maps.Digest()));
            Daemon.ExpectNone("intent", RunFrame);
        }

        static float[] Remaps(string value) =>
            new[] { Shown.GetFloat("_" + value + "RemapMin"), Shown.GetFloat("_" + value + "RemapMax") };

        /// <summary>Has a person edit the material; returns the components that are sent.</summary>
        JsonValue Edit(System.Action<Material> edit)
        {
            Undo.RecordObject(Shown, "Edit");
            edit(Shown);
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 9);
            Daemon.ExpectNone("intent", RunFrame);
            return GetComponents(GetChanges(intent).Single());
        }

        static MapsComponent ReadMaps(JsonValue components) => MapsComponent.Read(components.Required("maps", ""), "");

        [Test]
        public void HighDefinitionPipelineAnnouncesImages()
        {
            GraphicsSettings.defaultRenderPipeline = new HDRenderPipelineAsset();
            Connect();
            string[] announced = Daemon.Hello.Required("components", "").AsArray("").Select(key => key.AsString("")).ToArray();
            Assert.That(announced, Is.SupersetOf(new[] { "pbr", "image", "maps" }));
        }

        [Test]
        public void FittingImageIsTheMaskItself()
        {
            TextureMap place = Map(Wood, "rgb");
            (place.Offset, place.Tile) = (new[] { 0.25, 0.5 }, new double[] { 2, 3 });
            Prepare(Maps(("base_color", place), ("emission", place), ("normal", Map(Grain, "rgb")), ("metallic", Map(Wood, "r")),
                ("occlusion", Map(Wood, "g")), ("roughness", Map(Wood, "a", -0.5, 1))));
            Assert.That(new[] { "_BaseColorMap", "_MaskMap", "_EmissiveColorMap", "_NormalMap" }
                .Select(name => AssetDatabase.GetAssetPath(Shown.GetTexture(name)).Split('/').Last()),
                Is.EqualTo(new[] { "Wood.png", "Wood.png", "Wood.png", "Grain.png" }));
            foreach (string name in new[] { "_BaseColorMap", "_EmissiveColorMap" })
            {
                Assert.That((Shown.GetTextureOffset(name), Shown.GetTextureScale(name)),
                    Is.EqualTo((new Vector2(0.25f, 0.5f), new Vector2(2, 3))), name);
            }
            Assert.That((Remaps("Metallic"), Remaps("Smoothness"), Remaps("AO")),
                Is.EqualTo((new[] { 0f, 1f }, new[] { 0f, 0.5f }, new[] { 0.25f, 1f })));
            foreach (string keyword in new[] { "_MASKMAP", "_NORMALMAP", "_EMISSIVE_COLOR_MAP" })
            {
                Assert.That(Shown.IsKeywordEnabled(keyword), keyword + " is set by the validation after the textures");
            }
            Assert.That(Shown.IsKeywordEnabled("_METALLICGLOSSMAP"), Is.False, "of another pipeline");
        }

        [Test]
        public void ConstantOfAMixedMaskMakesNoFile()
        {
            Prepare(Maps(("roughness", Map(Grain, "g", 0.8))));
            string path = AssetDatabase.GetAssetPath(Shown.GetTexture("_MaskMap"));
            Assert.That(path, Does.StartWith(MixedTextures.Folder));
            Assert.That((Remaps("Metallic"), Remaps("Smoothness")),
                Is.EqualTo((new[] { 0.25f, 0.25f }, new[] { (float)(1 - 0.8), 1f })));
            Texture2D made = new Texture2D(2, 2, TextureFormat.RGBA32, false);
            made.LoadImage(System.IO.File.ReadAllBytes(System.IO.Path.Combine(UnityFakes.Engine.ProjectFolder, path)));
            Assert.That(made.GetPixels32()[0], Is.EqualTo(new Color32(255, 255, 255, 127)), "255 - g");
            ExpectApplied(Daemon.Apply(4, "Values", null, MakeChange("update", Red, null,
                JsonValue.Object().With("pbr", MakePbr(0.5).ToJson(null)))));
            Assert.That(Remaps("Metallic"), Is.EqualTo(new[] { 0.5f, 0.5f }));
            Assert.That(AssetDatabase.FindAssets("t:Texture2D", new[] { MixedTextures.Folder }).Length, Is.EqualTo(1));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void PreviewOfAConstantIsShownByItsRemap()
        {
            Daemon.Features = JsonValue.Array(PreviewMessages.Feature);
            Prepare(Maps(("roughness", Map(Grain, "g", 0.8))));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeMesh("Box", MakeTriangle(0), attachments)
                .With("slots", new SlotsComponent(new[] { Red }).ToJson(null));
            ExpectApplied(Daemon.Apply(4, "Box", attachments, MakeChange("create", MeshUuid, "mesh", mesh),
                MakeChange("create", Box, "object", MakeObject("Box", null, MeshUuid, MakeTransform(0, 0, 0)))));
            MaterialPropertyBlock block = new MaterialPropertyBlock();
            WaitFor(() =>
            {
                // A preview that comes before the end of the batch is not shown.
                Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(JsonValue.Object()
                    .With("uuid", Red).With("components", JsonValue.Object().With("pbr", MakePbr(0.5).ToJson(null))))));
                FindObject(Box).GetComponent<MeshRenderer>().GetPropertyBlock(block, 0);
                return !block.isEmpty;
            });
            Assert.That((block.GetFloat("_MetallicRemapMin"), block.GetFloat("_MetallicRemapMax")), Is.EqualTo((0.5f, 0.5f)));
            Assert.That((block.GetFloat("_SmoothnessRemapMin"), block.GetFloat("_SmoothnessRemapMax")),
                Is.EqualTo(((float)(1 - 0.8), 1f)));
        }

        [Test]
        public void LostImageIsNoEditAndTheMaskIsShownAgain()
        {
            Prepare(Maps(("metallic", Map(Wood, "r", 0.5)), ("roughness", Map(Wood, "a", -0.5, 1))));
            string path = System.IO.Path.Combine(Folder, "scene.unity");
            AssetDatabase.SaveAssetIfDirty(Shown);
            UnityFakes.Editor.SaveScene(path);
            string file = System.IO.Path.Combine(UnityFakes.Engine.ProjectFolder, "Assets/VibeSync/Images/Wood.png");
            System.IO.File.Delete(file);
            System.IO.File.Delete(file + ".meta");
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            UnityFakes.Engine.Log.Clear();
            UnityFakes.Editor.OpenScene(path);
            UnityFakes.Editor.Start();
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(Shown.GetTexture("_MaskMap"), Is.Null);
            Shown.DisableKeyword("_MASKMAP");
            ApplyImage(4, Wood, "Wood", 10);
            Assert.That(Shown.GetTexture("_MaskMap"), Is.Not.Null);
            Assert.That(Shown.IsKeywordEnabled("_MASKMAP"));
            Assert.That(Remaps("Metallic"), Is.EqualTo(new[] { 0f, 0.5f }));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void RemapOfAPersonIsAnEditOfTheMapAlone()
        {
            Prepare(Maps(("metallic", Map(Wood, "r")), ("roughness", Map(Grain, "g"))));
            JsonValue sent = Edit(material => material.SetFloat("_SmoothnessRemapMin", 0.25f));
            Assert.That(sent.Find("pbr"), Is.Null);
            TextureMap roughness = ReadMaps(sent).Find("roughness");
            Assert.That((roughness.Image, roughness.Channel, roughness.Scale, roughness.Bias), Is.EqualTo((Grain, "g", 0.75, 0.0)));
            Assert.That(ReadMaps(sent).Find("metallic").Scale, Is.EqualTo(1));
        }

        [Test]
        public void MaskOfAPersonIsThreeMapsAndWithoutItTheValuesAreBack()
        {
            Prepare(MapsComponent.None);
            JsonValue sent = Edit(material => material.SetTexture("_MaskMap",
                AssetDatabase.LoadAssetAtPath<Texture>("Assets/VibeSync/Images/Wood.png")));
            Assert.That(sent.Find("pbr"), Is.Null);
            Assert.That(MapsComponent.Fields.Where(field => ReadMaps(sent).Find(field) != null),
                Is.EquivalentTo(new[] { "metallic", "roughness", "occlusion" }));
            sent = Edit(material => material.SetTexture("_MaskMap", null));
            Assert.That(ReadMaps(sent).IsDefault && sent.Find("pbr") == null);
        }

        [Test]
        public void MaskThatIsNoFileLocksItsMapsAndKeepsItsRemaps()
        {
            Prepare(MapsComponent.None);
            JsonValue sent = Edit(material =>
            {
                material.SetTexture("_MaskMap", new Texture2D(1, 1, TextureFormat.RGB24, false));
                material.SetFloat("_MetallicRemapMin", 0.5f);
            });
            Assert.That(JsonWriter.Write(sent.Required("locks", "")), Is.EqualTo("{\"unity\":{\"maps\":[\"metallic\",\"occlusion\","
                + "\"roughness\"],\"pbr\":[\"metallic\",\"roughness\"]}}"));
            ExpectApplied(Daemon.Apply(10, "Light", null, MakeChange("update", Red, null, JsonValue.Object().With("emission",
                new EmissionComponent(new double[] { 1, 1, 1 }, 2).ToJson(null)))));
            Assert.That(Shown.GetFloat("_MetallicRemapMin"), Is.EqualTo(0.5f));
            Assert.That(Shown.GetTexture("_MaskMap"), Is.Not.Null);
        }
    }
}
