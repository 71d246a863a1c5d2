using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Checks a value against one of the twelve types of parameters. Nothing runs or looks up a name here.</summary>
    static class ArgumentTypes
    {
        const int MaxText = 10000;
        const int MaxName = 255;
        const double MaxInteger = 9007199254740992;

        /// <summary>The largest number of single precision.</summary>
        const double MaxFloat = 3.4028234663852886e38;

        /// <summary>Returns the value in the form for the handler; throws <see cref="ArgumentMistake"/>.</summary>
        internal static JsonValue Check(JsonValue parameter, JsonValue value, IReadOnlyList<string> roots)
        {
            switch (parameter.RequiredString("type", ""))
            {
                case "string": return CheckText(value, 0, MaxText);
                case "object_name":
                case "material_name":
                case "collection_name": return CheckName(value);
                case "integer": return CheckInteger(parameter, value);
                case "float": return CheckFloat(parameter, value);
                case "boolean": return Expect(value, JsonKind.Bool);
                case "enum": return CheckOption(parameter, value);
                case "vector3": return CheckVector(parameter, value);
                case "color": return CheckColor(parameter, value);
                case "file_path": return CheckPath(value, roots);
                case "dict": return new DictSize().Check(value);
                default: throw new ArgumentMistake("parameter_type");
            }
        }

        static JsonValue Expect(JsonValue value, JsonKind kind)
        {
            return value.Kind == kind ? value : throw new ArgumentMistake("value_type");
        }

        /// <param name="least">The smallest number of characters; one beyond 16 bits counts as one.</param>
        static JsonValue CheckText(JsonValue value, int least, int most)
        {
            string text = Expect(value, JsonKind.String).AsString("");
            int count = IsPlain(text) ? CountCharacters(text) : -1;
            return count >= least && count <= most ? value : throw new ArgumentMistake("value_text");
        }

        static JsonValue CheckName(JsonValue value)
        {
            CheckText(value, 1, MaxName);
            foreach (char c in value.AsString(""))
            {
                if (c < ' ' || (c >= 0x7f && c <= 0x9f)) { throw new ArgumentMistake("value_text"); }
            }
            return value;
        }

        static bool IsPlain(string text) => text.IndexOf('\0') < 0 && IsText(text);

        /// <summary>Returns whether a text has no half of a surrogate pair, which JSON in UTF-8 cannot hold.</summary>
        internal static bool IsText(string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                if (char.IsLowSurrogate(text[i])) { return false; }
                if (!char.IsHighSurrogate(text[i])) { continue; }
                if (++i == text.Length || !char.IsLowSurrogate(text[i])) { return false; }
            }
            return true;
        }

        static int CountCharacters(string text)
        {
            int count = text.Length;
            foreach (char c in text)
            {
                if (char.IsLowSurrogate(c)) { count--; }
            }
            return count;
        }

        static JsonValue CheckInteger(JsonValue parameter, JsonValue value)
        {
            double number = Expect(value, JsonKind.Number).AsNumber("");
            if (value.IsRounded || !(Math.Abs(number) <= MaxInteger)) { throw new ArgumentMistake("value_range"); }
            if (number != Math.Floor(number)) { throw new ArgumentMistake("value_type"); }
            return CheckRange(number, FindLimit(parameter, "min", -MaxInteger), FindLimit(parameter, "max", MaxInteger));
        }

        static JsonValue CheckFloat(JsonValue parameter, JsonValue value)
        {
            double number = Expect(value, JsonKind.Number).AsNumber("");
            return CheckRange(number, FindLimit(parameter, "min", -MaxFloat), FindLimit(parameter, "max", MaxFloat));
        }

        static double FindLimit(JsonValue parameter, string key, double otherwise) =>
            parameter.Find(key)?.AsNumber(key) ?? otherwise;

        /// <summary>Returns a number of the range; NaN is in none.</summary>
        static double CheckRange(double number, double least, double most)
        {
            return number >= least && number <= most ? number : throw new ArgumentMistake("value_range");
        }

        static JsonValue CheckOption(JsonValue parameter, JsonValue value)
        {
            string text = Expect(value, JsonKind.String).AsString("");
            bool isOption = parameter.Required("options", "").AsArray("options")
                .Exists(option => string.Equals(option.AsString("options"), text, StringComparison.Ordinal));
            return isOption ? value : throw new ArgumentMistake("value_option");
        }

        static JsonValue CheckVector(JsonValue parameter, JsonValue value)
        {
            List<JsonValue> numbers = Expect(value, JsonKind.Array).AsArray("");
            if (numbers.Count != 3) { throw new ArgumentMistake("value_type"); }
            return JsonValue.Array(numbers.ConvertAll(number => CheckFloat(parameter, number)).ToArray());
        }

        /// <summary>Returns a color in the form of the default: a text, or a list of numbers.</summary>
        static JsonValue CheckColor(JsonValue parameter, JsonValue value)
        {
            List<double> channels = value.Kind == JsonKind.String ? ReadColor(value.AsString("")) : new List<double>();
            if (value.Kind != JsonKind.String)
            {
                List<JsonValue> given = Expect(value, JsonKind.Array).AsArray("");
                if (given.Count != 3 && given.Count != 4) { throw new ArgumentMistake("value_type"); }
                foreach (JsonValue channel in given)
                {
                    channels.Add(CheckRange(Expect(channel, JsonKind.Number).AsNumber(""), 0, 1));
                }
            }
            bool isList = parameter.Find("default")?.Kind == JsonKind.Array;
            if (isList) { return JsonValue.Array(channels.ConvertAll(channel => (JsonValue)channel).ToArray()); }
            StringBuilder text = new StringBuilder("#");
            foreach (double channel in channels)
            {
                text.Append(((int)(channel * 255 + 0.5)).ToString("X2", CultureInfo.InvariantCulture));
            }
            return text.ToString();
        }

        static List<double> ReadColor(string text)
        {
            bool hasForm = (text.Length == 7 || text.Length == 9) && text[0] == '#';
            List<double> channels = new List<double>();
            for (int i = 1; hasForm && i < text.Length; i += 2)
            {
                hasForm = byte.TryParse(text.Substring(i, 2), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out byte channel);
                channels.Add(channel / 255.0);
            }
            return hasForm ? channels : throw new ArgumentMistake("value_text");
        }

        static JsonValue CheckPath(JsonValue value, IReadOnlyList<string> roots)
        {
            string path = ArgumentPath.Normalize(Expect(value, JsonKind.String).AsString(""), roots);
            return path ?? throw new ArgumentMistake("path");
        }

        /// <summary>The size of a dict while it is walked: the bytes of texts and keys, and eight for each value.</summary>
        sealed class DictSize
        {
            const long MaxBytes = 64 << 10;
            const int MaxDepth = 8;
            const int MaxKeys = 1000;

            long bytes;
            int keys;

            internal JsonValue Check(JsonValue value)
            {
                AddMembers(Expect(value, JsonKind.Object), 1);
                return value;
            }

            void AddMembers(JsonValue value, int depth)
            {
                Dictionary<string, JsonValue> members = value.AsObject("");
                keys += members.Count;
                if (keys > MaxKeys) { throw new ArgumentMistake("value_size"); }
                foreach (KeyValuePair<string, JsonValue> member in members)
                {
                    AddText(member.Key);
                    Add(member.Value, depth);
                }
            }

            void Add(JsonValue value, int depth)
            {
                AddBytes(8);
                if (value.IsRounded) { throw new ArgumentMistake("value_range"); }
                if (value.Kind == JsonKind.String) { AddText(value.AsString("")); }
                bool isNested = value.Kind == JsonKind.Object || value.Kind == JsonKind.Array;
                if (isNested && depth >= MaxDepth) { throw new ArgumentMistake("value_size"); }
                if (value.Kind == JsonKind.Object) { AddMembers(value, depth + 1); }
                if (value.Kind != JsonKind.Array) { return; }
                foreach (JsonValue item in value.AsArray("")) { Add(item, depth + 1); }
            }

            void AddText(string text)
            {
                if (!IsPlain(text)) { throw new ArgumentMistake("value_text"); }
                AddBytes(Encoding.UTF8.GetByteCount(text));
            }

            void AddBytes(int count)
            {
                bytes += count;
                if (bytes > MaxBytes) { throw new ArgumentMistake("value_size"); }
            }
        }
    }
}
