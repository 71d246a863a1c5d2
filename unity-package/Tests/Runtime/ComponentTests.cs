using NUnit.Framework;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the limits and the equality of components.</summary>
    public sealed class ComponentTests
    {
        [Test]
        public void TransformMatchesWithinRounding()
        {
            double half = 0.5;
            TransformComponent sent = MakeTransform(1, half, 1);
            Assert.That(sent.Matches(MakeTransform(1 + 9e-6, half, 1)));
            Assert.That(sent.Matches(MakeTransform(1 + 2e-5, half, 1)), Is.False);
            Assert.That(sent.Matches(MakeTransform(1, half, 1 + 2e-5)), Is.False);
            Assert.That(sent.Matches(MakeTransform(1, -half, 1)), "the same rotation by the other sign");
            Assert.That(sent.Matches(MakeTransform(1, half + 4e-6, 1)));
            Assert.That(sent.Matches(MakeTransform(1, half + 6e-6, 1)), Is.False, "1.2e-5 apart, all four together");
            TransformComponent far = MakeTransform(1e6, half, 1);
            Assert.That(far.Matches(MakeTransform(1e6 + 0.25, half, 1)), "the resolution of single precision");
        }

        static TransformComponent MakeTransform(double y, double part, double scale)
        {
            return new TransformComponent(new[] { 0, y, 0 }, new[] { part, part, part, part }, new[] { 1, 1, scale });
        }

        [TestCase("\t\n", "  ")]
        [TestCase("", "Unnamed")]
        [TestCase(null, "Unnamed")]
        public void NameIsMadeValidForTheWire(string name, string expected)
        {
            Assert.That(NameComponent.FromEditor(name).Name, Is.EqualTo(expected));
        }

        [Test]
        public void LongNameIsCutBetweenCharacters()
        {
            string name = NameComponent.FromEditor(new string('a', 254) + "😀😀").Name;
            Assert.That(name, Is.EqualTo(new string('a', 254)));
        }

        [TestCase("{\"translation\":[0,0,0],\"rotation\":[0,0,0,0.99],\"scale\":[1,1,1]}", "VS-3003")]
        [TestCase("{\"translation\":[0,0,1e300],\"rotation\":[0,0,0,1],\"scale\":[1,1,1]}", "VS-3003")]
        [TestCase("{\"translation\":[0,0],\"rotation\":[0,0,0,1],\"scale\":[1,1,1]}", "VS-1006")]
        public void InvalidTransformIsRefused(string json, string code)
        {
            JsonValue value = JsonReader.Read(json);
            SyncException error = Assert.Throws<SyncException>(() => TransformComponent.Read(value, "t"));
            Assert.That(error.Code, Is.EqualTo(code));
            Assert.That(error.Location, Does.StartWith("t."));
        }
    }
}
