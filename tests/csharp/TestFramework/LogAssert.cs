using System.Collections.Generic;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace UnityEngine.TestTools
{
    /// <summary>
    /// Fails a test for each error in the console that it did not expect, and for each expected line that did not come.
    /// </summary>
    public static class LogAssert
    {
        static readonly List<(LogType Type, string Text)> Unexpected = new List<(LogType, string)>();
        static readonly Queue<(LogType Type, Regex Text)> Expected = new Queue<(LogType, Regex)>();

        public static bool ignoreFailingMessages { get; set; }

        public static void Expect(LogType type, string message) =>
            Expect(type, new Regex("\\A" + Regex.Escape(message) + "\\z"));

        public static void Expect(LogType type, Regex message) => Expected.Enqueue((type, message));

        internal static void Begin()
        {
            Unexpected.Clear();
            Expected.Clear();
            ignoreFailingMessages = false;
            Application.logMessageReceived += OnMessage;
        }

        internal static void End() => Application.logMessageReceived -= OnMessage;

        /// <summary>Throws if an error was not expected. The test runner calls this after each step.</summary>
        internal static void Check(bool isEnd)
        {
            if (Unexpected.Count > 0)
            {
                throw new AssertionException("Unhandled log message: '[" + Unexpected[0].Type + "] "
                    + Unexpected[0].Text + "'. Use UnityEngine.TestTools.LogAssert.Expect");
            }
            if (isEnd && Expected.Count > 0)
            {
                throw new AssertionException("Expected log did not appear: [" + Expected.Peek().Type + "] "
                    + Expected.Peek().Text);
            }
        }

        static void OnMessage(string condition, string stackTrace, LogType type)
        {
            if (Expected.Count > 0 && Expected.Peek().Type == type && Expected.Peek().Text.IsMatch(condition))
            {
                Expected.Dequeue();
                return;
            }
            bool isFailing = type == LogType.Error || type == LogType.Assert || type == LogType.Exception;
            if (isFailing && !ignoreFailingMessages) { Unexpected.Add((type, condition)); }
        }
    }
}
