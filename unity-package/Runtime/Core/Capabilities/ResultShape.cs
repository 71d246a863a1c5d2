using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using VibeSync.Capabilities;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Converts what a handler returned to the result on the wire. Refuses any other form with VS-9108.</summary>
    public static class ResultShape
    {
        const int MaxErrorCode = 64;
        const int MaxDepth = 32;

        /// <summary>Bytes of the result, of which each value counts at least two.</summary>
        const int MaxBytes = 256 << 10;

        /// <summary>Returns the answer of a handler that returned; anything but a result is the data of a success.</summary>
        public static CommandAnswer Make(object returned)
        {
            AiResult result = returned as AiResult ?? AiResult.Success("", returned);
            try
            {
                if (result.ErrorCode != null && !IsErrorCode(result.ErrorCode)) { throw Refuse("error_code"); }
                int left = MaxBytes;
                JsonValue json = JsonValue.Object().With("status", result.Status)
                    .With("message", ShortText.Cut(result.Message, ShortText.MaxMessage))
                    .With("data", Convert(result.Data, "data", 1, ref left));
                if (result.ErrorCode != null) { json.With("error_code", result.ErrorCode); }
                return new CommandAnswer(json, result.Status == "error" ? Core.ErrorCode.HandlerFailed : null);
            }
            catch (SyncException error)
            {
                return CommandAnswer.Fail(ErrorCode.ResultUnusable, "UNSERIALIZABLE_RESULT", error.ToString());
            }
        }

        static bool IsErrorCode(string text)
        {
            foreach (char c in text)
            {
                if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') { return false; }
            }
            return text.Length > 0 && text.Length <= MaxErrorCode;
        }

        static JsonValue Convert(object value, string location, int depth, ref int left)
        {
            if (depth > MaxDepth) { throw Refuse(location + ": too deep"); }
            Spend(2, location, ref left);
            switch (value)
            {
                case null: return JsonValue.Null;
                case bool flag: return flag;
                case string text: return ConvertText(text, location, ref left);
                case IDictionary members: return ConvertMembers(members, location, depth, ref left);
                case IEnumerable items: return ConvertItems(items, location, depth, ref left);
                default: return ConvertNumber(value, location, ref left);
            }
        }

        static JsonValue ConvertText(string text, string location, ref int left)
        {
            if (!ArgumentTypes.IsText(text)) { throw Refuse(location + ": half of a character"); }
            Spend(System.Text.Encoding.UTF8.GetByteCount(text), location, ref left);
            return text;
        }

        static JsonValue ConvertMembers(IDictionary members, string location, int depth, ref int left)
        {
            JsonValue json = JsonValue.Object();
            foreach (DictionaryEntry member in members)
            {
                if (!(member.Key is string key)) { throw Refuse(location + ": a key that is no text"); }
                ConvertText(key, location, ref left);
                json.With(key, Convert(member.Value, location + "." + ShortText.Cut(key, 40), depth + 1, ref left));
            }
            return json;
        }

        static JsonValue ConvertItems(IEnumerable items, string location, int depth, ref int left)
        {
            JsonValue json = JsonValue.Array();
            int index = 0;
            foreach (object item in items)
            {
                string at = location + "[" + index++.ToString(CultureInfo.InvariantCulture) + "]";
                json.Add(Convert(item, at, depth + 1, ref left));
            }
            return json;
        }

        static JsonValue ConvertNumber(object value, string location, ref int left)
        {
            Spend(8, location, ref left);
            switch (value)
            {
                case float _: case double _: case decimal _: case int _: case long _: case short _: case byte _:
                case uint _: case ulong _: case ushort _: case sbyte _: break;
                default: throw Refuse(location + ": a " + value.GetType().Name + ", which JSON does not have");
            }
            double number = System.Convert.ToDouble(value, CultureInfo.InvariantCulture);
            bool isFinite = !double.IsNaN(number) && !double.IsInfinity(number);
            return isFinite ? (JsonValue)number : throw Refuse(location + ": a number that is not finite");
        }

        static void Spend(int bytes, string location, ref int left)
        {
            left -= bytes;
            if (left < 0) { throw Refuse(location + ": the result is larger than 256 KiB"); }
        }

        static SyncException Refuse(string what) => new SyncException(ErrorCode.ResultUnusable, what);
    }
}
