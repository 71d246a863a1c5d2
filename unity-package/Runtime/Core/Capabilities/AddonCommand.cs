using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>A call of a tool, as the daemon sends it.</summary>
    public sealed class AddonCommand
    {
        AddonCommand()
        {
        }

        public string RequestId { get; private set; }

        public string AddonId { get; private set; }

        public string Tool { get; private set; }

        public JsonValue Params { get; private set; }

        /// <summary>The name of the undo step and of the change: the agent and the tool.</summary>
        public string Label { get; private set; }

        /// <summary>The time for the whole call, from its arrival.</summary>
        public long DeadlineMilliseconds { get; private set; }

        public string ManifestDigest { get; private set; }

        public string CodeDigest { get; private set; }

        /// <summary>The uuids of the objects that parameters name.</summary>
        public IReadOnlyDictionary<string, string> Resolved { get; private set; }

        /// <summary>Reads an <c>addon_command</c>; throws VS-1006 if it has another form.</summary>
        public static AddonCommand Read(JsonValue header)
        {
            JsonValue given = header.Required("params", "");
            given.AsObject("params");
            Dictionary<string, string> resolved = new Dictionary<string, string>();
            JsonValue uuids = header.Find("resolved");
            if (uuids != null && !uuids.IsNull)
            {
                foreach (KeyValuePair<string, JsonValue> uuid in uuids.AsObject("resolved"))
                {
                    string location = "resolved." + uuid.Key;
                    resolved[uuid.Key] = Uuid.Check(uuid.Value.AsString(location), location);
                }
            }
            return new AddonCommand
            {
                RequestId = Uuid.Check(header.RequiredString("request_id", ""), "request_id"),
                AddonId = header.RequiredString("addon_id", ""),
                Tool = header.RequiredString("command", ""),
                Params = given,
                Label = header.RequiredString("label", ""),
                DeadlineMilliseconds = header.RequiredInteger("deadline_ms", ""),
                ManifestDigest = header.RequiredString("manifest_sha256", ""),
                CodeDigest = header.RequiredString("code_sha256", ""),
                Resolved = resolved,
            };
        }
    }
}
