using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Creates the messages about add-ons; docs/protocol.md describes them.</summary>
    public static class CapabilityMessages
    {
        /// <summary>The feature that a daemon offers if it wants these messages.</summary>
        public const string Feature = "capabilities";

        /// <summary>Characters of manifests in one message, so that its header stays far below its limit.</summary>
        const int MaxCharacters = 1 << 20;

        /// <summary>Returns the list of add-ons in one or more parts.</summary>
        public static List<Frame> Capabilities(IReadOnlyList<JsonValue> addons, IReadOnlyList<string> enabled,
            string editorVersion)
        {
            List<JsonValue> parts = new List<JsonValue>();
            int characters = 0;
            foreach (JsonValue addon in addons)
            {
                int size = addon.Find("manifest").IsNull ? 0 : addon.RequiredString("manifest", "").Length;
                if (parts.Count == 0 || characters + size > MaxCharacters)
                {
                    parts.Add(JsonValue.Array());
                    characters = 0;
                }
                characters += size;
                parts[parts.Count - 1].Add(addon);
            }
            if (parts.Count == 0) { parts.Add(JsonValue.Array()); }
            JsonValue names = JsonValue.Array();
            foreach (string name in enabled) { names.Add(name); }
            List<Frame> frames = new List<Frame>();
            for (int i = 0; i < parts.Count; i++)
            {
                frames.Add(new Frame(Messages.Create("capabilities").With("addons", parts[i])
                    .With("enabled_addons", names).With("editor_version", editorVersion)
                    .With("last", i == parts.Count - 1)));
            }
            return frames;
        }

        public static Frame Progress(string requestId, string state, string message, long elapsedMilliseconds)
        {
            return new Frame(Messages.Create("command_progress").With("request_id", requestId).With("state", state)
                .With("message", message).With("elapsed_ms", elapsedMilliseconds));
        }

        public static Frame Response(AddonCommand command, CommandAnswer answer)
        {
            JsonValue unsynchronized = JsonValue.Array();
            foreach (string line in answer.NotSynchronized) { unsynchronized.Add(line); }
            return new Frame(Messages.Create("command_response").With("request_id", command.RequestId)
                .With("addon_id", command.AddonId).With("command", command.Tool).With("result", answer.Result)
                .With("code", answer.Code).With("operation_id", answer.OperationId).With("output", answer.Output)
                .With("elapsed_ms", answer.ElapsedMilliseconds).With("taken_back", answer.IsTakenBack)
                .With("not_synced", unsynchronized));
        }
    }
}
