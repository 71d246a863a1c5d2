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

    /// <summary>The actions that the panel offers as buttons.</summary>
    public enum PanelAction
    {
        Pause,
        Resume,
        Resync,
        TurnOnAutomation,
        Dismiss,
        Join,
        Leave,
        RebuildRegistry,
        Decide,
    }

    /// <summary>A button of the panel.</summary>
    public sealed class PanelButton
    {
        public PanelButton(PanelAction action, string label, string projectId = "", string hint = "")
        {
            Action = action;
            Label = label;
            ProjectId = projectId;
            Hint = hint;
        }

        /// <param name="decision">The decision about an agent.</param>
        public PanelButton(string label, AgentDecision decision)
            : this(PanelAction.Decide, label)
        {
            Decision = decision;
        }

        public PanelAction Action { get; }

        public string Label { get; }

        /// <summary>The project to join.</summary>
        public string ProjectId { get; }

        /// <summary>The decision about an agent; null for other actions.</summary>
        public AgentDecision Decision { get; }

        /// <summary>The text that is shown while the pointer is over the button.</summary>
        public string Hint { get; }
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
