using System;

namespace VibeSync.Core
{
    /// <summary>Creates and checks uuids in the form of the wire: lower-case and hyphenated.</summary>
    public static class Uuid
    {
        public static string New() => Guid.NewGuid().ToString("D");

        public static bool IsValid(string text)
        {
            return text != null && Guid.TryParseExact(text, "D", out Guid guid) && guid.ToString("D") == text;
        }

        /// <summary>Returns the text; throws VS-1006 if it is not a uuid.</summary>
        public static string Check(string text, string location)
        {
            return IsValid(text) ? text : throw new SyncException(ErrorCode.MessageMalformed, "not a uuid", location);
        }
    }
}
