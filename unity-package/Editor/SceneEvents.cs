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
        readonly HashSet<ObjectKey> appeared = new HashSet<ObjectKey>();
        bool structureChanged = true;
        bool allChanged;

        public SceneEvents()
        {
            ObjectChangeEvents.changesPublished += OnChanges;
            EditorApplication.hierarchyChanged += OnStructure;
            Undo.undoRedoPerformed += Undone;
            EditorSceneManager.sceneOpened += OnOpened;
            EditorSceneManager.sceneClosing += OnClosing;
            EditorSceneManager.newSceneCreated += OnNew;
        }

        /// <summary>Another scene is open than before.</summary>
        public bool SceneReplaced { get; private set; }

        /// <summary>The scene's objects were made anew, as after play mode.</summary>
        public bool SceneRemade { get; set; }

        /// <summary>Whether the scene has to be looked through since the last call.</summary>
        /// <param name="all">Anything may have changed, for instance by an undo.</param>
        public bool TakeStructureChanged(out bool all)
        {
            bool taken = structureChanged;
            all = allChanged;
            structureChanged = allChanged = false;
            return taken;
        }

        /// <summary>The objects named since the last call.</summary>
        public List<ObjectKey> TakeChanged()
        {
            List<ObjectKey> taken = new List<ObjectKey>(changed);
            changed.Clear();
            // While the user drags a gizmo, Unity publishes nothing until the mouse is let go.
            foreach (Transform selected in Selection.transforms) { taken.Add(ObjectKey.Of(selected)); }
            return taken;
        }

        /// <summary>The objects that are new since the last call, each with all below it.</summary>
        public List<ObjectKey> TakeAppeared()
        {
            List<ObjectKey> taken = new List<ObjectKey>(appeared);
            appeared.Clear();
            return taken;
        }

        /// <summary>Something was taken back: anything may have changed.</summary>
        public void Undone()
        {
            structureChanged = true;
            allChanged = true;
        }

        public void Dispose()
        {
            ObjectChangeEvents.changesPublished -= OnChanges;
            EditorApplication.hierarchyChanged -= OnStructure;
            Undo.undoRedoPerformed -= Undone;
            EditorSceneManager.sceneOpened -= OnOpened;
            EditorSceneManager.sceneClosing -= OnClosing;
            EditorSceneManager.newSceneCreated -= OnNew;
        }

        void OnChanges(ref ObjectChangeEventStream stream)
        {
            for (int i = 0; i < stream.length; i++)
            {
                switch (UnityCompat.ReadChange(ref stream, i, out ObjectKey key))
                {
                    case ChangeScope.Object: changed.Add(key); break;
                    case ChangeScope.Hierarchy: appeared.Add(key); break;
                    case ChangeScope.Structure: structureChanged = true; break;
                    case ChangeScope.Scene: Undone(); break;
                    default: break;
                }
            }
            if (changed.Count + appeared.Count > MaxMarks)
            {
                changed.Clear();
                appeared.Clear();
                Undone();
            }
        }

        void OnStructure() => structureChanged = true;

        void OnOpened(Scene scene, OpenSceneMode mode) => SceneReplaced = true;

        void OnClosing(Scene scene, bool removing) => SceneReplaced = true;

        void OnNew(Scene scene, NewSceneSetup setup, NewSceneMode mode) => SceneReplaced = true;
    }
}
