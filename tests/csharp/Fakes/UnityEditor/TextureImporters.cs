using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEngine;
using UnityFakes;

namespace UnityEditor
{
    public enum TextureImporterType
    {
        Default = 0,
        NormalMap = 1,
    }

    public enum TextureImporterAlphaSource
    {
        None = 0,
        FromInput = 1,
    }

    public enum TextureImporterNPOTScale
    {
        None = 0,
        ToNearest = 1,
    }

    public enum TextureImporterCompression
    {
        Uncompressed = 0,
        Compressed = 1,
    }

    /// <summary>The main object of a file that Unity cannot read.</summary>
    public class DefaultAsset : UnityEngine.Object
    {
        internal DefaultAsset()
        {
        }
    }

    /// <summary>The settings of a file, which Unity keeps in its .meta file. A new value counts with the next import.</summary>
    public class AssetImporter : UnityEngine.Object
    {
        internal AssetImporter()
        {
        }

        public string assetPath { get; internal set; }

        public string userData { get; set; } = "";

        public static AssetImporter GetAtPath(string path) => ImportSettings.Find(path);

        public void SaveAndReimport()
        {
            ImportSettings.Save(this);
            AssetDatabase.ImportAsset(assetPath);
        }
    }

    public sealed class TextureImporter : AssetImporter
    {
        internal TextureImporter()
        {
        }

        public TextureImporterType textureType { get; set; }

        public bool sRGBTexture { get; set; } = true;

        public TextureImporterAlphaSource alphaSource { get; set; } = TextureImporterAlphaSource.FromInput;

        public bool alphaIsTransparency { get; set; }

        public TextureImporterNPOTScale npotScale { get; set; } = TextureImporterNPOTScale.ToNearest;

        public int maxTextureSize { get; set; } = 2048;

        public TextureImporterCompression textureCompression { get; set; } = TextureImporterCompression.Compressed;

        public TextureWrapMode wrapModeU { get; set; }

        public TextureWrapMode wrapModeV { get; set; }

        public FilterMode filterMode { get; set; } = FilterMode.Bilinear;

        public bool DoesSourceTextureHaveAlpha() => Pictures.HasAlpha(File.ReadAllBytes(AssetFile.FullPath(assetPath)));
    }
}

namespace UnityFakes
{
    /// <summary>Keeps the settings of importers: those that were saved are in .meta files, and outlive the process.</summary>
    internal static class ImportSettings
    {
        static readonly Dictionary<string, UnityEditor.AssetImporter> Loaded = new Dictionary<string, UnityEditor.AssetImporter>();

        /// <summary>Returns the importer of a file; null without a file that has one.</summary>
        internal static UnityEditor.AssetImporter Find(string path)
        {
            if (!Pictures.IsPicture(path) || !File.Exists(AssetFile.FullPath(path))) { return null; }
            string guid = Guids.Of(path);
            if (!Loaded.TryGetValue(guid, out UnityEditor.AssetImporter importer))
            {
                importer = Pictures.IsReadable(path) ? new UnityEditor.TextureImporter() : new UnityEditor.AssetImporter();
                Read(importer, Guids.SettingsOf(path));
                Loaded[guid] = importer;
            }
            importer.assetPath = path;
            return importer;
        }

        internal static void Save(UnityEditor.AssetImporter importer) => Guids.SetSettings(importer.assetPath,
            string.Join("\n", Names(importer).Select(property => property.Name + "=" + property.GetValue(importer))));

        /// <summary>Forgets what was not saved, as the end of the process does.</summary>
        internal static void UnloadAll() => Loaded.Clear();

        static void Read(UnityEditor.AssetImporter importer, string text)
        {
            foreach (string line in text.Split('\n').Where(line => line.Contains("=")))
            {
                System.Reflection.PropertyInfo property = Names(importer).First(each => line.StartsWith(each.Name + "=", StringComparison.Ordinal));
                string value = line.Substring(property.Name.Length + 1);
                property.SetValue(importer, property.PropertyType.IsEnum ? Enum.Parse(property.PropertyType, value)
                    : Convert.ChangeType(value, property.PropertyType));
            }
        }

        static IEnumerable<System.Reflection.PropertyInfo> Names(UnityEditor.AssetImporter importer) => importer.GetType()
            .GetProperties().Where(each => each.CanWrite && each.Name != "assetPath"
                && typeof(UnityEditor.AssetImporter).IsAssignableFrom(each.DeclaringType));
    }

    /// <summary>Says which files are pictures, and which of them Unity reads.</summary>
    internal static class Pictures
    {
        static readonly string[] Readable =
            { ".png", ".jpg", ".jpeg", ".exr", ".hdr", ".tga", ".tif", ".tiff", ".bmp", ".psd" };

        internal static bool IsPicture(string path) => IsReadable(path) || path.EndsWith(".webp", StringComparison.Ordinal);

        internal static bool IsReadable(string path) => Readable.Contains(Path.GetExtension(path).ToLowerInvariant());

        /// <summary>Only that of a PNG is looked for: its type of color has the bit 4.</summary>
        internal static bool HasAlpha(byte[] file) => file.Length > 25 && file[0] == 0x89 && (file[25] & 4) != 0;
    }
}
