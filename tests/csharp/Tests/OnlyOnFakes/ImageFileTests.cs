using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests image files over the end of the editor's process, and maps in each render pipeline. Only on the fakes, because
    /// neither can be done in a test of a real editor.
    /// </summary>
    public sealed class ImageFileTests : BridgeHarness
    {
        const string Red = "01920000-0000-7000-8000-0000000000d1";
        const string Wood = "01920000-0000-7000-8000-0000000000f1";

        sealed class UniversalRenderPipelineAsset : RenderPipelineAsset
        {
        }

        static string FullPath => Path.Combine(Engine.ProjectFolder, "Assets/VibeSync/Images/Wood.png");

        static Material Shown => AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Red.mat");

        static byte[] MakePng(byte shade)
        {
            Texture2D texture = new Texture2D(1, 1, TextureFormat.RGBA32, false);
            texture.SetPixels32(new[] { new Color32(shade, shade, shade, shade) });
            return texture.EncodeToPNG();
        }

        static JsonValue MakeImage(byte[] file) => MakeName("Wood").With("image", JsonValue.Object().With("width", 1)
            .With("height", 1).With("color_space", "data").With("alpha", "packed").With("format", "png").With("buffers",
                JsonValue.Object().With("file", JsonValue.Object().With("attachment", 0).With("bytes", file.Length))));

        void ApplyImage(long seq, byte[] file, bool isCreate) => ExpectApplied(Daemon.Apply(seq, "Image", new List<byte[]> { file },
            isCreate ? MakeChange("create", Wood, "image", MakeImage(file)) : MakeChange("update", Wood, null, MakeImage(file))));

        /// <summary>Has the daemon create a material with a map of each kind that Unity shows directly.</summary>
        void ApplyMaterial(long seq)
        {
            TextureMap Map(string channel, double scale = 1, double bias = 0) =>
                new TextureMap { Image = Wood, Channel = channel, Scale = scale, Bias = bias };
            MapsComponent maps = new MapsComponent(new Dictionary<string, TextureMap>
            {
                [MapsComponent.BaseColor] = Map("rgb"), [MapsComponent.Occlusion] = Map("g"),
                [MapsComponent.Metallic] = Map("r"), [MapsComponent.Roughness] = Map("a", -0.5, 1),
            });
            JsonValue components = MakeName("Red").With("pbr", new PbrComponent(PbrValues.Default).ToJson(null))
                .With("emission", EmissionComponent.None.ToJson(null)).With("maps", maps.ToJson(null));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(seq, "Material", null,
                MakeChange("create", Red, "material", components)));
            JsonValue state = GetComponents(results[0].Required("state", ""));
            Assert.That(MapsComponent.Read(state.Required("maps", ""), "").Digest(), Is.EqualTo(maps.Digest()));
        }

        /// <summary>Ends the editor without a save, and opens the scene in a new one. Returns the uuids of the inventory.</summary>
        Dictionary<string, long> Restart(Action between)
        {
            string path = Path.Combine(Folder, "scene.unity");
            AssetDatabase.SaveAssetIfDirty(Shown);
            UnityFakes.Editor.SaveScene(path);
            between();
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            Engine.Log.Clear();
            UnityFakes.Editor.OpenScene(path);
            UnityFakes.Editor.Start();
            return Daemon.Sync(RunFrame).Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        [Test]
        public void OlderImageFileThanTheSceneIsDamageAndNoEdit()
        {
            Connect();
            ApplyImage(1, MakePng(10), true);
            ApplyMaterial(2);
            byte[][] older = { File.ReadAllBytes(FullPath), File.ReadAllBytes(FullPath + ".meta") };
            ApplyImage(3, MakePng(20), false);
            Dictionary<string, long> listed = Restart(() =>
            {
                File.WriteAllBytes(FullPath, older[0]);
                File.WriteAllBytes(FullPath + ".meta", older[1]);
            });
            Assert.That(listed[Wood], Is.EqualTo(0), "the daemon sends it again");
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void VanishedImageIsNoDeleteAndIsShownAgain()
        {
            Connect();
            ApplyImage(1, MakePng(10), true);
            ApplyMaterial(2);
            Dictionary<string, long> listed = Restart(() =>
            {
                File.Delete(FullPath);
                File.Delete(FullPath + ".meta");
            });
            Assert.That(listed.Keys, Is.EqualTo(new[] { Red }));
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(Shown.GetTexture("_MainTex"), Is.Null);
            ApplyImage(3, MakePng(10), true);
            Assert.That(AssetDatabase.GetAssetPath(Shown.GetTexture("_MainTex")), Does.EndWith("Wood.png"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void FormatThatUnityCannotReadIsKeptByteForByte()
        {
            Connect();
            byte[] file = System.Text.Encoding.ASCII.GetBytes("RIFF....WEBPVP8 ");
            JsonValue image = MakeImage(file);
            image.Required("image", "").With("format", "webp");
            List<JsonValue> results = ExpectApplied(Daemon.Apply(1, "Image", new List<byte[]> { file },
                MakeChange("create", Wood, "image", image)));
            JsonValue state = GetComponents(results[0].Required("state", ""));
            Assert.That(state.Required("image", "").RequiredString("format", ""), Is.EqualTo("webp"));
            Assert.That(File.ReadAllBytes(Path.ChangeExtension(FullPath, "webp")), Is.EqualTo(file));
            ApplyMaterial(2);
            Assert.That(Shown.GetTexture("_MainTex"), Is.Null, "the maps are kept");
            Assert.That(Bridge.UnsupportedKinds, Has.Some.StartsWith("the look of images that Unity cannot read"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void KeywordsOfTexturesAreThoseOfTheInspector([Values] bool isUniversal)
        {
            GraphicsSettings.defaultRenderPipeline = isUniversal ? new UniversalRenderPipelineAsset() : null;
            Connect();
            ApplyImage(1, MakePng(10), true);
            ApplyMaterial(2);
            Assert.That(Shown.IsKeywordEnabled("_METALLICSPECGLOSSMAP"), Is.EqualTo(isUniversal));
            Assert.That(Shown.IsKeywordEnabled("_METALLICGLOSSMAP"), Is.EqualTo(!isUniversal));
            Assert.That(Shown.IsKeywordEnabled("_OCCLUSIONMAP"), Is.EqualTo(isUniversal), "Standard has none");
            Assert.That(Shown.IsKeywordEnabled("_NORMALMAP"), Is.False);
            Assert.That(Shown.GetFloat(isUniversal ? "_Smoothness" : "_GlossMapScale"), Is.EqualTo(0.5f));
            Assert.That(Shown.GetTexture("_MainTex"), Is.Not.Null, "also for the lightmapper");
            Daemon.ExpectNone("intent", RunFrame);
        }

    }
}
