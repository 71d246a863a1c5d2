using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;
using VibeSync.Capabilities;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Runs calls of capabilities, one at a time: waits until the editor is able, runs the handler in one undo step, sends
    /// its changes as one intent, and answers. The changes of a failed call are taken back.
    /// </summary>
    public sealed class CallLoop
    {
        const int PollMilliseconds = 100;
        const string Failed = "EXECUTION_FAILED";

        enum Step
        {
            /// <summary>No call.</summary>
            None,

            /// <summary>The files are read again, and the editor is not able yet.</summary>
            Waiting,

            /// <summary>The handler goes on later.</summary>
            Deferred,

            /// <summary>The intent is not acknowledged.</summary>
            Sent,

            /// <summary>The call is answered; the daemon may still have its changes taken back.</summary>
            Answered,
        }

        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly Outbox outbox;
        readonly Capture capture;
        readonly SyncLoop syncLoop;
        readonly SessionOptions options;
        readonly Action<Frame> send;
        readonly AddonListing listing;
        readonly CallProgress progress;

        Step step;
        AddonCommand command;
        Stopwatch watch;
        Task<AddonFolder> reading;
        Func<object> invoke;
        OutputText output;
        long nextPoll;
        bool isCanceled;
        bool isReadOnly;
        CallBracket bracket;
        Dictionary<string, SyncRecord> recordsBefore;
        List<Change> changes;
        CommandAnswer answer;
        string refusal;

        public CallLoop(ISceneAdapter scene, Replica replica, Outbox outbox, Capture capture, SyncLoop syncLoop,
            SessionOptions options, Action<Frame> send)
        {
            this.scene = scene;
            this.replica = replica;
            this.outbox = outbox;
            this.capture = capture;
            this.syncLoop = syncLoop;
            this.options = options;
            this.send = send;
            listing = new AddonListing(options.Capabilities, options.EditorVersion, send);
            progress = new CallProgress(send);
        }

        /// <summary>The folder of the project, to which paths in arguments are relative.</summary>
        public string ProjectRoot { get; set; } = "";

        /// <summary>Whether a handler runs at this moment, further up on the stack.</summary>
        public bool IsRunningHandler { get; private set; }

        /// <summary>Whether a call is not over, so that the scene may be compared with what it was.</summary>
        public bool IsUnderWay => step != Step.None;

        /// <summary>
        /// Whether the scene has changes of a call that may still be refused. They are taken back by undo, so nothing else
        /// may make an undo step now.
        /// </summary>
        public bool HasUnansweredChanges => step == Step.Sent;

        /// <summary>Starts over on a new connection.</summary>
        public void Start() => listing.Start();

        /// <summary>
        /// Takes back changes that are not acknowledged, before the scripts are reloaded or the connection ends. If the
        /// daemon has accepted them, it sends them again.
        /// </summary>
        public void TakeBackUnanswered()
        {
            if (step != Step.Sent) { return; }
            if (outbox.Take(answer.OperationId) != null) { TakeBack(); }
            Forget();
        }

        /// <summary>Ends a call with the connection.</summary>
        public void Abandon()
        {
            TakeBackUnanswered();
            Forget();
        }

        /// <summary>Tells the daemon, while the connection still stands, that a call ends with the session.</summary>
        public void AnswerBeforeTheEnd(string reason)
        {
            string message = "the session of the editor ended: " + reason;
            try
            {
                if (step == Step.Waiting) { Finish(CommandAnswer.Fail(ErrorCode.EditorUnable, "ROUTING_FAILED", message)); }
                if (step == Step.Deferred) { Finish(CommandAnswer.Fail(ErrorCode.HandlerLate, "DEFERRED_TIMEOUT", message)); }
            }
            catch (SyncException)
            {
                // The connection takes no more; the daemon sees its end.
            }
        }

        /// <summary>Handles a message of the daemon; returns false if it is none about calls.</summary>
        public bool TryHandle(string type, JsonValue header)
        {
            switch (type)
            {
                case "addon_command": Begin(AddonCommand.Read(header)); return true;
                case "command_cancel":
                    if (IsOfCall(header)) { Cancel(); }
                    return true;
                case "command_end":
                    if (IsOfCall(header)) { End(header.Required("keep", "").AsBool("keep")); }
                    return true;
                case "ack": return step == Step.Sent && TryHandleAck(header);
                default: return false;
            }
        }

        /// <summary>Sends the list of add-ons if it differs, and continues the call.</summary>
        public void Run()
        {
            listing.Run();
            if (step == Step.Waiting) { Wait(); }
            else if (step == Step.Deferred && watch.ElapsedMilliseconds >= nextPoll) { Poll(); }
            if (step == Step.Waiting) { progress.Report(command.RequestId, "waiting", Describe(), watch); }
            if (step == Step.Deferred) { progress.Report(command.RequestId, "deferred", "", watch); }
        }

        bool IsOfCall(JsonValue header) =>
            step != Step.None && header.RequiredString("request_id", "") == command.RequestId;

        bool IsLate => watch.ElapsedMilliseconds > command.DeadlineMilliseconds;

        string Describe() => EditorStates.CanApply(scene.EditorState) ? "changes are under way"
            : "the editor is " + scene.EditorState;

        void Begin(AddonCommand received)
        {
            if (step == Step.Answered) { Forget(); }
            if (step != Step.None)
            {
                // An editor runs one call at a time, and a handler cannot call another one through the daemon.
                send(CapabilityMessages.Response(received, CommandAnswer.Fail(ErrorCode.EditorUnable, "ROUTING_FAILED",
                    "another call is under way in this editor: " + command.AddonId + "." + command.Tool)));
                return;
            }
            command = received;
            watch = Stopwatch.StartNew();
            output = new OutputText();
            progress.Start();
            step = Step.Waiting;
            KnownAddon addon = listing.Find(command);
            if (addon == null)
            {
                Finish(CommandAnswer.Fail(ErrorCode.CapabilityUnknown, "COMMAND_NOT_FOUND",
                    "Unity has no add-on " + command.AddonId));
                return;
            }
            string folder = addon.Disk.Path;
            reading = Background.Run(true, () => AddonFolder.Read(folder), options.Wake);
        }

        void Cancel()
        {
            isCanceled = true;
            if (step != Step.Waiting) { return; }
            Finish(CommandAnswer.Fail(ErrorCode.HandlerFailed, Failed, "canceled before it ran"));
        }

        void Wait()
        {
            if (IsLate)
            {
                Finish(CommandAnswer.Fail(ErrorCode.EditorUnable, "ROUTING_FAILED", "not in time: " + Describe()));
                return;
            }
            CallSnapshot before = reading.IsCompleted ? syncLoop.TrySettle(options.CallScene) : null;
            if (before == null) { return; }
            CommandAnswer problem;
            try
            {
                problem = Prepare(listing.Find(command), reading.GetAwaiter().GetResult());
            }
            catch (SyncException error)
            {
                // The manifest has parameters that are none; the daemon should not have accepted it.
                problem = CommandAnswer.Fail(ErrorCode.ManifestRefused, "ROUTING_FAILED", error.ToString());
            }
            if (problem != null) { Finish(problem); }
            else { Invoke(before); }
        }

        /// <summary>Finds the handler and its arguments; returns the answer if the call is refused.</summary>
        CommandAnswer Prepare(KnownAddon addon, AddonFolder disk)
        {
            bool isAllowed = addon != null && disk.ManifestDigest == command.ManifestDigest
                && disk.CodeDigest == command.CodeDigest && disk.SourceDigest == addon.Loaded.SourceDigest
                && addon.Manifest != null && addon.Disk.ManifestDigest == disk.ManifestDigest;
            if (!isAllowed)
            {
                return CommandAnswer.Fail(ErrorCode.NotAllowed, "ROUTING_FAILED",
                    "the files of the add-on are not those that were allowed, or not those that Unity has loaded");
            }
            IReadOnlyList<JsonValue> parameters = addon.Manifest.FindParameters(command.Tool);
            if (parameters == null)
            {
                return CommandAnswer.Fail(ErrorCode.CapabilityUnknown, "COMMAND_NOT_FOUND",
                    "the add-on has no tool " + command.Tool);
            }
            Func<AiArguments, object> handler =
                options.Capabilities.FindHandler(addon, command.Tool, out string missing);
            if (handler == null) { return CommandAnswer.Fail(ErrorCode.HandlerMissing, "NO_HANDLERS", missing); }
            AiArguments arguments = CallArguments.Make(command, parameters, options.Capabilities, ProjectRoot,
                options.Platform, () => isCanceled, out string wrong);
            if (arguments == null) { return CommandAnswer.Fail(ErrorCode.ParametersWrong, "INVALID_PARAMETERS", wrong); }
            invoke = () => handler(arguments);
            isReadOnly = addon.Manifest.IsReadOnly(command.Tool);
            return null;
        }

        void Poll()
        {
            if (IsLate)
            {
                Finish(CommandAnswer.Fail(ErrorCode.HandlerLate, "DEFERRED_TIMEOUT", "the handler was not ready in time"));
                return;
            }
            // The user's changes go out before the poll, which may make the call's.
            CallSnapshot before = syncLoop.TrySettle(options.CallScene);
            if (before != null) { Invoke(before); }
        }

        /// <summary>Runs the handler or its poll in the bracket.</summary>
        void Invoke(CallSnapshot before)
        {
            if (step == Step.Waiting) { progress.Announce(command.RequestId, "running", watch); }
            bracket = new CallBracket(scene, options.CallScene, before, command.Label);
            bool isPoll = step == Step.Deferred;
            object returned = null;
            Exception error = null;
            IsRunningHandler = true;
            try
            {
                using (options.Capabilities.CaptureLog(output.Add)) { returned = invoke(); }
            }
            catch (Exception thrown)
            {
                error = ErrorText.Unwrap(thrown);
            }
            finally
            {
                IsRunningHandler = false;
                bracket.Close();
            }
            if (options.CallScene.IsReplaced) { Finish(Forbid("the handler opened or closed a scene")); }
            else if (error != null) { Finish(MakeFailure(error)); }
            else if (isReadOnly && bracket.HasChanges) { Finish(Forbid("the tool is read_only, and changed the scene")); }
            else if (isPoll && returned == null) { Defer(); }
            else if (returned is AiResult result && result.Poll != null) { DeferTo(result.Poll); }
            else { Conclude(ResultShape.Make(returned)); }
        }

        CommandAnswer MakeFailure(Exception error)
        {
            string text = options.Capabilities.Describe(error);
            return CommandAnswer.Fail(ErrorCode.HandlerFailed, Failed, text.Substring(0, text.IndexOf('\n')),
                JsonValue.Object().With("traceback", text));
        }

        static CommandAnswer Forbid(string message) =>
            CommandAnswer.Fail(ErrorCode.ForbiddenChange, Failed, message);

        void DeferTo(Func<AiResult> poll)
        {
            invoke = poll;
            Defer();
        }

        void Defer()
        {
            if (bracket.HasChanges)
            {
                Finish(Forbid("a handler that goes on later may change the scene only when it returns its result"));
                return;
            }
            bracket = null;
            step = Step.Deferred;
            nextPoll = watch.ElapsedMilliseconds + PollMilliseconds;
        }

        /// <summary>Sends the changes of a handler that returned a result; without any, answers at once.</summary>
        void Conclude(CommandAnswer result)
        {
            if (!result.IsError && IsLate)
            {
                result = CommandAnswer.Fail(ErrorCode.HandlerLate, Failed, "the handler ran until after its deadline");
            }
            result.NotSynchronized.AddRange(bracket.NewUnsupportedKinds);
            if (result.IsError || !bracket.HasChanges)
            {
                Finish(result);
                return;
            }
            RememberRecords();
            changes = capture.CaptureCall(bracket.Touched);
            if (changes.Count == 0)
            {
                Finish(result);
                return;
            }
            if (!IntentPacking.FitsOneIntent(changes))
            {
                Finish(Forbid("one call may make at most 10,000 changes of 64 MiB"));
                return;
            }
            answer = result;
            answer.OperationId = syncLoop.AddCallIntent(changes, command.RequestId, command.Label);
            step = Step.Sent;
        }

        /// <summary>Keeps what daemon and scene share of the touched entities, in case the call is taken back.</summary>
        void RememberRecords()
        {
            recordsBefore = new Dictionary<string, SyncRecord>();
            foreach (string uuid in bracket.Touched) { recordsBefore[uuid] = replica.Find(uuid)?.Clone(); }
        }

        bool TryHandleAck(JsonValue header)
        {
            if (header.RequiredString("operation_id", "") != answer.OperationId) { return false; }
            string status = header.RequiredString("status", "");
            // A person decides; the same intent is answered again.
            if (status == "waiting") { return true; }
            if (status == "refused")
            {
                SyncException error = WireError.Read(header.Required("error", ""));
                if (error.Code == ErrorCode.QueueFull) { return false; }
                outbox.Take(answer.OperationId);
                refusal = error.ToString();
                Finish(answer);
                return true;
            }
            Answer(answer);
            step = Step.Answered;
            return false;
        }

        void End(bool isKept)
        {
            if (!isKept)
            {
                // An intent that is not acknowledged will not be: the daemon has ended the call.
                if (step == Step.Sent) { outbox.Take(answer.OperationId); }
                if (step == Step.Sent || step == Step.Answered) { TakeBack(); }
            }
            Forget();
        }

        /// <summary>Takes back what a call did that failed, answers it, and ends it.</summary>
        void Finish(CommandAnswer result)
        {
            bool isFailed = result.IsError || refusal != null;
            if (isFailed && bracket != null && !options.CallScene.IsReplaced)
            {
                bool isComplete = TakeBack();
                result.IsTakenBack = isComplete && bracket.HasChanges;
                if (!isComplete) { result.NotSynchronized.Add("not all could be taken back: it was changed without Undo"); }
            }
            Answer(result);
            Forget();
        }

        /// <summary>Takes the changes back, from the scene and from what counts as sent.</summary>
        bool TakeBack()
        {
            bool isComplete = bracket.TakeBack();
            if (recordsBefore == null) { return isComplete; }
            foreach (KeyValuePair<string, SyncRecord> record in recordsBefore)
            {
                if (record.Value == null) { replica.MarkUnknown(record.Key); }
                else { replica.Set(record.Key, record.Value); }
            }
            foreach (Change change in changes ?? new List<Change>())
            {
                if (recordsBefore.ContainsKey(change.Uuid)) { continue; }
                // Not the handler's, but found at the same moment: it goes out again, as the user's.
                replica.ForgetSent(change, change.Op == ChangeOp.Delete ? null : scene.Registry.Load(change.Uuid));
                capture.MarkDirty(change.Uuid);
            }
            return isComplete;
        }

        void Answer(CommandAnswer result)
        {
            if (refusal != null) { output.Add("VibeSync: the changes were refused: " + refusal); }
            result.Output = output.ToString();
            result.ElapsedMilliseconds = watch.ElapsedMilliseconds;
            send(CapabilityMessages.Response(command, result));
        }

        void Forget()
        {
            step = Step.None;
            command = null;
            reading = null;
            invoke = null;
            bracket = null;
            recordsBefore = null;
            changes = null;
            answer = null;
            refusal = null;
            isCanceled = false;
        }
    }
}
