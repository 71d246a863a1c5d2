using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEditorInternal;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;
using UnityEngine.TestTools;
using VibeSync.Core.Session;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// A real Unity editor. The scenes and prefabs of a test are in a folder below `Assets`, which is deleted after the
    /// test. Mesh assets that the test adds are deleted too. A domain reload is only simulated, by the bridge's own end
    /// and start: a real one would also end the fake daemon and the test.
    /// </summary>
    public sealed class RealEditorHost : ITestHost
    {
        const string TestFolder = "VibeSyncTests";
        const string BatchModeVariable = "VIBESYNC_IN_BATCH_MODE";
        const string MeshFolder = "Assets/VibeSync";

        static readonly string[] SessionKeys =
            { "VibeSync.Instance", "VibeSync.Outbox", "VibeSync.Shadow", "VibeSync.Registry", "VibeSync.AgentsSince" };

        readonly List<string> log = new List<string>();
        HashSet<string> meshFilesBefore = new HashSet<string>();
        bool hasMeshFolderBefore;
        bool isTesting;
        string batchModeBefore;
        bool wasEnabled;
        float tickMilliseconds;
        float restMilliseconds;
        bool hadPlayModeOptions;
        EnterPlayModeOptions playModeOptions;
        int prefabs;

        public string ProjectFolder => Path.GetDirectoryName(Application.dataPath);

        public string AssetFolder => GetTestFolder();

        public string IdleState => InternalEditorUtility.isApplicationActive ? "ready" : "unfocused";

        public List<string> Log => log;

        public int UndoSteps => ListUndoSteps().Count;

        public string LastUndoName => ListUndoSteps().LastOrDefault() ?? "";

        public void Open(string folder)
        {
            // The user's own session starts again when the test runner opens the user's scene.
            QuitEditor();
            isTesting = true;
            EditorSceneManager.sceneOpened -= OnSceneOpened;
            EditorSceneManager.newSceneCreated -= OnSceneCreated;
            EditorSceneManager.sceneOpened += OnSceneOpened;
            EditorSceneManager.newSceneCreated += OnSceneCreated;
            batchModeBefore = Environment.GetEnvironmentVariable(BatchModeVariable);
            Environment.SetEnvironmentVariable(BatchModeVariable, "1");
            foreach (string key in SessionKeys) { SessionState.EraseString(key); }
            wasEnabled = Bridge.IsEnabled;
            tickMilliseconds = VibeSync.Editor.Settings.TickMilliseconds;
            restMilliseconds = VibeSync.Editor.Settings.RestMilliseconds;
            hadPlayModeOptions = EditorSettings.enterPlayModeOptionsEnabled;
            playModeOptions = EditorSettings.enterPlayModeOptions;
            VibeSync.Editor.Settings.IsEnabled = true;
            hasMeshFolderBefore = AssetDatabase.IsValidFolder(MeshFolder);
            meshFilesBefore = new HashSet<string>(ListMeshFiles());
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Undo.ClearAll();
            Select();
            log.Clear();
            Application.logMessageReceived += OnMessage;
        }

        public void StartEditor() => Bridge.Load();

        public void QuitEditor()
        {
            Bridge.Stop();
            Bridge.Unload();
        }

        public void Close()
        {
            Application.logMessageReceived -= OnMessage;
            HoldMouse(false);
            ClosePrefab();
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Undo.ClearAll();
            DeleteFolder("Assets/" + TestFolder);
            foreach (string added in ListMeshFiles().Where(file => !meshFilesBefore.Contains(file)))
            {
                AssetDatabase.DeleteAsset(added);
            }
            if (!hasMeshFolderBefore) { DeleteFolder(MeshFolder); }
            foreach (string key in SessionKeys) { SessionState.EraseString(key); }
            VibeSync.Editor.Settings.IsEnabled = wasEnabled;
            VibeSync.Editor.Settings.TickMilliseconds = tickMilliseconds;
            VibeSync.Editor.Settings.RestMilliseconds = restMilliseconds;
            EditorSettings.enterPlayModeOptionsEnabled = hadPlayModeOptions;
            EditorSettings.enterPlayModeOptions = playModeOptions;
            Environment.SetEnvironmentVariable(BatchModeVariable, batchModeBefore);
            isTesting = false;
        }

        public void ReloadDomain(Action between = null)
        {
            Bridge.Suspend();
            SceneRegistry.Keep();
            Bridge.Unload();
            between?.Invoke();
            Bridge.Load();
        }

        public IEnumerator EnterPlayMode(bool reloadsDomain = true)
        {
            EditorSettings.enterPlayModeOptionsEnabled = true;
            EditorSettings.enterPlayModeOptions = EnterPlayModeOptions.DisableDomainReload;
            if (reloadsDomain) { EditorApplication.playModeStateChanged += ReloadWhenEditModeEnds; }
            yield return new EnterPlayMode(false);
            EditorApplication.playModeStateChanged -= ReloadWhenEditModeEnds;
        }

        public IEnumerator ExitPlayMode()
        {
            yield return new ExitPlayMode();
        }

        public string GetScenePath(string name) => GetTestFolder() + "/" + name;

        public void SaveScene(string path) => EditorSceneManager.SaveScene(SceneManager.GetActiveScene(), path);

        public void OpenScene(string path) => EditorSceneManager.OpenScene(path);

        public GameObject Duplicate(GameObject original)
        {
            Select(original.transform);
            Unsupported.DuplicateGameObjectsUsingPasteboard();
            return Selection.activeGameObject;
        }

        public void MakePrefabInstance(GameObject root)
        {
            string path = GetTestFolder() + "/Prefab " + prefabs++ + ".prefab";
            PrefabUtility.SaveAsPrefabAssetAndConnect(root, path, InteractionMode.AutomatedAction);
        }

        public bool HasRecordedOverrides(UnityEngine.Object target)
        {
            UnityEngine.Object source = PrefabUtility.GetCorrespondingObjectFromSource(target);
            PropertyModification[] overrides = PrefabUtility.GetPropertyModifications(
                PrefabUtility.GetOutermostPrefabInstanceRoot(target));
            return source != null && overrides != null && overrides.Any(change => change.target == source);
        }

        public void OpenPrefab(GameObject instance) =>
            PrefabStageUtility.OpenPrefab(PrefabUtility.GetPrefabAssetPathOfNearestInstanceRoot(instance));

        public void ClosePrefab()
        {
            if (PrefabStageUtility.GetCurrentPrefabStage() != null) { StageUtility.GoToMainStage(); }
        }

        public bool HasTangents(Mesh mesh) => mesh.HasVertexAttribute(VertexAttribute.Tangent);

        public List<string> ReadWindow()
        {
            PanelView view = StatusText.MakeView(Bridge.Panel);
            string severity = view.Color == PanelColor.Red ? "Error: " : "Warning: ";
            List<string> lines = new List<string> { "\u25cf " + view.Title, "None: " + view.Advice };
            lines.AddRange(view.Counts);
            foreach (AgentEntry question in view.Agents.Questions) { lines.Add("None: " + string.Join("\n", question.Lines)); }
            lines.AddRange(view.Agents.Agents.SelectMany(agent => agent.Lines));
            lines.AddRange(view.Problem.Select((line, i) => (i == 0 ? severity : "Info: ") + line));
            lines.Add("Info: " + Bridge.Status.LastNotice);
            lines.AddRange(Bridge.UnsupportedKinds);
            lines.AddRange(ListButtons().Select(button => "[" + button.Label + "]"));
            return lines;
        }

        public string ReadTooltip(string button) => ListButtons().First(item => item.Label == button).Hint;

        public void Press(string button) => Bridge.Perform(ListButtons().First(item => item.Label == button));

        static List<PanelButton> ListButtons()
        {
            PanelView view = StatusText.MakeView(Bridge.Panel);
            List<PanelButton> buttons = view.Buttons.Concat(view.Joins)
                .Concat(view.Agents.Questions.Concat(view.Agents.Agents).SelectMany(entry => entry.Buttons)).ToList();
            if (view.CanLeave) { buttons.Add(new PanelButton(PanelAction.Leave, StatusText.LeaveLabel)); }
            return buttons;
        }

        public void MakeUnreadable(Mesh mesh) => mesh.UploadMeshData(true);

        public void Select(params Transform[] transforms) =>
            Selection.objects = Array.ConvertAll(transforms, item => (UnityEngine.Object)item.gameObject);

        public void HoldMouse(bool isHeld) => GUIUtility.hotControl = isHeld ? 7 : 0;

        public void ReverseOrder(params GameObject[] objects)
        {
            foreach (GameObject item in objects) { item.transform.SetAsFirstSibling(); }
        }

        void OnSceneOpened(Scene scene, OpenSceneMode mode) => StartAgain();

        void OnSceneCreated(Scene scene, NewSceneSetup setup, NewSceneMode mode) => StartAgain();

        void StartAgain()
        {
            if (isTesting) { return; }
            EditorSceneManager.sceneOpened -= OnSceneOpened;
            EditorSceneManager.newSceneCreated -= OnSceneCreated;
            Bridge.Load();
        }

        void ReloadWhenEditModeEnds(PlayModeStateChange change)
        {
            if (change == PlayModeStateChange.ExitingEditMode) { ReloadDomain(); }
        }

        void OnMessage(string condition, string stackTrace, LogType type)
        {
            string severity = type == LogType.Log ? "info" : type.ToString().ToLowerInvariant();
            log.Add(severity + " " + condition);
        }

        static string GetTestFolder()
        {
            string folder = "Assets/" + TestFolder;
            if (!AssetDatabase.IsValidFolder(folder)) { AssetDatabase.CreateFolder("Assets", TestFolder); }
            return folder;
        }

        /// <summary>Deletes a folder with all files, also those that are no assets.</summary>
        void DeleteFolder(string folder)
        {
            AssetDatabase.DeleteAsset(folder);
            string path = Path.Combine(ProjectFolder, folder);
            if (Directory.Exists(path)) { Directory.Delete(path, true); }
        }

        IEnumerable<string> ListMeshFiles()
        {
            string folder = Path.Combine(ProjectFolder, MeshFolder);
            return Directory.Exists(folder)
                ? Directory.GetFiles(folder, "*.asset").Select(file => MeshFolder + "/" + Path.GetFileName(file)).ToArray()
                : new string[0];
        }

        /// <summary>
        /// Returns the names of the undo steps. Unity shows them to its own windows only, by an internal method.
        /// </summary>
        static List<string> ListUndoSteps()
        {
            MethodInfo method = typeof(Undo).GetMethod("GetRecords", BindingFlags.Static | BindingFlags.NonPublic, null,
                new[] { typeof(List<string>), typeof(List<string>) }, null);
            if (method == null) { Assert.Ignore("This version of Unity does not tell the undo steps."); }
            List<string> steps = new List<string>();
            method.Invoke(null, new object[] { steps, new List<string>() });
            return steps;
        }
    }
}
