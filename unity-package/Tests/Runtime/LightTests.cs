using System;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the conversion between canonical lights and Unity's, with the numbers of other tools.</summary>
    public sealed class LightTests
    {
        /// <summary>The intensity of a point or spot light of 100 W in Blender, in candela.</summary>
        const double HundredWatts = 683 * 100 / (4 * Math.PI);

        static readonly LightUnits[] AllUnits = { LightUnits.Physical, LightUnits.Linear, LightUnits.Gamma };

        static LightValues Make(string type, double intensity)
        {
            LightValues values = LightValues.Default(type);
            values.Intensity = intensity;
            return values;
        }

        static NativeLight ToNative(LightValues values, LightUnits units) =>
            NativeLight.From(new LightComponent(values), units);

        static double[] Product(LightComponent light) =>
            light.Values.Color.Select(channel => channel * light.Values.Intensity).ToArray();

        [Test]
        public void PointLightHasTheIntensityOfItsUnits()
        {
            LightValues light = Make(LightValues.Point, HundredWatts);
            Assert.That(ToNative(light, LightUnits.Linear).Intensity, Is.EqualTo(2.5330296).Within(1e-6));
            Assert.That(ToNative(light, LightUnits.Physical).Intensity, Is.EqualTo(5435.1413).Within(1e-3));
            // 2.5330296 in sRGB, because Unity decodes the product.
            Assert.That(ToNative(light, LightUnits.Gamma).Intensity, Is.EqualTo(1.4989).Within(1e-3));
        }

        [Test]
        public void SunOfThreeIsAlmostOneInUnity()
        {
            LightValues sun = Make(LightValues.Sun, 2049);
            Assert.That(ToNative(sun, LightUnits.Linear).Intensity, Is.EqualTo(0.9549297).Within(1e-6));
            Assert.That(ToNative(sun, LightUnits.Physical).Intensity, Is.EqualTo(2049));
        }

        [TestCase("rect", 1, 68300, 21740.565)]
        [TestCase("disk", 1, 68300, 27680.947)]
        [TestCase("rect", 0.5, 17075, 21740.565)]
        public void AreaLightIsCountedByItsLuminance(string shape, double size, double lumens, double nits)
        {
            LightValues area = Make(LightValues.Area, lumens);
            (area.Shape, area.Size) = (shape, new[] { size, size });
            NativeLight native = ToNative(area, LightUnits.Physical);
            Assert.That(native.Intensity, Is.EqualTo(nits).Within(0.01));
            Assert.That(native.Width, Is.EqualTo((float)(shape == "disk" ? size / 2 : size)));
            Assert.That(native.ToComponent(null, LightUnits.Physical).Values.Intensity, Is.EqualTo(lumens).Within(0.01));
        }

        [Test]
        public void SpotAnglesAreHalvedAndInRadians()
        {
            LightValues spot = Make(LightValues.Spot, HundredWatts);
            (spot.Outer, spot.Inner) = (0.5235988, 0.4818878);
            NativeLight native = ToNative(spot, LightUnits.Linear);
            Assert.That(native.SpotAngle, Is.EqualTo(60).Within(1e-4));
            Assert.That(native.InnerSpotAngle, Is.EqualTo(55.220275).Within(1e-4));
            (native.SpotAngle, native.InnerSpotAngle) = (80, 40);
            LightValues edited = native.ToComponent(null, LightUnits.Linear).Values;
            double outer = Math.Cos(edited.Outer);
            Assert.That((Math.Cos(edited.Inner) - outer) / (1 - outer), Is.EqualTo(0.7422272).Within(1e-6), "Blender's blend");
        }

        [Test]
        public void SpotWiderThanUnityAllowsIsKept()
        {
            LightValues spot = Make(LightValues.Spot, 10);
            spot.Outer = Math.PI / 2;
            LightComponent kept = new LightComponent(spot);
            NativeLight native = NativeLight.From(kept, LightUnits.Linear);
            Assert.That(native.SpotAngle, Is.EqualTo(179));
            Assert.That(native.ToComponent(kept, LightUnits.Linear), Is.SameAs(kept));
        }

        [Test]
        public void ColorAboveOneIsNormalized()
        {
            LightValues warm = Make(LightValues.Point, HundredWatts);
            (warm.Color, warm.Range) = (new[] { 1.77083, 0.84428, 0.27222 }, 100);
            foreach (LightUnits units in AllUnits)
            {
                NativeLight native = ToNative(warm, units);
                Assert.That(native.Red, Is.EqualTo(1).Within(1e-6), units.Name);
                LightComponent back = native.ToComponent(null, units);
                double[] product = Product(back);
                Assert.That(product[0], Is.EqualTo(9624.71).Within(0.1), units.Name);
                Assert.That(product[1] / product[0], Is.EqualTo(0.47677).Within(1e-5), units.Name);
                Assert.That(product[2] / product[0], Is.EqualTo(0.15373).Within(1e-5), units.Name);
                Assert.That(new LightComponent(warm).Matches(back), units.Name);
            }
        }

        [Test]
        public void UnchangedLightIsTheKeptOne()
        {
            foreach (string type in LightValues.Types)
            {
                LightValues values = Make(type, 123.456);
                values.Color = new[] { 0.8, 0.5, 0.18 };
                (values.Radius, values.Angle, values.Temperature, values.Tint) = (0.7, 0.3, 3000, new[] { 1, 0.5, 0.2 });
                (values.Shape, values.Size) = ("disk", new[] { 2.0, 3.0 });
                LightComponent kept = new LightComponent(values);
                foreach (LightUnits units in AllUnits)
                {
                    LightComponent read = NativeLight.From(kept, units).ToComponent(kept, units);
                    Assert.That(read, Is.SameAs(kept), type + " " + units.Name);
                }
            }
        }

        [Test]
        public void EditOfOneFieldKeepsTheOthers()
        {
            LightValues values = Make(LightValues.Spot, 100);
            values.Color = new[] { 0.8, 0.5, 0.18 };
            (values.Radius, values.Temperature, values.Tint) = (0.7, 3000, new[] { 1, 0.5, 0.2 });
            LightComponent kept = new LightComponent(values);
            NativeLight native = NativeLight.From(kept, LightUnits.Linear);
            native.SpotAngle = 100;
            LightValues wide = native.ToComponent(kept, LightUnits.Linear).Values;
            Assert.That((wide.Radius, wide.Temperature, wide.Intensity, wide.Range), Is.EqualTo((0.7, 3000, 100, (double?)null)));
            native = NativeLight.From(kept, LightUnits.Linear);
            native.Intensity *= 2;
            LightValues bright = native.ToComponent(kept, LightUnits.Linear).Values;
            Assert.That(bright.Intensity, Is.EqualTo(200).Within(1e-4));
            Assert.That((bright.Temperature, bright.Inner), Is.EqualTo((3000, values.Inner)));
            Assert.That(bright.Color, Is.EqualTo(values.Color));
            native = NativeLight.From(kept, LightUnits.Linear);
            native.Blue = 1;
            LightValues blue = native.ToComponent(kept, LightUnits.Linear).Values;
            Assert.That((blue.Temperature, blue.Radius), Is.EqualTo(((double?)null, 0.7)));
            Assert.That(blue.Tint, Is.EqualTo(LightValues.White));
            Assert.That(blue.Color, Is.EqualTo(new[] { 0.8, 0.5, 1 }).Within(1e-6));
        }

        [Test]
        public void SizeOfAnAreaLightChangesItsFlux()
        {
            LightValues values = Make(LightValues.Area, 100);
            LightComponent kept = new LightComponent(values);
            NativeLight native = NativeLight.From(kept, LightUnits.Linear);
            native.Width = 3;
            LightComponent wide = native.ToComponent(kept, LightUnits.Linear);
            Assert.That(wide.Values.Intensity, Is.EqualTo(300).Within(1e-4), "Unity shows the same luminance");
            Assert.That(wide.Values.Size, Is.EqualTo(new[] { 3.0, 1 }));
            Assert.That(NativeLight.From(wide, LightUnits.Linear).Intensity, Is.EqualTo(native.Intensity).Within(1e-6));
        }

        [Test]
        public void EllipseKeepsBothSizesAndItsArea()
        {
            LightValues values = Make(LightValues.Area, 100);
            (values.Shape, values.Size) = ("disk", new[] { 2.0, 8.0 });
            LightComponent kept = new LightComponent(values);
            NativeLight native = NativeLight.From(kept, LightUnits.Physical);
            Assert.That(native.Width, Is.EqualTo(2), "the radius of the disc with the same area");
            Assert.That(native.ToComponent(kept, LightUnits.Physical), Is.SameAs(kept));
        }

        [TestCase(0.01, 10)]
        [TestCase(250, 500)]
        [TestCase(100000, 1000)]
        public void LightWithoutARangeGetsOne(double intensity, double expected)
        {
            LightComponent light = new LightComponent(Make(LightValues.Point, intensity));
            NativeLight native = NativeLight.From(light, LightUnits.Physical);
            Assert.That(native.Range, Is.EqualTo(expected).Within(1e-4));
            Assert.That(native.ToComponent(light, LightUnits.Physical).Values.Range, Is.Null);
            native.Intensity = 7;
            Assert.That(native.ToComponent(light, LightUnits.Physical).Values.Range, Is.Null, "only the intensity was edited");
            native.Range = 3;
            Assert.That(native.ToComponent(light, LightUnits.Physical).Values.Range, Is.EqualTo(3));
        }

        [Test]
        public void IntensityThatAnUndoRestoresRestoresTheRange()
        {
            LightComponent dim = new LightComponent(Make(LightValues.Point, 10));
            LightComponent bright = new LightComponent(Make(LightValues.Point, 40));
            NativeLight undone = NativeLight.From(dim, LightUnits.Physical);
            Assert.That(undone.Range, Is.Not.EqualTo(NativeLight.From(bright, LightUnits.Physical).Range));
            Assert.That(undone.ToComponent(bright, LightUnits.Physical).Values.Range, Is.Null);
        }

        [Test]
        public void GammaIntensityIsDecodedWithTheColor()
        {
            NativeLight native = ToNative(Make(LightValues.Point, 0), LightUnits.Gamma);
            (native.Red, native.Green, native.Blue, native.Intensity) = (1, 0.5f, 0, 2);
            double[] product = Product(native.ToComponent(null, LightUnits.Gamma));
            double scale = 683 * Math.PI;
            Assert.That(product[0] / scale, Is.EqualTo(4.9538457).Within(1e-4), "2 in sRGB");
            Assert.That(product[1] / scale, Is.EqualTo(1).Within(1e-6), "0.5 * 2 in sRGB");
            Assert.That(product[2], Is.EqualTo(0));
        }

        [Test]
        public void TemperatureOfUnityMultipliesTheColor()
        {
            NativeLight native = ToNative(Make(LightValues.Point, 100), LightUnits.Linear);
            (native.FilterGreen, native.FilterBlue) = (0.5f, 0.25f);
            LightValues linear = native.ToComponent(null, LightUnits.Linear).Values;
            Assert.That(linear.Color, Is.EqualTo(new[] { 1, 0.5, 0.25 }).Within(1e-6));
            Assert.That(linear.Temperature, Is.Null);
            LightValues gamma = native.ToComponent(null, LightUnits.Gamma).Values;
            Assert.That(gamma.Color, Is.EqualTo(new double[] { 1, 1, 1 }).Within(1e-6), "Unity ignores it there");
        }

        [Test]
        public void AnotherTypeStartsWithDefaults()
        {
            LightValues values = Make(LightValues.Spot, 100);
            (values.Radius, values.Range) = (0.7, 5);
            LightComponent kept = new LightComponent(values);
            NativeLight native = NativeLight.From(kept, LightUnits.Linear);
            native.Type = NativeLightType.Directional;
            LightValues sun = native.ToComponent(kept, LightUnits.Linear).Values;
            Assert.That((sun.Type, sun.Radius, sun.Range), Is.EqualTo(("sun", 0.0, (double?)null)));
            Assert.That(sun.Intensity, Is.EqualTo(100).Within(1e-4));
        }

        [TestCase("type", "\"box\"", ErrorCode.ComponentInvalid)]
        [TestCase("shape", "\"star\"", ErrorCode.ComponentInvalid)]
        [TestCase("color", "[1,1]", ErrorCode.MessageMalformed)]
        [TestCase("color", "[1,-1,1]", ErrorCode.NumberInvalid)]
        [TestCase("intensity", "-1", ErrorCode.NumberInvalid)]
        [TestCase("intensity", "1e300", ErrorCode.NumberInvalid)]
        [TestCase("outer", "1.6", ErrorCode.NumberInvalid)]
        [TestCase("inner", "0.6", ErrorCode.NumberInvalid)]
        [TestCase("size", "[1,-1]", ErrorCode.NumberInvalid)]
        [TestCase("shadow", "1", ErrorCode.MessageMalformed)]
        [TestCase("range", "-2", ErrorCode.NumberInvalid)]
        public void BadFieldIsRefused(string key, string value, string code)
        {
            JsonValue light = new LightComponent(Make(LightValues.Spot, 1)).ToJson(null).With(key, JsonReader.Read(value));
            Assert.That(Assert.Throws<SyncException>(() => LightComponent.Read(light, "light")).Code, Is.EqualTo(code));
        }

        [Test]
        public void LightIsReadAsItIsWritten()
        {
            LightValues values = Make(LightValues.Area, 0.1);
            (values.Range, values.Temperature, values.Tint) = (7, 3000, new[] { 0.1, 0.2, 0.3 });
            LightComponent light = new LightComponent(values);
            LightComponent read = LightComponent.Read(JsonReader.Read(JsonWriter.Write(light.ToJson(null))), "light");
            Assert.That(read.Digest(), Is.EqualTo(light.Digest()));
            Assert.That(light.Matches(read));
        }

        [Test]
        public void OnlyTheProductOfColorAndIntensityIsCompared()
        {
            LightComponent light = new LightComponent(Make(LightValues.Point, 100));
            LightValues other = Make(LightValues.Point, 200);
            other.Color = new[] { 0.5, 0.5, 0.5 };
            Assert.That(light.Matches(new LightComponent(other)));
            other.Temperature = 3000;
            Assert.That(light.Matches(new LightComponent(other)), Is.False);
            other.Temperature = null;
            other.Color = new[] { 0.5, 0.5, 0.501 };
            Assert.That(light.Matches(new LightComponent(other)), Is.False);
        }
    }
}
