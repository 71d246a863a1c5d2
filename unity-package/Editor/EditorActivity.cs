using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEditorInternal;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Determines the editor's state. The user's work goes before all automatic changes.</summary>
    public sealed class EditorActivity
    {
        /// <summary>Seconds that a user's action still counts after it ended.</summary>
        const double IdleSeconds = 0.3;

        string lastAction;
        double actionUntil;

        /// <summary>One of <see cref="EditorStates"/>.</summary>
        public string State
        {
            get
            {
                if (EditorApplication.isPlayingOrWillChangePlaymode) { return EditorStates.Playing; }
                if (EditorApplication.isCompiling || EditorApplication.isUpdating) { return EditorStates.Compiling; }
                // The isolated view of a prefab has a scene and an undo history of its own.
                if (PrefabStageUtility.GetCurrentPrefabStage() != null) { return EditorStates.Edit; }
                string action = GUIUtility.hotControl != 0 ? EditorStates.Modal
                    : EditorGUIUtility.editingTextField ? EditorStates.Edit : null;
                double now = EditorApplication.timeSinceStartup;
                if (action != null)
                {
                    lastAction = action;
                    actionUntil = now + IdleSeconds;
                }
                if (now < actionUntil) { return lastAction; }
                return InternalEditorUtility.isApplicationActive ? EditorStates.Ready : EditorStates.Unfocused;
            }
        }
    }
}
