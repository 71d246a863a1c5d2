using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the maps of metallic, roughness and occlusion in one mask map, and the way back.</summary>
    public sealed class MaskTests : IMapImages
    {
        const string Wood = "01920000-0000-7000-8000-0000000000f1";
        const string Grain = "01920000-0000-7000-8000-0000000000f2";

        static readonly MaterialShader Lit = MaterialShader.Of(MaterialPipeline.HighDefinition);

        bool canMix;
        bool hasAlpha;
        bool isGone;

        [SetUp]
        public void SetUp() => (canMix, hasAlpha, isGone) = (true, true, false);

        public bool IsKnown(string uuid) => uuid == Wood || uuid == Grain;

        public bool IsPresent(string key) => key != null && !isGone;

        public bool HasAlpha(string uuid) => hasAlpha;

        public bool CanMix(string uuid) => canMix;

        static TextureMap Map(string image, string channel, double scale = 1, double bias = 0) =>
            new TextureMap { Image = image, Channel = channel, Scale = scale, Bias = bias };

        static MapsComponent Maps(params (string Field, TextureMap Map)[] maps) =>
            new MapsComponent(maps.ToDictionary(each => each.Field, each => each.Map));

        static PbrValues Pbr(double metallic = 0.25, double roughness = 0.375, double strength = 1)
        {
            PbrValues values = PbrValues.Default;
            (values.Metallic, values.Roughness, values.OcclusionStrength) = (metallic, roughness, strength);
            return values;
        }

        ShownMaps Shown(MapsComponent maps, PbrValues values) => ShownMaps.From(maps, values, Lit, this);

        /// <summary>Returns a copy of remaps in single precision, as a material has it.</summary>
        static MaskRemaps Copy(MaskRemaps remaps)
        {
            MaskRemaps copy = new MaskRemaps();
            for (int i = 0; i < MaskRemaps.Count; i++) { copy.Set(i, (float)remaps.Min(i), (float)remaps.Max(i)); }
            return copy;
        }

        /// <summary>Returns what Unity has after these were written.</summary>
        static NativeMaps Native(ShownMaps shown)
        {
            NativeMaps native = new NativeMaps { Offset = shown.Offset, Tile = shown.Tile, Remaps = Copy(shown.Remaps) };
            Array.Copy(shown.Keys, native.Keys, MapSlot.Count);
            for (int slot = 0; slot < MapSlot.Count; slot++)
            {
                (native.Wraps[slot], native.Filters[slot]) = (new[] { "repeat", "repeat" }, "linear");
            }
            return native;
        }

        static NativeMaterial Values(PbrValues values) =>
            NativeMaterial.From(new PbrComponent(values), EmissionComponent.None, Lit, false);

        /// <summary>Reads the component and the values back. The values read are no edit afterwards.</summary>
        MapsComponent Read(NativeMaps native, MapsComponent kept, ShownMaps shown, ref PbrValues values)
        {
            NativeMaterial written = Values(values);
            MapsComponent maps = ReadOnce(native, kept, shown, written, ref values);
            if (isGone) { return maps; }
            PbrValues again = values;
            Assert.That(ReadOnce(native, maps, Shown(maps, values), written, ref again), Is.SameAs(maps));
            Assert.That((again.Metallic, again.Roughness, again.OcclusionStrength),
                Is.EqualTo((values.Metallic, values.Roughness, values.OcclusionStrength)));
            return maps;
        }

        MapsComponent ReadOnce(NativeMaps native, MapsComponent kept, ShownMaps shown, NativeMaterial read, ref PbrValues values)
        {
            // One property has the strength and the remap.
            read.Occlusion = (float)native.Remaps.Min(MaskRemaps.Occlusion);
            NativeMaps copy = Copy(native);
            MapsComponent maps = copy.ToMaps(kept, shown, read, this);
            copy.Settle(ref read, values);
            values = read.ToPbr(new PbrComponent(values), Lit, false).Values;
            return maps;
        }

        static NativeMaps Copy(NativeMaps native)
        {
            NativeMaps copy = new NativeMaps { Offset = native.Offset, Tile = native.Tile, Remaps = native.Remaps };
            Array.Copy(native.Keys, copy.Keys, MapSlot.Count);
            Array.Copy(native.Wraps, copy.Wraps, MapSlot.Count);
            Array.Copy(native.Filters, copy.Filters, MapSlot.Count);
            return copy;
        }

        static (double, double) Remap(MaskRemaps remaps, int value) => (remaps.Min(value), remaps.Max(value));

        static void ExpectMap(TextureMap map, string image, string channel, double scale, double bias)
        {
            Assert.That((map?.Image, map?.Channel), Is.EqualTo((image, channel)));
            Assert.That((map.Scale, map.Bias), Is.EqualTo((scale, bias)).Using<(double, double)>((a, b) =>
                Math.Abs(a.Item1 - b.Item1) < 1e-6 && Math.Abs(a.Item2 - b.Item2) < 1e-6));
        }

        [Test]
        public void FactorOfRoughnessIsInTheRemapAndTheBytesStay()
        {
            ShownMaps shown = Shown(Maps(("roughness", Map(Grain, "g", 0.8))), Pbr());
            TextureRecipe recipe = TextureRecipe.Parse(shown.Keys[MapSlot.Metallic]);
            byte smooth = recipe.Mix(3, (image, channel) => (byte)(image == Grain && channel == 1 ? 128 : 0));
            Assert.That(smooth, Is.EqualTo(127));
            (double min, double max) = Remap(Copy(shown.Remaps), MaskRemaps.Smoothness);
            Assert.That((min, max), Is.EqualTo(((double)0.2f, 1.0)));
            Assert.That(min + (max - min) * smooth / 255, Is.EqualTo(0.598431).Within(1e-6));
            Assert.That(Remap(shown.Remaps, MaskRemaps.Metallic), Is.EqualTo((0.25, 0.25)), "a constant");
            Assert.That(Remap(shown.Remaps, MaskRemaps.Occlusion), Is.EqualTo((1.0, 1.0)), "none");
            Assert.That(new[] { 0, 1, 2 }.Select(i => recipe.Mix(i, (_, __) => 0)), Is.All.EqualTo(255));
        }

        [Test]
        public void OneImageWithFittingChannelsIsTheMaskItself()
        {
            canMix = false;
            ShownMaps shown = Shown(Maps(("metallic", Map(Wood, "r", 0.5, 0.25)), ("occlusion", Map(Wood, "g")),
                ("roughness", Map(Wood, "a", -0.5, 1))), Pbr(strength: 0.75));
            Assert.That((shown.Keys[MapSlot.Metallic], shown.IsWhole), Is.EqualTo((Wood, true)));
            Assert.That(Remap(shown.Remaps, MaskRemaps.Metallic), Is.EqualTo((0.25, 0.75)));
            Assert.That(Remap(shown.Remaps, MaskRemaps.Smoothness), Is.EqualTo((0.0, 0.5)));
            Assert.That(Remap(shown.Remaps, MaskRemaps.Occlusion), Is.EqualTo((0.25, 1.0)));
            Assert.That(Shown(Maps(("metallic", Map(Wood, "b"))), Pbr()).IsWhole, Is.False, "cannot be mixed");
        }

        [Test]
        public void ConstantMakesNoOtherTexture()
        {
            MapsComponent maps = Maps(("roughness", Map(Grain, "g")));
            ShownMaps before = Shown(maps, Pbr(0.25));
            ShownMaps after = Shown(maps, Pbr(0.75));
            Assert.That(after.Keys, Is.EqualTo(before.Keys));
            Assert.That(Remap(after.Remaps, MaskRemaps.Metallic), Is.EqualTo((0.75, 0.75)));
        }

        [Test]
        public void ValuesThatAreCutOffAreInTheTexture()
        {
            ShownMaps shown = Shown(Maps(("metallic", Map(Wood, "r", 2))), Pbr());
            Assert.That(Remap(shown.Remaps, MaskRemaps.Metallic), Is.EqualTo((0.0, 1.0)));
            Assert.That(TextureRecipe.Parse(shown.Keys[MapSlot.Metallic]).Mix(0, (_, __) => 200), Is.EqualTo(255));
        }

        static readonly MapsComponent[] Cases =
        {
            Maps(("roughness", Map(Grain, "g", 0.8))), Maps(("metallic", Map(Wood, "r", 0.3, 0.1))),
            Maps(("metallic", Map(Wood, "b", -0.5, 0.9)), ("roughness", Map(Grain, "r", -0.25, 0.75))),
            Maps(("occlusion", Map(Grain, "r", 0.5, 0.25))), Maps(("occlusion", Map(Grain, "g", -1, 1))),
            Maps(("metallic", Map(Wood, "r")), ("roughness", Map(Wood, "a", -0.7, 1)), ("occlusion", Map(Wood, "g"))),
            Maps(("metallic", Map(Wood, "r", 3, -1)), ("occlusion", Map(Wood, "g", 2))),
            Maps(("roughness", Map(Grain, "a", 0, 0.5))), MapsComponent.None,
        };

        [Test]
        public void MapsAndValuesStayWhileUnityShowsWhatFollowsFromThem([Range(0, 8)] int index, [Values(0, 0.3, 1)] double strength,
            [Values] bool mixes)
        {
            canMix = mixes;
            MapsComponent maps = Cases[index];
            PbrValues values = Pbr(0.1, 0.7, strength);
            ShownMaps shown = Shown(maps, values);
            ShownMaps saved = ShownMaps.Read(JsonReader.Read(JsonWriter.Write(shown.ToJson())), "");
            foreach (ShownMaps each in new[] { shown, saved })
            {
                PbrValues read = values;
                Assert.That(Read(Native(shown), maps, each, ref read), Is.SameAs(maps));
                Assert.That((read.Metallic, read.Roughness, read.OcclusionStrength), Is.EqualTo((0.1, 0.7, strength)));
            }
            isGone = true;
            NativeMaps empty = Native(shown);
            empty.Keys[MapSlot.Metallic] = null;
            PbrValues without = values;
            Assert.That(Read(empty, maps, shown, ref without), Is.SameAs(maps), "the file is gone");
            Assert.That(without.OcclusionStrength, Is.EqualTo(strength));
        }

        [Test]
        public void TexturesAreReadAsTheirMapsWithoutARecord([Range(0, 6)] int index)
        {
            MapsComponent maps = Cases[index];
            ShownMaps shown = Shown(maps, Pbr(0.1, 0.7));
            PbrValues values = PbrValues.Default;
            MapsComponent read = Read(Native(shown), MapsComponent.None, ShownMaps.None, ref values);
            foreach (string field in MapsComponent.Fields)
            {
                TextureMap expected = maps.Find(field);
                if (expected == null) { Assert.That(read.Find(field), Is.Null, field); }
                else { ExpectMap(read.Find(field), expected.Image, expected.Channel, expected.Scale, expected.Bias); }
            }
            if (maps.Find("metallic") == null) { Assert.That(values.Metallic, Is.EqualTo(0.1).Within(1e-6)); }
            if (maps.Find("roughness") == null) { Assert.That(values.Roughness, Is.EqualTo(0.7).Within(1e-6)); }
        }

        [Test]
        public void MaskOfAPersonIsThreeMaps()
        {
            NativeMaps native = Native(Shown(MapsComponent.None, Pbr()));
            native.Keys[MapSlot.Metallic] = Wood;
            native.Remaps.Set(MaskRemaps.Metallic, 0.1, 0.6);
            native.Remaps.Set(MaskRemaps.Smoothness, 0.2, 1);
            native.Remaps.Set(MaskRemaps.Occlusion, 0.25, 1);
            PbrValues values = Pbr();
            MapsComponent read = Read(native, MapsComponent.None, Shown(MapsComponent.None, values), ref values);
            ExpectMap(read.Find("metallic"), Wood, "r", 0.5, 0.1);
            ExpectMap(read.Find("roughness"), Wood, "a", -0.8, 0.8);
            ExpectMap(read.Find("occlusion"), Wood, "g", 1, 0);
            Assert.That((values.Metallic, values.Roughness, values.OcclusionStrength), Is.EqualTo((0.25, 0.375, 0.75)));
            hasAlpha = false;
            values = Pbr();
            Assert.That(Read(native, MapsComponent.None, ShownMaps.None, ref values).Find("roughness"), Is.Null);
            Assert.That(values.Roughness, Is.EqualTo(0), "alpha is one without a channel");
        }

        [Test]
        public void NumbersThatAMaskHidesAreNoEdit()
        {
            MapsComponent maps = Maps(("roughness", Map(Grain, "g", 0.8)));
            PbrValues values = Pbr();
            ShownMaps shown = Shown(maps, values);
            NativeMaterial other = Values(Pbr(0.9, 0.1));
            Assert.That(ReadOnce(Native(shown), maps, shown, other, ref values), Is.SameAs(maps));
            Assert.That((values.Metallic, values.Roughness), Is.EqualTo((0.25, 0.375)));
        }

        [TestCase(0.8, 0.2)]
        [TestCase(-0.5, 2)]
        public void RemapsOfAnyNumbersAreReadTheSameAgain(double min, double max)
        {
            PbrValues values = Pbr();
            NativeMaps native = Native(Shown(MapsComponent.None, values));
            native.Keys[MapSlot.Metallic] = Wood;
            for (int i = 0; i < MaskRemaps.Count; i++) { native.Remaps.Set(i, min, max); }
            MapsComponent read = Read(native, MapsComponent.None, Shown(MapsComponent.None, values), ref values);
            ExpectMap(read.Find("metallic"), Wood, "r", max - min, min);
            ExpectMap(read.Find("roughness"), Wood, "a", min - max, 1 - min);
            ExpectMap(read.Find("occlusion"), Wood, "g", max - min, min);
        }

        [Test]
        public void ChangedRemapIsAChangedMap()
        {
            MapsComponent maps = Maps(("metallic", Map(Wood, "b", -0.5, 0.9)), ("roughness", Map(Grain, "g", 0.8)));
            PbrValues values = Pbr();
            ShownMaps shown = Shown(maps, values);
            NativeMaps native = Native(shown);
            native.Remaps.Set(MaskRemaps.Metallic, 0.25, 0.75);
            MapsComponent read = Read(native, maps, shown, ref values);
            ExpectMap(read.Find("metallic"), Wood, "b", -0.5, 0.75);
            Assert.That(read.Find("roughness"), Is.SameAs(maps.Find("roughness")));
            native.Remaps.Set(MaskRemaps.Metallic, 0.5, 0.5);
            Assert.That(Read(native, maps, shown, ref values).Find("metallic"), Is.Null);
            Assert.That(values.Metallic, Is.EqualTo(0.5), "each pixel has it");
        }

        [TestCase(0.5, 0.75, 0.5)]
        [TestCase(1, 1, 0)]
        public void WeakerOcclusionIsAnEditOfTheStrength(double min, double max, double strength)
        {
            MapsComponent maps = Maps(("occlusion", Map(Grain, "r", 0.5)));
            PbrValues values = Pbr();
            ShownMaps shown = Shown(maps, values);
            NativeMaps native = Native(shown);
            native.Remaps.Set(MaskRemaps.Occlusion, min, max);
            Assert.That(Read(native, maps, shown, ref values), Is.SameAs(maps));
            Assert.That(values.OcclusionStrength, Is.EqualTo(strength));
        }

        [Test]
        public void OtherOcclusionIsAnEditOfTheMap()
        {
            MapsComponent maps = Maps(("occlusion", Map(Grain, "r", 0.5)));
            PbrValues values = Pbr(strength: 0.5);
            ShownMaps shown = Shown(maps, values);
            NativeMaps native = Native(shown);
            native.Remaps.Set(MaskRemaps.Occlusion, 0.25, 0.5);
            ExpectMap(Read(native, maps, shown, ref values).Find("occlusion"), Grain, "r", 0.25, 0.25);
            Assert.That(values.OcclusionStrength, Is.EqualTo(1));
            native.Remaps.Set(MaskRemaps.Occlusion, 0.5, 0.5);
            Assert.That(Read(native, maps, shown, ref values).Find("occlusion"), Is.Null);
        }

        [Test]
        public void OtherMaskKeepsConstantsAndStrength()
        {
            MapsComponent maps = Maps(("roughness", Map(Grain, "g", 0.8)), ("occlusion", Map(Grain, "r", 0.5)));
            PbrValues values = Pbr(strength: 0.5);
            ShownMaps shown = Shown(maps, values);
            NativeMaps native = Native(shown);
            native.Keys[MapSlot.Metallic] = Wood;
            MapsComponent read = Read(native, maps, shown, ref values);
            Assert.That(read.Find("metallic"), Is.Null);
            ExpectMap(read.Find("roughness"), Wood, "a", -0.8, 0.8);
            ExpectMap(read.Find("occlusion"), Wood, "g", 0.5, 0);
            Assert.That((values.Metallic, values.Roughness, values.OcclusionStrength), Is.EqualTo((0.25, 0.375, 0.5)));
        }

        [Test]
        public void MaskThatIsTakenOffLeavesTheValues()
        {
            MapsComponent maps = Maps(("roughness", Map(Grain, "g", 0.8)), ("metallic", Map(Grain, "r")));
            PbrValues values = Pbr();
            ShownMaps shown = Shown(maps, values);
            NativeMaps native = Native(shown);
            native.Keys[MapSlot.Metallic] = null;
            Assert.That(Read(native, maps, shown, ref values).IsDefault);
            Assert.That((values.Metallic, values.Roughness, values.OcclusionStrength), Is.EqualTo((0.25, 0.375, 1.0)));
        }

        [Test]
        public void MaskWithoutAnIdentityLeavesMapsAndValues()
        {
            MapsComponent maps = Maps(("roughness", Map(Grain, "g", 0.8)));
            PbrValues values = Pbr();
            ShownMaps shown = Shown(maps, values);
            NativeMaps native = Native(shown);
            native.Keys[MapSlot.Metallic] = NativeMaps.Foreign;
            Assert.That(Read(native, maps, shown, ref values), Is.SameAs(maps));
            Assert.That((values.Metallic, values.Roughness, values.OcclusionStrength), Is.EqualTo((0.25, 0.375, 1.0)));
        }
    }
}
