using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests the component of images, and what is read of their files.</summary>
    public sealed class ImageTests
    {
        static JsonValue Make(int bytes) => JsonReader.Read("{\"width\":4,\"height\":2,\"color_space\":\"srgb\",\"alpha\":\"none\","
            + "\"format\":\"png\",\"buffers\":{\"file\":{\"attachment\":0,\"bytes\":" + bytes + ",\"blob\":\"b\"}}}");

        static ImageComponent Read(JsonValue json, params byte[][] attachments) => ImageComponent.Read(json, attachments, "image");

        [Test]
        public void ImagesAreEqualIfFilesAndUseAre()
        {
            byte[] file = { 1, 2, 3, 4, 5 };
            ulong digest = Read(Make(5), file).Digest();
            Assert.That(Read(Make(5), (byte[])file.Clone()).Digest(), Is.EqualTo(digest));
            Assert.That(Read(Make(6), new byte[] { 1, 2, 3, 4, 5, 0 }).Digest(), Is.Not.EqualTo(digest), "a zero at the end");
            Assert.That(Read(Make(5), new byte[] { 1, 2, 3, 4, 6 }).Digest(), Is.Not.EqualTo(digest));
            foreach (string field in new[] { "width\":5", "color_space\":\"data", "alpha\":\"packed", "format\":\"tga" })
            {
                int colon = field.IndexOf(':');
                JsonValue changed = Make(5).With(field.Substring(0, colon - 1),
                    JsonReader.Read(field.Substring(colon + 1) + (field[colon + 1] == '"' ? "\"" : "")));
                Assert.That(Read(changed, file).Digest(), Is.Not.EqualTo(digest), field);
            }
        }

        [Test]
        public void FileOnTheDiskHasTheDigestOfItsBytes()
        {
            string path = Path.GetTempFileName();
            byte[] bytes = Enumerable.Range(0, 200001).Select(i => (byte)(i * 31 >> 3)).ToArray();
            File.WriteAllBytes(path, bytes);
            ImageFile file = ImageFile.Open(path);
            Assert.That((file.Length, file.ContentDigest), Is.EqualTo((200001L, ImageFile.Of(bytes).ContentDigest)));
            Assert.That(file.Load(), Is.EqualTo(bytes));
            File.Delete(path);
            Assert.That(file.Load(), Is.Empty, "it is gone");
        }

        [Test]
        public void AnswerNamesTheFileThatTheDaemonHas()
        {
            ImageComponent sent = Read(Make(3), new byte[] { 1, 2, 3 });
            ImageComponent same = new ImageComponent(sent.Values, ImageFile.Of(new byte[] { 1, 2, 3 }));
            ImageComponent other = new ImageComponent(sent.Values, ImageFile.Of(new byte[] { 1, 2, 4 }));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue buffer = sent.Answer(same).ToJson(attachments).Required("buffers", "").Required("file", "");
            Assert.That((buffer.RequiredString("blob", ""), attachments.Count), Is.EqualTo(("b", 0)));
            buffer = sent.Answer(other).ToJson(attachments).Required("buffers", "").Required("file", "");
            Assert.That((buffer.RequiredInteger("bytes", ""), attachments.Count), Is.EqualTo((3L, 1)));
        }

        [TestCase("width", "0", "VS-3016")]
        [TestCase("height", "65537", "VS-3016")]
        [TestCase("format", "\"gif\"", "VS-3004")]
        [TestCase("buffers", "{}", "VS-3016")]
        [TestCase("buffers", "{\"file\":{\"attachment\":null,\"bytes\":3}}", "VS-3010")]
        [TestCase("buffers", "{\"file\":{\"attachment\":1,\"bytes\":3}}", "VS-3016")]
        [TestCase("buffers", "{\"file\":{\"attachment\":0,\"bytes\":4}}", "VS-3016")]
        public void InvalidImageIsRefused(string field, string value, string code)
        {
            JsonValue json = Make(3).With(field, JsonReader.Read(value));
            SyncException error = Assert.Throws<SyncException>(() => Read(json, new byte[3]));
            Assert.That(error.Code, Is.EqualTo(code));
            Assert.That(error.Location, Does.StartWith("image." + field));
        }

        static byte[] Bytes(params object[] parts) => parts.SelectMany(part => part is string text ? Encoding.ASCII.GetBytes(text)
            : part is int number ? new[] { (byte)number } : (byte[])part).ToArray();

        static byte[] Little(params int[] numbers) => numbers.SelectMany(BitConverter.GetBytes).ToArray();

        static IEnumerable<TestCaseData> Headers()
        {
            TestCaseData Case(string format, string path, params object[] parts) =>
                new TestCaseData(Bytes(parts), path, format).SetName("HeaderHasFormatAndSize(" + format + ")");
            yield return Case("png", "a.png", 0x89, "PNG\r\n", 0x1a, "\n", 0, 0, 0, 13, "IHDR", 0, 0, 3, 0, 0, 0, 2, 0, 8);
            yield return Case("jpeg", "a.jpg", 0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc2, 0, 11, 8, 2, 0, 3, 0, 1);
            yield return Case("bmp", "a.bmp", "BM", new byte[16], Little(768, -512));
            yield return Case("tga", "a.TGA", 0, 0, 2, new byte[9], 0, 3, 0, 2, 24);
            yield return Case("hdr", "a.hdr", "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 512 +X 768\n");
            yield return Case("exr", "a.exr", Little(20000630, 2), "lines\0int\0", Little(4, 7), "dataWindow\0box2i\0",
                Little(16, -10, -20, 757, 491));
            yield return Case("tiff", "a.tif", "II*", 0, Little(8), 2, 0, 0, 1, 3, 0, Little(1, 768), 1, 1, 4, 0, Little(1, 512));
        }

        [TestCaseSource(nameof(Headers))]
        public void HeaderHasFormatAndSize(byte[] file, string path, string format)
        {
            string found = ImageHeader.Find(new MemoryStream(file), path, out int width, out int height);
            Assert.That((found, width, height), Is.EqualTo((format, 768, 512)));
            for (int length = 0; length < file.Length - 4; length++)
            {
                found = ImageHeader.Find(new MemoryStream(file, 0, length), path, out width, out height);
                Assert.That(found == null || (width, height) == (768, 512), "cut off at " + length);
            }
        }

        [Test]
        public void FileOfAnotherFormatHasNone()
        {
            Assert.That(ImageHeader.Find(new MemoryStream(Bytes("8BPS", new byte[100])), "a.psd", out _, out _), Is.Null);
            Assert.That(ImageHeader.Find(new MemoryStream(Bytes("#?", new byte[100000])), "a.hdr", out _, out _), Is.Null);
            Assert.That(ImageHeader.Find(new MemoryStream(), "a.png", out _, out _), Is.Null);
        }
    }
}
