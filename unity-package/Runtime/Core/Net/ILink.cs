using System;
using VibeSync.Core.Discovery;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Net
{
    /// <summary>Something that happened on a connection. Exactly one of the members is set.</summary>
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

        /// <summary>The token that the daemon's discovery file led to; set with <see cref="Daemon"/>.</summary>
        public byte[] Token { get; }

        public Frame Frame { get; }

        /// <summary>Why there is no connection any more, or why none came about. The last event.</summary>
        public SyncException Closed { get; }
    }

    /// <summary>A connection to a daemon. No member waits for the network; threads in the background do.</summary>
    public interface ILink : IDisposable
    {
        bool TryTake(out LinkEvent happened);

        /// <summary>Queues a frame; false when the queue is full.</summary>
        bool TrySend(byte[] frame);

        /// <summary>Raises the limits from those of the handshake to those of the session.</summary>
        void HandshakeOver(Limits limits);
    }
}
