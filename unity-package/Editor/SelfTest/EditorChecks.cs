using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using UnityEditor;
using UnityEditorInternal;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks the editor's ticks, a domain reload, and play mode.</summary>
    public static class EditorChecks
    {
        const double MaxTickSeconds = 0.05;
        const double FocusSeconds = 8;
        const double SlowSeconds = 120;

        /// <summary>A value that a domain reload must forget.</summary>
        static string remembered;

        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("tick: an editor without focus ticks on request", MeasureTicks, SlowSeconds),
            new SelfCheck("reload: SessionState survives, static values do not", Reload, SlowSeconds),
            new SelfCheck("play mode: the scene comes back as it was", Play, SlowSeconds),
        };

        static IEnumerator MeasureTicks(SelfCheckContext context)
        {
            SelfTestResult.Set(SelfTestState.Report, "click into another program now, to measure without the focus");
            double end = SelfCheckContext.Now + FocusSeconds;
            while (InternalEditorUtility.isApplicationActive && SelfCheckContext.Now < end) { yield return null; }
            List<double> plain = new List<double>();
            List<double> asked = new List<double>();
            foreach (object frame in Measure(plain, 20)) { yield return frame; }
            using (TickSignal signal = new TickSignal(UnityCompat.RequestTick))
            {
                foreach (object frame in Measure(asked, 40))
                {
                    signal.BeginTick();
                    signal.Request();
                    yield return frame;
                }
            }
            context.See("without a request " + Describe(plain) + "; with requests " + Describe(asked));
            if (!UnityCompat.CanRequestTick) { context.Skip("this version of Unity has no SignalTick"); }
            if (InternalEditorUtility.isApplicationActive) { context.Skip("the editor had the focus"); }
            context.Expect(asked.Average() <= MaxTickSeconds, "the ticks are too slow");
        }

        /// <summary>Adds the seconds between two ticks, for a number of ticks.</summary>
        static IEnumerable Measure(List<double> intervals, int count)
        {
            double last = SelfCheckContext.Now;
            yield return null;
            while (intervals.Count < count)
            {
                double now = SelfCheckContext.Now;
                intervals.Add(now - last);
                last = now;
                yield return null;
            }
        }

        static string Describe(List<double> intervals)
        {
            string Text(double seconds) => (seconds * 1000).ToString("F0", CultureInfo.InvariantCulture);
            return Text(intervals.Average()) + " ms on average, at most " + Text(intervals.Max()) + " ms";
        }

        static IEnumerator Reload(SelfCheckContext context)
        {
            if (context.Memory.Length == 0)
            {
                remembered = "before";
                SelfCheckContext.Make("reload");
                context.Memory = "reloading";
                EditorUtility.RequestScriptReload();
                foreach (object frame in context.Until(() => false, "no domain reload came", 60)) { yield return frame; }
            }
            context.Expect(remembered == null, "a static value survived");
            context.Expect(SelfCheckContext.Find("reload") != null, "an object of the open scene is gone");
            context.See("went on after the reload");
        }

        static IEnumerator Play(SelfCheckContext context)
        {
            if (context.Memory.Length == 0)
            {
                SelfCheckContext.Make("player").transform.localPosition = new Vector3(5, 0, 0);
                context.Memory = "playing";
                EditorApplication.EnterPlaymode();
            }
            if (context.Memory == "playing")
            {
                foreach (object frame in context.Until(() => EditorApplication.isPlaying, "play mode did not begin", 60))
                {
                    yield return frame;
                }
                SelfCheckContext.Find("player").transform.localPosition = new Vector3(9, 0, 0);
                yield return null;
                context.Memory = "leaving";
                EditorApplication.ExitPlaymode();
            }
            foreach (object frame in context.Until(() => !EditorApplication.isPlayingOrWillChangePlaymode,
                "play mode did not end", 60))
            {
                yield return frame;
            }
            GameObject player = SelfCheckContext.Find("player");
            context.Expect(player != null, "the object is gone");
            context.See("the object is at " + player.transform.localPosition.x);
            context.Expect(player.transform.localPosition.x == 5, "the game's change stayed");
        }
    }
}
