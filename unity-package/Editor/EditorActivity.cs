using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEditorInternal;
using UnityEngine;
using UnityEngine.UIElements;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Determines the editor's state. The user's work goes before all automatic changes.</summary>
    public sealed class EditorActivity
    {
        /// <summary>Seconds that a user's action still counts after it ended.</summary>
        const double IdleSeconds = 0.3;

        /// <summary>The class of all text and number fields of UI Toolkit, whatever their type.</summary>
        const string TextFieldClass = "unity-base-text-field";

        /// <summary>Seconds without input after which long ticks disturb nobody.</summary>
        const double RestSeconds = 1;

        string lastAction;
        double actionUntil;
        (Vector2, int, bool) lastInput;
        double lastInputAt = double.NegativeInfinity;

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
                    : EditorGUIUtility.editingTextField || IsTypingInUiToolkit() ? EditorStates.Edit : null;
                double now = EditorClock.Now;
                if (action != null)
                {
                    lastAction = action;
                    actionUntil = now + IdleSeconds;
                }
                if (now < actionUntil) { return lastAction; }
                return InternalEditorUtility.isApplicationActive ? EditorStates.Ready : EditorStates.Unfocused;
            }
        }

        /// <summary>
        /// Whether nobody has used mouse or keyboard in this editor for a moment. Every click and every key begins a group
        /// in Unity's undo history. If this version of Unity does not tell where the mouse is, an editor that has the focus
        /// counts as used.
        /// </summary>
        public bool IsAtRest
        {
            get
            {
                if (Application.isBatchMode) { return true; }
                bool isActive = InternalEditorUtility.isApplicationActive;
                string state = State;
                bool isUsed = !ReadInput().Equals(lastInput) || (isActive && !UnityCompat.CanReadMouse)
                    || state == EditorStates.Modal || state == EditorStates.Edit || state == EditorStates.Playing;
                double now = EditorClock.Now;
                if (isUsed) { (lastInput, lastInputAt) = (ReadInput(), now); }
                return now - lastInputAt >= RestSeconds;
            }
        }

        /// <summary>Notes that the package itself may have begun a group in the undo history.</summary>
        public void NoteOwnWork() => lastInput.Item2 = Undo.GetCurrentGroup();

        /// <summary>Returns what a user changes by mouse or keyboard.</summary>
        static (Vector2, int, bool) ReadInput()
        {
            // The mouse of somebody who works in another application moves nothing here.
            bool isActive = InternalEditorUtility.isApplicationActive;
            return (isActive ? UnityCompat.ReadMouse() : default, Undo.GetCurrentGroup(), isActive);
        }

        /// <summary>
        /// Returns whether a text field of UI Toolkit has the cursor, as in the inspector and in the hierarchy of newer
        /// versions. It keeps the cursor while the user works in another application; that is no typing.
        /// </summary>
        static bool IsTypingInUiToolkit()
        {
            if (!InternalEditorUtility.isApplicationActive || EditorWindow.focusedWindow == null) { return false; }
            FocusController focus = EditorWindow.focusedWindow.rootVisualElement.panel?.focusController;
            // The controller names the outermost element, for instance a whole list. The cursor is inside of it.
            if (!(focus?.focusedElement is VisualElement outermost)) { return false; }
            VisualElement holder = outermost.Query().Focused().Last();
            while (holder != null && !holder.ClassListContains(TextFieldClass)) { holder = holder.hierarchy.parent; }
            return holder != null;
        }
    }
}
