namespace VibeSync.Core.Capabilities
{
    /// <summary>Shortens texts of handlers and agents.</summary>
    public static class ShortText
    {
        /// <summary>Characters of the message in a result.</summary>
        public const int MaxMessage = 2000;

        /// <summary>Returns at most that many characters, and no half of a surrogate pair.</summary>
        public static string Cut(string text, int most)
        {
            if (text.Length <= most) { return text; }
            return text.Substring(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most);
        }
    }
}
