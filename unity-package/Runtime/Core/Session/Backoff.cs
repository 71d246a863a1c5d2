using System;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Computes the delays between attempts to connect. They double up to a maximum, with random jitter so that several
    /// editors do not reconnect at the same moment.
    /// </summary>
    public sealed class Backoff
    {
        const double MinSeconds = 0.25;
        const double MaxSeconds = 8;

        readonly Random random;
        double next = MinSeconds;

        public Backoff(int seed)
        {
            random = new Random(seed);
        }

        /// <summary>
        /// Returns the seconds until the next attempt: between half of the present step and all of it.
        /// </summary>
        public double NextDelay()
        {
            double step = next;
            next = Math.Min(next * 2, MaxSeconds);
            return step * (0.5 + random.NextDouble() / 2);
        }

        /// <summary>Starts over, after a connection that worked.</summary>
        public void Reset() => next = MinSeconds;
    }
}
