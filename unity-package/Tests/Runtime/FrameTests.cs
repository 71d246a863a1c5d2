using System;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the axes of lights and cameras, and of the objects below them.</summary>
    public sealed class FrameTests
    {
        static readonly double[] Ones = { 1, 1, 1 };
        static readonly LocalFrame Viewer = new LocalFrame(true, false);

        static float[] Turn(in NativeTransform place) => new[] { place.TurnX, place.TurnY, place.TurnZ, place.TurnW };

        /// <summary>Returns the direction in which Unity's +Z axis points.</summary>
        static double[] Forward(in NativeTransform p) => new double[]
        {
            2 * (p.TurnX * p.TurnZ + p.TurnW * p.TurnY), 2 * (p.TurnY * p.TurnZ - p.TurnW * p.TurnX),
            1 - 2 * (p.TurnX * p.TurnX + p.TurnY * p.TurnY),
        };

        [Test]
        public void LightThatShinesDownLooksDown()
        {
            double half = Math.Sqrt(0.5);
            NativeTransform place = NativeTransform.From(
                new TransformComponent(new double[3], new[] { -half, 0, 0, half }, Ones), Viewer);
            Assert.That(Turn(place), Is.EqualTo(new[] { 0, half, -half, 0 }).Within(1e-6));
            Assert.That(Forward(place), Is.EqualTo(new[] { 0.0, -1, 0 }).Within(1e-6));
        }

        [Test]
        public void CameraOfBlendersFirstSceneLooksAtItsCube()
        {
            double[] canonical = { -0.209973, 0.385780, 0.090628, 0.893796 };
            NativeTransform place = NativeTransform.From(new TransformComponent(new double[3], canonical, Ones), Viewer);
            Assert.That(Turn(place), Is.EqualTo(new[] { 0.090628, 0.893796, -0.209973, 0.385780 }).Within(1e-6));
            Assert.That(Forward(place), Is.EqualTo(new[] { 0.65156, -0.44527, -0.61417 }).Within(1e-5));
        }

        [Test]
        public void EachFrameIsUndoneExactly([Values(false, true)] bool isViewer, [Values(false, true)] bool isBelow)
        {
            TransformComponent value = new TransformComponent(new[] { 1.5, -2, 3 }, new[] { 0.36, 0.48, 0.64, 0.48 },
                new[] { 1, 2, 0.5 });
            NativeTransform place = NativeTransform.From(value, new LocalFrame(isViewer, isBelow));
            TransformComponent back = place.ToComponent();
            Assert.That(back.Translation, Is.EqualTo(value.Translation));
            Assert.That(back.Rotation, Is.EqualTo(value.Rotation.Select(number => (double)(float)number)));
            Assert.That(back.Scale, Is.EqualTo(value.Scale));
            NativeTransform plain = place.In(default);
            Assert.That(plain.ToComponent().Digest(), Is.EqualTo(back.Digest()));
            Assert.That(plain.IsSame(NativeTransform.From(value, default)));
        }

        /// <summary>The world place of a child must not depend on the frame of the object above it.</summary>
        [Test]
        public void ObjectBelowALightStaysWhereItIs()
        {
            // In canonical space: a light that looks down at (1, 2, 3), and an object one meter in front of it.
            double half = Math.Sqrt(0.5);
            NativeTransform light = NativeTransform.From(new TransformComponent(new double[] { 1, 2, 3 },
                new[] { -half, 0, 0, half }, Ones), Viewer);
            NativeTransform child = NativeTransform.From(new TransformComponent(new double[] { 0, 0, -1 },
                new[] { 0, 0, 0, 1.0 }, Ones), new LocalFrame(false, true));
            Assert.That(new[] { child.X, child.Y, child.Z }, Is.EqualTo(new[] { 0f, 0, 1 }), "in front, along +Z");
            double[] forward = Forward(light);
            Assert.That(new[] { light.X + forward[0], light.Y + forward[1], light.Z + forward[2] },
                Is.EqualTo(new[] { -1.0, 1, 3 }).Within(1e-6));
        }
    }
}
