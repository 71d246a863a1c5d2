using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The materials that an object shows in slots instead of those of its mesh.</summary>
    public sealed class MaterialsComponent : Component
    {
        public const string Name = "materials";

        /// <summary>An object that shows the materials of its mesh.</summary>
        public static readonly MaterialsComponent None = new MaterialsComponent(new SortedDictionary<int, string>());

        const int MaxSlot = 32766;

        readonly SortedDictionary<int, string> own;

        /// <param name="own">The uuids by slot, null for none. Is never changed.</param>
        public MaterialsComponent(SortedDictionary<int, string> own)
        {
            this.own = own;
        }

        public override string Key => Name;

        public override bool IsDefault => own.Count == 0;

        public override IEnumerable<string> References => own.Values;

        /// <summary>Returns whether the object has a material of its own in a slot, which may be none.</summary>
        public bool TryFind(int slot, out string uuid) => own.TryGetValue(slot, out uuid);

        /// <summary>Returns a copy in which a slot shows another material.</summary>
        public MaterialsComponent With(int slot, string uuid) =>
            new MaterialsComponent(new SortedDictionary<int, string>(own) { [slot] = uuid });

        /// <summary>Returns a copy in which a slot shows the material of the mesh.</summary>
        public MaterialsComponent Without(int slot)
        {
            SortedDictionary<int, string> rest = new SortedDictionary<int, string>(own);
            rest.Remove(slot);
            return new MaterialsComponent(rest);
        }

        /// <summary>Returns a copy in which no slot shows the material.</summary>
        public MaterialsComponent WithoutMaterial(string uuid)
        {
            SortedDictionary<int, string> rest = new SortedDictionary<int, string>();
            foreach (KeyValuePair<int, string> slot in own) { rest[slot.Key] = slot.Value == uuid ? null : slot.Value; }
            return new MaterialsComponent(rest);
        }

        public static MaterialsComponent Read(JsonValue json, string location)
        {
            string ownLocation = location + ".own";
            SortedDictionary<int, string> own = new SortedDictionary<int, string>();
            foreach (KeyValuePair<string, JsonValue> slot in json.Required("own", location).AsObject(ownLocation))
            {
                bool isNumber = int.TryParse(slot.Key, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
                if (!isNumber || number > MaxSlot || number.ToString(CultureInfo.InvariantCulture) != slot.Key)
                {
                    throw new SyncException(ErrorCode.ComponentInvalid, "not the number of a slot", ownLocation);
                }
                own[number] = SlotsComponent.ReadUuid(slot.Value, ownLocation);
            }
            return new MaterialsComponent(own);
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue slots = JsonValue.Object();
            foreach (KeyValuePair<int, string> slot in own)
            {
                slots.With(slot.Key.ToString(CultureInfo.InvariantCulture), slot.Value);
            }
            return JsonValue.Object().With("own", slots);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (KeyValuePair<int, string> slot in own)
            {
                digest.Add((uint)slot.Key);
                digest.Add(slot.Value);
            }
        }
    }
}
