namespace VibeSync.Core.Session
{
    /// <summary>The decision behind a button: the answer to a question, the mode of an agent, or the undo of its work.</summary>
    public sealed class AgentDecision
    {
        AgentDecision(string approvalId, bool isAllowed, string remember, string agent, string mode)
        {
            ApprovalId = approvalId;
            IsAllowed = isAllowed;
            Remember = remember;
            Agent = agent;
            Mode = mode;
        }

        /// <summary>The question; empty if the decision is about an agent.</summary>
        public string ApprovalId { get; }

        public bool IsAllowed { get; }

        /// <summary>The time for which a consent counts: once, session or project.</summary>
        public string Remember { get; }

        public string Agent { get; }

        /// <summary>The mode of the agent from now on: work, read or off; empty for other decisions.</summary>
        public string Mode { get; }

        /// <summary>Whether the agent's work is taken back.</summary>
        public bool IsUndo => ApprovalId.Length == 0 && Mode.Length == 0;

        public static AgentDecision Answer(string approvalId, bool isAllowed, string remember) =>
            new AgentDecision(approvalId, isAllowed, remember, "", "");

        public static AgentDecision SetMode(string agent, string mode) =>
            new AgentDecision("", false, "", agent, mode);

        public static AgentDecision Undo(string agent) => new AgentDecision("", false, "", agent, "");
    }
}
