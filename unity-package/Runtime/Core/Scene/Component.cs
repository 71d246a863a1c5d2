using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The kinds of entity that this package holds.</summary>
    public static class Kinds
    {
        public const string Object = "object";
        public const string Mesh = "mesh";
    }

    /// <summary>One component of an entity, in canonical space. Always whole, never a part.</summary>
    public abstract class Component
    {
        /// <summary>The keys of all components that this package applies, in the order in which it does.</summary>
        public static readonly string[] Keys = { "name", "mesh", "parent", "transform", "visibility", "data" };

        ulong known;
        bool digested;

        /// <summary>The component's key on the wire.</summary>
        public abstract string Key { get; }

        /// <summary>Writes the component; its buffers are appended to <paramref name="attachments"/>.</summary>
        public abstract JsonValue ToJson(List<byte[]> attachments);

        /// <summary>Adds all that equality looks at.</summary>
        protected abstract void AddTo(ref Digest digest);

        /// <summary>The digest of the component's value, computed once: a component does not change.</summary>
        public ulong Digest()
        {
            if (digested) { return known; }
            Digest digest = default;
            digest.Add(Key);
            AddTo(ref digest);
            known = digest.Value;
            digested = true;
            return known;
        }

        /// <summary>Whether an editor that was sent this and holds <paramref name="held"/> holds what was sent.</summary>
        public virtual bool IsHeldAs(Component held) => Digest() == held.Digest();

        /// <summary>True when an entity of the kind may have the component.</summary>
        public static bool IsAllowed(string kind, string key)
        {
            return key == "name" || (key == "mesh") == (kind == Kinds.Mesh);
        }

        /// <summary>Reads and checks a component; VS-3004 when the key is not one of <see cref="Keys"/>.</summary>
        public static Component Read(string key, JsonValue json, IReadOnlyList<byte[]> attachments, string place)
        {
            switch (key)
            {
                case "name": return NameComponent.Read(json, place);
                case "transform": return TransformComponent.Read(json, place);
                case "visibility": return new VisibilityComponent(json.Required("visible", place).AsBool(place
                    + ".visible"));
                case "parent":
                case "data": return ReferenceComponent.Read(key, json, place);
                case "mesh": return MeshReader.Read(json, attachments, place);
                default: throw new SyncException(ErrorCode.ComponentInvalid, "the component is not supported",
                    place);
            }
        }
    }

    /// <summary>What people call the entity: 1 to 255 characters, none of them a control character.</summary>
    public sealed class NameComponent : Component
    {
        const int MaxLength = 255;

        public NameComponent(string name)
        {
            Name = name;
        }

        public string Name { get; }

        public override string Key => "name";

        /// <summary>The nearest name that the wire allows to one that an editor allows.</summary>
        public static NameComponent FromEditor(string name)
        {
            char[] characters = (name ?? "").ToCharArray();
            for (int i = 0; i < characters.Length; i++)
            {
                if (char.IsControl(characters[i])) { characters[i] = ' '; }
            }
            int length = System.Math.Min(characters.Length, MaxLength);
            // A cut between the halves of a surrogate pair would not be valid text.
            if (length > 0 && length < characters.Length && char.IsHighSurrogate(characters[length - 1])) { length--; }
            return new NameComponent(length == 0 ? "Unnamed" : new string(characters, 0, length));
        }

        public static NameComponent Read(JsonValue json, string place)
        {
            string name = json.AsString(place);
            bool valid = name.Length > 0;
            int characters = 0;
            foreach (char c in name)
            {
                valid &= !char.IsControl(c);
                if (!char.IsLowSurrogate(c)) { characters++; }
            }
            if (!valid || characters > MaxLength)
            {
                throw new SyncException(ErrorCode.MessageMalformed,
                    "a name has 1 to 255 characters, no control characters", place);
            }
            return new NameComponent(name);
        }

        public override JsonValue ToJson(List<byte[]> attachments) => Name;

        protected override void AddTo(ref Digest digest) => digest.Add(Name);
    }

    /// <summary>Whether the entity itself is switched on; its parents may still hide it.</summary>
    public sealed class VisibilityComponent : Component
    {
        public VisibilityComponent(bool visible)
        {
            Visible = visible;
        }

        public bool Visible { get; }

        public override string Key => "visibility";

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("visible", Visible);

        protected override void AddTo(ref Digest digest) => digest.Add(Visible ? 1u : 0u);
    }

    /// <summary>A link to another entity (`parent` or `data`), or to none.</summary>
    public sealed class ReferenceComponent : Component
    {
        public ReferenceComponent(string key, string uuid)
        {
            Key = key;
            Uuid = uuid;
        }

        public override string Key { get; }

        /// <summary>The uuid of the entity, or null.</summary>
        public string Uuid { get; }

        public static ReferenceComponent Read(string key, JsonValue json, string place)
        {
            JsonValue uuid = json.Required("uuid", place);
            string target = uuid.IsNull ? null : Core.Uuid.Check(uuid.AsString(place + ".uuid"), place + ".uuid");
            return new ReferenceComponent(key, target);
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object().With("uuid", Uuid);

        protected override void AddTo(ref Digest digest) => digest.Add(Uuid);
    }
}
