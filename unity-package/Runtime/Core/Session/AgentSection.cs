using System.Collections.Generic;

namespace VibeSync.Core.Session
{
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

        /// <summary>The number of agents that are left out, and the command that lists them; empty if all are shown.</summary>
        public string More = "";

        /// <summary>The result of the last undo; empty without one.</summary>
        public string Undone = "";

        /// <summary>Whether no agent is known, so that nothing is shown.</summary>
        public bool IsEmpty => Questions.Count == 0 && Agents.Count == 0;
    }
}
