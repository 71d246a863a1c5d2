using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the maps of materials, and their conversion to Unity's textures and back.</summary>
    public sealed class MapsTests : IMapImages
    {
        const string Wood = "01920000-0000-7000-8000-0000000000f1";
        const string Grain = "01920000-0000-7000-8000-0000000000f2";

        static readonly MaterialShader Standard = MaterialShader.Of(MaterialPipeline.BuiltIn);

        readonly HashSet<string> gone = new HashSet<string>();
        bool canMix;
        bool hasAlpha;

        [SetUp]
        public void SetUp()
        {
            gone.Clear();
            (canMix, hasAlpha) = (true, true);
        }

        public bool IsKnown(string uuid) => uuid == Wood || uuid == Grain;

        public bool IsPresent(string key) => key != null && !gone.Contains(key);

        public bool HasAlpha(string uuid) => hasAlpha;

        public bool CanMix(string uuid) => canMix;

        static TextureMap Map(string image, string channel = TextureMap.Colors, double scale = 1, double bias = 0) =>
            new TextureMap { Image = image, Channel = channel, Scale = scale, Bias = bias };

        static MapsComponent Maps(params (string Field, TextureMap Map)[] maps) =>
            new MapsComponent(maps.ToDictionary(each => each.Field, each => each.Map));

        ShownMaps Shown(MapsComponent maps, string mode = PbrValues.Opaque)
        {
            PbrValues values = PbrValues.Default;
            values.AlphaMode = mode;
            return ShownMaps.From(maps, values, Standard, this);
        }

        static NativeMaterial Values(double smoothness = 0.5, double alpha = 1, string mode = PbrValues.Opaque) =>
            new NativeMaterial { Smoothness = (float)smoothness, BaseColor = new[] { 1, 1, 1, (float)alpha }, AlphaMode = mode };

        /// <summary>Returns the textures that Unity has after these were written.</summary>
        static NativeMaps Native(ShownMaps shown)
        {
            NativeMaps native = new NativeMaps { Offset = shown.Offset, Tile = shown.Tile };
            for (int slot = 0; slot < MapSlot.Count; slot++)
            {
                native.Keys[slot] = shown.Keys[slot];
                (native.Wraps[slot], native.Filters[slot]) = (new[] { "clamp", "mirror" }, "nearest");
            }
            return native;
        }

        [Test]
        public void RoughnessOfAGreenChannelIsBakedWithinOneStep()
        {
            ShownMaps shown = Shown(Maps(("roughness", Map(Grain, "g", 0.8))));
            TextureRecipe recipe = TextureRecipe.Parse(shown.Keys[MapSlot.Metallic]);
            byte baked = recipe.Mix(3, (image, channel) => (byte)(image == Grain && channel == 1 ? 128 : 0));
            Assert.That(baked, Is.EqualTo(153));
            Assert.That(baked / 255.0, Is.EqualTo(1 - 0.8 * 128 / 255).Within(1 / 255.0));
            Assert.That(shown.Smoothness, Is.EqualTo(1));
        }

        [Test]
        public void OneTextureWithTwoFactorsIsTwoMaps()
        {
            foreach ((double factor, double roughness) in new[] { (0.5, 0.607843), (0.9, 1 - 0.9 * 200 / 255) })
            {
                NativeMaps native = new NativeMaps();
                native.Keys[MapSlot.Metallic] = Grain;
                (native.Wraps[MapSlot.Metallic], native.Filters[MapSlot.Metallic]) = (new[] { "repeat", "repeat" }, "linear");
                TextureMap read = native.ToMaps(MapsComponent.None, ShownMaps.None, Values(factor), this).Find("roughness");
                Assert.That((read.Image, read.Channel, read.Bias), Is.EqualTo((Grain, "a", 1.0)));
                Assert.That(read.Scale, Is.EqualTo(-factor).Within(1e-6));
                Assert.That(read.Bias + read.Scale * 200 / 255, Is.EqualTo(roughness).Within(1e-6));
                Assert.That(native.IsSmoothnessMapped);
            }
        }

        [Test]
        public void MapsStayWhileUnityShowsWhatFollowsFromThem()
        {
            TextureMap turned = Map(Wood);
            (turned.Rotation, turned.Uv, turned.Wrap) = (1, 3, new[] { "mirror", "repeat" });
            MapsComponent[] all =
            {
                Maps(("base_color", turned), ("normal", Map(Grain))),
                Maps(("roughness", Map(Grain, "g", 0.8, 0.1)), ("metallic", Map(Wood, "b"))),
                Maps(("metallic", Map(Wood, "r")), ("roughness", Map(Wood, "a", -0.5, 1))),
                Maps(("occlusion", Map(Wood, "r", 0.5)), ("emission", Map(Grain))),
                Maps(("alpha", Map(Grain, "b"))), Maps(("base_color", Map(Wood)), ("alpha", Map(Wood, "a", 0.25))),
            };
            foreach (bool mixes in new[] { true, false })
            {
                canMix = mixes;
                foreach (MapsComponent maps in all)
                {
                    foreach (string mode in PbrValues.AlphaModes)
                    {
                        ShownMaps shown = Shown(maps, mode);
                        NativeMaterial values = Values(shown.Smoothness ?? 0.5, shown.Alpha ?? 1, mode);
                        Assert.That(Native(shown).ToMaps(maps, shown, values, this), Is.SameAs(maps));
                        ShownMaps saved = ShownMaps.Read(JsonReader.Read(JsonWriter.Write(shown.ToJson())), "");
                        Assert.That(Native(shown).ToMaps(maps, saved, values, this), Is.SameAs(maps), "also after a save");
                    }
                }
            }
        }

        [Test]
        public void MixedTexturesAreReadAsTheirMaps()
        {
            MapsComponent maps = Maps(("roughness", Map(Grain, "g", 0.75, 0.125)), ("metallic", Map(Wood, "b")),
                ("base_color", Map(Wood)), ("alpha", Map(Grain, "r", 0.5)), ("occlusion", Map(Grain, "b", 0.5, 0.5)));
            ShownMaps shown = Shown(maps, PbrValues.Blend);
            NativeMaps native = Native(shown);
            MapsComponent read = native.ToMaps(MapsComponent.None, ShownMaps.None, Values(1, 1, PbrValues.Blend), this);
            foreach (string field in MapsComponent.Fields)
            {
                TextureMap expected = maps.Find(field);
                TextureMap found = read.Find(field);
                Assert.That((found?.Image, found?.Channel, found?.Scale, found?.Bias),
                    Is.EqualTo((expected?.Image, expected?.Channel, expected?.Scale, expected?.Bias)), field);
            }
            Assert.That(native.IsAlphaMapped && native.IsSmoothnessMapped);
            TextureMap scaled = native.ToMaps(maps, shown, Values(0.5, 1, PbrValues.Blend), this).Find("roughness");
            Assert.That((scaled.Scale, scaled.Bias), Is.EqualTo((0.375, 0.5625)), "half of the smoothness");
        }

        [Test]
        public void TextureThatIsGoneWithItsFileIsNoEdit()
        {
            MapsComponent maps = Maps(("base_color", Map(Wood)), ("occlusion", Map(Grain, "r")));
            ShownMaps shown = Shown(maps);
            NativeMaps empty = new NativeMaps();
            Assert.That(empty.ToMaps(maps, shown, Values(), this).IsDefault, "a person took them off");
            gone.Add(Wood);
            gone.Add(shown.Keys[MapSlot.Occlusion]);
            Assert.That(empty.ToMaps(maps, shown, Values(), this), Is.SameAs(maps));
        }

        [Test]
        public void MapOfAnImageThatIsDeletedIsNone()
        {
            MapsComponent maps = Maps(("base_color", Map("01920000-0000-7000-8000-0000000000ff")));
            gone.Add("01920000-0000-7000-8000-0000000000ff");
            Assert.That(new NativeMaps().ToMaps(maps, Shown(maps), Values(), this).IsDefault);
        }

        [Test]
        public void MapsThatCannotBeMixedAreKeptAndTold()
        {
            canMix = false;
            ShownMaps shown = Shown(Maps(("roughness", Map(Grain, "g"))));
            Assert.That((shown.Keys[MapSlot.Metallic], shown.IsWhole, shown.Smoothness), Is.EqualTo(((string)null, false, (double?)null)));
            TextureMap turned = Map(Wood);
            turned.Rotation = 1;
            Assert.That(Shown(Maps(("base_color", turned))).IsWhole, Is.False);
            Assert.That(Shown(Maps(("base_color", Map(Wood)))).IsWhole);
        }

        [Test]
        public void TextureWithoutAlphaHasNoRoughness()
        {
            hasAlpha = false;
            NativeMaps native = new NativeMaps();
            native.Keys[MapSlot.Metallic] = native.Keys[MapSlot.Base] = Grain;
            native.Wraps[MapSlot.Metallic] = native.Wraps[MapSlot.Base] = new[] { "repeat", "repeat" };
            MapsComponent read = native.ToMaps(MapsComponent.None, ShownMaps.None, Values(0.5, 0.5, PbrValues.Blend), this);
            Assert.That((read.Find("roughness"), read.Find("alpha")), Is.EqualTo(((TextureMap)null, (TextureMap)null)));
            Assert.That(native.IsSmoothnessMapped || native.IsAlphaMapped, Is.False, "both are values");
        }

        [TestCase("channel", "\"a\"", "VS-3004")]
        [TestCase("uv", "8", "VS-3004")]
        [TestCase("scale", "1e10", "VS-3003")]
        [TestCase("offset", "[0]", "VS-1006")]
        [TestCase("wrap", "[\"repeat\"]", "VS-3004")]
        [TestCase("filter", "\"cubic\"", "VS-3004")]
        [TestCase("image", "\"x\"", "VS-1006")]
        public void InvalidMapIsRefused(string field, string value, string code)
        {
            JsonValue json = Maps(("base_color", Map(Wood))).ToJson(null);
            Assert.That(MapsComponent.Read(json, "maps").Find("base_color").Image, Is.EqualTo(Wood));
            json.Required("base_color", "").With(field, JsonReader.Read(value));
            SyncException error = Assert.Throws<SyncException>(() => MapsComponent.Read(json, "maps"));
            Assert.That(error.Code, Is.EqualTo(code));
            Assert.That(error.Location, Does.StartWith("maps.base_color"));
        }
    }
}
