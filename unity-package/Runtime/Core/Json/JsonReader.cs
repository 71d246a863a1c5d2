using System;
using System.Globalization;
using System.Text;

namespace VibeSync.Core.Json
{
    /// <summary>
    /// Reads JSON strictly (RFC 8259): no comments, no trailing commas, no duplicate keys, no NaN, no number beyond the
    /// range of a double, at most <see cref="MaxDepth"/> levels. Anything else is VS-1003 with the offset as its place.
    /// </summary>
    public sealed class JsonReader
    {
        public const int MaxDepth = 64;

        static readonly UTF8Encoding StrictUtf8 = new UTF8Encoding(false, true);

        readonly string text;
        int at;

        JsonReader(string text)
        {
            this.text = text;
        }

        /// <summary>Reads one value from UTF-8 bytes.</summary>
        public static JsonValue Read(byte[] bytes, int offset, int count)
        {
            try
            {
                return Read(StrictUtf8.GetString(bytes, offset, count));
            }
            catch (DecoderFallbackException)
            {
                throw new SyncException(ErrorCode.HeaderInvalid, "the JSON is not valid UTF-8");
            }
        }

        /// <summary>Reads one value that fills the whole text.</summary>
        public static JsonValue Read(string text)
        {
            JsonReader reader = new JsonReader(text);
            JsonValue value = reader.Value(1);
            reader.SkipSpace();
            if (reader.at != text.Length) { throw reader.Broken("text after the value"); }
            return value;
        }

        JsonValue Value(int depth)
        {
            if (depth > MaxDepth) { throw Broken("more than " + MaxDepth + " levels"); }
            SkipSpace();
            switch (Peek())
            {
                case '{': return Members(depth);
                case '[': return Items(depth);
                case '"': return String();
                case 't': return Word("true", true);
                case 'f': return Word("false", false);
                case 'n': return Word("null", JsonValue.Null);
                default: return Number();
            }
        }

        JsonValue Members(int depth)
        {
            JsonValue result = JsonValue.Object();
            at++;
            SkipSpace();
            if (TryTake('}')) { return result; }
            do
            {
                SkipSpace();
                string key = String();
                if (result.Find(key) != null) { throw Broken("a key appears twice"); }
                SkipSpace();
                Take(':');
                result.With(key, Value(depth + 1));
                SkipSpace();
            }
            while (TryTake(','));
            Take('}');
            return result;
        }

        JsonValue Items(int depth)
        {
            JsonValue result = JsonValue.Array();
            at++;
            SkipSpace();
            if (TryTake(']')) { return result; }
            do
            {
                result.Add(Value(depth + 1));
                SkipSpace();
            }
            while (TryTake(','));
            Take(']');
            return result;
        }

        JsonValue Word(string word, JsonValue value)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) { throw Broken("no value"); }
            at += word.Length;
            return value;
        }

        JsonValue Number()
        {
            int start = at;
            TryTake('-');
            if (!TryTake('0')) { Digits(); }
            if (TryTake('.')) { Digits(); }
            if (TryTake('e') || TryTake('E'))
            {
                if (!TryTake('+')) { TryTake('-'); }
                Digits();
            }
            bool read = double.TryParse(text.AsSpan(start, at - start), NumberStyles.Float,
                CultureInfo.InvariantCulture, out double value);
            if (!read || double.IsInfinity(value)) { throw Broken("a number out of range"); }
            return value;
        }

        void Digits()
        {
            int start = at;
            while (at < text.Length && text[at] >= '0' && text[at] <= '9') { at++; }
            if (at == start) { throw Broken("no value"); }
        }

        string String()
        {
            Take('"');
            int start = at;
            while (at < text.Length && text[at] != '"' && text[at] != '\\' && text[at] >= ' ') { at++; }
            if (Peek() == '"') { return text.Substring(start, at++ - start); }
            at = start;
            return EscapedString();
        }

        string EscapedString()
        {
            StringBuilder result = new StringBuilder();
            while (true)
            {
                char c = Peek();
                at++;
                if (c == '"') { return result.ToString(); }
                if (c < ' ') { throw Broken("a control character in a string"); }
                result.Append(c == '\\' ? Escape() : c);
            }
        }

        char Escape()
        {
            char c = Peek();
            at++;
            switch (c)
            {
                case '"': case '\\': case '/': return c;
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
                case 'u': return Hex4();
                default: throw Broken("an unknown escape");
            }
        }

        char Hex4()
        {
            int value = 0;
            for (int i = 0; i < 4; i++, at++)
            {
                char c = Peek();
                int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
                if (digit < 0) { throw Broken("a bad \\u escape"); }
                value = value * 16 + digit;
            }
            return (char)value;
        }

        void SkipSpace()
        {
            while (at < text.Length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
            {
                at++;
            }
        }

        char Peek() => at < text.Length ? text[at] : throw Broken("the JSON ends too early");

        void Take(char expected)
        {
            if (!TryTake(expected)) { throw Broken("expected '" + expected + "'"); }
        }

        bool TryTake(char expected)
        {
            if (at >= text.Length || text[at] != expected) { return false; }
            at++;
            return true;
        }

        SyncException Broken(string what)
        {
            string place = "offset " + at.ToString(CultureInfo.InvariantCulture);
            return new SyncException(ErrorCode.HeaderInvalid, "not valid JSON: " + what, place);
        }
    }
}
