using System;
using System.Collections.Generic;
using System.Text;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>One shape key of a mesh: everything of it but its deltas.</summary>
    public sealed class ShapeKey
    {
        /// <summary>The largest weight, and the largest limit of one.</summary>
        public const double MaxWeight = 10;

        /// <summary>The number of keys that a mesh may have.</summary>
        public const int MaxKeys = 1024;

        /// <summary>The longest name, in bytes.</summary>
        const int MaxNameBytes = 63;

        public ShapeKey(string name, string relativeTo = null, double min = 0, double max = 1)
        {
            Name = name;
            RelativeTo = relativeTo;
            Min = min;
            Max = max;
        }

        /// <summary>The address of the key within its mesh.</summary>
        public string Name { get; }

        /// <summary>The key that the deltas start from; null for the mesh itself.</summary>
        public string RelativeTo { get; }

        /// <summary>The smallest weight that people set.</summary>
        public double Min { get; }

        /// <summary>The largest weight that people set.</summary>
        public double Max { get; }

        /// <summary>Reads a list of keys, and checks it.</summary>
        public static ShapeKey[] ReadAll(JsonValue json, string location)
        {
            List<JsonValue> items = json.AsArray(location);
            if (items.Count > MaxKeys) { throw MakeError("too many keys", location); }
            ShapeKey[] keys = items.ConvertAll(item => Read(item, location)).ToArray();
            HashSet<string> names = new HashSet<string>(StringComparer.Ordinal);
            foreach (ShapeKey key in keys)
            {
                if (!names.Add(key.Name)) { throw MakeError("two keys have the same name", location); }
            }
            foreach (ShapeKey key in keys)
            {
                bool isKnown = key.RelativeTo == null || names.Contains(key.RelativeTo);
                if (!isKnown) { throw MakeError("no key has this name", location); }
            }
            return keys;
        }

        static ShapeKey Read(JsonValue json, string location)
        {
            JsonValue above = json.Required("relative_to", location);
            double min = Numbers.Read(json, "min", location);
            double max = Numbers.Read(json, "max", location);
            Numbers.Limit(location + ".min", -MaxWeight, MaxWeight, min);
            Numbers.Limit(location + ".max", min, MaxWeight, max);
            return new ShapeKey(CheckName(json.RequiredString("name", location), location),
                above.IsNull ? null : above.AsString(location), min, max);
        }

        /// <summary>Throws VS-3004 unless a key may have the name.</summary>
        public static string CheckName(string name, string location)
        {
            bool isGood = name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes
                && Array.TrueForAll(name.ToCharArray(), c => !char.IsControl(c));
            return isGood ? name : throw MakeError("a key's name has 1 to 63 bytes, and no control characters", location);
        }

        /// <summary>Returns the nearest names that keys may have, in the order of the editor's own names.</summary>
        public static string[] MakeNames(IReadOnlyList<string> own)
        {
            HashSet<string> taken = new HashSet<string>(StringComparer.Ordinal);
            string[] names = new string[own.Count];
            for (int i = 0; i < names.Length; i++)
            {
                string wanted = NameComponent.FromEditor(own[i]).Name;
                names[i] = Cut(wanted, "");
                for (int number = 1; !taken.Add(names[i]); number++) { names[i] = Cut(wanted, "." + number.ToString("000")); }
            }
            return names;
        }

        /// <summary>Returns a name with an ending, without the characters for which there is no room.</summary>
        static string Cut(string name, string ending)
        {
            int length = name.Length;
            while (Encoding.UTF8.GetByteCount(name.Substring(0, length)) + ending.Length > MaxNameBytes) { length--; }
            // A cut inside a surrogate pair would not be valid text.
            if (length < name.Length && char.IsHighSurrogate(name[length - 1])) { length--; }
            return name.Substring(0, length) + ending;
        }

        public JsonValue ToJson() => JsonValue.Object().With("name", Name).With("relative_to", RelativeTo).With("min", Min)
            .With("max", Max);

        static SyncException MakeError(string message, string location) =>
            new SyncException(ErrorCode.ComponentInvalid, message, location);
    }
}
