using System.Collections.Generic;

namespace VibeSync.Core.Session
{
    /// <summary>What a person decides with a button: the answer to a question, or what an agent may do.</summary>
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

        /// <summary>The question; empty if the mode of an agent is set.</summary>
        public string ApprovalId { get; }

        public bool IsAllowed { get; }

        /// <summary>How long a consent counts: once, session or project.</summary>
        public string Remember { get; }

        public string Agent { get; }

        /// <summary>What the agent may do from now on: work, read or off; empty if a question is answered.</summary>
        public string Mode { get; }

        public static AgentDecision Answer(string approvalId, bool isAllowed, string remember) =>
            new AgentDecision(approvalId, isAllowed, remember, "", "");

        public static AgentDecision SetMode(string agent, string mode) =>
            new AgentDecision("", false, "", agent, mode);
    }

    /// <summary>A question of an agent, or an agent: lines, and the buttons below them.</summary>
    public sealed class AgentEntry
    {
        public readonly List<string> Lines = new List<string>();

        public readonly List<PanelButton> Buttons = new List<PanelButton>();
    }

    /// <summary>The part of the panel about agents, top to bottom.</summary>
    public sealed class AgentSection
    {
        public static readonly AgentSection Empty = new AgentSection();

        /// <summary>The names of the agents that have asked and have no answer.</summary>
        public readonly List<string> Waiting = new List<string>();

        public readonly List<AgentEntry> Questions = new List<AgentEntry>();

        public readonly List<AgentEntry> Agents = new List<AgentEntry>();

        /// <summary>How many more agents there are, and where they are listed; empty if all are shown.</summary>
        public string More = "";

        /// <summary>Whether no agent is known, so that nothing is shown.</summary>
        public bool IsEmpty => Questions.Count == 0 && Agents.Count == 0;
    }
}
