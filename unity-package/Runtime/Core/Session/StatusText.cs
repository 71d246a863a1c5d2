using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Discovery;

namespace VibeSync.Core.Session
{
    /// <summary>Describes a status to the user in one sentence: the state, or the next step.</summary>
    public static class StatusText
    {
        /// <param name="isRunning">Whether the bridge is switched on.</param>
        /// <param name="editorState">One of <see cref="EditorStates"/>.</param>
        public static string Describe(bool isRunning, SessionStatus status, string editorState)
        {
            if (isRunning && status.IsRegistryDamaged)
            {
                return "Nothing is synchronized: the scene's registry is damaged. Restore the scene from a backup, or "
                    + "press Rebuild Registry.";
            }
            if (!isRunning) { return "Paused. Changes are kept in the scene and sent when you resume."; }
            switch (status.State)
            {
                case "connected": return DescribeConnected(status, editorState);
                case "connecting":
                    return status.IsStarting ? "Starting the daemon: this takes a moment." : "Connecting to the daemon.";
                case "unjoined":
                    return status.Offers.Count > 1
                        ? "This scene is in the folder of no project. Join the one that it belongs to."
                        : "This scene is in the folder of no project. Join it, or move it into the project's folder.";
                case "error": return "An error ended the connection; the editor tries again by itself. See below.";
                default:
                    return editorState == EditorStates.Playing
                        ? "Play mode: the scene is synchronized again when you leave it."
                        : "No daemon found: run \"vibesync run\" in the project's folder.";
            }
        }

        /// <summary>Labels a button by the name of the project's folder; by the whole path if two have the name.</summary>
        public static string LabelOffer(DiscoveryFile offer, IReadOnlyList<DiscoveryFile> offers)
        {
            string name = NameOf(offer);
            int count = 0;
            foreach (DiscoveryFile other in offers) { count += NameOf(other) == name ? 1 : 0; }
            return "Join " + (name.Length > 0 && count == 1 ? name : offer.ProjectRoot);
        }

        static string NameOf(DiscoveryFile offer)
        {
            string folder = offer.ProjectRoot.TrimEnd('/', '\\');
            return folder.Substring(folder.LastIndexOfAny(new[] { '/', '\\' }) + 1);
        }

        static string DescribeConnected(SessionStatus status, string editorState)
        {
            if (status.SafeMode != null)
            {
                return "Automation is off: " + status.SafeMode
                    + ". Your own changes go on. Turn it on again once you know what went wrong.";
            }
            switch (editorState)
            {
                case EditorStates.Playing: return "Play mode: incoming changes wait until you leave it.";
                case EditorStates.Modal:
                case EditorStates.Edit: return "You are editing: incoming changes wait until you pause.";
                case EditorStates.Compiling: return "Unity is compiling or importing: incoming changes wait.";
                default: break;
            }
            if (status.Task.Length > 0) { return "Working: " + status.Task + "."; }
            if (status.Pending > 0)
            {
                string count = status.Pending.ToString(CultureInfo.InvariantCulture);
                return "Sending " + count + (status.Pending == 1 ? " group" : " groups") + " of changes.";
            }
            return "Everything is synchronized.";
        }
    }
}
