using System;
using System.Collections;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>A behavior of the editor that the package relies on, and the steps that show it.</summary>
    public sealed class SelfCheck
    {
        const double UsualSeconds = 20;

        /// <param name="run">
        /// Yields once for each frame that it waits. It is called anew after a domain reload.
        /// </param>
        /// <param name="maxSeconds">The time after which the check counts as failed.</param>
        public SelfCheck(string name, Func<SelfCheckContext, IEnumerator> run, double maxSeconds = UsualSeconds)
        {
            Name = name;
            Run = run;
            MaxSeconds = maxSeconds;
        }

        public string Name { get; }

        public Func<SelfCheckContext, IEnumerator> Run { get; }

        public double MaxSeconds { get; }
    }
}
