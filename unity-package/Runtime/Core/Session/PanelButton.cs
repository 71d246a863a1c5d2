namespace VibeSync.Core.Session
{
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
        StayResponsive,
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
}
