using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Net;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// The client's side of docs/protocol.md: connects, greets, reconciles, and lets the <see cref="Exchange"/> work.
    /// <see cref="Tick"/> does it all, on the caller's thread, within its time, and never waits.
    /// </summary>
    public sealed class Session
    {
        const double HandshakeSeconds = 10;
        const double ErrorSeconds = 5;
        const int InventoryPart = 5000;

        enum Phase
        {
            Waiting,
            Opening,
            Challenge,
            Welcome,
            Stock,
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
        readonly Exchange exchange;
        readonly Answers answers;
        readonly Backoff backoff;
        readonly Heartbeat heartbeat = new Heartbeat();
        readonly Budget budget;
        readonly SessionStatus status = new SessionStatus();

        Phase phase = Phase.Waiting;
        ILink link;
        Handshake handshake;
        double phaseSince;
        double retryAt;
        bool bound;
        string reportedState;
        string reportedHands;

        /// <param name="connect">Starts a connection for a project id and an open path.</param>
        public Session(ISceneAdapter scene, Func<string, string, ILink> connect, SessionOptions options)
        {
            this.scene = scene;
            this.connect = connect;
            this.options = options;
            budget = new Budget(options.TickMilliseconds);
            applier = new Applier(scene, shadow, outbox, options.Wake);
            capture = new Capture(scene, shadow, applier.Held, options.Wake);
            exchange = new Exchange(scene, outbox, capture, applier, status, SendBytes, options.Wake);
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
            budget.Restart();
            try
            {
                if (phase == Phase.Waiting && now >= retryAt) { Open(now); }
                Receive(now);
                if (phase == Phase.Stock) { TakeStock(now); }
                if (phase == Phase.Live) { exchange.Work(now, budget); }
                else if (bound && phase != Phase.Stock && EditorStates.CanCapture(scene.EditorState)) { capture.Watch(); }
                if (phase > Phase.Opening) { Beat(now); }
                bool stuck = phase > Phase.Waiting && phase < Phase.Stock && now - phaseSince > HandshakeSeconds;
                if (stuck) { throw new SyncException(ErrorCode.PeerSilent, "the daemon did not finish the handshake"); }
            }
            catch (SyncException error)
            {
                Fail(error, now);
            }
        }

        /// <summary>
        /// Waits until the outbox and the shadow say all there is to know of the scene, so that they can be kept.
        /// </summary>
        public void Settle() => applier.Settle();

        /// <summary>Says goodbye and closes. A later tick would connect again.</summary>
        /// <param name="reloading">Whether the editor comes back by itself; the daemon tells the user so.</param>
        public void Close(string reason, bool reloading = false)
        {
            if (phase >= Phase.Sync)
            {
                if (reloading) { link.TrySend(Messages.EditorState(EditorStates.Reloading).Encode()); }
                link.TrySend(Messages.Goodbye(reason).Encode());
            }
            applier.Abandon();
            Drop();
            status.State = "offline";
        }

        /// <summary>A person ends the daemon's safe mode; it says how automation stands then.</summary>
        public void TurnOnAutomation(string who)
        {
            if (phase == Phase.Live) { Send(Messages.Reset("safe-mode", who, "asked for in the editor's window")); }
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
            while (link != null && link.TryTake(out LinkEvent happened))
            {
                if (happened.Closed != null) { throw happened.Closed; }
                if (happened.Daemon != null)
                {
                    handshake = new Handshake(happened, options);
                    Enter(Phase.Challenge, now);
                    heartbeat.Start(now);
                    continue;
                }
                heartbeat.Heard(now);
                Handle(happened.Frame, now);
                if (budget.Spent) { break; }
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
                case "apply": exchange.OnApply(frame); break;
                case "ack": exchange.CaughtUp(answers.OnAck(header, now, status)); break;
                case "outcome": answers.OnOutcome(header, status); break;
                case "notice":
                    status.LastNotice = Answers.Sentence(header);
                    Noticed?.Invoke(header.RequiredString("severity", ""), status.LastNotice);
                    break;
                case "governance": status.SafeMode = WhySafe(header); break;
                case "goodbye": throw new SyncException(ErrorCode.NoDaemon, "the daemon left: "
                    + header.RequiredString("reason", ""));
                case "result": break;
                default: Noticed?.Invoke("warning", ErrorCode.MessageUnknown + ": unknown message " + type); break;
            }
        }

        void OnChallenge(JsonValue header, double now)
        {
            handshake.Challenge(header);
            exchange.Serve(handshake.ProjectId);
            reportedState = scene.EditorState;
            reportedHands = null;
            Send(handshake.Hello(Math.Max(status.HeadSeq, scene.BaseSeq), reportedState));
            Enter(Phase.Welcome, now);
        }

        void OnWelcome(JsonValue header, double now)
        {
            link.HandshakeOver(handshake.Welcome(header));
            heartbeat.Interval = header.RequiredInteger("heartbeat_ms", "") / 1000.0;
            Seen(header);
            status.SafeMode = WhySafe(header);
            if (scene.ProjectId.Length == 0) { scene.ProjectId = handshake.ProjectId; }
            bound = true;
            answers.Begin();
            Enter(Phase.Stock, now);
        }

        /// <summary>Says what the scene holds, once it has been looked through.</summary>
        void TakeStock(double now)
        {
            capture.Watch();
            status.Task = "looking through the scene";
            if (!exchange.Settle(budget) || !scene.Complete || !answers.TakeStock(budget)) { return; }
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
            status.Owed = (int)Math.Min(int.MaxValue, header.RequiredInteger("owed", ""));
            status.Received = 0;
            // What is owed changes the scene; only when all of it is applied is the scene as new as the head.
            if (status.Owed == 0) { exchange.CaughtUp(status.HeadSeq); }
            exchange.Begin();
            backoff.Reset();
            status.Task = "";
            status.State = "connected";
            Enter(Phase.Live, now);
        }

        void Beat(double now)
        {
            string state = scene.EditorState;
            if (phase == Phase.Live) { Report(state); }
            if (heartbeat.PingDue(now) && phase >= Phase.Sync)
            {
                Send(Messages.Ping("ping", heartbeat.NextNonce(), status.HeadSeq, state));
            }
            if (heartbeat.Silent(now)) { throw new SyncException(ErrorCode.PeerSilent, "the daemon is silent"); }
        }

        /// <summary>Says what the user does, and on which objects, when either changes.</summary>
        void Report(string state)
        {
            IReadOnlyList<string> objects = EditorStates.HandsOn(state) ? scene.Hands : null;
            string hands = objects == null ? null : string.Join(" ", objects);
            if (state == reportedState && hands == reportedHands) { return; }
            reportedState = state;
            reportedHands = hands;
            Send(Messages.EditorState(state, objects));
        }

        JsonValue Seen(JsonValue header)
        {
            status.HeadSeq = Math.Max(status.HeadSeq, header.RequiredInteger("head_seq", ""));
            return header;
        }

        /// <summary>Why automation is off, as `welcome` and `governance` say it; null where it is on.</summary>
        static string WhySafe(JsonValue header)
        {
            JsonValue safeMode = header.Find("safe_mode");
            return safeMode == null || safeMode.IsNull ? null : safeMode.RequiredString("why", "safe_mode");
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
            exchange.End();
            link?.Dispose();
            link = null;
            phase = Phase.Waiting;
        }
    }
}
