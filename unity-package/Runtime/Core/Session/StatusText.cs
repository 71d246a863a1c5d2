using System.Globalization;

namespace VibeSync.Core.Session
{
    /// <summary>Describes a status to the user in one sentence: the state, or the next step.</summary>
    public static class StatusText
    {
        /// <param name="isRunning">Whether the bridge is switched on.</param>
        /// <param name="editorState">One of <see cref="EditorStates"/>.</param>
        public static string Describe(bool isRunning, SessionStatus status, string editorState)
        {
            if (!isRunning) { return "Paused. Changes are kept in the scene and sent when you resume."; }
            switch (status.State)
            {
                case "connected": return DescribeConnected(status, editorState);
                case "connecting": return "Connecting to the daemon.";
                case "error": return "An error ended the connection; the editor tries again by itself. See below.";
                default:
                    return editorState == EditorStates.Playing
                        ? "Play mode: the scene is synchronized again when you leave it."
                        : "No daemon found: run \"vibesync run\" in the project's folder.";
            }
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
