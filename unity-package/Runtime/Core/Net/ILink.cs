using System;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Net
{
    /// <summary>A connection to a daemon. No member waits for the network; background threads do.</summary>
    public interface ILink : IDisposable
    {
        bool TryTake(out LinkEvent received);

        /// <summary>Queues a frame; returns false if the queue is full.</summary>
        bool TrySend(byte[] frame);

        /// <summary>Replaces the limits of the handshake by those of the session.</summary>
        void FinishHandshake(Limits limits);
    }
}
