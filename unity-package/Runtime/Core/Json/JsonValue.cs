using System;
using System.Collections.Generic;

namespace VibeSync.Core.Json
{
    /// <summary>The type of a <see cref="JsonValue"/>.</summary>
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
    /// A JSON value. The As... and Required... members throw VS-1006 with the location if the value is missing or of
    /// another type.
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

        /// <summary>Whether the text was a whole number beyond 2^53 without an exponent, which a double rounds.</summary>
        public bool IsRounded { get; private set; }

        /// <summary>Returns a number that <see cref="IsRounded"/>.</summary>
        public static JsonValue Rounded(double value) => new JsonValue(JsonKind.Number, number: value) { IsRounded = true };

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

        /// <summary>Sets a member and returns this object, so that calls can be chained.</summary>
        public JsonValue With(string key, JsonValue value)
        {
            AsObject(key)[key] = value;
            return this;
        }

        /// <summary>Appends to this array.</summary>
        public void Add(JsonValue value) => AsArray("").Add(value);

        /// <summary>Returns the member, or null if this object has none of that name.</summary>
        public JsonValue Find(string key)
        {
            return Kind == JsonKind.Object && members.TryGetValue(key, out JsonValue value) ? value : null;
        }

        /// <summary>Returns the member; throws VS-1006 if it is missing.</summary>
        public JsonValue Required(string key, string location)
        {
            return Find(key) ?? throw new SyncException(ErrorCode.MessageMalformed, "a field is missing",
                JoinPath(location, key));
        }

        public string RequiredString(string key, string location)
        {
            return Required(key, location).AsString(JoinPath(location, key));
        }

        public long RequiredInteger(string key, string location)
        {
            return Required(key, location).AsInteger(JoinPath(location, key));
        }

        public string AsString(string location)
        {
            return Kind == JsonKind.String ? text : throw MakeTypeError("a string", location);
        }

        public bool AsBool(string location)
        {
            return Kind == JsonKind.Bool ? flag : throw MakeTypeError("true or false", location);
        }

        public double AsNumber(string location)
        {
            return Kind == JsonKind.Number ? number : throw MakeTypeError("a number", location);
        }

        /// <summary>Returns a whole number from 0 to 2^53 - 1.</summary>
        public long AsInteger(string location)
        {
            double value = AsNumber(location);
            bool isInteger = value >= 0 && value <= MaxInteger && value == Math.Floor(value);
            if (!isInteger) { throw MakeTypeError("a whole number", location); }
            return (long)value;
        }

        public List<JsonValue> AsArray(string location)
        {
            return Kind == JsonKind.Array ? items : throw MakeTypeError("an array", location);
        }

        public Dictionary<string, JsonValue> AsObject(string location)
        {
            return Kind == JsonKind.Object ? members : throw MakeTypeError("an object", location);
        }

        static string JoinPath(string location, string key) => location.Length == 0 ? key : location + "." + key;

        SyncException MakeTypeError(string expected, string location)
        {
            return new SyncException(ErrorCode.MessageMalformed, "expected " + expected + ", found " + Kind, location);
        }
    }
}
