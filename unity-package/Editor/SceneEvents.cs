using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace VibeSync.Editor
{
    /// <summary>Collects Unity's change events until the next tick reads them. The handlers do no other work.</summary>
    public sealed class SceneEvents : IDisposable
    {
        /// <summary>The number of marked objects above which indexing the whole scene is faster.</summary>
        const int MaxMarks = 10000;

        readonly HashSet<ObjectKey> changed = new HashSet<ObjectKey>();
        readonly HashSet<ObjectKey> appeared = new HashSet<ObjectKey>();
        bool isStructureChanged = true;
        bool hasAllChanged;

        public SceneEvents()
        {
            ObjectChangeEvents.changesPublished += OnChanges;
            EditorApplication.hierarchyChanged += OnHierarchyChanged;
            Undo.undoRedoPerformed += MarkAllChanged;
            EditorSceneManager.sceneOpened += OnOpened;
            EditorSceneManager.sceneClosing += OnClosing;
            EditorSceneManager.newSceneCreated += OnNew;
        }

        /// <summary>Whether another scene was opened.</summary>
        public bool IsSceneReplaced { get; private set; }

        /// <summary>Whether Unity recreated the scene's objects, as after play mode.</summary>
        public bool IsSceneRecreated { get; set; }

        /// <summary>Whether events came since the last tick.</summary>
        public bool HasNews => isStructureChanged || changed.Count + appeared.Count > 0;

        /// <summary>Returns whether the scene must be indexed again since the last call.</summary>
        /// <param name="isAllChanged">Whether every entity may have changed, for instance by an undo.</param>
        public bool TakeStructureChanged(out bool isAllChanged)
        {
            bool taken = isStructureChanged;
            isAllChanged = hasAllChanged;
            isStructureChanged = hasAllChanged = false;
            return taken;
        }

        /// <summary>Returns the objects that events named since the last call, and the selected ones.</summary>
        public List<ObjectKey> TakeChanged()
        {
            List<ObjectKey> taken = new List<ObjectKey>(changed);
            changed.Clear();
            // While the user drags a gizmo, Unity publishes no event until the mouse button is released.
            foreach (GameObject selected in Selection.gameObjects) { taken.Add(ObjectKey.Of(selected)); }
            return taken;
        }

        /// <summary>Returns the objects that are new since the last call; their children are new too.</summary>
        public List<ObjectKey> TakeAppeared()
        {
            List<ObjectKey> taken = new List<ObjectKey>(appeared);
            appeared.Clear();
            return taken;
        }

        /// <summary>Marks every entity as changed, as after an undo.</summary>
        public void MarkAllChanged()
        {
            isStructureChanged = true;
            hasAllChanged = true;
        }

        public void Dispose()
        {
            ObjectChangeEvents.changesPublished -= OnChanges;
            EditorApplication.hierarchyChanged -= OnHierarchyChanged;
            Undo.undoRedoPerformed -= MarkAllChanged;
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
                    case ChangeScope.Structure: isStructureChanged = true; break;
                    case ChangeScope.Scene: MarkAllChanged(); break;
                    default: break;
                }
            }
            if (changed.Count + appeared.Count > MaxMarks)
            {
                changed.Clear();
                appeared.Clear();
                MarkAllChanged();
            }
        }

        void OnHierarchyChanged() => isStructureChanged = true;

        void OnOpened(Scene scene, OpenSceneMode mode) => IsSceneReplaced = true;

        void OnClosing(Scene scene, bool isRemoving) => IsSceneReplaced = true;

        void OnNew(Scene scene, NewSceneSetup setup, NewSceneMode mode) => IsSceneReplaced = true;
    }
}
