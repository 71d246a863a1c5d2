using System;

namespace VibeSync.Core
{
    /// <summary>A coded error of the protocol, with a sentence and the location that it is about.</summary>
    public sealed class SyncException : Exception
    {
        /// <param name="code">One of <see cref="ErrorCode"/>.</param>
        /// <param name="message">A sentence for the user.</param>
        /// <param name="location">
        /// The path of a field or entity, such as <c>changes[3].components.name</c>; may be empty.
        /// </param>
        public SyncException(string code, string message, string location = "") : base(message)
        {
            Code = code;
            Location = location;
        }

        /// <summary>The stable code, such as VS-3003.</summary>
        public string Code { get; }

        /// <summary>The path of the field or entity that the error is about; may be empty.</summary>
        public string Location { get; }

        public override string ToString()
        {
            return Location.Length == 0 ? Code + ": " + Message : Code + " at " + Location + ": " + Message;
        }
    }
}
