using System;
using System.Collections.Generic;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>Reports the editor state and the objects that the user edits, when either changes.</summary>
    public sealed class ActivityReport
    {
        readonly ISceneAdapter scene;
        readonly Action<Frame> send;
        string reportedState;
        string reportedEdits;

        public ActivityReport(ISceneAdapter scene, Action<Frame> send)
        {
            this.scene = scene;
            this.send = send;
        }

        /// <summary>Starts over on a new connection; returns the state for its `hello`.</summary>
        public string Begin()
        {
            reportedEdits = null;
            return reportedState = scene.EditorState;
        }

        /// <summary>Sends the state if it or the edited objects differ from the last report.</summary>
        public void Report(string state)
        {
            IReadOnlyList<string> objects = EditorStates.IsUserEditing(state) ? scene.ActiveEdits : null;
            string edits = objects == null ? null : string.Join(" ", objects);
            if (state == reportedState && edits == reportedEdits) { return; }
            reportedState = state;
            reportedEdits = edits;
            send(Messages.EditorState(state, objects));
        }
    }
}
