using System;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// One map of a material: its value is <see cref="Bias"/> plus <see cref="Scale"/> times a sample of an image. A map in a
    /// component is never changed.
    /// </summary>
    public sealed class TextureMap
    {
        public const string Repeat = "repeat";
        public const string Clamp = "clamp";
        public const string Mirror = "mirror";
        public const string Linear = "linear";
        public const string Nearest = "nearest";
        public const string Colors = "rgb";

        public static readonly string[] Wraps = { Repeat, Clamp, Mirror };

        public static readonly string[] Filters = { Linear, Nearest };

        const double Largest = 1e9;
        const int LastUv = 7;

        static readonly string[] ColorChannels = { Colors };
        static readonly string[] NumberChannels = { "r", "g", "b", "a" };

        /// <summary>The uuid of the image.</summary>
        public string Image;

        /// <summary>The channels that are read: <see cref="Colors"/>, or one letter.</summary>
        public string Channel = Colors;

        public double Scale = 1;

        public double Bias;

        /// <summary>The number of the set of UV coordinates.</summary>
        public int Uv;

        public double[] Offset = { 0, 0 };

        /// <summary>Radians, counterclockwise.</summary>
        public double Rotation;

        public double[] Tile = { 1, 1 };

        /// <summary>The ways in which the image goes on beyond its edges, along U and V.</summary>
        public string[] Wrap = { Repeat, Repeat };

        public string Filter = Linear;

        /// <summary>Returns a copy, which may be changed; its arrays may be replaced only.</summary>
        public TextureMap Clone() => (TextureMap)MemberwiseClone();

        /// <param name="hasColors">Whether it reads all three colors.</param>
        public static TextureMap Read(JsonValue json, bool hasColors, string location)
        {
            string[] channels = hasColors ? ColorChannels : NumberChannels;
            TextureMap map = new TextureMap
            {
                Image = Uuid.Check(json.RequiredString("image", location), location + ".image"),
                Channel = Numbers.CheckWord(json, "channel", location, channels),
                Scale = Numbers.Read(json, "scale", location),
                Bias = Numbers.Read(json, "bias", location),
                Offset = Numbers.Read(json, "offset", 2, location),
                Rotation = Numbers.Read(json, "rotation", location),
                Tile = Numbers.Read(json, "tile", 2, location),
                Wrap = ReadWrap(json, location),
                Filter = Numbers.CheckWord(json, "filter", location, Filters),
            };
            Numbers.Limit(location, -Largest, Largest, map.Scale, map.Bias, map.Rotation, map.Offset[0], map.Offset[1],
                map.Tile[0], map.Tile[1]);
            long uv = json.RequiredInteger("uv", location);
            if (uv < 0 || uv > LastUv)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a mesh has the UV sets 0 to 7", location + ".uv");
            }
            map.Uv = (int)uv;
            return map;
        }

        public JsonValue ToJson() => JsonValue.Object().With("image", Image).With("channel", Channel).With("scale", Scale)
            .With("bias", Bias).With("uv", Uv).With("offset", Numbers.Write(Offset)).With("rotation", Rotation)
            .With("tile", Numbers.Write(Tile)).With("wrap", JsonValue.Array(Wrap[0], Wrap[1])).With("filter", Filter);

        /// <summary>Returns whether two maps are equal up to rounding; both may be null.</summary>
        public static bool AreSame(TextureMap a, TextureMap b)
        {
            if (a == null || b == null) { return a == b; }
            return a.Image == b.Image && a.Channel == b.Channel && a.Uv == b.Uv && a.Filter == b.Filter
                && a.Wrap[0] == b.Wrap[0] && a.Wrap[1] == b.Wrap[1] && Component.AreClose(a.Rotation, b.Rotation)
                && HasSameFactors(a, b) && HasSamePlace(a, b.Offset, b.Tile);
        }

        /// <summary>Returns whether two maps make the same value of a sample.</summary>
        public static bool HasSameFactors(TextureMap a, TextureMap b) =>
            Component.AreClose(a.Scale, b.Scale) && Component.AreClose(a.Bias, b.Bias);

        /// <summary>Returns whether a map has this place, apart from a rotation.</summary>
        public static bool HasSamePlace(TextureMap map, double[] offset, double[] tile) =>
            Component.AreClose(map.Offset, offset) && Component.AreClose(map.Tile, tile);

        internal void AddToDigest(ref Digest digest)
        {
            foreach (string word in new[] { Image, Channel, Wrap[0], Wrap[1], Filter }) { digest.Add(word); }
            digest.Add((uint)Uv);
            foreach (double number in new[] { Scale, Bias, Rotation, Offset[0], Offset[1], Tile[0], Tile[1] })
            {
                digest.Add(number);
            }
        }

        static string[] ReadWrap(JsonValue json, string location)
        {
            string at = location + ".wrap";
            string[] words = json.Required("wrap", location).AsArray(at).ConvertAll(item => item.AsString(at)).ToArray();
            if (words.Length == 2 && Array.TrueForAll(words, word => Array.IndexOf(Wraps, word) >= 0)) { return words; }
            throw new SyncException(ErrorCode.ComponentInvalid, "expected two ways to go on", at);
        }
    }
}
