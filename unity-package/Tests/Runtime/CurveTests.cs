using System;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the curves of Unity that follow from canonical ones, and the way back.</summary>
    public sealed class CurveTests
    {
        static readonly NativeCurve Plain = new NativeCurve(24, 1);

        static CurveKey MakeKey(float time, float value, (float, float) before, (float, float) behind,
            Interpolation interpolation = Interpolation.Bezier) => new CurveKey
        {
            Time = time,
            Value = value,
            InTime = before.Item1,
            InValue = before.Item2,
            OutTime = behind.Item1,
            OutValue = behind.Item2,
            Interpolation = interpolation,
        };

        /// <summary>Returns two keys, with a handle behind the first and one before the second.</summary>
        static CurveKey[] MakeCurve((float, float) behind, (float, float) before) =>
            new[] { MakeKey(1, 0, (0, 0), behind), MakeKey(11, 1, before, (12, 1)) };

        static CurveKey[] MakeSteps(Interpolation interpolation) => new[]
        {
            MakeKey(0, 0, (-1, 0), (1, 0), interpolation), MakeKey(12, 3, (11, 3), (13, 3), interpolation),
            MakeKey(24, -1, (23, -1), (25, -1), interpolation),
        };

        /// <summary>Returns the value between two weighted keys, as Unity's documentation defines it: a cubic in time and value.</summary>
        static double Evaluate(NativeKey from, NativeKey to, double time)
        {
            double length = to.Time - from.Time, low = 0, high = 1;
            double[] times = { from.Time, from.Time + from.OutWeight * length, to.Time - to.InWeight * length, to.Time };
            double[] values =
            {
                from.Value, from.Value + from.OutTangent * from.OutWeight * length,
                to.Value - to.InTangent * to.InWeight * length, to.Value,
            };
            for (int i = 0; i < 60; i++)
            {
                double middle = (low + high) / 2;
                if (Cubic(times, middle) < time) { low = middle; }
                else { high = middle; }
            }
            return Cubic(values, low);
        }

        static double Cubic(double[] points, double at)
        {
            double left = 1 - at;
            return left * left * left * points[0] + 3 * left * left * at * points[1] + 3 * left * at * at * points[2]
                + at * at * at * points[3];
        }

        [Test]
        public void HandlesBecomeTangentsAndWeights()
        {
            NativeKey[] shown = Plain.FromKeys(MakeCurve((4, 0.7f), (9, 0.2f)));
            Assert.That(shown.Select(key => key.Time), Is.EqualTo(new[] { 1 / 24f, 11 / 24f }));
            Assert.That((shown[0].OutTangent, shown[0].OutWeight), Is.EqualTo((5.6f, 0.3f)));
            Assert.That(shown[1].InTangent, Is.EqualTo(9.6f).Within(1e-5));
            Assert.That(shown[1].InWeight, Is.EqualTo(0.2f));
            Assert.That((shown[0].IsOutWeighted, shown[1].IsInWeighted, shown[0].IsInWeighted), Is.EqualTo((true, true, false)));
            Assert.That(Evaluate(shown[0], shown[1], 6 / 24.0), Is.EqualTo(0.450123).Within(2e-6));
        }

        [Test]
        public void HandleLongerThanItsSegmentIsShortened()
        {
            NativeKey[] shown = Plain.FromKeys(MakeCurve((20, 0.7f), (-5, 0.2f)));
            Assert.That(shown[0].OutTangent, Is.EqualTo(0.884211).Within(1e-6));
            Assert.That(shown[1].InTangent, Is.EqualTo(1.2).Within(1e-6));
            Assert.That((shown[0].OutWeight, shown[1].InWeight), Is.EqualTo((1f, 1f)));
            Assert.That(Evaluate(shown[0], shown[1], 6 / 24.0), Is.EqualTo(0.450656).Within(2e-3), "the curve is steep here");
        }

        [Test]
        public void ShownCurveIsExactlyTheKeptOne()
        {
            foreach (CurveKey[] keys in new[]
            {
                MakeCurve((4, 0.7f), (9, 0.2f)), MakeCurve((20, 0.7f), (-5, 0.2f)), MakeCurve((1, 5), (11, -5)),
                MakeSteps(Interpolation.Constant), MakeSteps(Interpolation.Linear), MakeSteps(Interpolation.Bezier),
            })
            {
                foreach (double factor in new[] { 1, -1, 180 / Math.PI })
                {
                    NativeCurve curve = new NativeCurve(30000 / 1001.0, factor);
                    Assert.That(curve.ToKeys(curve.FromKeys(keys), keys), Is.SameAs(keys));
                }
            }
        }

        [Test]
        public void VerticalHandleHasAFiniteSlope()
        {
            NativeKey[] shown = Plain.FromKeys(MakeCurve((1, 5), (11, -5)));
            Assert.That(shown[0].OutWeight, Is.EqualTo(1e-4f));
            Assert.That(shown[0].OutTangent * shown[0].OutWeight * 10 / 24, Is.EqualTo(5).Within(1e-4));
        }

        [Test]
        public void ConstantAndLinearSegmentsKeepTheirForm()
        {
            NativeKey[] steps = Plain.FromKeys(MakeSteps(Interpolation.Constant));
            Assert.That((steps[0].OutTangent, steps[1].InTangent), Is.EqualTo((float.PositiveInfinity, float.PositiveInfinity)));
            NativeKey[] lines = Plain.FromKeys(MakeSteps(Interpolation.Linear));
            Assert.That((lines[0].OutTangent, lines[1].InTangent, lines[1].OutTangent), Is.EqualTo((6f, 6f, -8f)));
            Assert.That(lines.Any(key => key.IsInWeighted || key.IsOutWeighted), Is.False);
            foreach (Interpolation form in new[] { Interpolation.Constant, Interpolation.Linear, Interpolation.Bezier })
            {
                NativeKey[] shown = Plain.FromKeys(MakeSteps(form));
                CurveKey[] read = Plain.ToKeys(shown, new CurveKey[0]);
                Assert.That(read.Take(2).Select(key => key.Interpolation), Is.EqualTo(new[] { form, form }));
                Assert.That(NativeCurve.AreSame(Plain.FromKeys(read), shown), form.ToString());
            }
        }

        [Test]
        public void EditOfAKeyChangesItsSegmentsAlone()
        {
            CurveKey[] kept = MakeSteps(Interpolation.Bezier).Concat(new[] { MakeKey(36, 2, (30, 7), (40, 7)) }).ToArray();
            kept[1].OutTime = 100;
            NativeKey[] shown = Plain.FromKeys(kept);
            shown[0].Value = 0.5f;
            CurveKey[] read = Plain.ToKeys(shown, kept);
            Assert.That(read[0].Value, Is.EqualTo(0.5f));
            Assert.That(read[0].OutValue, Is.EqualTo(0.5f).Within(1e-6), "the handle moves with its key");
            Assert.That(read.Skip(1), Is.EqualTo(kept.Skip(1)), "also a handle that is longer than its segment");
            shown = Plain.FromKeys(kept);
            shown[2].Time = 20 / 24f;
            read = Plain.ToKeys(shown, kept);
            Assert.That(read.Select(key => key.Time), Is.EqualTo(new[] { 0f, 12, 20, 36 }).Within(1e-5));
            Assert.That((read[0], read[3].OutValue), Is.EqualTo((kept[0], kept[3].OutValue)));
        }

        [Test]
        public void KeysThatComeAndGoLeaveTheOthers()
        {
            CurveKey[] kept = MakeSteps(Interpolation.Linear);
            NativeKey[] shown = Plain.FromKeys(kept);
            CurveKey[] read = Plain.ToKeys(shown.Where((_, i) => i != 1).ToArray(), kept);
            Assert.That(read.Select(key => key.Time), Is.EqualTo(new[] { 0f, 24 }));
            NativeKey added = new NativeKey { Time = 0.25f, Value = 1.5f, InTangent = 6, OutTangent = 6 };
            read = Plain.ToKeys(new[] { shown[0], added, shown[1], shown[2] }, kept);
            Assert.That(read.Select(key => (key.Time, key.Value, key.Interpolation)), Is.EqualTo(new[]
            {
                (0f, 0f, Interpolation.Linear), (6f, 1.5f, Interpolation.Linear), (12f, 3f, Interpolation.Linear),
                (24f, -1f, Interpolation.Linear),
            }));
        }

        [Test]
        public void ViewsMapChannelsToPropertiesWithTheirSigns()
        {
            SlotView plain = SlotView.ForObject(new LocalFrame(false, false));
            Assert.That(Shown(plain, ClipTarget.Transform, "m_LocalPosition.x"), Is.EqualTo(("translation", 0, -1.0)));
            Assert.That(Shown(plain, ClipTarget.Transform, "m_LocalRotation.y"), Is.EqualTo(("rotation", 1, -1.0)));
            Assert.That(Shown(plain, ClipTarget.Transform, "m_LocalScale.z"), Is.EqualTo(("scale", 2, 1.0)));
            Assert.That(Shown(plain, ClipTarget.GameObject, "m_IsActive"), Is.EqualTo(("visible", 0, 1.0)));
            SlotView viewer = SlotView.ForObject(new LocalFrame(true, false));
            // A light or camera has the quaternion (z, w, x, y).
            foreach ((string property, int component) in new[] { ("x", 2), ("y", 3), ("z", 0), ("w", 1) })
            {
                (string path, int number, double factor) = Shown(viewer, ClipTarget.Transform, "m_LocalRotation." + property);
                Assert.That((path, number, Math.Abs(factor)), Is.EqualTo(("rotation", component, 1.0)));
            }
            SlotView below = SlotView.ForObject(new LocalFrame(false, true));
            Assert.That(Shown(below, ClipTarget.Transform, "m_LocalPosition.x").Item3, Is.EqualTo(1));
            Assert.That(Shown(below, ClipTarget.Transform, "m_LocalPosition.z").Item3, Is.EqualTo(-1));
            Assert.That(SlotView.Parse(below.Text).Text, Is.EqualTo(below.Text));
            Assert.That(Shown(SlotView.ForMesh(), ClipTarget.SkinnedMeshRenderer, "blendShape.Smile").Item3, Is.EqualTo(100));
        }

        [Test]
        public void AnglesOfModeYxzAreUnitysOwn()
        {
            // Blender's (30, 40, 50) degrees are (30, 50, -40) on the wire and (30, -50, 40) in Unity.
            SlotView view = SlotView.ForObject(default);
            double[] canonical = { Math.PI / 6, 50 * Math.PI / 180, -40 * Math.PI / 180 };
            string[] names = { "x", "y", "z" };
            double[] shown = names.Select((name, i) => Shown(view, ClipTarget.Transform, "localEulerAnglesRaw." + name).Item3
                * canonical[i]).ToArray();
            Assert.That(shown, Is.EqualTo(new double[] { 30, -50, 40 }).Within(1e-9));
            Assert.That(SlotView.ForObject(new LocalFrame(true, false)).Find(ClipTarget.Transform, "localEulerAnglesRaw.x"), Is.Null);
        }

        [Test]
        public void TimesFollowFromAFractionOfFrames()
        {
            NativeKey[] shown = new NativeCurve(30000 / 1001.0, 1).FromKeys(new[] { MakeKey(11, 0, (10, 0), (12, 0)) });
            Assert.That(shown[0].Time, Is.EqualTo(0.3670333f).Within(1e-7));
        }

        [Test]
        public void LightsAndCamerasAreShownInUnitysUnits()
        {
            LightValues values = LightValues.Default(LightValues.Spot);
            values.Color = new double[] { 1, 0.5, 0 };
            SlotView light = SlotView.ForLight(new LightComponent(values), LightUnits.Linear);
            Assert.That(Shown(light, ClipTarget.Light, "m_Intensity").Item3 * 683 * Math.PI, Is.EqualTo(1).Within(1e-9));
            Assert.That(Shown(light, ClipTarget.Light, "m_SpotAngle").Item3 * Math.PI / 4, Is.EqualTo(90).Within(1e-9));
            Assert.That(SlotView.ForLight(null, LightUnits.Linear).Find(ClipTarget.Light, "m_Intensity"), Is.Null);
            Assert.That(light.Find(ClipTarget.Light, "m_Color.g").Value.IsEncoded);
            Assert.That(SlotView.Parse(light.Text).Text, Is.EqualTo(light.Text));
            SlotView gamma = SlotView.ForLight(new LightComponent(values), LightUnits.Gamma);
            Assert.That(gamma.Find(ClipTarget.Light, "m_Intensity").Value.IsEncoded);
            Assert.That(gamma.Find(ClipTarget.Light, "m_Color.g"), Is.Null, "color and intensity are one product there");
            CameraValues lens = CameraValues.Default();
            (lens.Fit, lens.IsPhysical, lens.Aspect) = ("horizontal", true, 2);
            lens.Sensor = new double[] { 36, 24 };
            SlotView camera = SlotView.ForCamera(new CameraComponent(lens));
            Assert.That(Shown(camera, ClipTarget.Camera, "orthographic size").Item3, Is.EqualTo(0.25).Within(1e-6));
            Assert.That(Shown(camera, ClipTarget.Camera, "m_LensShift.y").Item3, Is.EqualTo(1.5).Within(1e-6));
            lens.IsPhysical = false;
            Assert.That(SlotView.ForCamera(new CameraComponent(lens)).Find(ClipTarget.Camera, "m_FocalLength"), Is.Null);
        }

        [Test]
        public void EncodedChannelIsShownFrameByFrameAndStays()
        {
            LightValues values = LightValues.Default(LightValues.Point);
            SlotView view = SlotView.ForLight(new LightComponent(values), LightUnits.Linear);
            ActionSlot slot = new ActionSlot(1, Kinds.Light, new[] { new ActionChannel("color", 0, null, MakeCurve((4, 0.7f), (9, 0.2f))) });
            ActionComponent action = new ActionComponent(24, 1, 1, 11, false, new[] { slot });
            var curves = NativeClip.FromSlot(action, slot, view, new string[0]);
            NativeKey[] shown = curves[(ClipTarget.Light, "m_Color.r")];
            Assert.That(shown.Length, Is.EqualTo(11));
            Assert.That(shown[5].Time, Is.EqualTo(0.25f));
            Assert.That(shown[5].Value, Is.EqualTo(1.055 * Math.Pow(0.450123, 1 / 2.4) - 0.055).Within(2e-6));
            shown[5].Value = 9;
            Assert.That(NativeClip.ToSlot(action, slot, view, new string[0], curves), Is.SameAs(slot));
        }

        static (string, int, double) Shown(SlotView view, ClipTarget target, string property)
        {
            ShownChannel shown = view.Find(target, property) ?? throw new AssertionException("not shown: " + property);
            return (shown.Path, shown.Component, shown.Factor);
        }
    }
}
