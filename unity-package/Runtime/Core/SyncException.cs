using System;

namespace VibeSync.Core
{
    /// <summary>A coded error of the protocol: what went wrong (code and sentence) and where.</summary>
    public sealed class SyncException : Exception
    {
        /// <param name="code">One of <see cref="ErrorCode"/>.</param>
        /// <param name="message">A sentence for people.</param>
        /// <param name="place">The spot, such as <c>changes[3].components.name</c>; may be empty.</param>
        public SyncException(string code, string message, string place = "") : base(message)
        {
            Code = code;
            Place = place;
        }

        /// <summary>The stable code, such as VS-3003.</summary>
        public string Code { get; }

        /// <summary>The spot, or an empty string.</summary>
        public string Place { get; }

        public override string ToString()
        {
            return Place.Length == 0 ? Code + ": " + Message : Code + " at " + Place + ": " + Message;
        }
    }
}
