using System.Collections.Generic;

namespace VibeSync.Core.Session
{
    /// <summary>Says how much the state of the bridge needs the user.</summary>
    public enum PanelColor
    {
        /// <summary>All is fine.</summary>
        Green,

        /// <summary>It continues by itself, or at the user's choice.</summary>
        Yellow,

        /// <summary>It needs the user.</summary>
        Red,
    }

    /// <summary>The content of the panel, top to bottom.</summary>
    public sealed class PanelView
    {
        public PanelColor Color;

        public string Title = "";

        /// <summary>The next step of the user; empty if there is none.</summary>
        public string Advice = "";

        /// <summary>The task that takes more than a moment; empty if none does.</summary>
        public string Task = "";

        /// <summary>The finished part of <see cref="Task"/>, from 0 to 1.</summary>
        public double Progress;

        /// <summary>The remaining time of <see cref="Task"/> in words; empty as long as nobody can tell.</summary>
        public string TimeLeft = "";

        /// <summary>The numbers of changes in both directions.</summary>
        public readonly List<string> Counts = new List<string>();

        public readonly List<PanelButton> Buttons = new List<PanelButton>();

        /// <summary>One button for each announced project, while the scene belongs to none.</summary>
        public readonly List<PanelButton> Joins = new List<PanelButton>();

        /// <summary>Whether the button to leave the project is shown.</summary>
        public bool CanLeave;

        /// <summary>The questions of agents, and the agents.</summary>
        public AgentSection Agents = AgentSection.Empty;

        /// <summary>The last error: code and message, then what to do unless the advice says it.</summary>
        public readonly List<string> Problem = new List<string>();
    }
}
