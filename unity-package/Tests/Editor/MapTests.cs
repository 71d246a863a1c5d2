using System.Collections;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the maps of VibeSync's materials: shown by Unity's textures, and read back from them.</summary>
    public sealed class MapTests : ImageHarness
    {
        static Material Shown => FindShown(BoxA);

        /// <summary>Has the daemon create two images, and a material with these maps.</summary>
        Steps Prepare(params (string, TextureMap)[] maps) => Run(PrepareAll(MakeMaps(maps)));

        IEnumerator PrepareAll(MapsComponent maps)
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            yield return ApplyImage(2, Grain, "Grain", ClearFile, "data");
            yield return ApplyBoxes(3, Red);
            yield return ExpectApplied(Daemon.Apply(4, "Map", null, MakeMapsChange(Red, maps)));
        }

        [UnityTest]
        public IEnumerator ColorIsATextureAndReadBack()
        {
            TextureMap map = MakeMap(Wood);
            (map.Offset, map.Tile, map.Rotation) = (new[] { 0.25, 0.5 }, new double[] { 2, 3 }, 0.5);
            yield return Prepare(("base_color", map));
            Assert.That(AssetDatabase.GetAssetPath(Shown.GetTexture(Names.BaseMap)), Is.EqualTo("Assets/VibeSync/Images/Wood.png"));
            Assert.That(Shown.GetTextureOffset(Names.BaseMap), Is.EqualTo(new Vector2(0.25f, 0.5f)));
            Assert.That(Shown.GetTextureScale(Names.BaseMap), Is.EqualTo(new Vector2(2, 3)));
            Assert.That(ReadMaps(State(0)).Digest(), Is.EqualTo(MakeMaps(("base_color", map)).Digest()), "the rotation is kept");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator MetallicAndRoughnessOfOneImageAreShownByIt()
        {
            yield return Prepare(("metallic", MakeMap(Grain, "r")), ("roughness", MakeMap(Grain, "a", -0.5, 1)));
            Assert.That(Shown.GetTexture(Names.MetallicMap), Is.Not.Null);
            Assert.That(Shown.GetFloat(Names.MappedSmoothness), Is.EqualTo(0.5f));
            bool isUniversal = Names.Pipeline == MaterialPipeline.Universal;
            Assert.That(Shown.IsKeywordEnabled(isUniversal ? "_METALLICSPECGLOSSMAP" : "_METALLICGLOSSMAP"));
            yield return ExpectNone("intent");
            Edit(Shown, Names.MappedSmoothness, 0.75f);
            yield return ExpectAccepted(5);
            Assert.That(Sent(Red).Find("pbr"), Is.Null, "the value without the map stays");
            MapsComponent sent = ReadMaps(Sent(Red));
            Assert.That((sent.Find("roughness").Scale, sent.Find("roughness").Bias), Is.EqualTo((-0.75, 1.0)));
            Assert.That((sent.Find("metallic").Scale, sent.Find("metallic").Channel), Is.EqualTo((1.0, "r")));
        }

        [UnityTest]
        public IEnumerator NormalMapIsImportedAsOneAndSetsItsKeyword()
        {
            yield return Prepare(("normal", MakeMap(Grain)));
            TextureImporter importer = (TextureImporter)AssetImporter.GetAtPath("Assets/VibeSync/Images/Grain.png");
            Assert.That(importer.textureType, Is.EqualTo(TextureImporterType.NormalMap));
            Assert.That(Shown.IsKeywordEnabled("_NORMALMAP"));
            yield return ExpectNone("intent");
            Show(Shown, Names.NormalMap, null);
            yield return ExpectAccepted(5);
            Assert.That(ReadMaps(Sent(Red)).IsDefault);
        }

        [UnityTest]
        public IEnumerator ImageWithNormalsAndNumbersIsImportedForNumbers()
        {
            yield return Prepare(("normal", MakeMap(Grain)), ("occlusion", MakeMap(Grain, "g")));
            TextureImporter importer = (TextureImporter)AssetImporter.GetAtPath("Assets/VibeSync/Images/Grain.png");
            Assert.That(importer.textureType, Is.EqualTo(TextureImporterType.Default));
            Assert.That(Bridge.UnsupportedKinds, Has.Some.StartsWith("normals in images"));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator TilingInTheInspectorMovesTheMaps()
        {
            TextureMap turned = MakeMap(Wood);
            turned.Rotation = 0.5;
            yield return Prepare(("base_color", turned), ("emission", MakeMap(Wood)));
            Undo.RecordObject(Shown, "Edit");
            Shown.SetTextureScale(Names.BaseMap, new Vector2(4, 5));
            yield return ExpectAccepted(5);
            MapsComponent sent = ReadMaps(Sent(Red));
            Assert.That(sent.Find("base_color").Tile, Is.EqualTo(new double[] { 4, 5 }));
            Assert.That(sent.Find("emission").Tile, Is.EqualTo(new double[] { 4, 5 }));
            Assert.That(sent.Find("base_color").Rotation, Is.EqualTo(0.5));
        }

        [UnityTest]
        public IEnumerator AlphaOfABlendedTextureIsAMap()
        {
            yield return Prepare(("base_color", MakeMap(Grain)), ("alpha", MakeMap(Grain, "a", 0.5)));
            PbrValues values = MakePbr(0.25);
            values.AlphaMode = PbrValues.Blend;
            yield return ExpectApplied(Daemon.Apply(5, "Blend", null, MakePbrChange(Red, values)));
            Assert.That(Shown.GetColor(Names.BaseColor).a, Is.EqualTo(0.5f));
            Assert.That(ReadPbr(State(0)).BaseColor[3], Is.EqualTo(1), "the value without the map");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator UndoOfABatchBringsMapsBack()
        {
            yield return Prepare(("base_color", MakeMap(Wood)));
            yield return ExpectApplied(Daemon.Apply(5, "Other", null, MakeMapsChange(Red, MakeMaps(("base_color", MakeMap(Grain))))));
            Undo.PerformUndo();
            yield return ExpectAccepted(6);
            Assert.That(ReadMaps(Sent(Red)).Find("base_color").Image, Is.EqualTo(Wood));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator MaterialWithAnotherShaderKeepsItsMaps()
        {
            yield return Prepare(("base_color", MakeMap(Wood)));
            Material shown = Shown;
            yield return WaitFor(() => !EditorUtility.IsDirty(shown));
            shown.shader = Shader.Find("Unlit/Color");
            EditorUtility.SetDirty(shown);
            AssetDatabase.SaveAssetIfDirty(shown);
            byte[] file = ReadFile(shown);
            yield return ExpectApplied(Daemon.Apply(5, "Other", null, MakeMapsChange(Red, MakeMaps(("base_color", MakeMap(Grain)))),
                MakePbrChange(Red, MakePbr(0.125))));
            Assert.That(ReadMaps(State(0)).Find("base_color").Image, Is.EqualTo(Grain), "the daemon holds it");
            yield return ExpectNone("intent", 1.3);
            Assert.That(ReadFile(shown), Is.EqualTo(file));
        }

        [UnityTest]
        public IEnumerator ImageOfTheUsersOnAMaterialIsSentFirst()
        {
            yield return Prepare();
            Texture mine = CreateImage("Mine", GreenFile);
            Show(Shown, Names.BaseMap, mine);
            yield return ExpectAccepted(5);
            string uuid = UserImages.FindUuid(AssetDatabase.GetAssetPath(mine));
            Assert.That(Changes[0].RequiredString("uuid", ""), Is.EqualTo(uuid), "before the material that names it");
            Assert.That(Received.Attachments, Is.EqualTo(new[] { GreenFile }));
            TextureMap sent = ReadMaps(Sent(Red)).Find("base_color");
            Assert.That((sent.Image, sent.Wrap[0], sent.Filter), Is.EqualTo((uuid, "repeat", "linear")));
            Assert.That(Sent(Red).Find("locks"), Is.Null);
            yield return ExpectNone("intent");
        }

        /// <summary>Returns the pixels of a texture's file; one of RGBA.</summary>
        static Color32 ReadPixel(Texture texture)
        {
            Texture2D read = new Texture2D(2, 2, TextureFormat.RGBA32, false);
            read.LoadImage(System.IO.File.ReadAllBytes(FullPath(AssetDatabase.GetAssetPath(texture))));
            Color32 pixel = read.GetPixels32()[0];
            Object.DestroyImmediate(read);
            return pixel;
        }

        [UnityTest]
        public IEnumerator RoughnessOfAnotherChannelIsATextureThatIsNeverSent()
        {
            yield return Prepare(("roughness", MakeMap(Grain, "g", 0.8)));
            Texture mixed = Shown.GetTexture(Names.MetallicMap);
            Assert.That(AssetDatabase.GetAssetPath(mixed), Does.StartWith("Assets/VibeSync/Mixed/"));
            Assert.That(ReadPixel(mixed).a, Is.EqualTo(239), "255 - 0.8 * 20");
            Assert.That(ReadPixel(mixed).r, Is.EqualTo(85), "the metallic value, a third");
            Assert.That(Shown.GetFloat(Names.MappedSmoothness), Is.EqualTo(1));
            yield return ExpectNone("intent");
            yield return ApplyFile(5, Grain, GreenFile);
            Assert.That(ReadPixel(Shown.GetTexture(Names.MetallicMap)).a, Is.EqualTo(51), "255 - 0.8 * 255");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator MixedTextureFollowsAPaintingInTheProject()
        {
            yield return Prepare(("occlusion", MakeMap(Grain, "g", 0.5)));
            Assert.That(ReadPixel(Shown.GetTexture("_OcclusionMap")).g, Is.EqualTo(10));
            const string Path = "Assets/VibeSync/Images/Grain.png";
            System.IO.File.WriteAllBytes(FullPath(Path), GreenFile);
            AssetDatabase.ImportAsset(Path);
            yield return ExpectAccepted(5);
            Assert.That(Changes.Count, Is.EqualTo(1), "the image alone");
            Assert.That(ReadPixel(Shown.GetTexture("_OcclusionMap")).g, Is.EqualTo(128));
        }

        [UnityTest]
        public IEnumerator ImageThatCannotBeMixedKeepsItsMaps()
        {
            yield return Prepare();
            List<byte> broken = new List<byte>(RedFile);
            broken[broken.Count - 20] ^= 1;
            yield return ApplyFile(5, Grain, broken.ToArray());
            LogAssert.Expect(LogType.Warning, new Regex("cannot make a texture of .*Grain.png"));
            MapsComponent maps = MakeMaps(("roughness", MakeMap(Grain, "g")));
            yield return ExpectApplied(Daemon.Apply(6, "Map", null, MakeMapsChange(Red, maps)));
            Assert.That(ReadMaps(State(0)).Digest(), Is.EqualTo(maps.Digest()));
            Assert.That(Shown.GetTexture(Names.MetallicMap), Is.Null);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator PaintedMixedTextureIsAnImageOfTheUsers()
        {
            yield return Prepare(("occlusion", MakeMap(Grain, "r")));
            string path = AssetDatabase.GetAssetPath(Shown.GetTexture("_OcclusionMap"));
            System.IO.File.WriteAllBytes(FullPath(path), RedFile);
            AssetDatabase.ImportAsset(path);
            yield return ExpectAccepted(5);
            TextureMap sent = ReadMaps(Sent(Red)).Find("occlusion");
            Assert.That((sent.Image, sent.Channel), Is.EqualTo((UserImages.FindUuid(path), "g")));
            Assert.That(Received.Attachments, Is.EqualTo(new[] { RedFile }));
        }
    }
}
