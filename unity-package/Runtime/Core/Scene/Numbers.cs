using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads and writes numbers of components. All of them fit the single precision of the editor.</summary>
    static class Numbers
    {
        /// <summary>The largest number that the daemon takes for a light or a camera.</summary>
        internal const double Largest = 1e12;

        internal static JsonValue Write(double[] values)
        {
            JsonValue array = JsonValue.Array();
            foreach (double value in values) { array.Add(value); }
            return array;
        }

        internal static JsonValue Write(double? value) => value == null ? JsonValue.Null : (JsonValue)value.Value;

        internal static double[] Read(JsonValue json, string key, int count, string location)
        {
            string fieldLocation = location + "." + key;
            List<JsonValue> items = json.Required(key, location).AsArray(fieldLocation);
            if (items.Count != count)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "expected " + count + " numbers", fieldLocation);
            }
            double[] values = new double[count];
            for (int i = 0; i < count; i++) { values[i] = Check(items[i].AsNumber(fieldLocation), fieldLocation); }
            return values;
        }

        internal static double Read(JsonValue json, string key, string location)
        {
            string fieldLocation = location + "." + key;
            return Check(json.Required(key, location).AsNumber(fieldLocation), fieldLocation);
        }

        /// <summary>Reads a number that may be null.</summary>
        internal static double? ReadOptional(JsonValue json, string key, string location) =>
            json.Required(key, location).IsNull ? (double?)null : Read(json, key, location);

        /// <summary>Throws VS-3003 unless each number is between the limits.</summary>
        internal static void Limit(string location, double min, double max, params double[] values)
        {
            foreach (double value in values)
            {
                if (value >= min && value <= max) { continue; }
                throw new SyncException(ErrorCode.NumberInvalid, "a number is out of range", location);
            }
        }

        /// <summary>Throws VS-3004 unless the word is one of <paramref name="known"/>.</summary>
        internal static string CheckWord(JsonValue json, string key, string location, params string[] known)
        {
            string word = json.RequiredString(key, location);
            if (System.Array.IndexOf(known, word) >= 0) { return word; }
            throw new SyncException(ErrorCode.ComponentInvalid, "unknown " + key + " " + word, location + "." + key);
        }

        static double Check(double value, string location)
        {
            // The editor keeps single precision, in which a larger value would become infinite.
            if (!float.IsInfinity((float)value)) { return value; }
            throw new SyncException(ErrorCode.NumberInvalid, "a number is out of range", location);
        }
    }
}
