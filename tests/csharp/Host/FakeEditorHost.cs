using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using UnityFakes;
using VibeSync.Editor;
using Screen = UnityFakes.Screen;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Makes the fakes the host of the package's tests. With VIBESYNC_TEST_HOST=real the host for a real editor drives the
    /// fakes, as it would drive Unity: its calls then have the effects that the tests need.
    /// </summary>
    [SetUpFixture]
    public sealed class FakeEditorSetup
    {
        string folder;

        [OneTimeSetUp]
        public void ChooseTheHost()
        {
            if (Environment.GetEnvironmentVariable("VIBESYNC_TEST_HOST") != "real")
            {
                TestHost.Current = new FakeEditorHost();
                return;
            }
            folder = Path.Combine(Path.GetTempPath(), "vibesync-project-" + Guid.NewGuid().ToString("N"));
            UnityFakes.Editor.Reset();
            Engine.ProjectFolder = Path.Combine(folder, "unity");
            Directory.CreateDirectory(Path.Combine(Engine.ProjectFolder, "Assets"));
            // Unity works in the folder of its project.
            Directory.SetCurrentDirectory(Engine.ProjectFolder);
        }

        [OneTimeTearDown]
        public void RemoveTheProject()
        {
            if (folder == null) { return; }
            Directory.SetCurrentDirectory(Path.GetTempPath());
            Directory.Delete(folder, true);
        }
    }

    /// <summary>The faked editor.</summary>
    public sealed class FakeEditorHost : ITestHost
    {
        string testFolder;

        public string ProjectFolder => Engine.ProjectFolder;

        public string IdleState => "ready";

        public List<string> Log => Engine.Log;

        public int UndoSteps => UnityFakes.Editor.UndoGroups;

        public string LastUndoName => UnityFakes.Editor.LastUndoName;

        public void Open(string folder)
        {
            testFolder = folder;
            UnityFakes.Editor.Reset();
            Engine.ProjectFolder = Path.Combine(folder, "unity");
        }

        public void StartEditor() => UnityFakes.Editor.Start();

        public void QuitEditor() => UnityFakes.Editor.Quit();

        public void Close()
        {
        }

        public void ReloadDomain(Action between = null) => UnityFakes.Editor.ReloadDomain(between);

        public IEnumerator EnterPlayMode(bool reloadsDomain = true)
        {
            yield return new EnterPlayMode(reloadsDomain);
        }

        public IEnumerator ExitPlayMode()
        {
            yield return new ExitPlayMode();
        }

        public string GetScenePath(string name) => Path.Combine(testFolder, name);

        public void SaveScene(string path) => UnityFakes.Editor.SaveScene(path);

        public void OpenScene(string path) => UnityFakes.Editor.OpenScene(path);

        public GameObject Duplicate(GameObject original) => UnityFakes.Editor.Duplicate(original);

        public void MakePrefabInstance(GameObject root) => UnityFakes.Editor.MakePrefabInstance(root);

        public bool HasRecordedOverrides(UnityEngine.Object target) => UnityFakes.Editor.HasRecordedOverrides(target);

        public void OpenPrefab(GameObject instance) => UnityFakes.Editor.SetPrefabStage(true);

        public void ClosePrefab() => UnityFakes.Editor.SetPrefabStage(false);

        public bool HasTangents(Mesh mesh) => UnityFakes.Editor.HasTangents(mesh);

        public void MakeUnreadable(Mesh mesh) => UnityFakes.Editor.SetUnreadable(mesh);

        public List<string> ReadWindow()
        {
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            return Screen.Lines;
        }

        public string ReadTooltip(string button)
        {
            ReadWindow();
            return Screen.Tooltips[button];
        }

        public void Press(string button)
        {
            Screen.Pressed = button;
            ReadWindow();
            Screen.Pressed = "";
            ReadWindow();
        }

        public void Select(params Transform[] transforms) => UnityFakes.Editor.SetSelection(transforms);

        public void HoldMouse(bool isHeld) => GUIUtility.hotControl = isHeld ? 7 : 0;

        public void ReverseOrder(params GameObject[] objects) => UnityFakes.Editor.ReverseOrder();
    }
}
