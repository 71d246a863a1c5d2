using System;
using System.Diagnostics;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEditorInternal;

namespace UnityFakes
{
    /// <summary>What a person or the operating system does to the editor; for tests and the driver.</summary>
    public static class Editor
    {
        static readonly Stopwatch Watch = Stopwatch.StartNew();

        /// <summary>Seconds since the editor started.</summary>
        public static Func<double> Clock { get; set; } = () => Watch.Elapsed.TotalSeconds;

        /// <summary>One frame: publishes changes, then lets the editor's updates run.</summary>
        public static void Frame()
        {
            Undo.Flush();
            ObjectChangeEvents.Publish();
            if (Engine.HierarchyDirty)
            {
                Engine.HierarchyDirty = false;
                EditorApplication.RaiseHierarchyChanged();
            }
            EditorApplication.update?.Invoke();
        }

        public static void SetPlaying(bool playing)
        {
            EditorApplication.isPlayingOrWillChangePlaymode = playing;
            EditorApplication.RaisePlayMode(playing ? PlayModeStateChange.EnteredPlayMode
                : PlayModeStateChange.EnteredEditMode);
        }

        public static void SetFocused(bool focused) => InternalEditorUtility.isApplicationActive = focused;

        public static void SetSelection(params Transform[] transforms) => Selection.transforms = transforms;

        public static void SetPrefabPart(GameObject part) => PrefabUtility.Parts.Add(part.Id);

        public static void SetUnreadable(Mesh mesh) => Engine.Unreadable.Add(mesh.Id);

        /// <summary>The first half of a domain reload: everything static is about to be lost.</summary>
        public static void BeforeReload() => AssemblyReloadEvents.RaiseBefore();

        public static void Quit() => EditorApplication.RaiseQuitting();

        /// <summary>How many undo steps the user sees.</summary>
        public static int UndoGroups
        {
            get
            {
                Undo.Flush();
                int groups = 0;
                int last = int.MinValue;
                foreach (Undo.Step step in Undo.Done)
                {
                    if (step.Group != last) { groups++; }
                    last = step.Group;
                }
                return groups;
            }
        }

        public static string LastUndoName => Undo.Done.Count == 0 ? "" : Undo.Done[Undo.Done.Count - 1].Name;

        /// <summary>A new editor process with an empty, unsaved scene. Clears whatever an earlier test left.</summary>
        public static void Reset()
        {
            EditorSceneManager.Reset();
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Undo.Reset();
            ObjectChangeEvents.Reset();
            SessionState.Reset();
            Engine.Log.Clear();
            Engine.Assets.Clear();
            Engine.Folders.Clear();
            PrefabUtility.Parts.Clear();
            EditorApplication.isPlayingOrWillChangePlaymode = false;
            SetFocused(true);
            SetSelection();
            GUIUtility.hotControl = 0;
            Clock = () => Watch.Elapsed.TotalSeconds;
        }
    }
}
