using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>
    /// Runs the checks one after another, over many frames and domain reloads, on a scratch scene and without the
    /// bridge. It restores the user's scenes at the end, and writes a report.
    /// </summary>
    public static class SelfTestRun
    {
        static IEnumerator current;
        static SelfCheckContext context;

        /// <summary>Starts a run, unless one is in progress, the game plays, or the user cancels.</summary>
        public static void Start()
        {
            if (SelfTestState.IsRunning || EditorApplication.isPlayingOrWillChangePlaymode) { return; }
            string report = SelfTestReport.Create(DateTime.UtcNow);
            Bridge.Hold();
            string scenes = null;
            try
            {
                scenes = ScratchScene.Open();
            }
            finally
            {
                if (scenes == null)
                {
                    Bridge.Release();
                    File.Delete(report);
                }
            }
            if (scenes == null) { return; }
            SelfTestState.Begin(report);
            SelfTestState.Scenes = scenes;
            EditorApplication.update += Tick;
            VibeSyncWindow.Open();
        }

        [InitializeOnLoadMethod]
        static void Continue()
        {
            if (SelfTestState.IsRunning) { EditorApplication.update += Tick; }
        }

        static void Tick()
        {
            IReadOnlyList<SelfCheck> checks = SelfChecks.All;
            int index = SelfTestState.Index;
            if (index >= checks.Count)
            {
                Finish();
                return;
            }
            SelfCheck check = checks[index];
            if (current == null) { Begin(check, index, checks.Count); }
            string verdict = "passed";
            string seen;
            try
            {
                if (SelfCheckContext.Now - SelfTestState.Since > check.MaxSeconds)
                {
                    throw new SelfCheckException("did not end in " + check.MaxSeconds + " s", false);
                }
                if (current.MoveNext()) { return; }
                seen = context.Seen;
            }
            catch (SelfCheckException reason)
            {
                verdict = reason.IsSkipped ? "skipped" : "FAILED";
                seen = context.Seen.Length > 0 ? reason.Message + " (" + context.Seen + ")" : reason.Message;
            }
            catch (Exception error)
            {
                verdict = "FAILED";
                seen = error.GetType().Name + ": " + error.Message;
            }
            End(check, verdict, seen);
        }

        static void Begin(SelfCheck check, int index, int count)
        {
            // After a domain reload the check goes on, and its time with it.
            if (SelfTestState.Since <= 0) { SelfTestState.Since = SelfCheckContext.Now; }
            SelfTestResult.Set(SelfTestState.Report, "running " + (index + 1) + " of " + count + ": " + check.Name);
            context = new SelfCheckContext();
            current = check.Run(context);
        }

        static void End(SelfCheck check, string verdict, string seen)
        {
            (current as IDisposable)?.Dispose();
            current = null;
            double seconds = SelfCheckContext.Now - SelfTestState.Since;
            SelfTestState.Memory = "";
            SelfTestState.Since = 0;
            if (verdict == "passed") { SelfTestState.Passed++; }
            else if (verdict == "skipped") { SelfTestState.Skipped++; }
            else { SelfTestState.Failed++; }
            // Before the report is written: a full disk must not repeat the check for ever.
            SelfTestState.Index++;
            SelfTestReport.Add(SelfTestState.Report, verdict, check.Name, seconds, seen);
        }

        static void Finish()
        {
            EditorApplication.update -= Tick;
            string path = SelfTestState.Report;
            string summary = SelfTestResult.Count(SelfTestState.Passed, SelfTestState.Failed, SelfTestState.Skipped);
            string scenes = SelfTestState.Scenes;
            SelfTestState.Clear();
            try
            {
                ScratchScene.Close(scenes);
            }
            finally
            {
                Bridge.Release();
                SelfTestReport.Finish(path, summary);
                SelfTestResult.Set(path, summary);
                Debug.Log("VibeSync Self-Test: " + summary + ". Report: " + path);
                EditorUtility.RevealInFinder(path);
            }
        }
    }
}
