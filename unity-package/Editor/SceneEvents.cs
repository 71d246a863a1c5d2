using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace VibeSync.Editor
{
    /// <summary>
    /// Collects what Unity says about changes until the next tick asks. Its handlers do no other work.
    /// </summary>
    public sealed class SceneEvents : IDisposable
    {
        /// <summary>More marks than this are worth a look through the whole scene instead.</summary>
        const int MaxMarks = 10000;

        readonly HashSet<ObjectKey> changed = new HashSet<ObjectKey>();

        public SceneEvents()
        {
            ObjectChangeEvents.changesPublished += OnChanges;
            EditorApplication.hierarchyChanged += OnStructure;
            Undo.undoRedoPerformed += OnUndo;
            EditorSceneManager.sceneOpened += OnOpened;
            EditorSceneManager.sceneClosing += OnClosing;
            EditorSceneManager.newSceneCreated += OnNew;
        }

        /// <summary>Objects may have appeared, gone or moved; the scene has to be looked through.</summary>
        public bool StructureChanged { get; set; } = true;

        /// <summary>Anything may have changed, because the user undid or redid.</summary>
        public bool AllChanged { get; set; }

        /// <summary>Another scene is open than before.</summary>
        public bool SceneReplaced { get; set; }

        /// <summary>The objects named since the last call.</summary>
        public List<ObjectKey> TakeChanged()
        {
            List<ObjectKey> taken = new List<ObjectKey>(changed);
            changed.Clear();
            // While the user drags a gizmo, Unity publishes nothing until the mouse is let go.
            foreach (Transform selected in Selection.transforms) { taken.Add(ObjectKey.Of(selected)); }
            return taken;
        }

        public void Dispose()
        {
            ObjectChangeEvents.changesPublished -= OnChanges;
            EditorApplication.hierarchyChanged -= OnStructure;
            Undo.undoRedoPerformed -= OnUndo;
            EditorSceneManager.sceneOpened -= OnOpened;
            EditorSceneManager.sceneClosing -= OnClosing;
            EditorSceneManager.newSceneCreated -= OnNew;
        }

        void OnChanges(ref ObjectChangeEventStream stream)
        {
            for (int i = 0; i < stream.length; i++)
            {
                if (!UnityCompat.ReadChange(ref stream, i, changed)) { StructureChanged = true; }
            }
            if (changed.Count > MaxMarks)
            {
                changed.Clear();
                OnUndo();
            }
        }

        void OnStructure() => StructureChanged = true;

        void OnUndo()
        {
            StructureChanged = true;
            AllChanged = true;
        }

        void OnOpened(Scene scene, OpenSceneMode mode) => SceneReplaced = true;

        void OnClosing(Scene scene, bool removing) => SceneReplaced = true;

        void OnNew(Scene scene, NewSceneSetup setup, NewSceneMode mode) => SceneReplaced = true;
    }
}
