using System;
using System.Globalization;
using System.Text;

namespace VibeSync.Core.Json
{
    /// <summary>
    /// Reads JSON strictly (RFC 8259): no comments, no trailing commas, no duplicate keys, no NaN, no number beyond the
    /// range of a double, at most <see cref="MaxDepth"/> levels. Anything else is VS-1003 with the offset as its
    /// location.
    /// </summary>
    public sealed class JsonReader
    {
        public const int MaxDepth = 64;

        /// <summary>2^53, the only number beyond the largest exact integer that is taken as written.</summary>
        const string Power53 = "9007199254740992";

        static readonly UTF8Encoding StrictUtf8 = new UTF8Encoding(false, true);

        readonly string text;
        int position;

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
            JsonValue value = reader.ReadValue(1);
            reader.SkipSpace();
            if (reader.position != text.Length) { throw reader.MakeError("text after the value"); }
            return value;
        }

        JsonValue ReadValue(int depth)
        {
            if (depth > MaxDepth) { throw MakeError("more than " + MaxDepth + " levels"); }
            SkipSpace();
            switch (Peek())
            {
                case '{': return ReadObject(depth);
                case '[': return ReadArray(depth);
                case '"': return ReadString();
                case 't': return ReadKeyword("true", true);
                case 'f': return ReadKeyword("false", false);
                case 'n': return ReadKeyword("null", JsonValue.Null);
                default: return ReadNumber();
            }
        }

        JsonValue ReadObject(int depth)
        {
            JsonValue result = JsonValue.Object();
            position++;
            SkipSpace();
            if (TryTake('}')) { return result; }
            do
            {
                SkipSpace();
                string key = ReadString();
                if (result.Find(key) != null) { throw MakeError("a key appears twice"); }
                SkipSpace();
                Take(':');
                result.With(key, ReadValue(depth + 1));
                SkipSpace();
            }
            while (TryTake(','));
            Take('}');
            return result;
        }

        JsonValue ReadArray(int depth)
        {
            JsonValue result = JsonValue.Array();
            position++;
            SkipSpace();
            if (TryTake(']')) { return result; }
            do
            {
                result.Add(ReadValue(depth + 1));
                SkipSpace();
            }
            while (TryTake(','));
            Take(']');
            return result;
        }

        JsonValue ReadKeyword(string word, JsonValue value)
        {
            if (string.CompareOrdinal(text, position, word, 0, word.Length) != 0) { throw MakeError("no value"); }
            position += word.Length;
            return value;
        }

        JsonValue ReadNumber()
        {
            int start = position;
            TryTake('-');
            if (!TryTake('0')) { SkipDigits(); }
            int wholeEnd = position;
            if (TryTake('.')) { SkipDigits(); }
            if (TryTake('e') || TryTake('E'))
            {
                if (!TryTake('+')) { TryTake('-'); }
                SkipDigits();
            }
            string number = text.Substring(start, position - start);
            bool isNumber = double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
            if (!isNumber || double.IsInfinity(value)) { throw MakeError("a number out of range"); }
            bool isWide = wholeEnd == position && Math.Abs(value) > JsonValue.MaxInteger && number.TrimStart('-') != Power53;
            return isWide ? JsonValue.Rounded(value) : value;
        }

        void SkipDigits()
        {
            int start = position;
            while (position < text.Length && text[position] >= '0' && text[position] <= '9') { position++; }
            if (position == start) { throw MakeError("no value"); }
        }

        string ReadString()
        {
            Take('"');
            int start = position;
            while (position < text.Length && text[position] != '"' && text[position] != '\\' && text[position] >= ' ')
            {
                position++;
            }
            if (Peek() == '"') { return text.Substring(start, position++ - start); }
            position = start;
            return ReadEscapedString();
        }

        string ReadEscapedString()
        {
            StringBuilder result = new StringBuilder();
            while (true)
            {
                char c = Peek();
                position++;
                if (c == '"') { return result.ToString(); }
                if (c < ' ') { throw MakeError("a control character in a string"); }
                result.Append(c == '\\' ? ReadEscape() : c);
            }
        }

        char ReadEscape()
        {
            char c = Peek();
            position++;
            switch (c)
            {
                case '"': case '\\': case '/': return c;
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
                case 'u': return ReadHex4();
                default: throw MakeError("an unknown escape");
            }
        }

        char ReadHex4()
        {
            int value = 0;
            for (int i = 0; i < 4; i++, position++)
            {
                char c = Peek();
                int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
                if (digit < 0) { throw MakeError("a bad \\u escape"); }
                value = value * 16 + digit;
            }
            return (char)value;
        }

        void SkipSpace()
        {
            while (position < text.Length && IsSpace(text[position])) { position++; }
        }

        static bool IsSpace(char c) => c == ' ' || c == '\t' || c == '\n' || c == '\r';

        char Peek() => position < text.Length ? text[position] : throw MakeError("the JSON ends too early");

        void Take(char expected)
        {
            if (!TryTake(expected)) { throw MakeError("expected '" + expected + "'"); }
        }

        bool TryTake(char expected)
        {
            if (position >= text.Length || text[position] != expected) { return false; }
            position++;
            return true;
        }

        SyncException MakeError(string problem)
        {
            string location = "offset " + position.ToString(CultureInfo.InvariantCulture);
            return new SyncException(ErrorCode.HeaderInvalid, "not valid JSON: " + problem, location);
        }
    }
}
