using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Makes textures that Unity's shaders need of several images, or of other channels of one. They are never sent. The user
    /// data of the importer has the recipe, the digests of the images, and that of the file.
    /// </summary>
    public sealed class MixedTextures
    {
        public const string Folder = MeshFiles.Folder + "/Mixed";

        /// <summary>The largest texture that is made, in pixels: 4096 by 4096.</summary>
        const long MostPixels = 1L << 24;

        readonly ImageReader reader;

        /// <summary>The recipes that could not be followed, with the digests of their images.</summary>
        readonly HashSet<string> failed = new HashSet<string>();

        /// <summary>Returns the path of an image; empty without one.</summary>
        readonly Func<string, string> findPath;
        Dictionary<string, string> paths;
        int indexedImports = -1;

        public MixedTextures(ImageReader reader, Func<string, string> findPath)
        {
            this.reader = reader;
            this.findPath = findPath;
        }

        /// <summary>Returns the texture that is made by a recipe; null if there is none, or if a person has painted it.</summary>
        public Texture Find(string key)
        {
            if (paths == null || indexedImports != ImageImports.Count) { Index(); }
            bool isFound = paths.TryGetValue(key, out string path) && FindKey(path) == key;
            return isFound ? AssetDatabase.LoadAssetAtPath<Texture>(path) : null;
        }

        /// <summary>Returns the recipe of the texture at a path; null for one that is not as it was made.</summary>
        public string FindKey(string path)
        {
            JsonValue record = path.StartsWith(Folder + "/", StringComparison.Ordinal) ? FindRecord(path) : null;
            if (record == null) { return null; }
            bool isAsMade = reader.TryDigest(AssetNames.FullPath(path), out ulong digest) && Write(digest) == Text(record, "content");
            return isAsMade ? Text(record, "recipe") : null;
        }

        /// <summary>Returns whether a file is one that can be mixed.</summary>
        public bool CanMix(string path)
        {
            ImageValues header = path.Length == 0 ? default : reader.ReadHeader(AssetNames.FullPath(path));
            bool isKnown = header.Format == "png" || header.Format == "jpeg";
            return isKnown && (long)header.Width * header.Height <= MostPixels;
        }

        /// <summary>
        /// Makes the texture of a recipe, unless it is there and made of the files that the images have now. Without it, the maps
        /// are kept.
        /// </summary>
        public void Ensure(string key)
        {
            TextureRecipe recipe = TextureRecipe.Parse(key);
            string sources = "";
            foreach (string image in recipe.Images)
            {
                reader.TryDigest(AssetNames.FullPath(findPath(image)), out ulong digest);
                sources += Write(digest);
            }
            Texture known = Find(key);
            string path = known == null ? null : AssetDatabase.GetAssetPath(known);
            if (path != null && Text(FindRecord(path), "sources") == sources) { return; }
            if (failed.Contains(key + sources)) { return; }
            byte[] file = Mix(recipe);
            if (file == null)
            {
                failed.Add(key + sources);
                Debug.LogWarning("VibeSync cannot make a texture of " + string.Join(", ", new List<string>(recipe.Images)
                    .ConvertAll(image => findPath(image))) + ", so materials are shown without it");
                return;
            }
            AssetNames.MakeFolder(Folder);
            Digest name = default;
            name.Add(key);
            path = path ?? AssetDatabase.GenerateUniqueAssetPath(Folder + "/" + Write(name.Value) + ".png");
            File.WriteAllBytes(AssetNames.FullPath(path), file);
            AssetDatabase.ImportAsset(path);
            Save(path, recipe, JsonValue.Object().With("vibesync", "mixed").With("recipe", key).With("sources", sources)
                .With("content", Write(ImageFile.Of(file).ContentDigest)));
            paths[key] = path;
            indexedImports = ImageImports.Count;
        }

        void Save(string path, TextureRecipe recipe, JsonValue record)
        {
            TextureImporter importer = (TextureImporter)AssetImporter.GetAtPath(path);
            string colors = recipe.ColorImage;
            bool isSrgb = colors != null && AssetImporter.GetAtPath(findPath(colors)) is TextureImporter source && source.sRGBTexture;
            ImageSettings.Write(importer, new ImageValues
            {
                ColorSpace = isSrgb ? ImageValues.Srgb : ImageValues.Data,
                Alpha = colors != null ? ImageValues.Straight : ImageValues.Packed,
            }, true);
            importer.userData = JsonWriter.Write(record);
            importer.SaveAndReimport();
        }

        /// <summary>
        /// Returns a PNG as large as the largest image; null if that is not possible. Smaller ones are enlarged without a filter.
        /// </summary>
        byte[] Mix(TextureRecipe recipe)
        {
            Dictionary<string, Pixels> images = new Dictionary<string, Pixels>();
            int width = 1, height = 1;
            foreach (string image in recipe.Images)
            {
                Pixels pixels = images[image] = Pixels.Read(AssetNames.FullPath(findPath(image)));
                if (pixels == null) { return null; }
                (width, height) = (Math.Max(width, pixels.Width), Math.Max(height, pixels.Height));
            }
            if ((long)width * height > MostPixels) { return null; }
            Color32[] mixed = new Color32[width * height];
            for (int channel = 0; channel < 4; channel++) { Fill(mixed, width, height, recipe, channel, images); }
            Texture2D texture = new Texture2D(width, height, TextureFormat.RGBA32, false);
            try
            {
                texture.SetPixels32(mixed);
                return texture.EncodeToPNG();
            }
            finally
            {
                Object.DestroyImmediate(texture);
            }
        }

        /// <summary>Sets one channel of all pixels: a table has the result for each byte of the image.</summary>
        static void Fill(Color32[] mixed, int width, int height, TextureRecipe recipe, int channel,
            Dictionary<string, Pixels> images)
        {
            Pixels source = null;
            int from = 0;
            byte[] table = new byte[256];
            for (int value = 0; value < table.Length; value++)
            {
                table[value] = recipe.Mix(channel, (image, letter) =>
                {
                    (source, from) = (images[image], letter);
                    return (byte)value;
                });
            }
            Parallel.For(0, height, y =>
            {
                for (int x = 0; x < width; x++)
                {
                    byte result = table[source == null ? 0 : source.Sample(x, y, width, height, from)];
                    ref Color32 pixel = ref mixed[y * width + x];
                    switch (channel)
                    {
                        case 0: pixel.r = result; break;
                        case 1: pixel.g = result; break;
                        case 2: pixel.b = result; break;
                        default: pixel.a = result; break;
                    }
                }
            });
        }

        void Index()
        {
            paths = new Dictionary<string, string>();
            indexedImports = ImageImports.Count;
            if (!AssetDatabase.IsValidFolder(Folder)) { return; }
            foreach (string guid in AssetDatabase.FindAssets("t:Texture2D", new[] { Folder }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                JsonValue record = FindRecord(path);
                if (record != null) { paths[Text(record, "recipe")] = path; }
            }
        }

        static JsonValue FindRecord(string path)
        {
            string text = AssetImporter.GetAtPath(path)?.userData ?? "";
            if (!text.StartsWith("{\"vibesync\":\"mixed\"", StringComparison.Ordinal)) { return null; }
            try
            {
                JsonValue record = JsonReader.Read(text);
                return TextureRecipe.Parse(Text(record, "recipe")) == null ? null : record;
            }
            catch (SyncException)
            {
                // Somebody edited the file: the texture is then the user's own.
                return null;
            }
        }

        static string Text(JsonValue record, string key) => record.RequiredString(key, "");

        static string Write(ulong digest) => digest.ToString("x16", CultureInfo.InvariantCulture);

        /// <summary>The pixels of an image file.</summary>
        sealed class Pixels
        {
            readonly Color32[] colors;

            Pixels(Texture2D texture)
            {
                (Width, Height, colors) = (texture.width, texture.height, texture.GetPixels32());
            }

            /// <summary>Returns null for a file that Unity cannot read.</summary>
            internal static Pixels Read(string path)
            {
                Texture2D texture = new Texture2D(2, 2, TextureFormat.RGBA32, false);
                try
                {
                    return texture.LoadImage(File.ReadAllBytes(path)) ? new Pixels(texture) : null;
                }
                catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
                {
                    return null;
                }
                finally
                {
                    Object.DestroyImmediate(texture);
                }
            }

            internal int Width { get; }

            internal int Height { get; }

            internal byte Sample(int x, int y, int width, int height, int channel)
            {
                Color32 color = colors[y * Height / height * Width + x * Width / width];
                return channel == 0 ? color.r : channel == 1 ? color.g : channel == 2 ? color.b : color.a;
            }
        }
    }
}
