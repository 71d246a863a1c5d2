using System;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core.Previews;

namespace VibeSync.Editor
{
    /// <summary>
    /// Ends previews before Unity saves, closes or plays the scene, or saves assets, when it has undone something, and when the user takes
    /// hold of their objects.
    /// </summary>
    public sealed class PreviewGuard : IDisposable
    {
        readonly ShownPreviews shown;

        public PreviewGuard(ShownPreviews shown)
        {
            AssetSaves.Saving += shown.PutBackAll;
            this.shown = shown;
            EditorSceneManager.sceneSaving += OnSaving;
            EditorSceneManager.sceneClosing += OnClosing;
            EditorApplication.playModeStateChanged += OnPlayMode;
            Undo.undoRedoPerformed += OnUndo;
            SceneView.beforeSceneGui += OnSceneGui;
        }

        public void Dispose()
        {
            EditorSceneManager.sceneSaving -= OnSaving;
            AssetSaves.Saving -= shown.PutBackAll;
            EditorSceneManager.sceneClosing -= OnClosing;
            EditorApplication.playModeStateChanged -= OnPlayMode;
            Undo.undoRedoPerformed -= OnUndo;
            SceneView.beforeSceneGui -= OnSceneGui;
        }

        void OnSaving(Scene saved, string path) => shown.PutBackAll();

        void OnClosing(Scene closed, bool isRemoving) => shown.PutBackAll();

        void OnPlayMode(PlayModeStateChange change)
        {
            if (change == PlayModeStateChange.ExitingEditMode) { shown.PutBackAll(); }
        }

        // Unity has no event before an undo. The values of the undo differ from the shown ones, and stay.
        void OnUndo() => shown.PutBackAll();

        /// <summary>A handle remembers where its object is when the mouse goes down, so the preview ends before that.</summary>
        void OnSceneGui(SceneView view)
        {
            if (Event.current.type != EventType.MouseDown) { return; }
            foreach (string uuid in shown.Scene.Selected) { shown.PutBack(uuid); }
        }
    }
}
