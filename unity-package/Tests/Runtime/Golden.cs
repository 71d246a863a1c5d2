using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor.PackageManager;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Core
{
    /// <summary>Reads the vectors that all implementations share; tests/golden/README.md describes them.</summary>
    public static class Golden
    {
        /// <summary>Reads a file of vectors; ignores the test where there are none.</summary>
        public static JsonValue Read(string file)
        {
            foreach (string folder in ListFolders())
            {
                string path = Path.Combine(folder, file);
                if (File.Exists(path)) { return JsonReader.Read(File.ReadAllText(path)); }
            }
            Assert.Ignore("This copy of the package has no vectors: neither in its folder Golden~ nor in tests/golden "
                + "beside it.");
            return null;
        }

        /// <summary>Returns the folders of the repository, of a released package and of a package in a checkout.</summary>
        static IEnumerable<string> ListFolders()
        {
            string root = Environment.GetEnvironmentVariable("VIBESYNC_ROOT");
            if (!string.IsNullOrEmpty(root)) { yield return Path.Combine(root, "tests", "golden"); }
            PackageInfo package = PackageInfo.FindForAssembly(typeof(Golden).Assembly);
            if (package == null) { yield break; }
            yield return Path.Combine(package.resolvedPath, "Golden~");
            yield return Path.Combine(package.resolvedPath, "..", "tests", "golden");
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
