using System;
using System.Collections;
using System.Collections.Generic;
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
            Bridge.Hold();
            string scenes = ScratchScene.Open();
            if (scenes == null)
            {
                Bridge.Release();
                return;
            }
            SelfTestState.Begin(SelfTestReport.Create(DateTime.UtcNow));
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
            try
            {
                if (SelfCheckContext.Now - SelfTestState.Since > check.MaxSeconds)
                {
                    throw new SelfCheckException("did not end in " + check.MaxSeconds + " s", false);
                }
                if (current.MoveNext()) { return; }
                SelfTestState.Passed++;
                End(check, "passed", context.Seen);
            }
            catch (SelfCheckException reason)
            {
                if (reason.IsSkipped) { SelfTestState.Skipped++; }
                else { SelfTestState.Failed++; }
                string seen = context.Seen.Length > 0 ? reason.Message + " (" + context.Seen + ")" : reason.Message;
                End(check, reason.IsSkipped ? "skipped" : "FAILED", seen);
            }
            catch (Exception error)
            {
                SelfTestState.Failed++;
                End(check, "FAILED", error.GetType().Name + ": " + error.Message);
            }
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
            SelfTestReport.Add(SelfTestState.Report, verdict, check.Name, seconds, seen);
            SelfTestState.Memory = "";
            SelfTestState.Since = 0;
            SelfTestState.Index++;
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
