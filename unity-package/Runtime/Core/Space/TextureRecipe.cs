using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The recipe of a texture that Unity needs: each of its four channels is a constant, or a channel of an image times a
    /// factor plus another number. The texture is never sent.
    /// </summary>
    public sealed class TextureRecipe
    {
        /// <summary>The names of the channels, in their order.</summary>
        internal const string Letters = "rgba";

        readonly Part[] parts;

        TextureRecipe(Part[] parts)
        {
            this.parts = parts;
        }

        /// <summary>Names the recipe: equal recipes have equal names.</summary>
        public string Key => JsonWriter.Write(ToJson());

        /// <summary>The uuids of the images.</summary>
        public IEnumerable<string> Images
        {
            get
            {
                HashSet<string> images = new HashSet<string>();
                foreach (Part part in parts)
                {
                    if (part.Image != null && images.Add(part.Image)) { yield return part.Image; }
                }
            }
        }

        /// <summary>The image whose colors the texture has; null for one without colors.</summary>
        public string ColorImage => IsColor ? parts[0].Image : null;

        /// <summary>The image that has each channel that is no constant as it is; null if there is none.</summary>
        public string PlainImage
        {
            get
            {
                List<string> images = new List<string>(Images);
                bool isPlain = images.Count == 1;
                for (int i = 0; i < parts.Length; i++) { isPlain &= parts[i].Image == null || parts[i].IsPlain(Letters[i]); }
                return isPlain ? images[0] : null;
            }
        }

        /// <summary>Whether red, green and blue are those of one image.</summary>
        bool IsColor => parts[0].Image != null && parts[0].Image == parts[1].Image && parts[0].Image == parts[2].Image
            && parts[0].Channel == 'r' && parts[1].Channel == 'g' && parts[2].Channel == 'b';

        /// <summary>Makes the texture of the colors: they are white without a map. Alpha is one without a map.</summary>
        public static TextureRecipe MakeColors(TextureMap color, TextureMap alpha)
        {
            Part[] parts = { Part.One, Part.One, Part.One, alpha == null ? Part.One : Part.Of(alpha) };
            for (int i = 0; i < 3 && color != null; i++) { parts[i] = new Part(color.Image, Letters[i], 1, 0); }
            return new TextureRecipe(parts);
        }

        /// <summary>Makes the texture of metallic, in red, and of smoothness, in alpha.</summary>
        public static TextureRecipe MakeMetallic(TextureMap metallic, double constant, TextureMap roughness)
        {
            Part red = metallic == null ? new Part(null, 'r', 0, Math.Round(constant * 255) / 255) : Part.Of(metallic);
            Part alpha = roughness == null ? Part.One
                : new Part(roughness.Image, roughness.Channel[0], -roughness.Scale, 1 - roughness.Bias);
            return new TextureRecipe(new[] { red, red, red, alpha });
        }

        /// <summary>
        /// Makes a mask map: metallic in red, occlusion in green, smoothness in alpha. Blue masks details and is one. The factors
        /// of maps go into the remaps.
        /// </summary>
        public static TextureRecipe MakeMask(TextureMap metallic, TextureMap roughness, TextureMap occlusion, MaskRemaps remaps) =>
            new TextureRecipe(new[]
            {
                MakeMasked(metallic, 1, 0, MaskRemaps.Metallic, remaps),
                MakeMasked(occlusion, 1, 0, MaskRemaps.Occlusion, remaps), Part.One,
                MakeMasked(roughness, -1, 1, MaskRemaps.Smoothness, remaps),
            });

        /// <summary>Makes a gray texture.</summary>
        public static TextureRecipe MakeGray(TextureMap map)
        {
            Part gray = Part.Of(map);
            return new TextureRecipe(new[] { gray, gray, gray, Part.One });
        }

        /// <summary>Reads a recipe from the name of one; returns null if it is none.</summary>
        public static TextureRecipe Parse(string key)
        {
            try
            {
                return new TextureRecipe(JsonReader.Read(key).AsArray("").ConvertAll(Part.Read).ToArray()).Check();
            }
            catch (SyncException)
            {
                return null;
            }
        }

        /// <summary>Returns the map of one channel, times a factor plus another number; null for a constant.</summary>
        public TextureMap ToMap(int channel, double factor = 1, double added = 0)
        {
            Part part = parts[channel];
            return part.Image == null ? null : new TextureMap
            {
                Image = part.Image, Channel = part.Channel.ToString(), Scale = factor * part.Scale,
                Bias = factor * part.Bias + added,
            };
        }

        /// <summary>Returns the value of a channel that is a constant.</summary>
        public double FindConstant(int channel) => parts[channel].Bias;

        /// <summary>Returns the byte of a channel of a pixel.</summary>
        /// <param name="sample">Returns the byte of a channel of an image there.</param>
        public byte Mix(int channel, Func<string, int, byte> sample)
        {
            Part part = parts[channel];
            double value = part.Bias;
            if (part.Image != null) { value += part.Scale * sample(part.Image, Letters.IndexOf(part.Channel)) / 255.0; }
            return (byte)Math.Round(Math.Min(Math.Max(value, 0), 1) * 255);
        }

        static Part MakeMasked(TextureMap map, double factor, double added, int value, MaskRemaps remaps)
        {
            if (map == null) { return Part.One; }
            double scale = factor * map.Scale;
            double zero = factor * map.Bias + added;
            double one = zero + scale;
            // The shader does not cut values off, so a texture has those that are.
            bool isCut = Math.Min(zero, one) < -MaskRemaps.Tolerance || Math.Max(zero, one) > 1 + MaskRemaps.Tolerance;
            if (isCut) { return new Part(map.Image, map.Channel[0], scale, zero); }
            remaps.Set(value, Math.Min(zero, one), Math.Max(zero, one));
            // The inspector of Unity has the smaller number first, so a channel that falls is inverted.
            return scale < 0 ? new Part(map.Image, map.Channel[0], -1, 1) : new Part(map.Image, map.Channel[0], 1, 0);
        }

        JsonValue ToJson() => JsonValue.Array(Array.ConvertAll(parts, part => part.ToJson()));

        TextureRecipe Check() => parts.Length == 4 ? this : null;

        readonly struct Part
        {
            internal static readonly Part One = new Part(null, 'r', 0, 1);

            internal readonly string Image;
            internal readonly char Channel;
            internal readonly double Scale, Bias;

            internal Part(string image, char channel, double scale, double bias)
            {
                (Image, Channel, Scale, Bias) = (image, channel, (float)scale, (float)bias);
            }

            internal bool IsPlain(char channel) => Channel == channel && Scale == 1 && Bias == 0;

            internal static Part Of(TextureMap map) => new Part(map.Image, map.Channel[0], map.Scale, map.Bias);

            internal static Part Read(JsonValue json)
            {
                List<JsonValue> items = json.AsArray("");
                if (items.Count != 4) { throw new SyncException(ErrorCode.MessageMalformed, "not a part of a recipe"); }
                string channel = items[1].AsString("");
                bool isKnown = channel.Length == 1 && Letters.IndexOf(channel[0]) >= 0;
                if (!isKnown) { throw new SyncException(ErrorCode.MessageMalformed, "not a channel"); }
                string image = items[0].IsNull ? null : Uuid.Check(items[0].AsString(""), "");
                return new Part(image, channel[0], items[2].AsNumber(""), items[3].AsNumber(""));
            }

            internal JsonValue ToJson() => JsonValue.Array(Image, Channel.ToString(), Scale, Bias);
        }
    }
}
