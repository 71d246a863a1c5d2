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

    /// <summary>The codes of docs/protocol.md that an editor raises or reacts to.</summary>
    public static class ErrorCode
    {
        public const string FrameTruncated = "VS-1001";
        public const string FrameTooLong = "VS-1002";
        public const string HeaderInvalid = "VS-1003";
        public const string AttachmentsMismatch = "VS-1004";
        public const string TypeUnknown = "VS-1005";
        public const string MessageMalformed = "VS-1006";
        public const string VersionUnsupported = "VS-2001";
        public const string ProofWrong = "VS-2002";
        public const string OtherProject = "VS-2003";
        public const string PeerSilent = "VS-2007";
        public const string FormatNewer = "VS-5008";
        public const string UuidUnknown = "VS-3001";
        public const string UuidOfOtherKind = "VS-3002";
        public const string NumberOutOfRange = "VS-3003";
        public const string ComponentNotAllowed = "VS-3004";
        public const string MeshInconsistent = "VS-3005";
        public const string UuidTombstoned = "VS-3006";
        public const string ParentCycle = "VS-3008";
        public const string BlobUnknown = "VS-3010";
        public const string NotApplied = "VS-4005";
        public const string QueueFull = "VS-4006";
        public const string NoDaemon = "VS-6003";
        public const string TokenUnusable = "VS-6005";
        public const string UuidDuplicated = "VS-7002";
        public const string ReadOnlyData = "VS-7003";
        public const string ObjectVanished = "VS-7005";
    }
}
