using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Core
{
    /// <summary>Reads the vectors that all implementations share; tests/golden/README.md describes them.</summary>
    public static class Golden
    {
        public static JsonValue Read(string file)
        {
            string root = Environment.GetEnvironmentVariable("VIBESYNC_ROOT");
            return JsonReader.Read(File.ReadAllText(Path.Combine(root, "tests", "golden", file)));
        }

        /// <summary>Returns an array; throws if it is empty, because a loop over nothing proves nothing.</summary>
        public static List<JsonValue> List(JsonValue parent, string key)
        {
            List<JsonValue> items = key == null ? parent.AsArray("") : parent.Required(key, "").AsArray(key);
            return items.Count > 0 ? items : throw new InvalidDataException("no vectors: " + key);
        }

        public static double[] Numbers(JsonValue parent, string key)
        {
            return parent.Required(key, "").AsArray(key).Select(value => value.AsNumber(key)).ToArray();
        }
    }
}
