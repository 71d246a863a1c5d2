using System;
using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Discovery;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Decides what the panel shows: a color, a title, the next step and buttons. Blender's panel uses the same words;
    /// tests/golden/status-texts.json holds them for both.
    /// </summary>
    public static class StatusText
    {
        public const string LeaveLabel = "Leave Project";

        const string Moment = "Nothing to do: this takes a moment.";
        const string Later = " Your changes are sent as soon as it is back.";
        const string NoHelp = "Look up the code in the documentation.";
        const string EndSafeMode = "Your own changes go on. Turn it on again once you know what went wrong.";

        /// <summary>Decides what to show.</summary>
        public static PanelView MakeView(PanelState state)
        {
            PanelView view = new PanelView { CanLeave = state.CanLeave && state.State != "unjoined" };
            (view.Color, view.Title, view.Advice) = Describe(state);
            if (view.Color != PanelColor.Red && state.Pause == PauseReason.None)
            {
                view.Task = state.Task;
                view.Progress = state.Progress;
                view.TimeLeft = DescribeTimeLeft(state.SecondsLeft);
            }
            view.Counts.Add("To Blender: " + Text(state.Sent) + " sent, " + Text(state.Unanswered) + " waiting");
            view.Counts.Add("From Blender: " + Text(state.Applied) + " applied"
                + (state.HasWaitingBatch ? ", 1 waiting" : ""));
            view.Agents = state.Agents;
            AddButtons(view, state);
            if (state.State == "unjoined" && state.Pause == PauseReason.None) { AddJoins(view, state.Offers); }
            if (state.Error == null) { return view; }
            view.Problem.Add(state.Error.Code + ": " + state.Error.Message);
            string help = FindHelp(state.Error);
            if (!view.Advice.Contains(help)) { view.Problem.Add(help); }
            return view;
        }

        static string DescribeTimeLeft(double? seconds)
        {
            if (seconds == null) { return ""; }
            return seconds >= 90 ? Text((int)Math.Round(seconds.Value / 60)) + " min left"
                : Text((int)Math.Round(Math.Max(seconds.Value, 1))) + " s left";
        }

        static (PanelColor, string, string) Describe(PanelState state)
        {
            switch (state.Pause)
            {
                case PauseReason.User:
                    return (PanelColor.Yellow, "Paused", "Press Resume to continue. Your changes are sent then.");
                case PauseReason.SelfTest:
                    return (PanelColor.Yellow, "Paused",
                        "The self-test runs. VibeSync continues by itself after it.");
                case PauseReason.Error:
                    return (PanelColor.Red, "Stopped after an error",
                        "Your scene is untouched. " + FindHelp(state.Error));
                default:
                    return state.State == "connected" ? DescribeConnected(state) : DescribeUnconnected(state);
            }
        }

        static (PanelColor, string, string) DescribeUnconnected(PanelState state)
        {
            if (state.State == "unjoined") { return (PanelColor.Yellow, "No project", Choose(state.Offers.Count)); }
            if (state.IsStarting) { return (PanelColor.Yellow, "Starting the daemon", Moment); }
            if (state.Activity == EditorStates.Playing)
            {
                return (PanelColor.Yellow, "Waiting for you", "VibeSync starts as soon as you leave play mode, or the preview of a clip.");
            }
            if (state.Error == null) { return (PanelColor.Yellow, "Connecting", Moment); }
            return (PanelColor.Red, "Not connected", FindHelp(state.Error) + Later);
        }

        static (PanelColor, string, string) DescribeConnected(PanelState state)
        {
            if (state.SafeMode != null)
            {
                return (PanelColor.Yellow, "Safe mode", "Automation is off: " + state.SafeMode + ". " + EndSafeMode);
            }
            string end = state.HasWaitingBatch ? DescribeHold(state.Activity) : null;
            if (end != null) { return (PanelColor.Yellow, "Changes from Blender wait", end); }
            if (state.Agents.Waiting.Count > 0)
            {
                (string title, string advice) = AgentText.DescribeWaiting(state.Agents.Waiting);
                return (PanelColor.Yellow, title, advice);
            }
            if (state.Error != null)
            {
                return (PanelColor.Yellow, "Connected, with a problem", FindHelp(state.Error));
            }
            bool isBusy = state.Unanswered > 0 || state.HasWaitingBatch;
            return (PanelColor.Green, isBusy ? "Synchronizing" : "In sync", "");
        }

        /// <summary>Returns what ends the user's work for which a batch waits, or null.</summary>
        static string DescribeHold(string activity)
        {
            switch (activity)
            {
                case EditorStates.Modal: return "They are applied as soon as you let go.";
                case EditorStates.Edit:
                    return "They are applied as soon as you have finished typing, or have left the prefab.";
                case EditorStates.Playing: return "They are applied as soon as you leave play mode, or the preview of a clip.";
                case EditorStates.Compiling: return "They are applied as soon as Unity has compiled and imported.";
                default: return null;
            }
        }

        static string Choose(int offers)
        {
            const string Start = "This scene is in the folder of no project. ";
            return Start + (offers > 1
                ? "Several projects are there: join the one that it belongs to, or save it into its folder."
                : "Join the project, or save it into the project's folder.");
        }

        static void AddButtons(PanelView view, PanelState state)
        {
            void Add(PanelAction action, string label) => view.Buttons.Add(new PanelButton(action, label));
            if (state.Pause == PauseReason.SelfTest) { return; }
            if (state.Pause == PauseReason.Error && state.Error?.Code == ErrorCode.EditorRegistryDamaged)
            {
                Add(PanelAction.RebuildRegistry, "Rebuild Registry");
                return;
            }
            if (state.Pause != PauseReason.None)
            {
                Add(PanelAction.Resume, state.Pause == PauseReason.User ? "Resume" : "Re-enable");
                return;
            }
            bool isUnjoined = state.State == "unjoined";
            bool isConnected = state.State == "connected";
            if (!isUnjoined)
            {
                Add(PanelAction.Pause, "Pause");
                Add(PanelAction.Resync, "Resync");
                if (state.HasLongSlices) { Add(PanelAction.StayResponsive, "Stay Responsive"); }
            }
            if (isConnected && state.SafeMode != null) { Add(PanelAction.TurnOnAutomation, "Turn On Automation"); }
            if ((isConnected || isUnjoined) && state.Error != null) { Add(PanelAction.Dismiss, "Dismiss"); }
        }

        /// <summary>Labels each button by the name of the project's folder; by the path if two have the name.</summary>
        static void AddJoins(PanelView view, IReadOnlyList<DiscoveryFile> offers)
        {
            foreach (DiscoveryFile offer in offers)
            {
                string name = NameOf(offer);
                int count = 0;
                foreach (DiscoveryFile other in offers) { count += NameOf(other) == name ? 1 : 0; }
                string label = "Join " + (name.Length > 0 && count == 1 ? name : offer.ProjectRoot);
                view.Joins.Add(new PanelButton(PanelAction.Join, label, offer.ProjectId, offer.ProjectRoot));
            }
        }

        static string NameOf(DiscoveryFile offer)
        {
            string folder = offer.ProjectRoot.TrimEnd('/', '\\');
            return folder.Substring(folder.LastIndexOfAny(new[] { '/', '\\' }) + 1);
        }

        static string FindHelp(SyncException error)
        {
            string help = error == null ? "" : ErrorHelp.Find(error.Code);
            return help.Length > 0 ? help : NoHelp;
        }

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
