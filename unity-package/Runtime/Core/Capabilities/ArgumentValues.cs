using System;
using System.Collections.Generic;
using System.IO;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Converts checked arguments to the values that a handler gets.</summary>
    public static class ArgumentValues
    {
        /// <summary>Returns the value of an argument by the type of its parameter.</summary>
        public static object Convert(string type, JsonValue value)
        {
            return type == "integer" ? (long)value.AsNumber("") : ConvertAny(value);
        }

        /// <summary>
        /// Returns the absolute path of a checked one; throws <see cref="ArgumentMistake"/> if links lead out of the
        /// folder that it is below, or if there is no such folder.
        /// </summary>
        /// <param name="projectRoot">The folder of the project.</param>
        /// <param name="sceneFolder">The folder of the open scene; null while it has no file.</param>
        public static string ResolvePath(string path, string projectRoot, string sceneFolder, Platform platform)
        {
            bool isBeside = path.StartsWith("//", StringComparison.Ordinal);
            string folder = isBeside ? sceneFolder : projectRoot;
            if (string.IsNullOrEmpty(folder)) { throw new ArgumentMistake("path"); }
            string full = Path.GetFullPath(Path.Combine(folder, isBeside ? path.Substring(2) : path));
            string existing = full;
            while (!File.Exists(existing) && !Directory.Exists(existing)) { existing = Path.GetDirectoryName(existing); }
            string root = SymbolicLinks.Resolve(folder, platform).Replace('\\', '/').TrimEnd('/') + "/";
            string real = SymbolicLinks.Resolve(existing, platform).Replace('\\', '/') + "/";
            if (!real.StartsWith(root, StringComparison.Ordinal)) { throw new ArgumentMistake("path"); }
            string inside = real.Substring(root.Length);
            // A link may lead to a private folder too.
            bool isAllowed = inside.Length == 0 || ArgumentPath.Normalize(inside, new string[0]) != null;
            return isAllowed ? full : throw new ArgumentMistake("path");
        }

        static object ConvertAny(JsonValue value)
        {
            switch (value.Kind)
            {
                case JsonKind.Null: return null;
                case JsonKind.Bool: return value.AsBool("");
                case JsonKind.Number: return value.AsNumber("");
                case JsonKind.String: return value.AsString("");
                case JsonKind.Array: return ConvertItems(value.AsArray(""));
                default: return ConvertMembers(value.AsObject(""));
            }
        }

        /// <summary>Returns a list of numbers if all are; otherwise a list of any values.</summary>
        static object ConvertItems(List<JsonValue> items)
        {
            bool hasOnlyNumbers = items.Count > 0 && items.TrueForAll(item => item.Kind == JsonKind.Number);
            if (hasOnlyNumbers) { return items.ConvertAll(item => item.AsNumber("")); }
            return items.ConvertAll(ConvertAny);
        }

        static Dictionary<string, object> ConvertMembers(Dictionary<string, JsonValue> members)
        {
            Dictionary<string, object> converted = new Dictionary<string, object>();
            foreach (KeyValuePair<string, JsonValue> member in members)
            {
                converted[member.Key] = ConvertAny(member.Value);
            }
            return converted;
        }
    }
}
