namespace VibeSync.Core.Wire
{
    /// <summary>The largest sizes of a frame and its parts; docs/protocol.md, part 2.</summary>
    public sealed class Limits
    {
        /// <summary>A frame's `length` field until the handshake is done, in bytes.</summary>
        public const long HandshakeFrameBytes = 65536;

        /// <summary>A frame's `length` field, in bytes.</summary>
        public long MaxFrameBytes = 268435456;

        /// <summary>The JSON header, in bytes.</summary>
        public long MaxHeaderBytes = 16777216;

        public int MaxAttachments = 1024;

        public int MaxChanges = 10000;
    }
}
