using System.Globalization;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>The progress or result of the last self-test of this editor process, for the panel.</summary>
    public sealed class SelfTestResult
    {
        const string PathKey = "VibeSync.SelfTest.Path";
        const string SummaryKey = "VibeSync.SelfTest.Summary";

        /// <summary>The report, a text file.</summary>
        public string Path { get; private set; }

        /// <summary>A few words: the present check, or the numbers of checks.</summary>
        public string Summary { get; private set; }

        /// <summary>The result of the last run; null if there was none.</summary>
        public static SelfTestResult Last
        {
            get
            {
                string path = SessionState.GetString(PathKey, "");
                if (path.Length == 0) { return null; }
                return new SelfTestResult { Path = path, Summary = SessionState.GetString(SummaryKey, "") };
            }
        }

        /// <summary>Keeps a result until the editor ends, also over domain reloads.</summary>
        public static void Set(string path, string summary)
        {
            SessionState.SetString(PathKey, path);
            SessionState.SetString(SummaryKey, summary);
        }

        /// <summary>Returns the sentence of a finished run.</summary>
        public static string Count(int passed, int failed, int skipped)
        {
            string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
            return Text(passed) + " passed, " + Text(failed) + " failed, " + Text(skipped) + " skipped";
        }

        /// <summary>Shows the report in the file manager.</summary>
        public void Reveal() => EditorUtility.RevealInFinder(Path);
    }
}
