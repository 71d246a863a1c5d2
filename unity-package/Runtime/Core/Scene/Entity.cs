using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>What the scene holds under one uuid, in canonical space.</summary>
    public sealed class Entity
    {
        readonly Dictionary<string, Component> components = new Dictionary<string, Component>();

        public Entity(string uuid, string kind)
        {
            Uuid = uuid;
            Kind = kind;
        }

        public string Uuid { get; }

        public string Kind { get; }

        public IReadOnlyDictionary<string, Component> Components => components;

        public T Find<T>(string key) where T : Component
        {
            return components.TryGetValue(key, out Component component) ? component as T : null;
        }

        public void Set(Component component) => components[component.Key] = component;

        public JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("uuid", Uuid).With("kind", Kind)
                .With("components", ComponentsToJson(attachments));
        }

        public JsonValue ComponentsToJson(List<byte[]> attachments)
        {
            JsonValue json = JsonValue.Object();
            foreach (Component component in components.Values)
            {
                json.With(component.Key, component.ToJson(attachments));
            }
            return json;
        }
    }

    /// <summary>What a <see cref="Change"/> does.</summary>
    public enum ChangeOp
    {
        Create,
        Update,
        Delete,
    }

    /// <summary>One change of one entity. A create carries all components, an update the changed ones.</summary>
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

        /// <summary>
        /// The version that the entity has with this change; 0 in a change that is on its way to the daemon.
        /// </summary>
        public long Version { get; }

        /// <summary>Reads and checks a change of an `apply` or of an own intent.</summary>
        public static Change Read(JsonValue json, IReadOnlyList<byte[]> attachments, string place)
        {
            string uuid = Core.Uuid.Check(json.RequiredString("uuid", place), place + ".uuid");
            long version = json.Find("version")?.AsInteger(place + ".version") ?? 0;
            string op = json.RequiredString("op", place);
            switch (op)
            {
                case "delete": return new Change(ChangeOp.Delete, uuid, null, version);
                case "create":
                    Entity created = ReadContent(uuid, json.RequiredString("kind", place), json, attachments, place);
                    return new Change(ChangeOp.Create, uuid, created, version);
                case "update":
                    return new Change(ChangeOp.Update, uuid, ReadContent(uuid, null, json, attachments, place),
                        version);
                default: throw new SyncException(ErrorCode.MessageMalformed, "unknown op " + op, place + ".op");
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
            string place)
        {
            Entity content = new Entity(uuid, kind);
            string spot = place + ".components";
            foreach (KeyValuePair<string, JsonValue> member in json.Required("components", place).AsObject(spot))
            {
                string key = spot + "." + member.Key;
                if (kind != null && !Component.IsAllowed(kind, member.Key))
                {
                    throw new SyncException(ErrorCode.ComponentInvalid, "not on an entity of this kind", key);
                }
                content.Set(Component.Read(member.Key, member.Value, attachments, key));
            }
            return content;
        }
    }
}
