using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace VibeSync.Core.Json
{
    /// <summary>
    /// Writes compact JSON, with a decimal point in every culture and -0 as 0. Refuses NaN and infinities (VS-3003).
    /// </summary>
    public static class JsonWriter
    {
        public static string Write(JsonValue value)
        {
            StringBuilder output = new StringBuilder();
            Write(value, output);
            return output.ToString();
        }

        static void Write(JsonValue value, StringBuilder output)
        {
            switch (value.Kind)
            {
                case JsonKind.Null: output.Append("null"); break;
                case JsonKind.Bool: output.Append(value.AsBool("") ? "true" : "false"); break;
                case JsonKind.Number: output.Append(FormatNumber(value.AsNumber(""))); break;
                case JsonKind.String: WriteString(value.AsString(""), output); break;
                case JsonKind.Array: WriteItems(value.AsArray(""), output); break;
                default: WriteMembers(value.AsObject(""), output); break;
            }
        }

        /// <summary>Returns the shortest text that reads back as the same double.</summary>
        public static string FormatNumber(double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value))
            {
                throw new SyncException(ErrorCode.NumberInvalid, "a number is not finite");
            }
            // Most numbers here are whole: versions, sizes, zeros and ones.
            if (value == Math.Floor(value) && Math.Abs(value) <= JsonValue.MaxInteger)
            {
                return ((long)value).ToString(CultureInfo.InvariantCulture);
            }
            string text = value.ToString("R", CultureInfo.InvariantCulture);
            // Mono's "R" is known to lose the last bit of a few values; G17 never does.
            bool isExact = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) == value;
            return isExact ? text : value.ToString("G17", CultureInfo.InvariantCulture);
        }

        static void WriteItems(List<JsonValue> items, StringBuilder output)
        {
            output.Append('[');
            for (int i = 0; i < items.Count; i++)
            {
                if (i > 0) { output.Append(','); }
                Write(items[i], output);
            }
            output.Append(']');
        }

        static void WriteMembers(Dictionary<string, JsonValue> members, StringBuilder output)
        {
            output.Append('{');
            bool isFirst = true;
            foreach (KeyValuePair<string, JsonValue> member in members)
            {
                if (!isFirst) { output.Append(','); }
                isFirst = false;
                WriteString(member.Key, output);
                output.Append(':');
                Write(member.Value, output);
            }
            output.Append('}');
        }

        static void WriteString(string text, StringBuilder output)
        {
            output.Append('"');
            foreach (char c in text)
            {
                if (c == '"' || c == '\\') { output.Append('\\').Append(c); }
                else if (c < ' ')
                {
                    output.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                }
                else { output.Append(c); }
            }
            output.Append('"');
        }
    }
}
