using System.Collections.Generic;
using VibeSync.Core.Discovery;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Net
{
    /// <summary>An event on a connection: opened, a frame, not opened for lack of a project, or closed. The other members are null.</summary>
    public sealed class LinkEvent
    {
        public LinkEvent(DiscoveryFile daemon, byte[] token, bool isByFolder)
        {
            Daemon = daemon;
            Token = token;
            IsByFolder = isByFolder;
        }

        public LinkEvent(Frame frame)
        {
            Frame = frame;
        }

        public LinkEvent(IReadOnlyList<DiscoveryFile> offers)
        {
            Offers = offers;
        }

        public LinkEvent(SyncException closed)
        {
            Closed = closed;
        }

        /// <summary>The daemon that the connection was opened to.</summary>
        public DiscoveryFile Daemon { get; }

        /// <summary>The token that the discovery file names; set together with <see cref="Daemon"/>.</summary>
        public byte[] Token { get; }

        /// <summary>Whether the scene would belong to the daemon's project without its id.</summary>
        public bool IsByFolder { get; }

        public Frame Frame { get; }

        /// <summary>The announced projects, if the scene belongs to none. Always the last event.</summary>
        public IReadOnlyList<DiscoveryFile> Offers { get; }

        /// <summary>The reason why the connection ended or could not open. Always the last event.</summary>
        public SyncException Closed { get; }
    }
}
