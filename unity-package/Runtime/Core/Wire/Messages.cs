using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Wire
{
    /// <summary>
    /// The messages that this client sends, apart from `intent` and `applied`, which are built where they arise.
    /// </summary>
    public static class Messages
    {
        /// <summary>The protocol and the entity model that this package speaks.</summary>
        public const int Version = 1;

        public static JsonValue Of(string type) => JsonValue.Object().With("type", type);

        public static Frame Ping(string type, long nonce, long headSeq, string editorState)
        {
            return new Frame(Of(type).With("nonce", nonce).With("head_seq", headSeq).With("editor_state", editorState));
        }

        /// <param name="scope">What may be tried again.</param>
        public static Frame Reset(string scope, string who, string why)
        {
            return new Frame(Of("reset").With("request_id", Guid.NewGuid().ToString()).With("scope", scope)
                .With("who", who).With("why", why));
        }

        /// <param name="objects">What the user has under their hands; null where that is not said.</param>
        public static Frame EditorState(string state, IReadOnlyList<string> objects = null)
        {
            JsonValue header = Of("editor_state").With("state", state);
            if (objects == null) { return new Frame(header); }
            JsonValue listed = JsonValue.Array();
            foreach (string uuid in objects) { listed.Add(uuid); }
            return new Frame(header.With("objects", listed));
        }

        public static Frame Deferred(string batchId, string state)
        {
            return new Frame(Of("deferred").With("batch_id", batchId).With("state", state));
        }

        public static Frame Goodbye(string reason) => new Frame(Of("goodbye").With("reason", reason));

        /// <summary>
        /// The inventory in parts of at most <paramref name="perPart"/> entities; one part when it is empty.
        /// </summary>
        public static IEnumerable<Frame> Inventory(IReadOnlyList<KeyValuePair<string, long>> entities, int perPart)
        {
            int at = 0;
            do
            {
                JsonValue part = JsonValue.Array();
                for (int end = System.Math.Min(entities.Count, at + perPart); at < end; at++)
                {
                    part.Add(JsonValue.Object().With("uuid", entities[at].Key).With("version", entities[at].Value));
                }
                yield return new Frame(Of("inventory").With("entities", part).With("last", at == entities.Count));
            }
            while (at < entities.Count);
        }
    }
}
