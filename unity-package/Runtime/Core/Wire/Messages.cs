using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Wire
{
    /// <summary>
    /// Creates the messages of this client, except `intent` and `applied`, which Outbox and Applier encode.
    /// </summary>
    public static class Messages
    {
        /// <summary>The version of the protocol and of the entity model.</summary>
        public const int Version = 1;

        public static JsonValue Create(string type) => JsonValue.Object().With("type", type);

        public static Frame Ping(string type, long nonce, long headSeq, string editorState)
        {
            return new Frame(Create(type).With("nonce", nonce).With("head_seq", headSeq)
                .With("editor_state", editorState));
        }

        /// <param name="scope">The failures to forget, as docs/protocol.md lists them.</param>
        public static Frame Reset(string scope, string user, string reason)
        {
            return new Frame(Create("reset").With("request_id", Guid.NewGuid().ToString()).With("scope", scope)
                .With("who", user).With("why", reason));
        }

        /// <param name="objects">The objects that the user edits; null to leave them out.</param>
        public static Frame EditorState(string state, IReadOnlyList<string> objects = null)
        {
            JsonValue header = Create("editor_state").With("state", state);
            if (objects == null) { return new Frame(header); }
            JsonValue listed = JsonValue.Array();
            foreach (string uuid in objects) { listed.Add(uuid); }
            return new Frame(header.With("objects", listed));
        }

        public static Frame Deferred(string batchId, string state)
        {
            return new Frame(Create("deferred").With("batch_id", batchId).With("state", state));
        }

        public static Frame Goodbye(string reason) => new Frame(Create("goodbye").With("reason", reason));

        /// <summary>
        /// Returns the inventory in parts of at most <paramref name="perPart"/> entities; one part if it is empty.
        /// </summary>
        public static IEnumerable<Frame> Inventory(IReadOnlyList<KeyValuePair<string, long>> entities, int perPart)
        {
            int at = 0;
            do
            {
                JsonValue part = JsonValue.Array();
                for (int end = Math.Min(entities.Count, at + perPart); at < end; at++)
                {
                    part.Add(JsonValue.Object().With("uuid", entities[at].Key).With("version", entities[at].Value));
                }
                yield return new Frame(Create("inventory").With("entities", part).With("last", at == entities.Count));
            }
            while (at < entities.Count);
        }
    }
}
