using System.Globalization;
using UnityEditor;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>The progress of a run, which survives domain reloads and ends with the editor process.</summary>
    public static class SelfTestState
    {
        const string Prefix = "VibeSync.SelfTest.";

        /// <summary>The path of the report while a run is in progress, else empty.</summary>
        public static string Report
        {
            get => Get("Report");
            set => Set("Report", value);
        }

        /// <summary>The scenes that were open before, one a line.</summary>
        public static string Scenes
        {
            get => Get("Scenes");
            set => Set("Scenes", value);
        }

        /// <summary>The memory of the present check.</summary>
        public static string Memory
        {
            get => Get("Memory");
            set => Set("Memory", value);
        }

        /// <summary>The number of checks that have ended.</summary>
        public static int Index
        {
            get => (int)GetNumber("Index");
            set => SetNumber("Index", value);
        }

        /// <summary>The time at which the present check began; 0 between two checks.</summary>
        public static double Since
        {
            get => GetNumber("Since");
            set => SetNumber("Since", value);
        }

        public static int Passed
        {
            get => (int)GetNumber("Passed");
            set => SetNumber("Passed", value);
        }

        public static int Failed
        {
            get => (int)GetNumber("Failed");
            set => SetNumber("Failed", value);
        }

        public static int Skipped
        {
            get => (int)GetNumber("Skipped");
            set => SetNumber("Skipped", value);
        }

        public static bool IsRunning => Report.Length > 0;

        /// <summary>Begins a run.</summary>
        public static void Begin(string report)
        {
            Clear();
            Report = report;
        }

        /// <summary>Ends a run.</summary>
        public static void Clear()
        {
            foreach (string key in new[]
            {
                "Report", "Scenes", "Memory", "Index", "Since", "Passed", "Failed", "Skipped",
            })
            {
                SessionState.EraseString(Prefix + key);
            }
        }

        static string Get(string key) => SessionState.GetString(Prefix + key, "");

        static void Set(string key, string value) => SessionState.SetString(Prefix + key, value);

        static double GetNumber(string key)
        {
            return double.TryParse(Get(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? number : 0;
        }

        static void SetNumber(string key, double value) => Set(key, value.ToString("R", CultureInfo.InvariantCulture));
    }
}
