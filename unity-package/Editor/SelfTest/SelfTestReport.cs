using System;
using System.Globalization;
using System.IO;
using UnityEngine;
using UnityEngine.Rendering;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>
    /// Writes the report of a run: a text file for people, with one line a check. Each line is written at once, so
    /// that a report shows how far the editor came.
    /// </summary>
    public static class SelfTestReport
    {
        /// <summary>The folder for reports and logs of the Unity project.</summary>
        public static string Folder => Path.Combine(Path.GetDirectoryName(Application.dataPath), "Logs");

        /// <summary>Creates a report with a description of the editor, and returns its path.</summary>
        public static string Create(DateTime now)
        {
            string stamp = now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
            string path = Path.Combine(Folder, "VibeSync-SelfTest-" + stamp + ".txt");
            Directory.CreateDirectory(Folder);
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            File.WriteAllText(path, "VibeSync Self-Test\n"
                + "package          " + Bridge.ClientVersion + "\n"
                + "Unity            " + Application.unityVersion + "\n"
                + "system           " + SystemInfo.operatingSystem + "\n"
                + "render pipeline  " + (pipeline == null ? "built-in" : pipeline.GetType().Name) + "\n"
                + "time             " + now.ToString("u", CultureInfo.InvariantCulture) + "\n\n");
            return path;
        }

        /// <summary>Adds the line of a check.</summary>
        /// <param name="verdict">passed, FAILED or skipped.</param>
        public static void Add(string path, string verdict, string name, double seconds, string seen)
        {
            string milliseconds = Math.Max(0, seconds * 1000).ToString("F0", CultureInfo.InvariantCulture);
            Append(path, verdict.PadRight(8) + milliseconds.PadLeft(7) + " ms  " + name
                + (seen.Length > 0 ? ": " + seen.Replace("\n", " ").Replace("\r", "") : ""));
        }

        /// <summary>Adds the sentence at the end.</summary>
        public static void Finish(string path, string summary) => Append(path, "\n" + summary);

        static void Append(string path, string line) => File.AppendAllText(path, line + "\n");
    }
}
