using System;

namespace VibeSync.Core.Session
{
    /// <summary>Estimates how long work will still take, from the time that it took so far.</summary>
    public sealed class Estimate
    {
        /// <summary>Seconds of work that tell nothing about the rest.</summary>
        const double TooShort = 1;

        string task = "";
        double began;
        double start;
        double last;

        /// <summary>
        /// Returns the seconds that are left of work that has come so far; null as long as nobody can tell. A smaller
        /// fraction than before is of other work.
        /// </summary>
        /// <param name="work">A word for the work; empty if none is under way.</param>
        public double? Update(string work, double fraction, double now)
        {
            if (work != task || fraction < last) { (task, began, start) = (work, now, fraction); }
            last = fraction;
            double passed = now - began;
            double done = fraction - start;
            if (work.Length == 0 || passed < TooShort || done <= 0) { return null; }
            return passed / done * (1 - fraction);
        }
    }

    /// <summary>
    /// The progress of work with a known remainder. The total is the largest remainder since it was zero.
    /// </summary>
    public sealed class Countdown
    {
        double total;

        /// <summary>Returns the fraction that is done; 1 if nothing is left.</summary>
        public double Update(double rest)
        {
            total = rest > 0 ? Math.Max(total, rest) : 0;
            return rest > 0 ? 1 - rest / total : 1;
        }
    }
}
