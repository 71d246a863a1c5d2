using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The weights of the shape keys of a mesh. A missing weight is zero.</summary>
    public sealed class ShapeValuesComponent : Component
    {
        public const string Name = "shape_values";

        /// <summary>All weights are zero.</summary>
        public static readonly ShapeValuesComponent None = new ShapeValuesComponent(new Dictionary<string, double>());

        /// <param name="values">Is never changed.</param>
        public ShapeValuesComponent(IReadOnlyDictionary<string, double> values)
        {
            Values = values;
        }

        /// <summary>The weights by the name of the key; with 1 the mesh blends into it all the way.</summary>
        public IReadOnlyDictionary<string, double> Values { get; }

        public override string Key => Name;

        public override bool IsDefault
        {
            get
            {
                foreach (double value in Values.Values)
                {
                    if (value != 0) { return false; }
                }
                return true;
            }
        }

        /// <summary>Returns the weight of a key.</summary>
        public double Find(string key) => Values.TryGetValue(key, out double value) ? value : 0;

        public static ShapeValuesComponent Read(JsonValue json, string location)
        {
            string at = location + ".values";
            JsonValue members = json.Required("values", location);
            if (members.AsObject(at).Count > ShapeKey.MaxKeys)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "too many keys", at);
            }
            Dictionary<string, double> values = new Dictionary<string, double>();
            foreach (string key in members.AsObject(at).Keys)
            {
                double value = Numbers.Read(members, ShapeKey.CheckName(key, at), at);
                Numbers.Limit(at + "." + key, -ShapeKey.MaxWeight, ShapeKey.MaxWeight, value);
                values.Add(key, value);
            }
            return new ShapeValuesComponent(values);
        }

        public override bool Matches(Component readBack)
        {
            ShapeValuesComponent other = (ShapeValuesComponent)readBack;
            foreach (ShapeValuesComponent each in new[] { this, other })
            {
                foreach (string key in each.Values.Keys)
                {
                    if (!AreClose(Find(key), other.Find(key))) { return false; }
                }
            }
            return true;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue values = JsonValue.Object();
            foreach (KeyValuePair<string, double> value in Values) { values.With(value.Key, value.Value); }
            return JsonValue.Object().With("values", values);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            List<string> keys = new List<string>(Values.Keys);
            keys.Sort(StringComparer.Ordinal);
            foreach (string key in keys)
            {
                if (Values[key] == 0) { continue; }
                digest.Add(key);
                digest.Add(Values[key]);
            }
        }
    }
}
