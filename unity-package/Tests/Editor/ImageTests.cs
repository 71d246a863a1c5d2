using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the images that the daemon creates: written byte for byte, read back, edited, and deleted.</summary>
    public sealed class ImageTests : ImageHarness
    {
        const string WoodPath = "Assets/VibeSync/Images/Wood.png";

        static byte[] WoodFile => File.ReadAllBytes(FullPath(WoodPath));

        static TextureImporter Importer => (TextureImporter)AssetImporter.GetAtPath(WoodPath);

        [UnityTest]
        public IEnumerator ImageOfTheDaemonIsAFileWithItsBytes()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            Assert.That(WoodFile, Is.EqualTo(RedFile));
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("Wood"));
            JsonValue image = State(0).Required("image", "");
            Assert.That(image.RequiredString("color_space", ""), Is.EqualTo("srgb"));
            JsonValue buffer = image.Required("buffers", "").Required("file", "");
            Assert.That(buffer.RequiredString("blob", ""), Is.EqualTo(new string('a', 64)), "the daemon has the bytes");
            Assert.That(Importer.sRGBTexture && Importer.alphaIsTransparency);
            Assert.That((Importer.npotScale, Importer.textureCompression, Importer.maxTextureSize),
                Is.EqualTo((TextureImporterNPOTScale.None, TextureImporterCompression.Uncompressed, 16384)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DataHasNoTransferFunction()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile, "linear");
            Assert.That(Importer.sRGBTexture, Is.False);
            Assert.That(State(0).Required("image", "").RequiredString("color_space", ""), Is.EqualTo("linear"), "kept");
            Importer.sRGBTexture = true;
            Importer.SaveAndReimport();
            yield return ExpectAccepted(2);
            Assert.That(Sent(Wood).Required("image", "").RequiredString("color_space", ""), Is.EqualTo("srgb"));
        }

        [UnityTest]
        public IEnumerator AnotherFileOfTheDaemonReplacesTheBytes()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            yield return ApplyFile(2, Wood, GreenFile);
            Assert.That(WoodFile, Is.EqualTo(GreenFile));
            Assert.That(State(0).Required("image", "").Required("buffers", "").Required("file", "").Find("blob"), Is.Not.Null);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FileThatIsPaintedInTheProjectIsSent()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            File.WriteAllBytes(FullPath(WoodPath), GreenFile);
            AssetDatabase.ImportAsset(WoodPath);
            yield return ExpectAccepted(2);
            Assert.That(Sent(Wood).AsObject("").Select(each => each.Key), Is.EqualTo(new[] { "image" }));
            Assert.That(Received.Attachments.Single(), Is.EqualTo(GreenFile));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FailedBatchLeavesFilesAsTheyWere()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            List<byte[]> attachments = new List<byte[]>();
            JsonValue painted = MakeImage("Other", GreenFile, attachments, "data");
            JsonValue made = MakeImage("Grain", GreenFile, attachments);
            yield return ExpectApplied(Daemon.Apply(2, "Fail", attachments, MakeChange("update", Wood, null, painted),
                MakeChange("create", Grain, "image", made), MakeChange("create", Red, "material", MakeName("Broken"))));
            Assert.That(Results.ConvertAll(GetErrorCode), Has.None.EqualTo(""));
            Assert.That(WoodFile, Is.EqualTo(RedFile));
            Assert.That(Importer.sRGBTexture);
            Assert.That(File.Exists(FullPath("Assets/VibeSync/Images/Grain.png")), Is.False);
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("Wood"));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator RenamedAndMovedFileStaysTheSameImage()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "a/b: c", RedFile);
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("a/b: c"));
            AssetDatabase.MoveAsset("Assets/VibeSync/Images/a_b_ c.png", Host.AssetFolder + "/Mine.png");
            yield return ExpectAccepted(2);
            Assert.That(Sent(Wood).AsObject("").Single().Key, Is.EqualTo("name"));
            Assert.That(Sent(Wood).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [UnityTest]
        public IEnumerator DuplicateOfAFileIsTheUsersOwn()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            yield return ApplyBoxes(2, Red);
            const string Path = "Assets/VibeSync/Images/Wood 1.png";
            AssetDatabase.CopyAsset(WoodPath, Path);
            AssetImporter.GetAtPath(Path).userData = Importer.userData;
            AssetImporter.GetAtPath(Path).SaveAndReimport();
            Show(FindShown(BoxA), Names.BaseMap, AssetDatabase.LoadAssetAtPath<Texture>(Path));
            yield return ExpectAccepted(3);
            JsonValue created = Changes.Single(each => each.RequiredString("op", "") == "create");
            Assert.That(created.RequiredString("uuid", ""), Is.EqualTo(UserImages.FindUuid(Path)));
        }

        [UnityTest]
        public IEnumerator DeleteOfTheDaemonMovesTheFileToTheTrash()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", Wood)));
            Assert.That(File.Exists(FullPath(WoodPath)), "until nothing has changed for a while");
            yield return WaitFor(() => !File.Exists(FullPath(WoodPath)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeletedImageThatComesBackKeepsItsFile()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", Wood)));
            yield return ApplyImage(3, Wood, "Wood", GreenFile);
            yield return ExpectNone("intent", 1.5);
            Assert.That(WoodFile, Is.EqualTo(GreenFile));
        }

        [UnityTest]
        public IEnumerator DeletedFileIsADeleteAfterItsMap()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            yield return ApplyBoxes(2, Red);
            yield return ExpectApplied(Daemon.Apply(3, "Map", null,
                MakeMapsChange(Red, MakeMaps(("base_color", MakeMap(Wood))))));
            AssetDatabase.DeleteAsset(WoodPath);
            yield return ExpectAccepted(4);
            Assert.That(Changes.Select(each => each.RequiredString("op", "")), Is.EqualTo(new[] { "update", "delete" }));
            Assert.That(ReadMaps(Sent(Red)).IsDefault);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ImageIsKnownAfterAReload()
        {
            yield return Connect();
            yield return ApplyImage(1, Wood, "Wood", RedFile);
            Host.ReloadDomain();
            yield return Connect();
            yield return ExpectNone("intent");
            File.WriteAllBytes(FullPath(WoodPath), GreenFile);
            AssetDatabase.ImportAsset(WoodPath);
            yield return ExpectAccepted(2);
            Assert.That(Received.Attachments.Single(), Is.EqualTo(GreenFile));
        }
    }
}
