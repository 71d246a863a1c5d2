using System.Globalization;
using UnityEditor;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// The record of an image that VibeSync created: the user data of its importer, which Unity saves in the .meta file.
    /// </summary>
    public sealed class ImageTag
    {
        public string Uuid { get; set; }

        /// <summary>The GUID of the asset file: a duplicate of the file has another one.</summary>
        public string Guid { get; set; }

        /// <summary>The name that the daemon has, and that of the asset at that time.</summary>
        public string Name { get; set; }

        public string AssetName { get; set; }

        /// <summary>The values that editor and daemon shared last.</summary>
        public ImageValues Values { get; set; }

        /// <summary>The digest of the file at that time.</summary>
        public ulong Content { get; set; }

        /// <summary>The digests of the components at that time.</summary>
        public string Digests { get; set; }

        /// <summary>Returns the record of the asset at a path; null for one of the user's.</summary>
        public static ImageTag Find(string path)
        {
            AssetImporter importer = path.Length == 0 ? null : AssetImporter.GetAtPath(path);
            if (importer == null || string.IsNullOrEmpty(importer.userData)) { return null; }
            ImageTag tag = Parse(importer.userData);
            return tag != null && tag.Guid == AssetDatabase.AssetPathToGUID(path) ? tag : null;
        }

        /// <summary>Notes what editor and daemon share now.</summary>
        public void Set(ImageComponent image)
        {
            (Values, Content) = (image.Values, image.File.ContentDigest);
            Entity content = new Entity(Uuid, Kinds.Image);
            content.Set(image);
            SyncRecord record = new SyncRecord();
            record.SetDigests(content);
            Digests = record.WriteDigests();
        }

        public string Write() => JsonWriter.Write(JsonValue.Object().With("vibesync", "image").With("uuid", Uuid)
            .With("guid", Guid).With("name", Name).With("asset", AssetName).With("width", Values.Width)
            .With("height", Values.Height).With("color_space", Values.ColorSpace).With("alpha", Values.Alpha)
            .With("format", Values.Format).With("content", Content.ToString("x16", CultureInfo.InvariantCulture))
            .With("digests", Digests));

        /// <summary>Other scripts use the field, too: what is no record is theirs.</summary>
        static ImageTag Parse(string text)
        {
            if (!text.StartsWith("{\"vibesync\":\"image\"", System.StringComparison.Ordinal)) { return null; }
            try
            {
                JsonValue json = JsonReader.Read(text);
                ulong.TryParse(json.RequiredString("content", ""), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                    out ulong content);
                return new ImageTag
                {
                    Uuid = Core.Uuid.Check(json.RequiredString("uuid", ""), "uuid"),
                    Guid = json.RequiredString("guid", ""),
                    Name = json.RequiredString("name", ""),
                    AssetName = json.RequiredString("asset", ""),
                    Values = new ImageValues
                    {
                        Width = (int)json.RequiredInteger("width", ""),
                        Height = (int)json.RequiredInteger("height", ""),
                        ColorSpace = json.RequiredString("color_space", ""),
                        Alpha = json.RequiredString("alpha", ""),
                        Format = json.RequiredString("format", ""),
                    },
                    Content = content,
                    Digests = json.RequiredString("digests", ""),
                };
            }
            catch (SyncException)
            {
                // Somebody edited the file: the image is then the user's own.
                return null;
            }
        }
    }
}
