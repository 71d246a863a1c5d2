using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>An image: the bytes of its file, and how its numbers are to be read.</summary>
    public sealed class ImageComponent : Component
    {
        public const string Name = "image";

        const int MostPixels = 65536;
        const string FileKey = "file";

        readonly string blob;

        public ImageComponent(ImageValues values, ImageFile file)
            : this(values, file, null)
        {
        }

        ImageComponent(ImageValues values, ImageFile file, string blob)
        {
            Values = values;
            File = file;
            this.blob = blob;
        }

        public ImageValues Values { get; }

        public ImageFile File { get; }

        public override string Key => Name;

        public static ImageComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            ImageValues values = new ImageValues
            {
                Width = ReadPixels(json, "width", location),
                Height = ReadPixels(json, "height", location),
                ColorSpace = Numbers.CheckWord(json, "color_space", location, ImageValues.ColorSpaces),
                Alpha = Numbers.CheckWord(json, "alpha", location, ImageValues.Alphas),
                Format = Numbers.CheckWord(json, "format", location, ImageValues.Formats),
            };
            string at = location + ".buffers";
            JsonValue buffers = json.Required("buffers", location);
            JsonValue buffer = buffers.AsObject(at).Count == 1 ? buffers.Find(FileKey) : null;
            if (buffer == null) { throw MakeError("an image has one buffer, file", at); }
            at += "." + FileKey;
            JsonValue number = buffer.Find("attachment");
            if (number == null || number.IsNull)
            {
                throw new SyncException(ErrorCode.BlobUnknown, "the buffer did not travel with the message", at);
            }
            long place = number.AsInteger(at + ".attachment");
            if (place < 0 || place >= attachments.Count) { throw MakeError("no such attachment", at); }
            byte[] bytes = attachments[(int)place];
            if (buffer.RequiredInteger("bytes", at) != bytes.Length) { throw MakeError("the buffer has another size", at); }
            return new ImageComponent(values, ImageFile.Of(bytes), buffer.Find("blob")?.AsString(at + ".blob"));
        }

        /// <summary>
        /// Returns this image as it came, for the answer to its batch, if the editor holds it: the daemon has the bytes.
        /// </summary>
        public ImageComponent Answer(ImageComponent readBack) => blob != null && Matches(readBack) ? this : readBack;

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue buffer = JsonValue.Object();
            if (blob != null) { buffer.With("blob", blob).With("bytes", File.Length); }
            else
            {
                byte[] bytes = File.Load();
                buffer.With("attachment", attachments.Count).With("bytes", bytes.Length);
                attachments.Add(bytes);
            }
            return JsonValue.Object().With("width", Values.Width).With("height", Values.Height)
                .With("color_space", Values.ColorSpace).With("alpha", Values.Alpha).With("format", Values.Format)
                .With("buffers", JsonValue.Object().With(FileKey, buffer));
        }

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add((uint)Values.Width);
            digest.Add((uint)Values.Height);
            foreach (string word in new[] { Values.ColorSpace, Values.Alpha, Values.Format }) { digest.Add(word); }
            digest.Add((uint)File.ContentDigest);
            digest.Add((uint)(File.ContentDigest >> 32));
        }

        static int ReadPixels(JsonValue json, string key, string location)
        {
            long pixels = json.RequiredInteger(key, location);
            if (pixels >= 1 && pixels <= MostPixels) { return (int)pixels; }
            throw MakeError("it must be from 1 to 65536 pixels", location + "." + key);
        }

        static SyncException MakeError(string message, string location) =>
            new SyncException(ErrorCode.ImageInvalid, message, location);
    }
}
