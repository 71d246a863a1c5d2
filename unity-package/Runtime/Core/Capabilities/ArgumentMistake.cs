using System;

namespace VibeSync.Core.Capabilities
{
    /// <summary>A rule that an argument of a call breaks, as docs/capabilities.md names it, and the argument's path.</summary>
    public sealed class ArgumentMistake : Exception
    {
        public ArgumentMistake(string rule, string path = "") : base(rule)
        {
            Rule = rule;
            Path = path;
        }

        public string Rule { get; }

        public string Path { get; }
    }
}
