using System.Diagnostics;

namespace VibeSync.Core.Session
{
    /// <summary>How much of the editor's time a tick may take. What is left over goes on in the next tick.</summary>
    public sealed class Budget
    {
        readonly Stopwatch watch = Stopwatch.StartNew();
        readonly double milliseconds;

        public Budget(double milliseconds)
        {
            this.milliseconds = milliseconds;
        }

        /// <summary>As much as there is need of.</summary>
        public static Budget Unlimited => new Budget(double.MaxValue);

        public bool Spent => watch.Elapsed.TotalMilliseconds >= milliseconds;

        public void Restart() => watch.Restart();
    }
}
