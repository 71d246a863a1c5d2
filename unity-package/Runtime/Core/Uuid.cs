using System;

namespace VibeSync.Core
{
    /// <summary>Uuids as the wire writes them: lower-case and hyphenated.</summary>
    public static class Uuid
    {
        public static string New() => Guid.NewGuid().ToString("D");

        public static bool IsValid(string text)
        {
            return text != null && Guid.TryParseExact(text, "D", out Guid guid) && guid.ToString("D") == text;
        }

        /// <summary>The text itself; VS-1006 when it is not a uuid.</summary>
        public static string Check(string text, string place)
        {
            return IsValid(text) ? text : throw new SyncException(ErrorCode.MessageMalformed, "not a uuid", place);
        }
    }
}
