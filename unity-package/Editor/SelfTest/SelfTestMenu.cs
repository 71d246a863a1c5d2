using System;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>The entry of the menu.</summary>
    public static class SelfTestMenu
    {
        /// <summary>
        /// Runs the tests of the package and returns true, if the Unity Test Framework and the tests are here. Set by
        /// the assembly VibeSync.SelfTest.Framework, which exists only with the framework.
        /// </summary>
        public static Func<bool> RunPackageTests { get; set; }

        [MenuItem("Window/VibeSync/Self-Test")]
        public static void Start()
        {
            if (EditorApplication.isPlayingOrWillChangePlaymode)
            {
                Debug.LogWarning("VibeSync Self-Test: leave play mode first.");
                return;
            }
            bool isStarted = RunPackageTests != null && RunPackageTests();
            if (!isStarted) { SelfTestRun.Start(); }
        }
    }
}
