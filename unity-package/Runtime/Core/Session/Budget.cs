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

        public bool IsSpent => IsSpentBut(0);

        /// <summary>The milliseconds since the budget was started.</summary>
        public double Passed => watch.Elapsed.TotalMilliseconds;

        /// <summary>Returns whether no more than a reserve is left.</summary>
        public bool IsSpentBut(double reserve) => Passed >= milliseconds - reserve;

        public void Restart() => watch.Restart();

        /// <summary>Starts over with another limit.</summary>
        public void Restart(double limit)
        {
            milliseconds = limit;
            watch.Restart();
        }
    }
}
