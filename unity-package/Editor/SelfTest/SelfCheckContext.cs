using System;
using System.Collections;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Ends a check that failed, or that cannot show anything here.</summary>
    public sealed class SelfCheckException : Exception
    {
        public SelfCheckException(string message, bool isSkipped) : base(message)
        {
            IsSkipped = isSkipped;
        }

        public bool IsSkipped { get; }
    }

    /// <summary>The means of a running check: expectations, notes for the report, and memory over domain reloads.</summary>
    public sealed class SelfCheckContext
    {
        const double UsualSeconds = 3;

        /// <summary>The facts that the check has seen, for the report.</summary>
        public string Seen { get; private set; } = "";

        /// <summary>A word that survives a domain reload; empty when the check begins.</summary>
        public string Memory
        {
            get => SelfTestState.Memory;
            set => SelfTestState.Memory = value;
        }

        public static double Now => EditorApplication.timeSinceStartup;

        /// <summary>Adds a fact to the report.</summary>
        public void See(string fact) => Seen += (Seen.Length > 0 ? "; " : "") + fact;

        /// <summary>Fails the check unless the condition holds.</summary>
        public void Expect(bool condition, string otherwise)
        {
            if (!condition) { throw new SelfCheckException(otherwise, false); }
        }

        /// <summary>Ends the check without a verdict.</summary>
        public void Skip(string reason) => throw new SelfCheckException(reason, true);

        /// <summary>Yields frames until the condition holds; fails the check if it does not in time.</summary>
        public IEnumerable Until(Func<bool> condition, string otherwise, double seconds = UsualSeconds)
        {
            double end = Now + seconds;
            while (!condition())
            {
                Expect(Now < end, otherwise);
                yield return null;
            }
        }

        /// <summary>Creates an object in the scratch scene, without an undo step.</summary>
        public static GameObject Make(string name) => new GameObject("Self-Test " + name);

        /// <summary>Returns the object of that name among the top ones; null without it.</summary>
        public static GameObject Find(string name)
        {
            foreach (GameObject root in OpenScenes.GetRoots())
            {
                if (root.name == "Self-Test " + name) { return root; }
            }
            return null;
        }
    }
}
