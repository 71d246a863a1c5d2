using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEditorInternal;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>What the editor is busy with. The user's hands go before anything automatic.</summary>
    public sealed class EditorActivity
    {
        /// <summary>Seconds without the user's hands on anything before automation goes on.</summary>
        const double IdleSeconds = 0.3;

        string manual;
        double manualUntil;

        /// <summary>One of <see cref="EditorStates"/>.</summary>
        public string State
        {
            get
            {
                if (EditorApplication.isPlayingOrWillChangePlaymode) { return EditorStates.Playing; }
                if (EditorApplication.isCompiling || EditorApplication.isUpdating) { return EditorStates.Compiling; }
                // What is done in the isolated view of a prefab goes to another scene and another undo history.
                if (PrefabStageUtility.GetCurrentPrefabStage() != null) { return EditorStates.Edit; }
                string hands = GUIUtility.hotControl != 0 ? EditorStates.Modal
                    : EditorGUIUtility.editingTextField ? EditorStates.Edit : null;
                double now = EditorApplication.timeSinceStartup;
                if (hands != null)
                {
                    manual = hands;
                    manualUntil = now + IdleSeconds;
                }
                if (now < manualUntil) { return manual; }
                return InternalEditorUtility.isApplicationActive ? EditorStates.Ready : EditorStates.Unfocused;
            }
        }
    }
}
