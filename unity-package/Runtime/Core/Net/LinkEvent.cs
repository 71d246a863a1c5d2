using VibeSync.Core.Discovery;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Net
{
    /// <summary>An event on a connection: opened, a frame, or closed. The other members are null.</summary>
    public sealed class LinkEvent
    {
        public LinkEvent(DiscoveryFile daemon, byte[] token)
        {
            Daemon = daemon;
            Token = token;
        }

        public LinkEvent(Frame frame)
        {
            Frame = frame;
        }

        public LinkEvent(SyncException closed)
        {
            Closed = closed;
        }

        /// <summary>The daemon that the connection was opened to.</summary>
        public DiscoveryFile Daemon { get; }

        /// <summary>The token that the discovery file names; set together with <see cref="Daemon"/>.</summary>
        public byte[] Token { get; }

        public Frame Frame { get; }

        /// <summary>The reason why the connection ended or could not open. Always the last event.</summary>
        public SyncException Closed { get; }
    }
}
