using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using VibeSync.Core.Discovery;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Net
{
    /// <summary>
    /// Finds the daemon, connects, reads and writes, on two threads of its own. Both queues are bounded: a full receive
    /// queue makes the reader wait (and so the daemon), a full send queue is reported to the sender.
    /// </summary>
    public sealed class TcpLink : ILink
    {
        const int MaxReceiveFrames = 64;
        const int MaxSendFrames = 256;
        const int ReceiveBytes = 262144;
        const int ConnectMilliseconds = 2000;
        const int JoinMilliseconds = 500;

        readonly BlockingCollection<LinkEvent> receiveQueue = new BlockingCollection<LinkEvent>(MaxReceiveFrames);
        readonly BlockingCollection<byte[]> sendQueue = new BlockingCollection<byte[]>(MaxSendFrames);
        readonly CancellationTokenSource stop = new CancellationTokenSource();
        readonly FrameDecoder decoder = new FrameDecoder();
        readonly Thread reader;
        readonly Thread writer;
        readonly Action wake;
        TcpClient client;

        /// <param name="folders">The runtime folders.</param>
        /// <param name="projectId">See <see cref="DaemonPicker.Pick"/>.</param>
        /// <param name="openPath">See <see cref="DaemonPicker.Pick"/>.</param>
        /// <param name="platform">See <see cref="DaemonPicker.Pick"/>.</param>
        /// <param name="wake">Called on the reading thread for each event.</param>
        public TcpLink(IReadOnlyList<string> folders, string projectId, string openPath, Platform platform, Action wake)
        {
            this.wake = wake;
            DiscoveryFile Pick(List<DiscoveryFile> daemons, string id) => DaemonPicker.Pick(daemons, id, openPath,
                platform, path => SymbolicLinks.Resolve(path, platform));
            reader = new Thread(() => Read(folders, projectId, Pick)) { IsBackground = true,
                Name = "VibeSync reader" };
            writer = new Thread(Write) { IsBackground = true, Name = "VibeSync writer" };
            reader.Start();
        }

        public bool TryTake(out LinkEvent received) => receiveQueue.TryTake(out received);

        public bool IsIdle => sendQueue.Count == 0;

        public bool TrySend(byte[] frame) => !stop.IsCancellationRequested && sendQueue.TryAdd(frame);

        public void FinishHandshake(Limits limits)
        {
            lock (decoder)
            {
                decoder.Limits = limits;
                decoder.IsHandshakeDone = true;
            }
        }

        /// <summary>
        /// Returns at once. Another thread closes the connection once the send queue is written and the daemon has
        /// closed its side, or after a moment.
        /// </summary>
        public void Dispose()
        {
            sendQueue.CompleteAdding();
            new Thread(Close) { IsBackground = true, Name = "VibeSync closer" }.Start();
        }

        public void CloseAndWait()
        {
            sendQueue.CompleteAdding();
            Close();
        }

        void Close()
        {
            if (writer.IsAlive) { writer.Join(JoinMilliseconds); }
            stop.Cancel();
            reader.Join(JoinMilliseconds);
            client?.Close();
        }

        void Put(LinkEvent linkEvent)
        {
            receiveQueue.Add(linkEvent, stop.Token);
            wake();
        }

        void Read(IReadOnlyList<string> folders, string projectId,
            Func<List<DiscoveryFile>, string, DiscoveryFile> pick)
        {
            SyncException reason;
            try
            {
                List<DiscoveryFile> daemons = DiscoveryFile.ReadAll(folders);
                DiscoveryFile daemon = pick(daemons, projectId);
                if (daemon == null && daemons.Count > 0 && string.IsNullOrEmpty(projectId))
                {
                    Put(new LinkEvent(daemons));
                    return;
                }
                Connect(daemon);
                Put(new LinkEvent(daemon, daemon.ReadToken(), pick(daemons, "") == daemon));
                writer.Start();
                Receive(client.GetStream());
                reason = new SyncException(ErrorCode.NoDaemon, "the daemon closed the connection");
            }
            catch (SyncException error)
            {
                reason = error;
            }
            catch (Exception error) when (error is IOException || error is SocketException
                || error is ObjectDisposedException || error is OperationCanceledException
                || error is InvalidOperationException)
            {
                reason = new SyncException(ErrorCode.NoDaemon, "the connection broke: " + error.Message);
            }
            if (stop.IsCancellationRequested) { Drain(); }
            client?.Close();
            try { Put(new LinkEvent(reason)); }
            catch (OperationCanceledException) { /* Disposed: the session reads no more events. */ }
        }

        void Connect(DiscoveryFile daemon)
        {
            if (daemon == null) { throw new SyncException(ErrorCode.NoDaemon, "no daemon of this project is running"); }
            client = Open(daemon);
            if (client == null) { throw new SyncException(ErrorCode.NoDaemon, "no daemon answers at its address"); }
        }

        static TcpClient Open(DiscoveryFile daemon)
        {
            TcpClient candidate = new TcpClient { NoDelay = true };
            try
            {
                if (candidate.ConnectAsync(daemon.Host, daemon.Port).Wait(ConnectMilliseconds)) { return candidate; }
            }
            catch (AggregateException error) when (error.InnerException is SocketException)
            {
                // The port refuses: a daemon ended without removing its discovery file.
            }
            candidate.Close();
            return null;
        }

        void Receive(NetworkStream stream)
        {
            byte[] buffer = new byte[ReceiveBytes];
            List<Frame> frames = new List<Frame>();
            int count;
            while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
            {
                lock (decoder) { decoder.Push(buffer, 0, count, frames); }
                foreach (Frame frame in frames) { Put(new LinkEvent(frame)); }
                frames.Clear();
            }
            if (!decoder.IsAtBoundary)
            {
                throw new SyncException(ErrorCode.FrameTruncated, "the connection ended inside a frame");
            }
        }

        /// <summary>
        /// Discards what the daemon still sends. Closing a socket with unread bytes resets the connection, and the
        /// daemon would lose the last messages.
        /// </summary>
        void Drain()
        {
            if (client == null) { return; }
            byte[] buffer = new byte[65536];
            try
            {
                NetworkStream stream = client.GetStream();
                stream.ReadTimeout = JoinMilliseconds;
                while (stream.Read(buffer, 0, buffer.Length) > 0) { }
            }
            catch (Exception error) when (error is IOException || error is SocketException
                || error is InvalidOperationException)
            {
                // It is closed anyway.
            }
        }

        void Write()
        {
            try
            {
                NetworkStream stream = client.GetStream();
                Socket socket = client.Client;
                foreach (byte[] frame in sendQueue.GetConsumingEnumerable(stop.Token))
                {
                    stream.Write(frame, 0, frame.Length);
                }
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is IOException || error is SocketException
                || error is OperationCanceledException || error is InvalidOperationException)
            {
                // The reader meets the same broken connection and reports it.
                client.Close();
            }
        }
    }
}
