using System;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Net
{
    /// <summary>
    /// A connection to a daemon. Background threads wait for the network; only <see cref="CloseAndWait"/> waits itself.
    /// </summary>
    public interface ILink : IDisposable
    {
        bool TryTake(out LinkEvent received);

        /// <summary>Whether no frame waits in the queue, so that the next one is written at once.</summary>
        bool IsIdle { get; }

        /// <summary>Queues a frame; returns false if the queue is full.</summary>
        bool TrySend(byte[] frame);

        /// <summary>Replaces the limits of the handshake by those of the session.</summary>
        void FinishHandshake(Limits limits);

        /// <summary>
        /// Closes the connection before it returns, within about a second. A domain reload and the end of the process
        /// end all threads, so that none is left to close it later.
        /// </summary>
        void CloseAndWait();
    }
}
