using System;
using System.Collections.Generic;

namespace VibeSync.Core.Json
{
    /// <summary>What a <see cref="JsonValue"/> holds.</summary>
    public enum JsonKind
    {
        Null,
        Bool,
        Number,
        String,
        Array,
        Object,
    }

    /// <summary>
    /// A JSON value. The As... and Required... members throw VS-1006 naming the place when the value is of another
    /// kind.
    /// </summary>
    public sealed class JsonValue
    {
        /// <summary>The largest integer that every implementation reads exactly: 2^53 - 1.</summary>
        public const double MaxInteger = 9007199254740991;

        public static readonly JsonValue Null = new JsonValue(JsonKind.Null);

        readonly bool flag;
        readonly double number;
        readonly string text;
        readonly List<JsonValue> items;
        readonly Dictionary<string, JsonValue> members;

        JsonValue(JsonKind kind, bool flag = false, double number = 0, string text = null,
            List<JsonValue> items = null, Dictionary<string, JsonValue> members = null)
        {
            Kind = kind;
            this.flag = flag;
            this.number = number;
            this.text = text;
            this.items = items;
            this.members = members;
        }

        public JsonKind Kind { get; }

        public bool IsNull => Kind == JsonKind.Null;

        public static JsonValue Array(params JsonValue[] values)
        {
            return new JsonValue(JsonKind.Array, items: new List<JsonValue>(values));
        }

        public static JsonValue Object() =>
            new JsonValue(JsonKind.Object, members: new Dictionary<string, JsonValue>());

        public static implicit operator JsonValue(bool value) => new JsonValue(JsonKind.Bool, flag: value);

        public static implicit operator JsonValue(double value) => new JsonValue(JsonKind.Number, number: value);

        public static implicit operator JsonValue(string value)
        {
            return value == null ? Null : new JsonValue(JsonKind.String, text: value);
        }

        /// <summary>Sets a member and returns this object, so that calls chain.</summary>
        public JsonValue With(string key, JsonValue value)
        {
            AsObject(key)[key] = value;
            return this;
        }

        /// <summary>Appends to this array.</summary>
        public void Add(JsonValue value) => AsArray("").Add(value);

        /// <summary>The member, or null when this object has none of that name.</summary>
        public JsonValue Find(string key)
        {
            return Kind == JsonKind.Object && members.TryGetValue(key, out JsonValue value) ? value : null;
        }

        /// <summary>The member; VS-1006 when it is missing.</summary>
        public JsonValue Required(string key, string place)
        {
            return Find(key) ?? throw new SyncException(ErrorCode.MessageMalformed, "a field is missing",
                Join(place, key));
        }

        public string RequiredString(string key, string place) => Required(key, place).AsString(Join(place, key));

        public long RequiredInteger(string key, string place) => Required(key, place).AsInteger(Join(place, key));

        public string AsString(string place) => Kind == JsonKind.String ? text : throw Wrong("a string", place);

        public bool AsBool(string place) => Kind == JsonKind.Bool ? flag : throw Wrong("true or false", place);

        public double AsNumber(string place) => Kind == JsonKind.Number ? number : throw Wrong("a number", place);

        /// <summary>A whole number from 0 to 2^53 - 1.</summary>
        public long AsInteger(string place)
        {
            double value = AsNumber(place);
            if (value < 0 || value > MaxInteger || value != Math.Floor(value)) { throw Wrong("a whole number", place); }
            return (long)value;
        }

        public List<JsonValue> AsArray(string place) => Kind == JsonKind.Array ? items : throw Wrong("an array", place);

        public Dictionary<string, JsonValue> AsObject(string place)
        {
            return Kind == JsonKind.Object ? members : throw Wrong("an object", place);
        }

        static string Join(string place, string key) => place.Length == 0 ? key : place + "." + key;

        SyncException Wrong(string expected, string place)
        {
            return new SyncException(ErrorCode.MessageMalformed, "expected " + expected + ", found " + Kind, place);
        }
    }
}
