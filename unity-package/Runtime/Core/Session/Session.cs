using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Net;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// The client's side of docs/protocol.md: connects, greets, reconciles, sends what the user changes and applies
    /// what the daemon sends. <see cref="Tick"/> does all work, on the caller's thread, and never waits.
    /// </summary>
    public sealed class Session
    {
        const double HandshakeSeconds = 10;
        const double ErrorSeconds = 5;
        const int FramesPerTick = 32;
        const int InventoryPart = 5000;
        const int IntentsInFlight = 4;

        enum Phase
        {
            Waiting,
            Opening,
            Challenge,
            Welcome,
            Sync,
            Live,
        }

        readonly ISceneAdapter scene;
        readonly Func<string, string, ILink> connect;
        readonly SessionOptions options;
        readonly Shadow shadow = new Shadow();
        readonly Outbox outbox = new Outbox();
        readonly Capture capture;
        readonly Applier applier;
        readonly Answers answers;
        readonly Backoff backoff;
        readonly Heartbeat heartbeat = new Heartbeat();
        readonly SessionStatus status = new SessionStatus();

        Phase phase = Phase.Waiting;
        ILink link;
        LinkEvent opened;
        string daemonNonce;
        string clientNonce;
        string projectId;
        double phaseSince;
        double retryAt;
        long baseSeq;
        bool bound;
        string reportedState;
        Frame batch;
        string deferredState;

        /// <param name="connect">Starts a connection for a project id and an open path.</param>
        public Session(ISceneAdapter scene, Func<string, string, ILink> connect, SessionOptions options)
        {
            this.scene = scene;
            this.connect = connect;
            this.options = options;
            capture = new Capture(scene, shadow);
            applier = new Applier(scene, shadow);
            answers = new Answers(scene, shadow, outbox, capture);
            backoff = new Backoff(options.InstanceId.GetHashCode());
        }

        /// <summary>Sentences for the user: severity (info, warning, error) and text.</summary>
        public event Action<string, string> Noticed;

        /// <summary>Intents that are not answered yet; to be kept over a domain reload.</summary>
        public Outbox Outbox => outbox;

        /// <summary>What the daemon knows of the scene; to be kept over a domain reload.</summary>
        public Shadow Shadow => shadow;

        public SessionStatus Status
        {
            get
            {
                status.Pending = outbox.Count;
                return status;
            }
        }

        /// <param name="now">Seconds of any clock that never runs backward.</param>
        public void Tick(double now)
        {
            try
            {
                if (phase == Phase.Waiting && now >= retryAt) { Open(now); }
                Receive(now);
                if (phase == Phase.Live) { Work(now); }
                else if (bound && EditorStates.CanCapture(scene.EditorState)) { capture.Watch(); }
                if (phase > Phase.Opening) { Beat(now); }
                bool stuck = phase > Phase.Waiting && phase < Phase.Live && now - phaseSince > HandshakeSeconds;
                if (stuck) { throw new SyncException(ErrorCode.PeerSilent, "the daemon did not finish the handshake"); }
            }
            catch (SyncException error)
            {
                Fail(error, now);
            }
        }

        /// <summary>Leaves the daemon and connects again at the next tick, because another scene is open now.</summary>
        public void Restart(string reason)
        {
            Close(reason);
            shadow.Clear();
            capture.Clear();
            bound = false;
            retryAt = 0;
        }

        /// <summary>Says goodbye and closes. A later tick would connect again.</summary>
        public void Close(string reason)
        {
            if (phase >= Phase.Sync) { link.TrySend(Messages.Goodbye(reason).Encode()); }
            Drop();
            status.State = "offline";
        }

        void Open(double now)
        {
            // In play mode the scene is not the user's; a session starts when it is again.
            if (!EditorStates.CanCapture(scene.EditorState)) { return; }
            string stored = scene.ProjectId;
            bound = stored.Length > 0;
            link = connect(stored, scene.OpenPath);
            Enter(Phase.Opening, now);
            if (status.State != "error") { status.State = "connecting"; }
        }

        void Enter(Phase next, double now)
        {
            phase = next;
            phaseSince = now;
        }

        void Receive(double now)
        {
            for (int i = 0; i < FramesPerTick && link != null && link.TryTake(out LinkEvent happened); i++)
            {
                if (happened.Closed != null) { throw happened.Closed; }
                if (happened.Daemon != null)
                {
                    opened = happened;
                    Enter(Phase.Challenge, now);
                    heartbeat.Start(now);
                    continue;
                }
                heartbeat.Heard(now);
                Handle(happened.Frame, now);
            }
        }

        void Handle(Frame frame, double now)
        {
            JsonValue header = frame.Header;
            string type = frame.Type;
            if (type == "error") { throw answers.ReadError(header); }
            if (phase == Phase.Challenge && type == "challenge") { OnChallenge(header, now); return; }
            if (phase == Phase.Welcome && type == "welcome") { OnWelcome(header, now); return; }
            if (phase == Phase.Sync && type == "sync") { OnSync(header, now); return; }
            if (phase < Phase.Sync)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "not expected now: " + type);
            }
            switch (type)
            {
                case "ping":
                    long nonce = Seen(header).RequiredInteger("nonce", "");
                    Send(Messages.Ping("pong", nonce, status.HeadSeq, scene.EditorState));
                    break;
                case "pong": Seen(header); break;
                case "apply": OnApply(frame); break;
                case "ack": baseSeq = Math.Max(baseSeq, answers.OnAck(header, now, status)); break;
                case "outcome": answers.OnOutcome(header, status); break;
                case "notice": Noticed?.Invoke(header.RequiredString("severity", ""), Answers.Sentence(header)); break;
                case "goodbye": throw new SyncException(ErrorCode.NoDaemon, "the daemon left: "
                    + header.RequiredString("reason", ""));
                case "result": break;
                default: Noticed?.Invoke("warning", ErrorCode.TypeUnknown + ": unknown message " + type); break;
            }
        }

        void OnChallenge(JsonValue header, double now)
        {
            bool spoken = header.RequiredInteger("protocol_min", "") <= Messages.Version
                && header.RequiredInteger("protocol_max", "") >= Messages.Version
                && header.RequiredInteger("schema_version", "") == Messages.Version;
            if (!spoken) { throw new SyncException(ErrorCode.VersionUnsupported, "the daemon speaks another version"); }
            string served = header.RequiredString("project_id", "");
            if (served != projectId)
            {
                // Sequences count within one project.
                status.HeadSeq = 0;
                baseSeq = 0;
            }
            projectId = served;
            if (projectId != opened.Daemon.ProjectId)
            {
                throw new SyncException(ErrorCode.NoDaemon, "the port belongs to another project's daemon");
            }
            daemonNonce = header.RequiredString("nonce", "");
            clientNonce = Proof.NewNonce();
            reportedState = scene.EditorState;
            JsonValue components = JsonValue.Array();
            foreach (string key in Component.Keys) { components.Add(key); }
            Send(new Frame(Messages.Of("hello").With("protocol", Messages.Version)
                .With("schema_version", Messages.Version)
                .With("project_id", projectId).With("role", "unity").With("editor_version", options.EditorVersion)
                .With("client_version", options.ClientVersion).With("instance_id", options.InstanceId)
                .With("last_seq", status.HeadSeq).With("editor_state", reportedState).With("components", components)
                .With("nonce", clientNonce)
                .With("proof", Proof.OfClient(opened.Token, daemonNonce, clientNonce, projectId))));
            Enter(Phase.Welcome, now);
        }

        void OnWelcome(JsonValue header, double now)
        {
            string expected = Proof.OfDaemon(opened.Token, daemonNonce, clientNonce, projectId);
            if (!Proof.Matches(expected, header.RequiredString("proof", "")))
            {
                throw new SyncException(ErrorCode.ProofWrong, "the daemon does not hold this user's token");
            }
            link.HandshakeOver(answers.ReadLimits(header.Required("limits", "")));
            heartbeat.Interval = header.RequiredInteger("heartbeat_ms", "") / 1000.0;
            Seen(header);
            if (scene.ProjectId.Length == 0) { scene.ProjectId = projectId; }
            bound = true;
            scene.Refresh(new List<string>());
            foreach (Frame part in Messages.Inventory(answers.Inventory(), InventoryPart)) { Send(part); }
            Enter(Phase.Sync, now);
        }

        void OnSync(JsonValue header, double now)
        {
            Seen(header);
            foreach (JsonValue uuid in header.Required("want", "").AsArray("want"))
            {
                shadow.Forget(uuid.AsString("want"));
            }
            // What is owed changes the scene; only when all of it is applied is the scene as new as the head.
            if (header.RequiredInteger("owed", "") == 0) { baseSeq = status.HeadSeq; }
            outbox.Rewind();
            capture.MarkAll();
            backoff.Reset();
            status.State = "connected";
            Enter(Phase.Live, now);
        }

        void OnApply(Frame frame)
        {
            if (frame.Header.RequiredString("project_id", "") != projectId)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "a batch of another project", "project_id");
            }
            batch = frame;
            deferredState = null;
        }

        void Work(double now)
        {
            string state = scene.EditorState;
            bool mine = EditorStates.CanCapture(state);
            bool applies = batch != null && EditorStates.CanApply(state);
            if (mine && (outbox.Count < IntentsInFlight || applies))
            {
                foreach (List<Change> changes in capture.Take(applies))
                {
                    outbox.Add(projectId, baseSeq, Capture.Label(changes), changes);
                    status.Sent++;
                }
            }
            foreach (OutgoingIntent intent in outbox.Intents)
            {
                if (intent.Sent || now < intent.NotBefore) { continue; }
                intent.Sent = true;
                SendBytes(intent.Bytes);
            }
            if (applies) { ApplyBatch(); }
            else if (batch != null && deferredState != state)
            {
                deferredState = state;
                Send(Messages.Deferred(batch.Header.RequiredString("batch_id", ""), state));
            }
        }

        void ApplyBatch()
        {
            Frame applying = batch;
            batch = null;
            Send(applier.Apply(applying));
            foreach (JsonValue change in applying.Header.Required("changes", "").AsArray("changes"))
            {
                outbox.NoteOverwritten(change.RequiredString("uuid", "changes"));
            }
            Seen(applying.Header);
            baseSeq = Math.Max(baseSeq, applying.Header.RequiredInteger("head_seq", ""));
            status.Applied++;
        }

        void Beat(double now)
        {
            string state = scene.EditorState;
            if (phase == Phase.Live && state != reportedState)
            {
                reportedState = state;
                Send(Messages.EditorState(state));
            }
            if (heartbeat.PingDue(now) && phase >= Phase.Sync)
            {
                Send(Messages.Ping("ping", heartbeat.NextNonce(), status.HeadSeq, state));
            }
            if (heartbeat.Silent(now)) { throw new SyncException(ErrorCode.PeerSilent, "the daemon is silent"); }
        }

        JsonValue Seen(JsonValue header)
        {
            status.HeadSeq = Math.Max(status.HeadSeq, header.RequiredInteger("head_seq", ""));
            return header;
        }

        void Send(Frame frame) => SendBytes(frame.Encode());

        void SendBytes(byte[] bytes)
        {
            if (!link.TrySend(bytes)) { throw new SyncException(ErrorCode.PeerSilent, "the daemon does not read"); }
        }

        void Fail(SyncException error, double now)
        {
            bool missing = error.Code == ErrorCode.NoDaemon;
            status.LastError = error;
            status.State = missing ? "offline" : "error";
            if (!missing) { Noticed?.Invoke("error", error.ToString()); }
            Drop();
            // An error that the next attempt will meet again is not met ten times a second.
            retryAt = now + backoff.Take() + (missing ? 0 : ErrorSeconds);
        }

        void Drop()
        {
            link?.Dispose();
            link = null;
            batch = null;
            phase = Phase.Waiting;
        }
    }
}
