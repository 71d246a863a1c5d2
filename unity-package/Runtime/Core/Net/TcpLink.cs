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
    /// Finds the daemon, connects, reads and writes, all on its own two threads. Both queues are bounded: a full inbox
    /// makes the reader wait (and so the daemon), a full outbox is reported to the sender.
    /// </summary>
    public sealed class TcpLink : ILink
    {
        const int InboxFrames = 64;
        const int OutboxFrames = 256;
        const int ConnectMilliseconds = 2000;
        const int JoinMilliseconds = 500;

        readonly BlockingCollection<LinkEvent> inbox = new BlockingCollection<LinkEvent>(InboxFrames);
        readonly BlockingCollection<byte[]> outbox = new BlockingCollection<byte[]>(OutboxFrames);
        readonly CancellationTokenSource stop = new CancellationTokenSource();
        readonly FrameDecoder decoder = new FrameDecoder();
        readonly Thread reader;
        readonly Thread writer;
        readonly Action wake;
        TcpClient client;

        /// <param name="folder">The runtime folder, or null.</param>
        /// <param name="projectId">See <see cref="DaemonPicker.Pick"/>.</param>
        /// <param name="openPath">See <see cref="DaemonPicker.Pick"/>.</param>
        /// <param name="wake">Called on the reading thread whenever there is something to take.</param>
        public TcpLink(string folder, string projectId, string openPath, Action wake)
        {
            this.wake = wake;
            reader = new Thread(() => Read(folder, projectId, openPath)) { IsBackground = true,
                Name = "VibeSync reader" };
            writer = new Thread(Write) { IsBackground = true, Name = "VibeSync writer" };
            reader.Start();
        }

        public bool TryTake(out LinkEvent happened) => inbox.TryTake(out happened);

        public bool TrySend(byte[] frame) => !stop.IsCancellationRequested && outbox.TryAdd(frame);

        public void HandshakeOver(Limits limits)
        {
            lock (decoder)
            {
                decoder.Limits = limits;
                decoder.HandshakeOver = true;
            }
        }

        /// <summary>
        /// Returns at once; the connection is closed when what is queued has been written, or after a moment.
        /// </summary>
        public void Dispose()
        {
            outbox.CompleteAdding();
            new Thread(Close) { IsBackground = true, Name = "VibeSync closer" }.Start();
        }

        void Close()
        {
            if (writer.IsAlive) { writer.Join(JoinMilliseconds); }
            stop.Cancel();
            client?.Close();
        }

        void Put(LinkEvent happened)
        {
            inbox.Add(happened, stop.Token);
            wake();
        }

        void Read(string folder, string projectId, string openPath)
        {
            SyncException reason;
            try
            {
                DiscoveryFile daemon = Connect(DiscoveryFile.ReadAll(folder), projectId, openPath);
                Put(new LinkEvent(daemon, daemon.ReadToken()));
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
            client?.Close();
            try { Put(new LinkEvent(reason)); }
            catch (OperationCanceledException) { /* Disposed: nobody asks any more. */ }
        }

        /// <summary>
        /// Connects to the daemon that fits; files of daemons that are gone are set aside one by one.
        /// </summary>
        DiscoveryFile Connect(List<DiscoveryFile> daemons, string projectId, string openPath)
        {
            DiscoveryFile picked = DaemonPicker.Pick(daemons, projectId, openPath);
            if (picked == null && daemons.Count > 1 && string.IsNullOrEmpty(projectId))
            {
                daemons.RemoveAll(daemon => !Answers(daemon));
                picked = DaemonPicker.Pick(daemons, projectId, openPath);
            }
            while (picked != null)
            {
                client = Open(picked);
                if (client != null) { return picked; }
                daemons.Remove(picked);
                picked = DaemonPicker.Pick(daemons, projectId, openPath);
            }
            string problem = daemons.Count == 0 ? "no daemon is running"
                : "no running daemon is clearly this project's";
            throw new SyncException(ErrorCode.NoDaemon, problem);
        }

        static bool Answers(DiscoveryFile daemon)
        {
            using (TcpClient probe = Open(daemon)) { return probe != null; }
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
                // The port refuses: a daemon that ended without taking its file along.
            }
            candidate.Close();
            return null;
        }

        void Receive(NetworkStream stream)
        {
            byte[] buffer = new byte[65536];
            List<Frame> frames = new List<Frame>();
            int count;
            while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
            {
                lock (decoder) { decoder.Push(buffer, 0, count, frames); }
                foreach (Frame frame in frames) { Put(new LinkEvent(frame)); }
                frames.Clear();
            }
            if (!decoder.AtBoundary)
            {
                throw new SyncException(ErrorCode.FrameTruncated, "the connection ended inside a frame");
            }
        }

        void Write()
        {
            try
            {
                NetworkStream stream = client.GetStream();
                foreach (byte[] frame in outbox.GetConsumingEnumerable(stop.Token))
                {
                    stream.Write(frame, 0, frame.Length);
                }
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException
                || error is OperationCanceledException || error is InvalidOperationException)
            {
                // The reader sees the same broken connection and reports it.
                client.Close();
            }
        }
    }
}
