using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Core
{
    public sealed class JsonTests
    {
        [TestCase("")]
        [TestCase("{")]
        [TestCase("[1,]")]
        [TestCase("{\"a\":1,\"a\":2}")]
        [TestCase("01")]
        [TestCase("1.")]
        [TestCase("+1")]
        [TestCase("NaN")]
        [TestCase("Infinity")]
        [TestCase("1e999")]
        [TestCase("\"\u0001\"")]
        [TestCase("\"\\x\"")]
        [TestCase("\"\\u12g4\"")]
        [TestCase("nul")]
        [TestCase("1 2")]
        [TestCase("'a'")]
        [TestCase("/**/1")]
        public void InvalidJsonIsRefused(string text)
        {
            Assert.That(Assert.Throws<SyncException>(() => JsonReader.Read(text)).Code, Is.EqualTo("VS-1003"));
        }

        [Test]
        public void TooDeepJsonIsRefused()
        {
            Assert.DoesNotThrow(() => JsonReader.Read(Nested(64)));
            Assert.That(Assert.Throws<SyncException>(() => JsonReader.Read(Nested(65))).Code, Is.EqualTo("VS-1003"));
        }

        [Test]
        public void BrokenUtf8IsRefused()
        {
            byte[] bytes = { (byte)'"', 0xff, (byte)'"' };
            Assert.That(Assert.Throws<SyncException>(() => JsonReader.Read(bytes, 0, 3)).Code, Is.EqualTo("VS-1003"));
        }

        [Test]
        public void TextRoundTrips()
        {
            string text = "quote \" backslash \\ newline \n control \u0001 accents éß 東京 😀";
            Assert.That(JsonReader.Read(JsonWriter.Write(text)).AsString(""), Is.EqualTo(text));
        }

        [Test]
        public void EveryDoubleRoundTripsInEveryCulture()
        {
            CultureInfo before = Thread.CurrentThread.CurrentCulture;
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NegativeSign = "~";
            Thread.CurrentThread.CurrentCulture = comma;
            try
            {
                Random random = new Random(5);
                byte[] bits = new byte[8];
                for (int i = 0; i < 20000; i++)
                {
                    random.NextBytes(bits);
                    double value = BitConverter.ToDouble(bits, 0);
                    if (double.IsNaN(value) || double.IsInfinity(value)) { continue; }
                    string text = JsonWriter.Write(value);
                    Assert.That(text, Does.Not.Contain(",").And.Not.Contain("~"));
                    Assert.That(JsonReader.Read(text).AsNumber(""), Is.EqualTo(value));
                }
            }
            finally
            {
                Thread.CurrentThread.CurrentCulture = before;
            }
        }

        [Test]
        public void NaNIsRefusedAndMinusZeroIsWrittenAsZero()
        {
            Assert.Throws<SyncException>(() => JsonWriter.Write(double.NaN));
            Assert.Throws<SyncException>(() => JsonWriter.Write(double.NegativeInfinity));
            Assert.That(JsonWriter.Write(-0.0), Is.EqualTo("0"));
        }

        [TestCase("-1")]
        [TestCase("1.5")]
        [TestCase("9007199254740992")]
        [TestCase("true")]
        public void InvalidIntegerIsRefusedWithItsLocation(string text)
        {
            JsonValue json = JsonReader.Read("{\"seq\":" + text + "}");
            SyncException error = Assert.Throws<SyncException>(() => json.RequiredInteger("seq", "welcome"));
            Assert.That(error.Location, Is.EqualTo("welcome.seq"));
        }

        static string Nested(int depth)
        {
            return string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));
        }
    }
}
