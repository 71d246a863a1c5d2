using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The action that an entity plays, and the slot of it.</summary>
    public sealed class AnimationComponent : Component
    {
        public const string Name = "animation";

        /// <summary>An entity that plays nothing.</summary>
        public static readonly AnimationComponent None = new AnimationComponent(null, null);

        public AnimationComponent(string action, long? slot)
        {
            Action = action;
            Slot = slot;
        }

        /// <summary>The uuid of the action; null for none.</summary>
        public string Action { get; }

        /// <summary>The id of the slot; null if the entity plays nothing of the action.</summary>
        public long? Slot { get; }

        public override string Key => Name;

        public override bool IsDefault => Action == null;

        public override IEnumerable<string> References => new[] { Action };

        public static AnimationComponent Read(JsonValue json, string location)
        {
            string action = SlotsComponent.ReadUuid(json.Required("action", location), location + ".action");
            JsonValue number = json.Required("slot", location);
            string at = location + ".slot";
            if (number.IsNull) { return new AnimationComponent(action, null); }
            long slot = number.AsInteger(at);
            if (slot > uint.MaxValue) { throw new SyncException(ErrorCode.MessageMalformed, "not a number of 32 bits", at); }
            if (action == null) { throw new SyncException(ErrorCode.ComponentInvalid, "a slot is one of an action", at); }
            return new AnimationComponent(action, slot);
        }

        public override JsonValue ToJson(List<byte[]> attachments) =>
            JsonValue.Object().With("action", Action).With("slot", Slot == null ? JsonValue.Null : (JsonValue)Slot.Value);

        protected override void AddToDigest(ref Digest digest)
        {
            digest.Add(Action);
            digest.Add(Slot == null ? 0u : 1u);
            digest.Add((uint)(Slot ?? 0));
        }
    }
}
