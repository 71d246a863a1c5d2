using System;
using System.Diagnostics;
using System.Linq;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;
using UnityEditorInternal;

namespace UnityFakes
{
    /// <summary>
    /// Performs the actions of a user or the operating system on the editor, for tests and the driver.
    /// </summary>
    public static class Editor
    {
        static readonly Stopwatch Watch = Stopwatch.StartNew();
        static SceneBytes playModeReferences;
        static byte[] playModeObjects;

        /// <summary>Seconds since the editor started.</summary>
        public static Func<double> Clock { get; set; } = () => Watch.Elapsed.TotalSeconds;

        /// <summary>The file that scripts showed in the file manager last.</summary>
        public static string Revealed { get; internal set; }

        /// <summary>Whether the user saves changed scenes when Unity asks.</summary>
        public static bool SavesScenes { get; set; } = true;

        /// <summary>Whether the user cancels when Unity asks.</summary>
        public static bool CancelsDialogs { get; set; }

        /// <summary>Whether scripts asked for a domain reload.</summary>
        internal static bool IsReloadWanted { get; set; }

        /// <summary>Whether scripts asked for play mode to begin or end; null if they did not.</summary>
        internal static bool? IsPlayingWanted { get; set; }

        /// <summary>Whether the editor has no window.</summary>
        public static bool IsBatchMode { get; set; }

        /// <summary>Whether the process imports assets for another editor.</summary>
        public static bool IsImportWorker { get; set; }

        /// <summary>Whether the process serves another editor in any other way.</summary>
        public static bool IsSecondary { get; set; }

        /// <summary>Runs one frame: publishes changes, then runs the editor's updates.</summary>
        public static void Frame()
        {
            Undo.Flush();
            ObjectChangeEvents.Publish();
            if (Engine.HierarchyDirty)
            {
                Engine.HierarchyDirty = false;
                EditorApplication.RaiseHierarchyChanged();
            }
            EditorApplication.UpdatingThread = System.Threading.Thread.CurrentThread.ManagedThreadId;
            try { EditorApplication.update?.Invoke(); }
            finally { EditorApplication.UpdatingThread = 0; }
            if (IsReloadWanted && !Faults.HasNoReload)
            {
                IsReloadWanted = false;
                ReloadDomain();
            }
            bool? isPlaying = IsPlayingWanted;
            IsPlayingWanted = null;
            if (isPlaying != null) { SetPlaying(isPlaying.Value); }
        }

        /// <summary>
        /// Enters or leaves play mode. Unity copies the scene and reloads the domain. Afterwards it recreates the
        /// scene's objects from the copy; assets stay as the game left them.
        /// </summary>
        /// <param name="reloadsDomain">False for "Enter Play Mode Options" without a domain reload.</param>
        public static void SetPlaying(bool isPlaying, bool reloadsDomain = true)
        {
            if (EditorApplication.isPlayingOrWillChangePlaymode == isPlaying) { return; }
            EditorApplication.isPlayingOrWillChangePlaymode = isPlaying;
            if (isPlaying)
            {
                EditorApplication.RaisePlayMode(PlayModeStateChange.ExitingEditMode);
                playModeReferences = new SceneBytes();
                playModeObjects = playModeReferences.Write(Engine.ActiveScene.Roots);
                if (reloadsDomain) { ReloadDomain(); }
                EditorApplication.isPlaying = true;
                EditorApplication.RaisePlayMode(PlayModeStateChange.EnteredPlayMode);
                return;
            }
            EditorApplication.RaisePlayMode(PlayModeStateChange.ExitingPlayMode);
            EditorApplication.isPlaying = false;
            Engine.ActiveScene.Destroy();
            SceneBytes.Read(playModeObjects, playModeReferences.Referred, null);
            Undo.Reset();
            EditorApplication.RaisePlayMode(PlayModeStateChange.EnteredEditMode);
        }

        /// <summary>
        /// Duplicates an object, as Ctrl+D does: the copy is a sibling with all components and shares the mesh.
        /// </summary>
        public static GameObject Duplicate(GameObject original)
        {
            SceneBytes bytes = new SceneBytes();
            byte[] tree = bytes.Write(new[] { original });
            GameObject copy = SceneBytes.Read(tree, bytes.Referred, original.transform.parent)[0];
            copy.name = original.name + " (1)";
            Undo.RegisterCreatedObjectUndo(copy, "Duplicate " + original.name);
            return copy;
        }

        /// <summary>Reverses the order of the scene's top objects, as dragging them in the hierarchy does.</summary>
        public static void ReverseOrder()
        {
            Engine.ActiveScene.Roots.Reverse();
            Engine.HierarchyDirty = true;
        }

        /// <summary>Saves the scene, as scripts and Ctrl+S do. Assets are not saved with it.</summary>
        public static void SaveScene(string path) => EditorSceneManager.SaveScene(new Scene(Engine.ActiveScene), path);

        public static void OpenScene(string path)
        {
            EditorSceneManager.OpenScene(path, OpenSceneMode.Single);
            Undo.Reset();
        }

        /// <summary>Queues an event for the next frame.</summary>
        public static void Publish(ObjectChangeKind kind, UnityEngine.Object about = null) =>
            ObjectChangeEvents.Queue(kind, about == null ? 0 : about.Id);

        public static void SetCompiling(bool isCompiling) => EditorApplication.isCompiling = isCompiling;

        /// <summary>Sets whether Unity imports assets.</summary>
        public static void SetUpdating(bool isUpdating) => EditorApplication.isUpdating = isUpdating;

        /// <summary>The number of times that scripts asked for a tick.</summary>
        public static int Signals => EditorApplication.Signals;

        public static void SetFocused(bool isFocused) => InternalEditorUtility.isApplicationActive = isFocused;

        /// <summary>Opens a scene view, or closes it; returns its camera.</summary>
        public static Camera ShowSceneView(bool isOpen = true) => SceneView.Show(isOpen);

        /// <summary>Gives a camera a projection of its own, as a matrix, which overrules its settings.</summary>
        public static void SetMatrix(Camera camera) => camera.HasOwnMatrix = true;

        /// <summary>Moves the mouse to a place on the screen.</summary>
        public static void MoveMouse(float x, float y) => UnityEditor.Editor.Mouse = new Vector2(x, y);

        /// <summary>Presses the mouse on the handle of the selected objects.</summary>
        public static void PressMouse() => SceneView.PressMouse();

        /// <summary>The number of times that scripts asked for the views to be drawn.</summary>
        public static int Repaints => SceneView.Repaints;

        public static void SetSelection(params Transform[] transforms)
        {
            Selection.All = transforms;
            Selection.Assets = new UnityEngine.Object[0];
        }

        /// <summary>Makes a GameObject and all objects below it an instance of a new prefab.</summary>
        public static void MakePrefabInstance(GameObject root)
        {
            PrefabUtility.SaveAsPrefabAssetAndConnect(root, "Assets/" + root.name + ".prefab",
                InteractionMode.UserAction);
        }

        /// <summary>Returns the names of the components that the inspector shows, with their remove menus.</summary>
        public static string[] GetInspector(GameObject target)
        {
            return target.Components.Where(item => !item.Destroyed && (item.hideFlags & HideFlags.HideInInspector) == 0)
                .Select(item => item.GetType().Name).ToArray();
        }

        /// <summary>
        /// Returns whether an object's overrides of its prefab were recorded, so that a save keeps them.
        /// </summary>
        public static bool HasRecordedOverrides(UnityEngine.Object target)
        {
            return PrefabUtility.Recorded.Contains(target.Id);
        }

        /// <summary>Returns whether a mesh has tangents for its vertices.</summary>
        public static bool HasTangents(Mesh mesh) => mesh.HasTangents;

        /// <summary>Opens or closes the isolated view of a prefab.</summary>
        public static void SetPrefabStage(bool isOpen) =>
            PrefabStageUtility.Current = isOpen ? new PrefabStage() : null;

        public static void SetUnreadable(Mesh mesh) => Engine.Unreadable.Add(mesh.Id);

        /// <summary>Loads the scripts, as at the start of the editor.</summary>
        public static void Start() => Domain.Load();

        /// <summary>
        /// Reloads the domain, as after a compilation. Runs <paramref name="between"/> while no script is loaded.
        /// </summary>
        public static void ReloadDomain(Action between = null)
        {
            AssemblyReloadEvents.RaiseBefore();
            Domain.Unload();
            if (Faults.ForgetsSession) { SessionState.Reset(); }
            between?.Invoke();
            Domain.Load();
        }

        public static void Quit()
        {
            EditorApplication.RaiseQuitting();
            Domain.Unload();
        }

        /// <summary>
        /// Ends the process without any event, as a crash does, and starts a new one with an empty scene and no
        /// scripts. Files stay.
        /// </summary>
        public static void Crash()
        {
            Domain.Unload();
            AssetFile.UnloadAll();
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Undo.Reset();
            ObjectChangeEvents.Reset();
            SessionState.Reset();
        }

        /// <summary>The number of undo steps that the user sees.</summary>
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

        /// <summary>Starts over as a new editor process with an empty, unsaved scene.</summary>
        public static void Reset()
        {
            Domain.Unload();
            EditorWindow.focusedWindow = null;
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Undo.Reset();
            ObjectChangeEvents.Reset();
            SessionState.Reset();
            EditorPrefs.Reset();
            Engine.Log.Clear();
            AssetFile.UnloadAll();
            Engine.BuiltIn.Clear();
            PrefabAssets.Reset();
            SetPrefabStage(false);
            EditorApplication.isPlayingOrWillChangePlaymode = EditorApplication.isPlaying = false;
            SetCompiling(false);
            SetUpdating(false);
            SetFocused(true);
            SetSelection();
            IsBatchMode = IsImportWorker = IsSecondary = false;
            IsReloadWanted = CancelsDialogs = false;
            SavesScenes = true;
            IsPlayingWanted = null;
            Revealed = null;
            Faults.Reset();
            TestFramework.Reset();
            Project.Reset();
            GraphicsSettings.defaultRenderPipeline = QualitySettings.renderPipeline = null;
            GraphicsSettings.lightsUseLinearIntensity = false;
            GUIUtility.hotControl = 0;
            EditorGUIUtility.editingTextField = false;
            Screen.Reset();
            Canvas.Reset();
            ShowSceneView(false);
            MoveMouse(0, 0);
            Clock = () => Watch.Elapsed.TotalSeconds;
        }
    }
}
