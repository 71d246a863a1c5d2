#if VIBESYNC_HAS_TEST_FRAMEWORK
using System;
using System.Linq;
using UnityEditor;
using UnityEditor.TestTools.TestRunner.Api;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>
    /// Runs the tests of the package with the Unity Test Framework, and writes them into a report. The framework keeps
    /// and restores the user's scenes itself.
    /// </summary>
    public sealed class PackageTests : ICallbacks
    {
        const string ReportKey = "VibeSync.SelfTest.FrameworkReport";

        [InitializeOnLoadMethod]
        static void Load()
        {
            SelfTestMenu.RunPackageTests = Run;
            // The framework forgets its listeners with each domain reload.
            if (Report.Length > 0) { Listen(); }
        }

        static string Report
        {
            get => SessionState.GetString(ReportKey, "");
            set => SessionState.SetString(ReportKey, value);
        }

        /// <summary>Starts the tests; returns false if the package is here without them.</summary>
        static bool Run()
        {
            if (Report.Length > 0 || EditorApplication.isPlayingOrWillChangePlaymode) { return true; }
            string[] assemblies = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name)
                .Where(name => name.StartsWith("VibeSync.", StringComparison.Ordinal) && name.Contains("Tests"))
                .ToArray();
            if (assemblies.Length == 0) { return false; }
            Bridge.Hold();
            Report = SelfTestReport.Create(DateTime.UtcNow);
            SelfTestResult.Set(Report, "running the tests of the package");
            Listen().Execute(new ExecutionSettings(new Filter
            {
                testMode = TestMode.EditMode,
                assemblyNames = assemblies,
            }));
            VibeSyncWindow.Open();
            return true;
        }

        static TestRunnerApi Listen()
        {
            TestRunnerApi runner = ScriptableObject.CreateInstance<TestRunnerApi>();
            runner.RegisterCallbacks(new PackageTests());
            return runner;
        }

        public void RunStarted(ITestAdaptor testsToRun)
        {
        }

        public void TestStarted(ITestAdaptor test)
        {
        }

        public void TestFinished(ITestResultAdaptor result)
        {
            if (Report.Length == 0 || result.Test.IsSuite) { return; }
            string verdict = result.TestStatus == TestStatus.Passed ? "passed"
                : result.TestStatus == TestStatus.Failed ? "FAILED" : "skipped";
            SelfTestReport.Add(Report, verdict, result.FullName, result.Duration, result.Message ?? "");
        }

        public void RunFinished(ITestResultAdaptor result)
        {
            if (Report.Length == 0) { return; }
            string path = Report;
            Report = "";
            string summary = SelfTestResult.Count(result.PassCount, result.FailCount,
                result.SkipCount + result.InconclusiveCount);
            SelfTestReport.Finish(path, summary);
            SelfTestResult.Set(path, summary);
            Debug.Log("VibeSync Self-Test: " + summary + ". Report: " + path);
            EditorUtility.RevealInFinder(path);
            Bridge.Release();
        }
    }
}
#endif
