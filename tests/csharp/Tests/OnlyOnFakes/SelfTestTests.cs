using System;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Editor;
using VibeSync.Editor.SelfTest;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the self-test on the faked editor: as a whole, and with behaviors broken on purpose. Only on the fakes,
    /// because a test cannot break a behavior of Unity, and a real editor has the self-test itself.
    /// </summary>
    public sealed class SelfTestTests : BridgeHarness
    {
        const int Checks = 24;
        const int MaxFrames = 20000;

        double now = 1;

        /// <summary>Runs the self-test to its end, and returns the lines of its report.</summary>
        string[] Run(Action run = null, double frameSeconds = 0.02)
        {
            UnityFakes.Editor.Clock = () => now;
            (run ?? SelfTestRun.Start)();
            for (int i = 0; SelfTestState.IsRunning && i < MaxFrames; i++)
            {
                now += frameSeconds;
                RunFrame();
            }
            Assert.That(SelfTestState.IsRunning, Is.False, "the self-test does not end");
            return File.ReadAllLines(SelfTestResult.Last.Path);
        }

        static string Find(string[] report, string check) => report.Single(line => line.Contains("ms  " + check));

        [Test]
        public void AllChecksPassOnTheFakes()
        {
            UnityFakes.Editor.SetFocused(false);
            string[] report = Run();
            Assert.That(report.Where(line => line.StartsWith("FAILED") || line.StartsWith("skipped")), Is.Empty);
            Assert.That(report.Count(line => line.StartsWith("passed ")), Is.EqualTo(Checks));
            Assert.That(report.Last(), Is.EqualTo(Checks + " passed, 0 failed, 0 skipped"));
        }

        [Test]
        public void ReportNamesTheEditorAndIsShown()
        {
            string[] report = Run();
            Assert.That(report, Has.Some.Contains("Unity            " + Application.unityVersion));
            Assert.That(report, Has.Some.Contains("a faked system"));
            Assert.That(report, Has.Some.EqualTo("render pipeline  built-in"));
            string path = SelfTestResult.Last.Path;
            Assert.That(Path.GetDirectoryName(path), Is.EqualTo(Path.Combine(Engine.ProjectFolder, "Logs")));
            Assert.That(UnityFakes.Editor.Revealed, Is.EqualTo(path));
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            Assert.That(Screen.Lines, Has.Some.Contains(" passed, 0 failed, 1 skipped"));
            Assert.That(Screen.Lines, Has.Some.Contains(path));
            Assert.That(Screen.Lines, Has.Member("[Show Report]"));
        }

        [Test]
        public void TicksAreMeasuredAndSaid()
        {
            string[] focused = Run();
            Assert.That(Find(focused, "tick:"), Does.StartWith("skipped").And.Contain("had the focus")
                .And.Contain("without a request 20 ms on average, at most 20 ms; with requests 20 ms"));
        }

        [Test]
        public void SlowTicksWithoutFocusFail()
        {
            UnityFakes.Editor.SetFocused(false);
            string[] report = Run(frameSeconds: 0.1);
            Assert.That(Find(report, "tick:"), Does.StartWith("FAILED").And.Contain("with requests 100 ms"));
        }

        [TestCase(ObjectChangeKind.ChangeGameObjectOrComponentProperties, "events: move")]
        [TestCase(ObjectChangeKind.ChangeGameObjectOrComponentProperties, "events: rename")]
        [TestCase(ObjectChangeKind.CreateGameObjectHierarchy, "events: create")]
        [TestCase(ObjectChangeKind.DestroyGameObjectHierarchy, "events: delete")]
        [TestCase(ObjectChangeKind.ChangeGameObjectParent, "events: change of parent")]
        [TestCase(ObjectChangeKind.ChangeGameObjectStructure, "events: added component")]
        public void EventThatIsMissingFails(ObjectChangeKind kind, string check)
        {
            Faults.LostEvents.Add(kind);
            Assert.That(Find(Run(), check), Does.StartWith("FAILED").And.Contain("not published"));
        }

        [TestCase(nameof(Faults.HasNoCollapse), "undo: a batch over frames")]
        [TestCase(nameof(Faults.HasNoCollapse), "redo: repeats the whole batch")]
        [TestCase(nameof(Faults.KeepsLayout), "mesh: Clear(false)")]
        [TestCase(nameof(Faults.RenamesSubAssets), "asset: a mesh below another object")]
        [TestCase(nameof(Faults.LosesTags), "asset: a material keeps")]
        [TestCase(nameof(Faults.LosesOverrides), "prefab: an override")]
        [TestCase(nameof(Faults.LosesFlags), "scene: a hidden record")]
        [TestCase(nameof(Faults.PublishesTransforms), "preview: a move")]
        [TestCase(nameof(Faults.HasNoReload), "reload: SessionState")]
        public void BehaviorThatIsMissingFails(string fault, string check)
        {
            typeof(Faults).GetProperty(fault).SetValue(null, true);
            string[] report = Run();
            Assert.That(Find(report, check), Does.StartWith("FAILED"));
            Assert.That(Find(report, "events: move"), Does.StartWith("passed"), "the others are not concerned");
        }

        [Test]
        public void CheckThatHangsFailsAfterItsTime()
        {
            Faults.HasNoReload = true;
            Assert.That(Find(Run(frameSeconds: 1), "reload:"), Does.Contain("no domain reload came"));
        }

        [Test]
        public void CheckFailsAfterItsTimeAlsoIfItWaitsOn()
        {
            Faults.HasNoReload = true;
            Assert.That(Find(Run(frameSeconds: 200), "reload:"), Does.StartWith("FAILED").And.Contain("not end in 120 s"));
        }

        [Test]
        public void SceneAndBridgeComeBackAfterTheSelfTest()
        {
            Connect();
            GameObject made = CreateAccepted("A", 1);
            string uuid = GetUuid(made);
            UnityFakes.Editor.SaveScene(Path.Combine(Folder, "mine.unity"));
            UnityFakes.Editor.Clock = () => now;
            SelfTestMenu.RunPackageTests = null;
            SelfTestMenu.Start();
            Assert.That(Bridge.IsRunning, Is.False, "nothing of the scratch scene is sent");
            Screen.Draw(EditorWindow.GetWindow<VibeSyncWindow>("VibeSync"));
            Assert.That(Screen.Lines, Has.Some.Contains("The self-test runs."));
            bool wasStarted = false;
            for (int i = 0; SelfTestState.IsRunning && i < MaxFrames; i++)
            {
                now += 0.02;
                RunFrame();
                wasStarted |= SelfTestState.IsRunning && Bridge.IsRunning;
            }
            Assert.That(wasStarted, Is.False, "also not after the domain reloads");
            Assert.That(FindObject(uuid), Is.Not.Null);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            Assert.That(Bridge.IsRunning);
            Connect();
            Daemon.ExpectNone("intent", () => { now += 0.02; RunFrame(); });
            Assert.That(AssetDatabase.IsValidFolder(ScratchScene.Folder), Is.False);
        }

        [Test]
        public void UserCanCancelTheSelfTest()
        {
            Connect();
            UnityFakes.Editor.CancelsDialogs = true;
            SelfTestRun.Start();
            Assert.That(SelfTestState.IsRunning, Is.False);
            Assert.That(Directory.GetFiles(SelfTestReport.Folder), Is.Empty);
            Assert.That(Bridge.IsRunning);
            Assert.That(Bridge.Panel.Pause, Is.EqualTo(VibeSync.Core.Session.PauseReason.None));
            Connect();
        }

        [Test]
        public void ReportThatCannotBeWrittenStopsNothing()
        {
            UnityFakes.Editor.Clock = () => now;
            SelfTestRun.Start();
            Directory.Delete(SelfTestReport.Folder, true);
            int errors = 0;
            for (int i = 0; SelfTestState.IsRunning && i < MaxFrames; i++)
            {
                now += 0.02;
                try { RunFrame(); }
                catch (DirectoryNotFoundException) { errors++; }
            }
            Assert.That(SelfTestState.IsRunning, Is.False);
            Assert.That(errors, Is.EqualTo(Checks + 1), "one a check, and one for the last line");
            Assert.That(Bridge.IsRunning);
        }

        [Test]
        public void SelfTestWaitsForTheEndOfPlayMode()
        {
            UnityFakes.Editor.SetPlaying(true);
            SelfTestMenu.Start();
            Assert.That(SelfTestState.IsRunning, Is.False);
            Assert.That(TestFramework.Assemblies, Is.Null);
            Assert.That(Engine.Log, Has.Member("warning VibeSync Self-Test: leave play mode first."));
        }

        [Test]
        public void PausedBridgeStaysPausedAfterTheSelfTest()
        {
            Bridge.IsEnabled = false;
            Run();
            Assert.That(Bridge.IsRunning, Is.False);
            Assert.That(Bridge.Panel.Pause, Is.EqualTo(VibeSync.Core.Session.PauseReason.User));
        }

        [Test]
        public void PackageTestsRunWhereTheFrameworkIs()
        {
            SelfTestMenu.Start();
            Assert.That(SelfTestState.IsRunning, Is.False, "the built-in checks do not run");
            Assert.That(TestFramework.Assemblies, Has.Member("VibeSync.Tests"));
            Assert.That(Bridge.IsRunning, Is.False);
            UnityFakes.Editor.ReloadDomain();
            Assert.That(Bridge.IsRunning, Is.False);
            TestFramework.Finish("VibeSync.Tests.Some", false, "expected 1");
            string[] report = File.ReadAllLines(SelfTestResult.Last.Path);
            Assert.That(report, Has.Some.StartsWith("FAILED").And.Some.Contains("VibeSync.Tests.Some: expected 1"));
            Assert.That(report.Last(), Is.EqualTo("0 passed, 1 failed, 0 skipped"));
            Assert.That(Bridge.IsRunning);
        }
    }
}
