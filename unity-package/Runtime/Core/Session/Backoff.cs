using System;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Waiting times between attempts to connect: doubling, bounded, and spread so that editors do not march in step.
    /// </summary>
    public sealed class Backoff
    {
        const double First = 0.25;
        const double Longest = 8;

        readonly Random random;
        double next = First;

        public Backoff(int seed)
        {
            random = new Random(seed);
        }

        /// <summary>Seconds to wait before the next attempt, from half the present step to all of it.</summary>
        public double Take()
        {
            double step = next;
            next = Math.Min(next * 2, Longest);
            return step * (0.5 + random.NextDouble() / 2);
        }

        /// <summary>Starts over, after a connection that worked.</summary>
        public void Reset() => next = First;
    }
}
