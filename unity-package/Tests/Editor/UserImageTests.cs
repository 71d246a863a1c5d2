using System.Collections;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that image files of the user's are sent as they are, and never written.</summary>
    public sealed class UserImageTests : ImageHarness
    {
        Texture mine;
        string uuid;

        static string PathOf(Texture texture) => AssetDatabase.GetAssetPath(texture);

        /// <summary>Creates an object with a material of the user's that shows an image of the user's.</summary>
        Steps CreateShown() => Run(CreateAndAccept());

        IEnumerator CreateAndAccept()
        {
            yield return Connect();
            mine = CreateImage("Mine", GreenFile);
            uuid = UserImages.FindUuid(PathOf(mine));
            Material material = CreateUsers("Paint");
            material.SetTexture(Names.BaseMap, mine);
            CreateBox("Box", material);
            yield return ExpectAccepted(1);
        }

        [UnityTest]
        public IEnumerator ImageOfAUsersMaterialIsSentWithItsFile()
        {
            yield return CreateShown();
            Assert.That(Changes[0].RequiredString("uuid", ""), Is.EqualTo(uuid), "before the material");
            JsonValue image = Sent(uuid).Required("image", "");
            Assert.That((image.RequiredInteger("width", ""), image.RequiredString("format", "")), Is.EqualTo((2L, "png")));
            Assert.That(Received.Attachments.Any(each => each.SequenceEqual(GreenFile)));
            JsonValue material = GetComponents(Changes[1]);
            Assert.That(ReadMaps(material).Find("base_color").Image, Is.EqualTo(uuid));
            LocksComponent locks = LocksComponent.Read(material.Required("locks", ""), "");
            Assert.That(MapsComponent.Fields.All(field => locks.IsLocked("unity", "maps", field)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ImageOfTheUsersIsNeverWritten()
        {
            yield return CreateShown();
            string meta = File.ReadAllText(FullPath(PathOf(mine)) + ".meta");
            yield return ApplyFile(2, uuid, RedFile);
            yield return ExpectAccepted(3);
            Assert.That(Received.Attachments, Is.EqualTo(new[] { GreenFile }), "its owner corrects the daemon");
            Assert.That(File.ReadAllBytes(FullPath(PathOf(mine))), Is.EqualTo(GreenFile));
            Assert.That(File.ReadAllText(FullPath(PathOf(mine)) + ".meta"), Is.EqualTo(meta));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeleteOfTheDaemonLeavesTheUsersFile()
        {
            yield return CreateShown();
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", uuid)));
            yield return ExpectNone("nothing", 1.3);
            Assert.That(File.Exists(FullPath(PathOf(mine))));
        }

        [UnityTest]
        public IEnumerator ImageIsFoundInTheProjectByItsUuid()
        {
            yield return Connect();
            mine = CreateImage("Mine", GreenFile);
            yield return ApplyImage(1, UserImages.FindUuid(PathOf(mine)), "Mine", GreenFile, alpha: "packed");
            Assert.That(AssetDatabase.FindAssets("t:Texture2D", new[] { "Assets" }).Length, Is.EqualTo(1), "no copy is made");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FileOfAnotherFormatIsToldAndLocksItsFields()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            string path = Host.AssetFolder + "/Layers.psd";
            Directory.CreateDirectory(FullPath(Host.AssetFolder));
            File.WriteAllBytes(FullPath(path), new byte[] { (byte)'8', (byte)'B', (byte)'P', (byte)'S', 0, 1 });
            AssetDatabase.ImportAsset(path);
            Texture texture = AssetDatabase.LoadAssetAtPath<Texture>(path);
            // A real editor makes no texture of this file.
            if (texture == null) { Assert.Ignore("Unity cannot read the file"); }
            Show(FindShown(BoxA), Names.EmissionMap, texture);
            yield return ExpectAccepted(2);
            LocksComponent locks = LocksComponent.Read(Sent(Red).Required("locks", ""), "");
            Assert.That(locks.IsLocked("unity", "maps", "emission") && locks.IsLocked("unity", "emission", "color"));
            Assert.That(Bridge.UnsupportedKinds, Has.Some.StartsWith("textures that are no files of a known format"));
        }
    }
}
