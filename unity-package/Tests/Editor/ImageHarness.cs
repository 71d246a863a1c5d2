using System;
using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Makes images and maps, as users and as the daemon do.</summary>
    public abstract class ImageHarness : MaterialHarness
    {
        protected const string Wood = "01920000-0000-7000-8000-0000000000f1";
        protected const string Grain = "01920000-0000-7000-8000-0000000000f2";

        /// <summary>PNG files of four pixels: red, green, and a blue with an alpha of 200.</summary>
        protected static readonly byte[] RedFile = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEEl"
            + "EQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==");

        protected static readonly byte[] GreenFile = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAD"
            + "0lEQVR4nGNg+M8AQhAKABvyA/1tVLjHAAAAAElFTkSuQmCC");

        protected static readonly byte[] ClearFile = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAEUl"
            + "EQVR4nGPgEpE7AcIMMAYAIBoEEXVWfukAAAAASUVORK5CYII=");

        /// <summary>Returns the components of an image, whose file is added to the attachments.</summary>
        protected static JsonValue MakeImage(string name, byte[] file, List<byte[]> attachments, string space = "srgb",
            string alpha = "straight")
        {
            JsonValue buffer = JsonValue.Object().With("attachment", attachments.Count).With("bytes", file.Length)
                .With("blob", new string('a', 64));
            attachments.Add(file);
            return MakeName(name).With("image", JsonValue.Object().With("width", 2).With("height", 2).With("color_space", space)
                .With("alpha", alpha).With("format", "png").With("buffers", JsonValue.Object().With("file", buffer)));
        }

        protected static TextureMap MakeMap(string image, string channel = TextureMap.Colors, double scale = 1, double bias = 0) =>
            new TextureMap { Image = image, Channel = channel, Scale = scale, Bias = bias };

        protected static MapsComponent MakeMaps(params (string Field, TextureMap Map)[] maps)
        {
            Dictionary<string, TextureMap> all = new Dictionary<string, TextureMap>();
            foreach ((string field, TextureMap map) in maps) { all[field] = map; }
            return new MapsComponent(all);
        }

        protected static JsonValue MakeMapsChange(string uuid, MapsComponent maps) => MakeChange("update", uuid, null,
            JsonValue.Object().With("maps", maps.ToJson(null)));

        protected static MapsComponent ReadMaps(JsonValue components) => MapsComponent.Read(components.Required("maps", ""), "maps");

        /// <summary>Has the daemon create an image.</summary>
        protected Steps ApplyImage(long seq, string uuid, string name, byte[] file, string space = "srgb",
            string alpha = "straight")
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue image = MakeImage(name, file, attachments, space, alpha);
            return ExpectApplied(Daemon.Apply(seq, "Add image", attachments, MakeChange("create", uuid, "image", image)));
        }

        /// <summary>Has the daemon replace the file of an image.</summary>
        protected Steps ApplyFile(long seq, string uuid, byte[] file)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue image = MakeImage("", file, attachments).Required("image", "");
            return ExpectApplied(Daemon.Apply(seq, "Paint", attachments,
                MakeChange("update", uuid, null, JsonValue.Object().With("image", image))));
        }

        protected static string FullPath(string asset) => Path.Combine(Host.ProjectFolder, asset);

        /// <summary>Puts an image file into the project, as a user does.</summary>
        protected static Texture CreateImage(string name, byte[] file)
        {
            Directory.CreateDirectory(FullPath(Host.AssetFolder));
            string path = Host.AssetFolder + "/" + name + ".png";
            File.WriteAllBytes(FullPath(path), file);
            AssetDatabase.ImportAsset(path);
            return AssetDatabase.LoadAssetAtPath<Texture>(path);
        }

        /// <summary>Assigns a texture of a material, as the inspector does.</summary>
        protected static void Show(Material material, string property, Texture texture)
        {
            Undo.RecordObject(material, "Texture");
            material.SetTexture(property, texture);
        }
    }
}
