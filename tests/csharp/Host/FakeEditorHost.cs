using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using UnityFakes;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Makes the fakes the host of the package's tests.</summary>
    [SetUpFixture]
    public sealed class FakeEditorSetup
    {
        [OneTimeSetUp]
        public void UseTheFakes() => TestHost.Current = new FakeEditorHost();
    }

    /// <summary>The faked editor.</summary>
    public sealed class FakeEditorHost : ITestHost
    {
        string testFolder;

        public string ProjectFolder => Engine.ProjectFolder;

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

        public void Select(params Transform[] transforms) => UnityFakes.Editor.SetSelection(transforms);

        public void HoldMouse(bool isHeld) => GUIUtility.hotControl = isHeld ? 7 : 0;

        public void ReverseOrder(params GameObject[] objects) => UnityFakes.Editor.ReverseOrder();
    }
}
