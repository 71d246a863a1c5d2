using System;
using System.Collections.Generic;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;
using VibeSync.Core.Net;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Implements the client's side of docs/protocol.md: connects, greets, sends the inventory, and then runs the
    /// <see cref="SyncLoop"/>. <see cref="Tick"/> does all of it on the caller's thread, within its budget, without
    /// waiting.
    /// </summary>
    public sealed class Session
    {
        const double HandshakeSeconds = 10;
        const double ErrorSeconds = 5;

        /// <summary>The time from one look for the project of a scene without one to the next.</summary>
        const double ChoiceSeconds = 1;

        const int InventoryPart = 5000;

        enum Phase
        {
            Disconnected,
            Opening,
            Challenge,
            Welcome,
            Inventory,
            Sync,
            Live,
        }

        readonly ISceneAdapter scene;
        readonly Func<string, string, ILink> connect;
        readonly SessionOptions options;
        readonly Replica replica = new Replica();
        readonly Outbox outbox = new Outbox();
        readonly Capture capture;
        readonly Applier applier;
        readonly SyncLoop syncLoop;
        readonly InventoryBuilder inventory;
        readonly ResponseHandler responses;
        readonly Divergence divergence;
        readonly CallLoop calls;
        readonly ViewLoop views;
        readonly PreviewLoop previews;
        readonly ActivityReport activity;
        readonly Backoff backoff;
        readonly WakeUp wakeUp = new WakeUp();
        readonly Heartbeat heartbeat = new Heartbeat();
        readonly SessionStatus status = new SessionStatus();

        Phase phase = Phase.Disconnected;
        ILink link;
        Handshake handshake;
        double phaseSince;
        double retryAt;
        bool hasProject;
        bool hasCapabilities;
        bool hasViews;

        /// <param name="connect">Starts a connection for a project id and an open path.</param>
        public Session(ISceneAdapter scene, Func<string, string, ILink> connect, SessionOptions options)
        {
            this.scene = scene;
            this.connect = connect;
            this.options = options;
            Time = new TickTime(scene, options, status);
            applier = new Applier(scene, replica, outbox, options.Wake);
            capture = new Capture(scene, replica, applier.Unconfirmed, options.Wake);
            syncLoop = new SyncLoop(scene, outbox, capture, applier, status, SendBytes, options);
            inventory = new InventoryBuilder(scene, replica, outbox);
            responses = new ResponseHandler(scene, replica, outbox, capture);
            divergence = new Divergence(scene, replica, outbox);
            Agents = new AgentTracker(status, Send);
            calls = new CallLoop(scene, replica, outbox, capture, syncLoop, options, Send);
            views = new ViewLoop(scene, options.Views, () => syncLoop.IsApplying || calls.HasUnansweredChanges, Send);
            previews = new PreviewLoop(scene, options.Previews, replica, outbox, capture,
                () => link.IsIdle, frame => link.TrySend(frame.Encode()));
            activity = new ActivityReport(scene, Send);
            backoff = new Backoff(options.InstanceId.GetHashCode());
        }

        /// <summary>Raised with a sentence for the user: severity (info, warning, error) and text.</summary>
        public event Action<string, string> Noticed;

        /// <summary>The unacknowledged intents; saved over a domain reload.</summary>
        public Outbox Outbox => outbox;

        /// <summary>The state that the daemon has confirmed; saved over a domain reload.</summary>
        public Replica Replica => replica;

        /// <summary>The time that a tick may take from the editor.</summary>
        public TickTime Time { get; }

        /// <summary>The questions of agents, and what the user decides about agents.</summary>
        public AgentTracker Agents { get; }

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
            Time.Begin();
            try
            {
                if (phase == Phase.Disconnected && now >= retryAt) { Open(now); }
                Receive(now);
                if (phase == Phase.Inventory) { BuildInventory(now); }
                if (phase == Phase.Live)
                {
                    previews.Run(now, calls.IsUnderWay);
                    responses.ResendStuck(status);
                    syncLoop.Run(now, Time.Budget);
                    bool isSettled = outbox.Count == 0 && applier.Batch == null;
                    if (divergence.MayBeSettled && isSettled) { divergence.EndIfSettled(inventory); }
                    Agents.Run(now);
                    if (hasCapabilities) { calls.Run(); }
                    views.Run();
                    previews.Finish(status.HasWaitingBatch);
                }
                else if (hasProject && phase != Phase.Inventory && EditorStates.CanCapture(scene.EditorState))
                {
                    capture.RefreshDirtySet();
                }
                if (phase > Phase.Opening && !IsWaking(now)) { SendHeartbeat(now); }
                double limit = IsWaking(now) ? WakeUp.MaxSeconds : HandshakeSeconds;
                bool isStuck = phase > Phase.Disconnected && phase < Phase.Inventory && now - phaseSince > limit;
                if (isStuck)
                {
                    throw new SyncException(ErrorCode.PeerSilent, "the daemon did not finish the handshake");
                }
            }
            catch (SyncException error)
            {
                Fail(error, now);
            }
            Time.End(now, hasProject);
        }

        /// <summary>Whether a batch has begun and is not answered.</summary>
        public bool HasBatch => applier.Batch != null;

        /// <summary>Whether the handler of an add-on runs at this moment; it must not end the session.</summary>
        public bool IsRunningHandler => calls.IsRunningHandler;

        /// <summary>
        /// Waits until the batch in progress is confirmed, and ends a call of an add-on, so that the outbox and the replica
        /// are complete when saved.
        /// </summary>
        public void FinishBatch()
        {
            calls.TakeBackUnanswered();
            applier.CancelAndWait();
        }

        /// <summary>Says goodbye and closes the connection. A later tick would connect again.</summary>
        /// <param name="isReloading">Whether the editor comes back by itself; the daemon tells the user so.</param>
        /// <param name="waits">Whether the connection is closed on return, see <see cref="ILink.CloseAndWait"/>.</param>
        public void Close(string reason, bool isReloading = false, bool waits = false)
        {
            if (phase >= Phase.Sync)
            {
                calls.AnswerBeforeTheEnd(reason);
                if (isReloading) { link.TrySend(Messages.EditorState(EditorStates.Reloading).Encode()); }
                link.TrySend(Messages.Goodbye(reason).Encode());
            }
            applier.Abandon();
            Disconnect(waits);
            status.State = "offline";
        }

        /// <summary>
        /// Asks the daemon, in the user's name, to leave safe mode; its `governance` message answers.
        /// </summary>
        public void TurnOnAutomation(string user)
        {
            if (phase == Phase.Live) { Send(Messages.Reset("safe-mode", user, "asked for in the editor's window")); }
        }

        void Open(double now)
        {
            // In play mode the scene is not the user's; a session starts when play mode ends.
            if (!EditorStates.CanCapture(scene.EditorState)) { return; }
            string projectId = scene.ProjectId;
            hasProject = projectId.Length > 0;
            status.IsLeavable = hasProject;
            link = connect(projectId, scene.OpenPath);
            Enter(Phase.Opening, now);
            if (status.State != "error" && (hasProject || status.State != "unjoined")) { status.State = "connecting"; }
        }

        /// <summary>Joins a project on behalf of the user. The look for one, which goes on every second, ends.</summary>
        public void Join(string projectId)
        {
            if (phase > Phase.Opening || scene.ProjectId.Length > 0 || !Uuid.IsValid(projectId)) { return; }
            Disconnect();
            scene.ProjectId = projectId;
            status.Offers = Array.Empty<DiscoveryFile>();
            retryAt = 0;
        }

        /// <summary>The scene belongs to no project: shows the announced ones, and looks again in a moment.</summary>
        void WaitForChoice(LinkEvent received, double now)
        {
            Disconnect();
            status.Offers = received.Offers;
            status.LastError = null;
            status.State = "unjoined";
            backoff.Reset();
            retryAt = now + ChoiceSeconds;
        }

        /// <summary>Notes what the connection leads to. A sleeping daemon starts with the first one.</summary>
        void NoteDaemon(LinkEvent opened, double now)
        {
            status.Offers = Array.Empty<DiscoveryFile>();
            status.IsLeavable = hasProject && !opened.IsByFolder;
            wakeUp.Begin(opened.Daemon, now);
            if (status.State == "unjoined") { status.State = "connecting"; }
            if (!IsWaking(now)) { return; }
            status.IsStarting = true;
            status.LastError = null;
            status.State = "connecting";
        }

        bool IsWaking(double now) => phase == Phase.Challenge && wakeUp.IsWaiting(now);

        /// <summary>If the daemon behind the connection was asleep, the next attempt finds it awake.</summary>
        void OnClosed(SyncException reason, double now)
        {
            if (!IsWaking(now) || reason.Code != ErrorCode.NoDaemon) { throw reason; }
            Disconnect();
            retryAt = now + WakeUp.Delay;
        }

        void Enter(Phase next, double now)
        {
            phase = next;
            phaseSince = now;
        }

        void Receive(double now)
        {
            while (link != null && link.TryTake(out LinkEvent received))
            {
                if (received.Offers != null) { WaitForChoice(received, now); }
                if (received.Closed != null) { OnClosed(received.Closed, now); }
                if (link == null) { return; }
                if (received.Daemon != null)
                {
                    handshake = new Handshake(received, options);
                    Enter(Phase.Challenge, now);
                    NoteDaemon(received, now);
                    heartbeat.Start(now);
                    continue;
                }
                heartbeat.MarkHeard(now);
                Handle(received.Frame, now);
                if (Time.Budget.IsSpent) { break; }
            }
        }

        void Handle(Frame frame, double now)
        {
            JsonValue header = frame.Header;
            string type = frame.Type;
            if (type == "error") { throw WireError.Read(header); }
            if (phase == Phase.Challenge && type == "challenge") { OnChallenge(header, now); return; }
            if (phase == Phase.Welcome && type == "welcome") { OnWelcome(header, now); return; }
            if (phase == Phase.Sync && type == "sync") { OnSync(header, now); return; }
            if (phase < Phase.Inventory)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "not expected now: " + type);
            }
            if (Agents.TryHandle(type, header) || previews.TryHandle(type, frame)) { return; }
            if (hasCapabilities && phase == Phase.Live && calls.TryHandle(type, header)) { return; }
            if (hasViews && phase == Phase.Live && views.TryHandle(type, header)) { return; }
            switch (type)
            {
                case "ping":
                    UpdateHeadSeq(header);
                    long nonce = header.RequiredInteger("nonce", "");
                    Send(Messages.Ping("pong", nonce, status.HeadSeq, scene.EditorState));
                    break;
                case "pong": UpdateHeadSeq(header); break;
                case "apply":
                    syncLoop.OnApply(frame);
                    previews.OnApply(header);
                    divergence.MayBeSettled = true;
                    break;
                case "want": OnWant(header); break;
                case "ack":
                    previews.OnAck(header);
                    syncLoop.RaiseBaseSeq(responses.OnAck(header, now, status));
                    scene.Registry.RaiseLastSeq(header.RequiredInteger("seq", ""));
                    divergence.MayBeSettled = true;
                    break;
                case "outcome": responses.OnOutcome(header, status); break;
                case "notice":
                    status.LastNotice = WireError.Describe(header);
                    Noticed?.Invoke(header.RequiredString("severity", ""), status.LastNotice);
                    break;
                case "governance": status.SafeMode = Handshake.ReadSafeMode(header); break;
                case "goodbye": throw new SyncException(ErrorCode.NoDaemon, "the daemon left: "
                    + header.RequiredString("reason", ""));
                case "result": break;
                default: Noticed?.Invoke("warning", ErrorCode.MessageUnknown + ": unknown message " + type); break;
            }
        }

        void OnChallenge(JsonValue header, double now)
        {
            wakeUp.End();
            status.IsStarting = false;
            heartbeat.Start(now);
            handshake.CheckChallenge(header);
            syncLoop.SetProject(handshake.ProjectId);
            Agents.Begin(handshake.HasAgents);
            calls.ProjectRoot = handshake.ProjectRoot;
            hasCapabilities = handshake.HasCapabilities;
            hasViews = handshake.HasViews;
            previews.Begin(handshake.HasPreviews);
            Send(handshake.MakeHello(scene, activity.Begin()));
            Enter(Phase.Welcome, now);
        }

        void OnWelcome(JsonValue header, double now)
        {
            link.FinishHandshake(handshake.CheckWelcome(header));
            heartbeat.Interval = header.RequiredInteger("heartbeat_ms", "") / 1000.0;
            // Not raised: a log that lost records has a lower head than before.
            status.HeadSeq = header.RequiredInteger("head_seq", "");
            status.SafeMode = Handshake.ReadSafeMode(header);
            if (scene.ProjectId.Length == 0) { scene.ProjectId = handshake.ProjectId; }
            divergence.Begin(header);
            hasProject = true;
            inventory.Reset();
            Enter(Phase.Inventory, now);
        }

        /// <summary>Sends the inventory, once the whole scene is indexed and its records are read.</summary>
        void BuildInventory(double now)
        {
            capture.RefreshDirtySet();
            status.Task = "looking through the scene";
            bool isReady = syncLoop.FinishPreviousBatch(Time.Budget) && scene.IsComplete && inventory.ReadRecords(Time.Budget);
            if (!isReady) { return; }
            string warning = inventory.TakeWarning();
            if (warning != null) { Noticed?.Invoke("warning", status.LastNotice = warning); }
            divergence.Forget();
            foreach (Frame part in Messages.Inventory(inventory.Build(), InventoryPart)) { Send(part); }
            Enter(Phase.Sync, now);
        }

        void OnSync(JsonValue header, double now)
        {
            UpdateHeadSeq(header);
            foreach (JsonValue uuid in header.Required("want", "").AsArray("want"))
            {
                replica.MarkUnknown(uuid.AsString("want"));
            }
            status.PendingDeliveries = (int)Math.Min(int.MaxValue, header.RequiredInteger("owed", ""));
            status.Received = 0;
            // Pending deliveries still change the scene; only afterwards is the scene at the head sequence.
            // After a divergence, the lost changes go out on the base that both sides share.
            bool isCurrent = status.PendingDeliveries == 0 && !divergence.Exists;
            if (isCurrent) { syncLoop.RaiseBaseSeq(status.HeadSeq); }
            divergence.Clear();
            syncLoop.Start();
            calls.Start();
            backoff.Reset();
            status.Task = "";
            status.LastError = null;
            status.State = "connected";
            Enter(Phase.Live, now);
        }

        /// <summary>Sends whole entities again: the daemon has lost their bulk data.</summary>
        void OnWant(JsonValue header)
        {
            foreach (JsonValue wanted in header.Required("uuids", "").AsArray("uuids"))
            {
                string uuid = wanted.AsString("uuids");
                replica.ForgetDigests(uuid);
                if (replica.Contains(uuid)) { capture.MarkDirty(uuid); }
            }
        }

        void SendHeartbeat(double now)
        {
            string state = scene.EditorState;
            if (phase == Phase.Live) { activity.Report(state); }
            if (heartbeat.TryBeginPing(now) && phase >= Phase.Sync)
            {
                Send(Messages.Ping("ping", heartbeat.NextNonce(), status.HeadSeq, state));
            }
            if (heartbeat.IsSilent(now)) { throw new SyncException(ErrorCode.PeerSilent, "the daemon is silent"); }
        }

        void UpdateHeadSeq(JsonValue header)
        {
            status.HeadSeq = Math.Max(status.HeadSeq, header.RequiredInteger("head_seq", ""));
        }

        void Send(Frame frame) => SendBytes(frame.Encode());

        void SendBytes(byte[] bytes)
        {
            if (!link.TrySend(bytes)) { throw new SyncException(ErrorCode.PeerSilent, "the daemon does not read"); }
        }

        void Fail(SyncException error, double now)
        {
            bool isAbsent = error.Code == ErrorCode.NoDaemon;
            status.LastError = error;
            status.State = isAbsent ? "offline" : "error";
            status.IsStarting = false;
            status.Offers = Array.Empty<DiscoveryFile>();
            if (!isAbsent) { Noticed?.Invoke("error", error.ToString()); }
            Disconnect();
            // The next attempt may meet the same error; the pause keeps it from repeating ten times a second.
            retryAt = now + backoff.NextDelay() + (isAbsent ? 0 : ErrorSeconds);
        }

        void Disconnect(bool waits = false)
        {
            Agents.Begin(false);
            calls.Abandon();
            views.Forget();
            previews.Stop();
            syncLoop.Stop();
            if (waits) { link?.CloseAndWait(); }
            else { link?.Dispose(); }
            link = null;
            phase = Phase.Disconnected;
        }
    }
}
