using System.Diagnostics;

namespace VibeSync.Core.Session
{
    /// <summary>Limits how much of the editor's time a tick takes. Work left over continues in the next tick.</summary>
    public sealed class Budget
    {
        readonly Stopwatch watch = Stopwatch.StartNew();
        double milliseconds;

        public Budget(double milliseconds)
        {
            this.milliseconds = milliseconds;
        }

        /// <summary>A budget that is never spent.</summary>
        public static Budget Unlimited => new Budget(double.MaxValue);

        public bool IsSpent => watch.Elapsed.TotalMilliseconds >= milliseconds;

        public void Restart() => watch.Restart();

        /// <summary>Starts over with another limit.</summary>
        public void Restart(double limit)
        {
            milliseconds = limit;
            watch.Restart();
        }
    }
}
