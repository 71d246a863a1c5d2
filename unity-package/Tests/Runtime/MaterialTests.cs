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
    /// <summary>Tests the components of materials, and their conversion to Unity's numbers and back.</summary>
    public sealed class MaterialTests
    {
        const string A = "01920000-0000-7000-8000-0000000000a1";
        const string B = "01920000-0000-7000-8000-0000000000b1";

        static readonly MaterialShader Standard = MaterialShader.Of(MaterialPipeline.BuiltIn);
        static readonly MaterialShader Universal = MaterialShader.Of(MaterialPipeline.Universal);
        static readonly MaterialShader HighDefinition = MaterialShader.Of(MaterialPipeline.HighDefinition);

        static PbrComponent MakePbr(double roughness, params double[] color)
        {
            PbrValues values = PbrValues.Default;
            (values.Roughness, values.BaseColor) = (roughness, color);
            return new PbrComponent(values);
        }

        static NativeMaterial ToNative(PbrComponent pbr, MaterialShader shader, bool isGamma = false) =>
            NativeMaterial.From(pbr, EmissionComponent.None, shader, isGamma);

        [Test]
        public void RoughnessAndColorAreEncodedForUnity()
        {
            NativeMaterial native = ToNative(MakePbr(0.25, 0.8, 0.5, 0.18, 0.75), Standard);
            Assert.That(native.Smoothness, Is.EqualTo(0.75f));
            Assert.That(native.BaseColor, Is.EqualTo(new[] { 0.906332f, 0.735357f, 0.461356f, 0.75f }).Within(1e-6f));
            PbrValues back = native.ToPbr(null, Universal, false).Values;
            Assert.That(back.BaseColor, Is.EqualTo(new[] { 0.8, 0.5, 0.18, 0.75 }).Within(1e-6));
            Assert.That(back.Roughness, Is.EqualTo(0.25));
        }

        [Test]
        public void GammaProjectKeepsColorsAsTheyAre()
        {
            NativeMaterial native = ToNative(MakePbr(0.25, 0.8, 0.5, 0.18, 1), Standard, true);
            Assert.That(native.BaseColor, Is.EqualTo(new[] { 0.8f, 0.5f, 0.18f, 1f }));
            Assert.That(native.ToPbr(null, Standard, true).Values.BaseColor, Is.EqualTo(new[] { 0.8, 0.5, 0.18, 1 }).Within(1e-6));
        }

        [Test]
        public void EmissionIsTheProductInTheUnitOfTheShader()
        {
            EmissionComponent sent = new EmissionComponent(new[] { 0.5, 0.25, 0 }, 4);
            PbrComponent pbr = MakePbr(0.5, 1, 1, 1, 1);
            Assert.That(NativeMaterial.From(pbr, sent, Standard, false).Emission, Is.EqualTo(new[] { 2f, 1f, 0f }));
            NativeMaterial native = NativeMaterial.From(pbr, sent, HighDefinition, false);
            Assert.That(native.Emission, Is.EqualTo(new[] { 1366f, 683f, 0f }));
            Assert.That(native.ToEmission(sent, HighDefinition), Is.SameAs(sent), "the split is kept");
        }

        [Test]
        public void BrighterEmissionKeepsItsColor()
        {
            EmissionComponent kept = new EmissionComponent(new[] { 0.5, 0.25, 0 }, 4);
            NativeMaterial native = NativeMaterial.From(MakePbr(0.5, 1, 1, 1, 1), kept, Standard, false);
            native.Emission = new[] { 4f, 2f, 0f };
            EmissionComponent edited = native.ToEmission(kept, Standard);
            Assert.That((edited.Color, edited.Strength), Is.EqualTo((kept.Color, 8.0)));
            native.Emission = new[] { 0f, 0f, 0f };
            edited = native.ToEmission(kept, Standard);
            Assert.That((edited.Color, edited.Strength), Is.EqualTo((kept.Color, 0.0)), "switched off");
            native.Emission = new[] { 1f, 4f, 2f };
            edited = native.ToEmission(kept, Standard);
            Assert.That(edited.Color, Is.EqualTo(new[] { 0.25, 1, 0.5 }).Within(1e-6));
            Assert.That(edited.Strength, Is.EqualTo(4).Within(1e-6));
        }

        [Test]
        public void EveryShaderReturnsTheKeptComponent()
        {
            PbrValues values = PbrValues.Default;
            values.BaseColor = new[] { 0.1, 0.2, 0.3, 0.4 };
            (values.Metallic, values.Roughness, values.AlphaCutoff, values.NormalScale, values.OcclusionStrength) =
                (0.7, 1 / 3.0, 0.1, -0.3, 0.6);
            (values.AlphaMode, values.IsDoubleSided) = (PbrValues.Mask, false);
            PbrComponent kept = new PbrComponent(values);
            foreach (MaterialShader shader in MaterialShader.All)
            {
                Assert.That(ToNative(kept, shader).ToPbr(kept, shader, false), Is.SameAs(kept), shader.Name);
            }
        }

        [Test]
        public void EditOfOneFieldChangesThatFieldAlone()
        {
            PbrComponent kept = MakePbr(1 / 3.0, 0.1, 0.2, 0.3, 0.4);
            NativeMaterial native = ToNative(kept, HighDefinition);
            native.Occlusion = 0.25f;
            native.BaseColor[1] = 1;
            PbrValues edited = native.ToPbr(kept, HighDefinition, false).Values;
            Assert.That(edited.OcclusionStrength, Is.EqualTo(0.75), "the shader has one minus it");
            Assert.That(edited.BaseColor, Is.EqualTo(new[] { 0.1, 1, 0.3, 0.4 }));
            Assert.That(edited.Roughness, Is.EqualTo(1 / 3.0));
        }

        [Test]
        public void FieldsThatAShaderLacksAreKept()
        {
            PbrValues values = PbrValues.Default;
            values.Metallic = 0.7;
            PbrComponent kept = new PbrComponent(values);
            MaterialShader simple = MaterialShader.Find("Universal Render Pipeline/Simple Lit");
            NativeMaterial native = ToNative(kept, simple);
            (native.Metallic, native.Occlusion, native.Cutoff) = (0, 0, 0.25f);
            PbrValues read = native.ToPbr(kept, simple, false).Values;
            Assert.That((read.Metallic, read.OcclusionStrength, read.AlphaCutoff), Is.EqualTo((0.7, 1.0, 0.25)));
            Assert.That(simple.MissingFields, Is.EqualTo(new[] { "pbr.metallic" }));
            native = ToNative(kept, Standard);
            native.IsDoubleSided = false;
            Assert.That(native.ToPbr(kept, Standard, false), Is.SameAs(kept), "Standard has no setting for it");
            Assert.That(native.ToPbr(null, Standard, false).Values.IsDoubleSided, Is.False, "it shows the front alone");
        }

        [Test]
        public void NumbersThatNoMaterialHasAreClamped()
        {
            NativeMaterial native = ToNative(MakePbr(0.5, 1, 1, 1, 1), Universal);
            native.BaseColor = new[] { -1, float.NaN, 3, 2f };
            (native.Metallic, native.Smoothness, native.NormalScale) = (1.5f, -0.5f, float.NaN);
            PbrValues read = native.ToPbr(null, Universal, false).Values;
            Assert.That(read.BaseColor[0] + read.BaseColor[1], Is.EqualTo(0));
            Assert.That(read.BaseColor[2], Is.GreaterThan(3), "a color may be beyond 1");
            Assert.That((read.BaseColor[3], read.Metallic, read.Roughness, read.NormalScale), Is.EqualTo((1.0, 1.0, 1.0, 0.0)));
        }

        [Test]
        public void MaterialsMatchByWhatIsShown()
        {
            EmissionComponent a = new EmissionComponent(new[] { 0.5, 0.25, 0 }, 4);
            Assert.That(a.Matches(new EmissionComponent(new[] { 1, 0.5, 0 }, 2)));
            Assert.That(a.Matches(new EmissionComponent(new[] { 1, 0.5, 1e-3 }, 2)), Is.False);
            PbrComponent pbr = MakePbr(0.5, 0.1, 0.2, 0.3, 1);
            Assert.That(pbr.Matches(MakePbr(0.5 + 9e-6, 0.1, 0.2, 0.3, 1)));
            Assert.That(pbr.Matches(MakePbr(0.5 + 2e-5, 0.1, 0.2, 0.3, 1)), Is.False);
            PbrValues masked = pbr.Values;
            masked.AlphaMode = PbrValues.Mask;
            Assert.That(pbr.Matches(new PbrComponent(masked)), Is.False);
        }

        [TestCase("roughness", "1.5", "VS-3003")]
        [TestCase("base_color", "[0,0,0,2]", "VS-3003")]
        [TestCase("base_color", "[0,-1,0,1]", "VS-3003")]
        [TestCase("alpha_mode", "\"dither\"", "VS-3004")]
        [TestCase("double_sided", "1", "VS-1006")]
        public void InvalidPbrIsRefused(string field, string value, string code)
        {
            JsonValue json = new PbrComponent(PbrValues.Default).ToJson(null);
            json.With(field, JsonReader.Read(value));
            Assert.That(Assert.Throws<SyncException>(() => PbrComponent.Read(json, "pbr")).Code, Is.EqualTo(code));
        }

        [Test]
        public void OwnMaterialsAreReadBySlot()
        {
            JsonValue json = JsonReader.Read("{\"own\":{\"10\":null,\"2\":\"" + A + "\"}}");
            MaterialsComponent own = MaterialsComponent.Read(json, "materials");
            Assert.That(own.TryFind(2, out string second) && second == A);
            Assert.That(own.TryFind(10, out string tenth) && tenth == null);
            Assert.That(own.TryFind(1, out _), Is.False);
            Assert.That(own.References.Where(uuid => uuid != null), Is.EqualTo(new[] { A }));
            Assert.That(own.Without(2).Without(10).IsDefault);
            Assert.That(own.With(2, B).Digest(), Is.Not.EqualTo(own.Digest()));
            Assert.That(own.Without(10).Digest(), Is.Not.EqualTo(own.Digest()), "none is not the material of the mesh");
        }

        [TestCase("{\"own\":{\"02\":null}}", "VS-3004")]
        [TestCase("{\"own\":{\"-1\":null}}", "VS-3004")]
        [TestCase("{\"own\":{\"32767\":null}}", "VS-3004")]
        [TestCase("{\"own\":{\"1\":\"x\"}}", "VS-1006")]
        public void InvalidSlotIsRefused(string json, string code)
        {
            JsonValue value = JsonReader.Read(json);
            Assert.That(Assert.Throws<SyncException>(() => MaterialsComponent.Read(value, "m")).Code, Is.EqualTo(code));
        }

        [Test]
        public void LocksOfTheOtherEditorAreKept()
        {
            LocksComponent locks = LocksComponent.Read(
                JsonReader.Read("{\"blender\":{\"pbr\":[\"roughness\"]},\"unity\":{\"pbr\":[\"metallic\"]}}"), "locks");
            LocksComponent own = locks.WithUnity(new[] { "emission.color" });
            Assert.That(own.IsLocked("blender", "pbr", "roughness") && own.IsLocked("unity", "emission", "color"));
            Assert.That(own.IsLocked("unity", "pbr", "metallic"), Is.False);
            Assert.That(own.WithUnity(new string[0]).Digest(), Is.Not.EqualTo(LocksComponent.None.Digest()));
            JsonValue empty = JsonReader.Read("{\"blender\":{},\"unity\":{\"pbr\":[]}}");
            Assert.That(LocksComponent.Read(empty, "locks").IsDefault);
        }

        [Test]
        public void UuidOfANameIsTheSameEverywhere()
        {
            // RFC 9562, appendix A.4.
            Assert.That(Uuid.FromName("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
                Is.EqualTo("2ed6657d-e927-568b-95e1-2665a8aea6a2"));
            Assert.That(Uuid.IsFromName("2ed6657d-e927-568b-95e1-2665a8aea6a2") && !Uuid.IsFromName(A));
        }
    }
}
