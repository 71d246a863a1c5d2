using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The operation of a <see cref="Change"/>.</summary>
    public enum ChangeOp
    {
        Create,
        Update,
        Delete,
    }

    /// <summary>One change of one entity. A create has all components, an update only the changed ones.</summary>
    public sealed class Change
    {
        public Change(ChangeOp op, string uuid, Entity content, long version = 0)
        {
            Op = op;
            Uuid = uuid;
            Content = content;
            Version = version;
        }

        public ChangeOp Op { get; }

        public string Uuid { get; }

        /// <summary>The components to set; null for a delete. Its kind is null for an update.</summary>
        public Entity Content { get; }

        /// <summary>The version of the entity after this change; 0 in a change for the daemon.</summary>
        public long Version { get; }

        /// <summary>Reads and checks a change of an `apply` or of a saved intent.</summary>
        /// <param name="basis">The mesh that a mesh builds on; null without one.</param>
        public static Change Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location,
            MeshComponent basis = null)
        {
            string uuid = Core.Uuid.Check(json.RequiredString("uuid", location), location + ".uuid");
            long version = json.Find("version")?.AsInteger(location + ".version") ?? 0;
            string op = json.RequiredString("op", location);
            switch (op)
            {
                case "delete": return new Change(ChangeOp.Delete, uuid, null, version);
                case "create":
                    string kind = json.RequiredString("kind", location);
                    return new Change(ChangeOp.Create, uuid, ReadContent(uuid, kind, json, attachments, location,
                        basis), version);
                case "update":
                    return new Change(ChangeOp.Update, uuid, ReadContent(uuid, null, json, attachments, location,
                        basis), version);
                default: throw new SyncException(ErrorCode.MessageMalformed, "unknown op " + op, location + ".op");
            }
        }

        public JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue json = JsonValue.Object().With("op", Op.ToString().ToLowerInvariant()).With("uuid", Uuid);
            if (Op == ChangeOp.Create) { json.With("kind", Content.Kind); }
            if (Op != ChangeOp.Delete) { json.With("components", Content.ComponentsToJson(attachments)); }
            return json;
        }

        static Entity ReadContent(string uuid, string kind, JsonValue json, IReadOnlyList<byte[]> attachments,
            string location, MeshComponent basis)
        {
            Entity content = new Entity(uuid, kind);
            string components = location + ".components";
            JsonValue members = json.Required("components", location);
            foreach (KeyValuePair<string, JsonValue> member in members.AsObject(components))
            {
                string key = components + "." + member.Key;
                ComponentKind component = ComponentKind.Find(member.Key, key);
                if (kind != null && !component.IsOn(kind))
                {
                    throw new SyncException(ErrorCode.ComponentInvalid, "not on an entity of this kind", key);
                }
                content.Set(component.Read(member.Value, attachments, key, basis));
            }
            return content;
        }
    }
}
