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
        static SceneBytes kept;
        static byte[] keptObjects;

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

        /// <summary>
        /// Presses Play or presses it again. Unity keeps the scene as it was, reloads the domain, and afterward makes
        /// the scene's objects anew from what it kept; assets stay as the game left them.
        /// </summary>
        /// <param name="reloads">False as with "Enter Play Mode Options" without a reload of the domain.</param>
        public static void SetPlaying(bool playing, bool reloads = true)
        {
            if (EditorApplication.isPlayingOrWillChangePlaymode == playing) { return; }
            EditorApplication.isPlayingOrWillChangePlaymode = playing;
            if (playing)
            {
                EditorApplication.RaisePlayMode(PlayModeStateChange.ExitingEditMode);
                kept = new SceneBytes();
                keptObjects = kept.Write(Engine.ActiveScene.Roots);
                if (reloads) { ReloadDomain(); }
                EditorApplication.isPlaying = true;
                EditorApplication.RaisePlayMode(PlayModeStateChange.EnteredPlayMode);
                return;
            }
            EditorApplication.RaisePlayMode(PlayModeStateChange.ExitingPlayMode);
            EditorApplication.isPlaying = false;
            Engine.ActiveScene.Destroy();
            SceneBytes.Read(keptObjects, kept.Referred, null);
            Undo.Reset();
            EditorApplication.RaisePlayMode(PlayModeStateChange.EnteredEditMode);
        }

        /// <summary>Ctrl+D: a copy beside the original, with all its components, sharing its mesh.</summary>
        public static GameObject Duplicate(GameObject original)
        {
            SceneBytes bytes = new SceneBytes();
            byte[] tree = bytes.Write(new[] { original });
            GameObject copy = SceneBytes.Read(tree, bytes.Referred, original.transform.parent)[0];
            copy.name = original.name + " (1)";
            Undo.RegisterCreatedObjectUndo(copy, "Duplicate " + original.name);
            return copy;
        }

        public static void SaveScene(string path)
        {
            SceneFile.Write(path, Engine.ActiveScene.Roots);
            Engine.ActiveScene.Path = path;
        }

        public static void OpenScene(string path)
        {
            EditorSceneManager.Open(path);
            Undo.Reset();
        }

        /// <summary>Has Unity publish an event with the next frame.</summary>
        public static void Publish(ObjectChangeKind kind, UnityEngine.Object about = null) =>
            ObjectChangeEvents.Queue(kind, about == null ? 0 : about.Id);

        public static void SetCompiling(bool compiling) => EditorApplication.isCompiling = compiling;

        /// <summary>How often scripts asked for a tick.</summary>
        public static int Signals => EditorApplication.Signals;

        public static void SetFocused(bool focused) => InternalEditorUtility.isApplicationActive = focused;

        public static void SetSelection(params Transform[] transforms) => Selection.transforms = transforms;

        /// <summary>Makes a GameObject with all below it an instance of a prefab.</summary>
        public static void MakePrefabInstance(GameObject root)
        {
            PrefabUtility.SetPart(root, PrefabPart.Root);
            foreach (Transform child in root.transform.Children) { MakePrefabPart(child.gameObject); }
        }

        static void MakePrefabPart(GameObject part)
        {
            PrefabUtility.SetPart(part, PrefabPart.Below);
            foreach (Transform child in part.transform.Children) { MakePrefabPart(child.gameObject); }
        }

        /// <summary>Whether an object's overrides of its prefab were recorded, so that a save keeps them.</summary>
        public static bool OverridesRecorded(UnityEngine.Object target) => PrefabUtility.Recorded.Contains(target.Id);

        /// <summary>Whether a mesh has tangents that fit its vertices.</summary>
        public static bool HasTangents(Mesh mesh) => mesh.HasTangents;

        /// <summary>Opens or leaves the isolated view of a prefab.</summary>
        public static void SetPrefabStage(bool open) =>
            PrefabStageUtility.Current = open ? new PrefabStage() : null;

        public static void SetUnreadable(Mesh mesh) => Engine.Unreadable.Add(mesh.Id);

        /// <summary>Loads the scripts, as at the start of the editor.</summary>
        public static void Start() => Domain.Load();

        /// <summary>What happens after a compilation and before Play; <paramref name="between"/> is for tests.</summary>
        public static void ReloadDomain(Action between = null)
        {
            AssemblyReloadEvents.RaiseBefore();
            Domain.Unload();
            between?.Invoke();
            Domain.Load();
        }

        public static void Quit()
        {
            EditorApplication.RaiseQuitting();
            Domain.Unload();
        }

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
            Domain.Unload();
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Undo.Reset();
            ObjectChangeEvents.Reset();
            SessionState.Reset();
            EditorPrefs.Reset();
            Engine.Log.Clear();
            Engine.Assets.Clear();
            Engine.Folders.Clear();
            PrefabUtility.Reset();
            SetPrefabStage(false);
            EditorApplication.isPlayingOrWillChangePlaymode = EditorApplication.isPlaying = false;
            SetCompiling(false);
            SetFocused(true);
            SetSelection();
            GUIUtility.hotControl = 0;
            EditorGUIUtility.editingTextField = false;
            Screen.Pressed = "";
            Screen.Slid.Clear();
            Clock = () => Watch.Elapsed.TotalSeconds;
        }
    }
}
