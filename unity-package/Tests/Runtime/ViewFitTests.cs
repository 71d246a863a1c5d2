using System;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Views;

namespace VibeSync.Tests
{
    /// <summary>Tests where a camera stands and where it looks, and that wrong requests are refused.</summary>
    public sealed class ViewFitTests
    {
        const string Id = "01920000-0000-7000-8000-0000000000aa";

        static readonly float[] Slanted = { 0.182574f, -0.547723f, -0.365148f, 0.730297f };

        /// <summary>Blender's front looks along +Y with +X to the right, top along -Z, and right along -X.</summary>
        [TestCase("front", 0, 1, 0, 1, 0, 0)]
        [TestCase("top", 0, 0, -1, 1, 0, 0)]
        [TestCase("side", -1, 0, 0, 0, 1, 0)]
        public void LookHasTheDirectionOfBlendersView(string look, int x, int y, int z, int rightX, int rightY, int rightZ)
        {
            float[] rotation = Looks.FindRotation(look);
            Assert.That(Turn(rotation, 0, 0, 1), Is.EqualTo(FromBlender(x, y, z)).Within(1e-6));
            Assert.That(Turn(rotation, 1, 0, 0), Is.EqualTo(FromBlender(rightX, rightY, rightZ)).Within(1e-6));
        }

        [TestCase("front", 1.5, true)]
        [TestCase("top", 0.5, true)]
        [TestCase("side", 2, false)]
        [TestCase("slanted", 1.7, false)]
        [TestCase("slanted", 0.6, true)]
        public void PictureShowsTheWholeBoxAndLittleMore(string look, double aspect, bool isFlat)
        {
            float[] rotation = look == "slanted" ? Slanted : Looks.FindRotation(look);
            ViewBox framed = new ViewBox(new[] { 3f, -20f, 7f }, new[] { 2f, 5f, 0.5f });
            ViewBox all = new ViewBox(new[] { 0f, 0f, 0f }, new[] { 60f, 60f, 60f });
            ViewFit fit = isFlat ? ViewFit.Orthographic(rotation, framed, all, aspect)
                : ViewFit.Perspective(rotation, framed, all, aspect, 50);
            double most = 0;
            for (int corner = 0; corner < 8; corner++)
            {
                double[] at = Project(rotation, fit, framed, corner, isFlat ? 0 : 50);
                most = Math.Max(most, Math.Max(Math.Abs(at[0]) / aspect, Math.Abs(at[1])));
                Assert.That(at[2], Is.InRange(fit.Near, fit.Far));
            }
            Assert.That(most, Is.InRange(0.5, 1), "1 is the border of the picture");
        }

        [Test]
        public void FlatPictureCutsNothingBeforeTheFramedBox()
        {
            float[] rotation = Looks.FindRotation(Looks.Front);
            ViewBox all = new ViewBox(new[] { 0f, 0f, 50f }, new[] { 1f, 1f, 200f });
            ViewFit fit = ViewFit.Orthographic(rotation, new ViewBox(new float[3], new[] { 1f, 1f, 1f }), all, 1);
            // The camera looks along -Z.
            Assert.That(fit.Position[2] - fit.Near, Is.GreaterThan(250));
            Assert.That(fit.Position[2] - fit.Far, Is.LessThan(-150));
        }

        [Test]
        public void BoxOfNoSizeHasACamera()
        {
            ViewBox point = new ViewBox(new[] { 1f, 2f, 3f }, new float[3]);
            ViewFit fit = ViewFit.Orthographic(Looks.FindRotation(Looks.Top), point, point, 1);
            Assert.That(fit.OrthographicSize, Is.GreaterThan(0));
            Assert.That(fit.Far, Is.GreaterThan(fit.Near));
            Assert.That(ViewFit.SuitableAspect(Looks.FindRotation(Looks.Top), point), Is.EqualTo(1));
        }

        [TestCase("look", "\"back\"")]
        [TestCase("size", "255")]
        [TestCase("size", "1281")]
        [TestCase("request_id", "\"1\"")]
        [TestCase("frame", "[\"1\"]")]
        [TestCase("frame", null)]
        [TestCase("deadline_ms", "\"soon\"")]
        public void WrongRequestIsRefusedWithItsPlace(string field, string value)
        {
            JsonValue header = JsonValue.Object().With("request_id", Id).With("look", "front").With("size", 768)
                .With("frame", JsonValue.Array()).With("deadline_ms", 10);
            Assert.That(ViewRequest.ReadView(header).Size, Is.EqualTo(768));
            header.With(field, value == null
                ? JsonValue.Array(Enumerable.Repeat((JsonValue)Id, ViewRequest.MaxUuids + 1).ToArray())
                : JsonReader.Read(value));
            SyncException error = Assert.Throws<SyncException>(() => ViewRequest.ReadView(header));
            Assert.That(error.Code, Is.EqualTo("VS-1006"));
            Assert.That(error.Location, Does.StartWith(field));
        }

        static double[] FromBlender(int x, int y, int z) => new double[] { -x, z, -y };

        /// <summary>Returns the place of a corner: to the right and up, 1 at the border, and its distance.</summary>
        static double[] Project(float[] rotation, ViewFit fit, ViewBox box, int corner, double degrees)
        {
            double[] offset = new double[3];
            for (int i = 0; i < 3; i++)
            {
                int sign = (corner >> i & 1) == 0 ? -1 : 1;
                offset[i] = box.Center[i] + sign * box.Extents[i] - fit.Position[i];
            }
            double right = Dot(Turn(rotation, 1, 0, 0), offset);
            double up = Dot(Turn(rotation, 0, 1, 0), offset);
            double away = Dot(Turn(rotation, 0, 0, 1), offset);
            double height = degrees > 0 ? away * Math.Tan(degrees * Math.PI / 360) : fit.OrthographicSize;
            return new[] { right / height, up / height, away };
        }

        static double Dot(double[] a, double[] b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

        /// <summary>Turns a vector: v + 2w(u x v) + 2u x (u x v), with u the first three numbers.</summary>
        static double[] Turn(float[] q, double x, double y, double z)
        {
            double[] u = { q[0], q[1], q[2] }, v = { x, y, z };
            double[] once = Cross(u, v), twice = Cross(u, once);
            return new[] { 0, 1, 2 }.Select(i => v[i] + 2 * q[3] * once[i] + 2 * twice[i]).ToArray();
        }

        static double[] Cross(double[] a, double[] b) =>
            new[] { a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0] };
    }
}
