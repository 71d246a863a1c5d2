using System;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the conversion between canonical cameras and Unity's, with the numbers of other tools.</summary>
    public sealed class CameraTests
    {
        const double Wide = 1920.0 / 1080;

        /// <summary>Returns Blender's camera of 50 mm before a sensor of 36 mm.</summary>
        static CameraValues Make(string fit, double aspect)
        {
            CameraValues values = CameraValues.Default();
            (values.Fit, values.Aspect, values.IsPhysical, values.Size) = (fit, aspect, true, 6);
            return values;
        }

        static NativeCamera ToNative(CameraValues values) => NativeCamera.From(new CameraComponent(values));

        [TestCase("auto", Wide, 36, 20.25, NativeGateFit.Horizontal, 22.895193)]
        [TestCase("auto", 1 / Wide, 20.25, 36, NativeGateFit.Vertical, 39.597753)]
        [TestCase("vertical", Wide, 36, 24, NativeGateFit.Vertical, 26.991467)]
        [TestCase("horizontal", Wide, 36, 24, NativeGateFit.Horizontal, 22.895193)]
        public void SensorFitsAsInBlender(string fit, double aspect, double width, double height, NativeGateFit gate,
            double angle)
        {
            CameraValues values = Make(fit, aspect);
            NativeCamera native = ToNative(values);
            Assert.That((native.FocalLength, native.GateFit), Is.EqualTo((50f, gate)));
            Assert.That(native.SensorWidth, Is.EqualTo(width).Within(1e-5));
            Assert.That(native.SensorHeight, Is.EqualTo(height).Within(1e-5));
            values.IsPhysical = false;
            Assert.That(ToNative(values).FieldOfView, Is.EqualTo(angle).Within(1e-5), "the same picture without a sensor");
        }

        [Test]
        public void ShiftIsInUnitsOfTheSensor()
        {
            CameraValues values = Make("auto", Wide);
            values.Shift = new[] { 0.1, -0.2 };
            CameraComponent kept = new CameraComponent(values);
            NativeCamera native = NativeCamera.From(kept);
            Assert.That(native.ShiftX, Is.EqualTo(0.1).Within(1e-6));
            Assert.That(native.ShiftY, Is.EqualTo(-0.355556).Within(1e-6));
            native.ShiftX = 0.3f;
            CameraValues edited = native.ToComponent(kept).Values;
            Assert.That(edited.Shift, Is.EqualTo(new[] { 0.3, -0.2 }).Within(1e-6));
            Assert.That((edited.Fit, edited.Sensor[1]), Is.EqualTo(("auto", 24.0)), "the sensor was not edited");
        }

        [Test]
        public void OrthographicSizeIsHalfTheHeight()
        {
            CameraValues values = Make("auto", Wide);
            values.Projection = CameraValues.Orthographic;
            CameraComponent kept = new CameraComponent(values);
            NativeCamera native = NativeCamera.From(kept);
            Assert.That(native.Size, Is.EqualTo(1.6875).Within(1e-6));
            Assert.That(native.ToComponent(kept), Is.SameAs(kept));
            native.Size = 3.375f;
            Assert.That(native.ToComponent(kept).Values.Size, Is.EqualTo(12).Within(1e-5));
            values.Fit = "vertical";
            Assert.That(ToNative(values).Size, Is.EqualTo(3));
        }

        [Test]
        public void PlainCameraOfUnityIsALensBeforeASensorOf24Millimeters()
        {
            NativeCamera native = new NativeCamera
            {
                FieldOfView = 60, Size = 5, Near = 0.3f, Far = 1000, Aspect = 1.6f, FocalLength = 50, SensorWidth = 20,
                SensorHeight = 10, GateFit = NativeGateFit.Horizontal,
            };
            CameraValues values = native.ToComponent(null).Values;
            Assert.That((values.Projection, values.Fit, values.IsPhysical), Is.EqualTo(("perspective", "vertical", false)));
            Assert.That(values.Focal, Is.EqualTo(20.784610).Within(1e-5));
            Assert.That(values.Sensor, Is.EqualTo(new[] { 36.0, 24 }));
            Assert.That((values.Size, values.Far, values.FStop), Is.EqualTo((10.0, 1000.0, 2.8)));
            Assert.That(values.Aspect, Is.EqualTo(1.6).Within(1e-6));
            NativeCamera back = ToNative(values);
            Assert.That(back.FieldOfView, Is.EqualTo(60).Within(1e-5));
        }

        [Test]
        public void UnchangedCameraIsTheKeptOne()
        {
            foreach (string projection in CameraValues.Projections)
            {
                foreach (string fit in CameraValues.Fits)
                {
                    foreach (double aspect in new[] { Wide, 0.5, 1 })
                    {
                        CameraValues values = Make(fit, aspect);
                        (values.Projection, values.Shift, values.Focus, values.FStop) = (projection, new[] { 0.2, 0.3 }, 4, 8);
                        CameraComponent kept = new CameraComponent(values);
                        Assert.That(NativeCamera.From(kept).ToComponent(kept), Is.SameAs(kept), projection + fit + aspect);
                        values.IsPhysical = false;
                        kept = new CameraComponent(values);
                        Assert.That(NativeCamera.From(kept).ToComponent(kept), Is.SameAs(kept), projection + fit + aspect);
                    }
                }
            }
        }

        [Test]
        public void EditOfOneFieldKeepsTheOthers()
        {
            CameraValues values = Make("auto", Wide);
            (values.Shift, values.Focus, values.FStop) = (new[] { 0.2, 0.3 }, 4, 8);
            CameraComponent kept = new CameraComponent(values);
            NativeCamera native = NativeCamera.From(kept);
            native.FocalLength = 35;
            CameraValues edited = native.ToComponent(kept).Values;
            Assert.That((edited.Focal, edited.Fit, edited.Focus, edited.FStop), Is.EqualTo((35.0, "auto", 4.0, 8.0)));
            Assert.That(edited.Shift, Is.EqualTo(values.Shift));
            native = NativeCamera.From(kept);
            native.GateFit = NativeGateFit.Overscan;
            edited = native.ToComponent(kept).Values;
            Assert.That((edited.Fit, edited.Sensor[1]), Is.EqualTo(("overscan", 20.25)));
            native = NativeCamera.From(kept);
            (native.Near, native.Far) = (2, 50);
            edited = native.ToComponent(kept).Values;
            Assert.That((edited.Near, edited.Far, edited.Fit), Is.EqualTo((2.0, 50.0, "auto")));
        }

        [Test]
        public void AngleOfAPlainCameraChangesOnlyTheLens()
        {
            CameraValues values = Make("vertical", Wide);
            (values.IsPhysical, values.Sensor) = (false, new[] { 40.0, 30 });
            CameraComponent kept = new CameraComponent(values);
            NativeCamera native = NativeCamera.From(kept);
            native.FieldOfView = 90;
            CameraValues edited = native.ToComponent(kept).Values;
            Assert.That(edited.Focal, Is.EqualTo(15).Within(1e-5));
            Assert.That(edited.Sensor, Is.EqualTo(values.Sensor));
        }

        [Test]
        public void NearPlaneThatUnityRefusesIsKept()
        {
            CameraValues values = Make("auto", Wide);
            values.Near = 0.001;
            CameraComponent kept = new CameraComponent(values);
            NativeCamera native = NativeCamera.From(kept);
            Assert.That(native.Near, Is.EqualTo(0.01f));
            Assert.That(native.ToComponent(kept), Is.SameAs(kept));
        }

        [Test]
        public void AspectIsNotCompared()
        {
            CameraComponent wide = new CameraComponent(Make("horizontal", Wide));
            CameraComponent narrow = new CameraComponent(Make("horizontal", 1));
            Assert.That(wide.Matches(narrow));
            Assert.That(wide.Digest(), Is.EqualTo(narrow.Digest()));
            Assert.That(wide.Matches(new CameraComponent(Make("vertical", Wide))), Is.False);
        }

        [TestCase("projection", "\"panorama\"", ErrorCode.ComponentInvalid)]
        [TestCase("fit", "\"both\"", ErrorCode.ComponentInvalid)]
        [TestCase("sensor", "[1]", ErrorCode.MessageMalformed)]
        [TestCase("focal", "-1", ErrorCode.NumberInvalid)]
        [TestCase("far", "1e300", ErrorCode.NumberInvalid)]
        public void BadFieldIsRefused(string key, string value, string code)
        {
            JsonValue camera = new CameraComponent(Make("auto", Wide)).ToJson(null).With(key, JsonReader.Read(value));
            Assert.That(Assert.Throws<SyncException>(() => CameraComponent.Read(camera, "camera")).Code, Is.EqualTo(code));
        }

        [Test]
        public void CameraIsReadAsItIsWritten()
        {
            CameraComponent camera = new CameraComponent(Make("fill", 0.75));
            CameraComponent read = CameraComponent.Read(JsonReader.Read(JsonWriter.Write(camera.ToJson(null))), "camera");
            Assert.That((read.Digest(), read.Values.Aspect), Is.EqualTo((camera.Digest(), 0.75)));
        }
    }
}
