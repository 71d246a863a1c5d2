using System;
using System.Collections.Generic;
using System.Linq;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Follows the questions of agents and the agents themselves on one connection, and sends a person's answers. A
    /// question ends with the connection on which the daemon asked it.
    /// </summary>
    public sealed class AgentTracker
    {
        /// <summary>The feature of the protocol.</summary>
        public const string Feature = "agents";

        const int MaxQuestions = 32;
        const int MaxAgents = 1000;

        /// <summary>Agents come and go without a message.</summary>
        const double RefreshSeconds = 5;

        readonly SessionStatus status;
        readonly Action<Frame> send;
        readonly HashSet<string> answered = new HashSet<string>();
        List<AgentQuestion> questions = new List<AgentQuestion>();
        List<AgentReport> known = new List<AgentReport>();
        string undone = "";
        bool isAccepted;
        double nextQuery;

        /// <param name="status">Its section about agents is kept up to date.</param>
        public AgentTracker(SessionStatus status, Action<Frame> send)
        {
            this.status = status;
            this.send = send;
        }

        /// <summary>
        /// The head of the log when the scene was opened, or null before the first connection. An undo takes back what
        /// came after it.
        /// </summary>
        public long? Since { get; set; }

        /// <summary>Starts over on a new connection, or without one.</summary>
        /// <param name="accepted">Whether daemon and editor exchange the messages about agents.</param>
        public void Begin(bool accepted)
        {
            isAccepted = accepted;
            questions = new List<AgentQuestion>();
            known = new List<AgentReport>();
            answered.Clear();
            undone = "";
            nextQuery = 0;
            Show();
        }

        /// <summary>Handles a message about agents; returns false if it is about something else.</summary>
        public bool TryHandle(string type, JsonValue header)
        {
            if (!isAccepted || (type != "approvals" && type != "result")) { return false; }
            string what = type == "result" ? header.RequiredString("what", "") : type;
            switch (what)
            {
                case "approvals":
                    questions = ReadList(header, "open", MaxQuestions, AgentQuestion.Read);
                    nextQuery = 0;
                    break;
                case "agents": known = ReadList(header, "agents", MaxAgents, AgentReport.Read); break;
                case "revert":
                    undone = AgentText.DescribeUndo(header.RequiredString("agent", ""),
                        header.RequiredInteger("total", ""), header.RequiredInteger("left_out_total", ""));
                    nextQuery = 0;
                    break;
                case "decide":
                case "set_agent": nextQuery = 0; break;
                default: return false;
            }
            Show();
            return true;
        }

        /// <summary>Asks for the list of agents when it is due.</summary>
        public void Run(double now)
        {
            if (!isAccepted) { return; }
            // A log that lost records may be shorter than when the scene was opened.
            Since = Math.Min(Since ?? status.HeadSeq, status.HeadSeq);
            if (now < nextQuery) { return; }
            nextQuery = now + RefreshSeconds;
            send(new Frame(Request("query").With("what", Feature)));
        }

        /// <summary>
        /// Sends what a person decided. Does nothing if the question is not open any more, or the agent is not known.
        /// </summary>
        public void Decide(AgentDecision decision, string user)
        {
            if (decision.ApprovalId.Length == 0)
            {
                bool isShown = known.Exists(agent => agent.Name == decision.Agent)
                    || questions.Exists(question => question.Agent == decision.Agent);
                if (isShown) { send(new Frame(decision.IsUndo ? Undo(decision, user) : SetMode(decision, user))); }
                return;
            }
            bool isOpen = questions.Exists(question => question.ApprovalId == decision.ApprovalId);
            if (!isOpen || !answered.Add(decision.ApprovalId)) { return; }
            send(new Frame(Request("decide").With("approval_id", decision.ApprovalId)
                .With("allow", decision.IsAllowed).With("remember", decision.Remember).With("who", user)));
            Show();
        }

        static JsonValue SetMode(AgentDecision decision, string user) => Request("set_agent")
            .With("agent", decision.Agent).With("mode", decision.Mode).With("who", user)
            .With("why", "chosen in the editor's window");

        JsonValue Undo(AgentDecision decision, string user) => Request("revert").With("agent", decision.Agent)
            .With("operations", JsonValue.Array()).With("since_seq", Since ?? status.HeadSeq).With("dry_run", false)
            .With("label", "Undo what " + decision.Agent + " did").With("who", user);

        void Show()
        {
            answered.IntersectWith(questions.Select(question => question.ApprovalId));
            status.Agents = AgentText.MakeSection(
                questions.FindAll(question => !answered.Contains(question.ApprovalId)), known, undone);
        }

        static List<T> ReadList<T>(JsonValue header, string key, int most, Func<JsonValue, string, T> read)
        {
            List<JsonValue> given = header.Required(key, "").AsArray(key);
            if (given.Count > most) { throw new SyncException(ErrorCode.MessageMalformed, "too many entries", key); }
            return given.Select((item, i) => read(item, key + "[" + i + "]")).ToList();
        }

        static JsonValue Request(string type) =>
            Messages.Create(type).With("request_id", Guid.NewGuid().ToString());
    }
}
