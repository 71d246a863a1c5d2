using System;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    public class Editor : ScriptableObject
    {
        /// <summary>The place of the mouse on the screen.</summary>
        internal static Vector2 Mouse { get; set; }

        Editor()
        {
        }

        internal static Vector2 GetCurrentMousePosition() => Mouse;
    }

    public class SearchableEditorWindow : EditorWindow
    {
    }

    public class SceneView : SearchableEditorWindow
    {
        /// <summary>The number of times that scripts asked for all views to be drawn.</summary>
        internal static int Repaints;

        public static event Action<SceneView> beforeSceneGui;

        public static SceneView lastActiveSceneView { get; internal set; }

        public Camera camera { get; private set; }

        public static void RepaintAll() => Repaints++;

        /// <summary>Presses the mouse in the view: scripts see it before the handles do, which then hold it.</summary>
        internal static void PressMouse()
        {
            Event.Current.type = EventType.MouseDown;
            beforeSceneGui?.Invoke(lastActiveSceneView);
            GUIUtility.hotControl = 7;
        }

        internal static void ClearHandlers() => beforeSceneGui = null;

        /// <summary>Opens a scene view as large as given, or closes it.</summary>
        internal static Camera Show(bool isOpen)
        {
            if (lastActiveSceneView != null)
            {
                Object.DestroyImmediate(lastActiveSceneView.camera.gameObject);
                Object.DestroyImmediate(lastActiveSceneView);
            }
            lastActiveSceneView = isOpen ? CreateInstance<SceneView>() : null;
            if (!isOpen) { return null; }
            GameObject holder = EditorUtility.CreateGameObjectWithHideFlags("SceneCamera", HideFlags.HideAndDontSave,
                typeof(Camera));
            Camera made = lastActiveSceneView.camera = holder.GetComponent<Camera>();
            made.cameraType = CameraType.SceneView;
            made.enabled = false;
            return made;
        }
    }
}
