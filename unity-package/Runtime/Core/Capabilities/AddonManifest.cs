using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>
    /// The parts of an <c>addon_ai.json</c> that a call needs. The daemon alone judges a manifest; one that it refuses is
    /// never called.
    /// </summary>
    public sealed class AddonManifest
    {
        readonly Dictionary<string, List<JsonValue>> tools = new Dictionary<string, List<JsonValue>>();

        readonly HashSet<string> readOnly = new HashSet<string>();

        AddonManifest(string id)
        {
            Id = id;
        }

        public string Id { get; }

        /// <summary>The names of the tools.</summary>
        public ICollection<string> Tools => tools.Keys;

        /// <summary>Returns the parameters of a tool; null if the add-on has no tool of that name.</summary>
        public IReadOnlyList<JsonValue> FindParameters(string tool) =>
            tools.TryGetValue(tool, out List<JsonValue> parameters) ? parameters : null;

        /// <summary>Whether the author promised that a tool changes nothing.</summary>
        public bool IsReadOnly(string tool) => readOnly.Contains(tool);

        /// <summary>Reads a manifest; returns null if it has no id, or is no JSON.</summary>
        public static AddonManifest Read(string text)
        {
            try
            {
                JsonValue json = JsonReader.Read(text);
                AddonManifest manifest = new AddonManifest(json.Required("addon_info", "").RequiredString("id", ""));
                foreach (JsonValue tool in json.Required("ai_integration", "").Required("tools", "").AsArray("tools"))
                {
                    string name = tool.RequiredString("name", "");
                    manifest.tools[name] = tool.Find("parameters")?.AsArray("parameters") ?? new List<JsonValue>();
                    if (tool.Find("read_only")?.AsBool("read_only") ?? false) { manifest.readOnly.Add(name); }
                }
                return manifest;
            }
            catch (SyncException)
            {
                return null;
            }
        }
    }
}
