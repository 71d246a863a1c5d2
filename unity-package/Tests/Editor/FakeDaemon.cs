using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using NUnit.Framework;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Tests
{
    /// <summary>
    /// A daemon as a client sees it: announces itself in a runtime folder, performs the handshake, and then sends the
    /// messages of the test. The test reads the client's frames.
    /// </summary>
    public sealed class FakeDaemon : IDisposable
    {
        public const string ProjectId = "01920000-0000-7000-8000-000000000001";

        readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
        readonly BlockingCollection<Frame> received = new BlockingCollection<Frame>();
        readonly byte[] token = new byte[32];
        readonly Thread thread;
        TcpClient client;
        volatile bool isDisposed;

        /// <param name="folder">The runtime folder to announce itself in.</param>
        /// <param name="root">The folder of its project.</param>
        public FakeDaemon(string folder, string root)
        {
            Folder = folder;
            Root = root;
            new Random(7).NextBytes(token);
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            File.WriteAllText(Path.Combine(Folder, "token"), Hex.Write(token) + "\n");
            Announce(ProjectId, Port, Path.Combine(Folder, "token"));
            thread = new Thread(Serve) { IsBackground = true };
            thread.Start();
        }

        /// <summary>The runtime folder in which it announces itself.</summary>
        public string Folder { get; }

        public int Port { get; }

        /// <summary>The folder of its project.</summary>
        public string Root { get; set; }

        /// <summary>Whether its discovery file says that it is asleep.</summary>
        public bool IsAsleep { get; set; }

        public bool HasWrongProof { get; set; }

        public int HeartbeatMilliseconds { get; set; } = 60000;

        public long HeadSeq { get; set; }

        /// <summary>The reason of its batches.</summary>
        public string Reason { get; set; } = "change";

        public JsonValue SafeMode { get; set; } = JsonValue.Null;

        public JsonValue Epochs { get; set; } = JsonValue.Array();

        /// <summary>The last sequence that the client's history shares with the log; null if it has not diverged.</summary>
        public JsonValue DivergedAfter { get; set; } = JsonValue.Null;

        /// <summary>Whether its challenge has a field of a later version.</summary>
        public bool HasUnknownField { get; set; }

        /// <summary>The features that it offers.</summary>
        public JsonValue Features { get; set; } = JsonValue.Array();

        public JsonValue Hello { get; private set; }

        public int Connections { get; private set; }

        /// <summary>The end of the last connection: "closed" or "reset"; null before it.</summary>
        public string Ending { get; private set; }

        /// <summary>Writes a discovery file.</summary>
        public void Announce(string projectId, int port, string tokenPath)
        {
            JsonValue file = JsonValue.Object().With("schema_version", 1).With("project_id", projectId)
                .With("project_root", Root).With("host", "127.0.0.1").With("port", port)
                .With("token_path", tokenPath).With("pid", 1).With("daemon_version", "0").With("asleep", IsAsleep);
            File.WriteAllText(Path.Combine(Folder, projectId + ".json"), JsonWriter.Write(file));
        }

        /// <summary>Returns the next frame of the client, if one arrived.</summary>
        public bool TryReceive(out Frame frame, int milliseconds = 0) => received.TryTake(out frame, milliseconds);

        /// <summary>
        /// Waits for a frame of the type while no frame of the editor runs; drops frames of other types.
        /// </summary>
        public Frame Receive(string type, double seconds = 10)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (DateTime.UtcNow < end)
            {
                if (received.TryTake(out Frame frame, 5) && frame.Type == type) { return frame; }
            }
            throw new AssertionException("no " + type + " arrived");
        }

        /// <summary>Answers the inventory with `sync`; the client is then connected.</summary>
        public void AnswerInventory(JsonValue want = null, int owed = 0)
        {
            Send(Messages.Create("sync").With("head_seq", HeadSeq).With("want", want ?? JsonValue.Array())
                .With("owed", owed));
        }

        public void Send(JsonValue header, List<byte[]> attachments = null) =>
            SendBytes(new Frame(header, attachments).Encode());

        public void SendBytes(byte[] bytes) => client.GetStream().Write(bytes, 0, bytes.Length);

        /// <summary>Accepts an intent.</summary>
        public void Accept(Frame intent, long seq, params JsonValue[] behind)
        {
            string id = intent.Header.RequiredString("operation_id", "");
            JsonValue ack = Messages.Create("ack").With("operation_id", id).With("status", "accepted").With("seq", seq);
            Send(behind.Length == 0 ? ack : ack.With("behind", JsonValue.Array(behind)));
        }

        public void Refuse(Frame intent, string code, string location)
        {
            Send(Messages.Create("ack").With("operation_id", intent.Header.RequiredString("operation_id", ""))
                .With("status", "refused").With("seq", 0).With("error", JsonValue.Object().With("code", code)
                .With("message", "refused by the test").With("place", location).With("help", "")));
        }

        /// <summary>Sends a batch and returns its id.</summary>
        public string Apply(long seq, string label, List<byte[]> attachments, params JsonValue[] changes)
        {
            string batch = Guid.NewGuid().ToString();
            foreach (JsonValue change in changes) { change.With("version", seq); }
            Send(Messages.Create("apply").With("batch_id", batch).With("project_id", ProjectId)
                .With("schema_version", 1).With("reason", Reason).With("path", "slow")
                .With("operations", JsonValue.Array()).With("label", label).With("head_seq", seq)
                .With("changes", JsonValue.Array(changes)), attachments);
            return batch;
        }

        /// <summary>Whether the daemon keeps its side of a connection open after the client has closed its own.</summary>
        public bool HoldsConnections { get; set; }

        /// <summary>Returns whether the client's socket is closed for good: its system refuses what is sent to it.</summary>
        public bool IsClosedByClient()
        {
            try
            {
                for (int i = 0; i < 20; i++)
                {
                    SendBytes(new byte[1]);
                    Thread.Sleep(1);
                }
                return false;
            }
            catch (Exception error) when (error is IOException || error is InvalidOperationException)
            {
                return true;
            }
        }

        /// <summary>Breaks the connection without a message; the client may reconnect.</summary>
        public void Drop() => client.Close();

        public void Dispose()
        {
            isDisposed = true;
            listener.Stop();
            client?.Close();
            thread.Join(2000);
        }

        void Serve()
        {
            while (!isDisposed)
            {
                try
                {
                    client = listener.AcceptTcpClient();
                    Connections++;
                    Ending = null;
                    Talk(client.GetStream());
                    while (HoldsConnections && !isDisposed) { Thread.Sleep(1); }
                    client.Close();
                    Ending = "closed";
                }
                catch (Exception error) when (error is IOException || error is SocketException
                    || error is ObjectDisposedException || error is InvalidOperationException)
                {
                    // The test or the client ended the connection.
                    Ending = "reset";
                }
            }
        }

        void Talk(NetworkStream stream)
        {
            string nonce = Proof.NewNonce();
            JsonValue challenge = Messages.Create("challenge").With("protocol_min", 1).With("protocol_max", 1)
                .With("schema_version", 1).With("daemon_version", "0").With("project_id", ProjectId).With("nonce", nonce)
                .With("features", Features);
            if (HasUnknownField) { challenge.With("later", JsonValue.Object().With("x", 1)); }
            Send(challenge);
            FrameDecoder decoder = new FrameDecoder { IsHandshakeDone = true };
            List<Frame> frames = new List<Frame>();
            byte[] buffer = new byte[65536];
            int count;
            while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
            {
                decoder.Push(buffer, 0, count, frames);
                foreach (Frame frame in frames)
                {
                    if (frame.Type == "hello") { Welcome(frame.Header, nonce); }
                    else { received.Add(frame); }
                }
                frames.Clear();
            }
        }

        void Welcome(JsonValue hello, string nonce)
        {
            Hello = hello;
            string clientNonce = hello.RequiredString("nonce", "");
            if (hello.RequiredString("proof", "") != Proof.SignClient(token, nonce, clientNonce, ProjectId))
            {
                Send(Messages.Create("error").With("code", "VS-2002").With("message", "wrong").With("place", "")
                    .With("help", "").With("fatal", true));
                return;
            }
            byte[] key = HasWrongProof ? new byte[32] : token;
            JsonValue welcome = Messages.Create("welcome").With("session_id", Guid.NewGuid().ToString())
                .With("protocol", 1).With("proof", Proof.SignDaemon(key, nonce, clientNonce, ProjectId))
                .With("head_seq", HeadSeq).With("heartbeat_ms", HeartbeatMilliseconds).With("batch_window_ms", 300)
                .With("limits", JsonValue.Object().With("max_frame_bytes", 268435456)
                    .With("max_header_bytes", 16777216).With("max_attachments", 1024).With("max_changes", 10000))
                .With("safe_mode", SafeMode).With("epochs", Epochs).With("diverged_after", DivergedAfter);
            List<byte> bytes = new List<byte>(new Frame(welcome, null).Encode());
            if (!DivergedAfter.IsNull)
            {
                // At once, so that the client has both before its inventory.
                bytes.AddRange(new Frame(Messages.Create("notice").With("severity", "warning").With("code", "VS-5010")
                    .With("message", "the daemon has lost changes").With("help", "")
                    .With("uuids", JsonValue.Array()), null).Encode());
            }
            SendBytes(bytes.ToArray());
        }
    }
}
