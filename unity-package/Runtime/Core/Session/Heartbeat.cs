namespace VibeSync.Core.Session
{
    /// <summary>
    /// Decides when to ping and when the daemon counts as gone. Times are seconds of the session's clock.
    /// </summary>
    public sealed class Heartbeat
    {
        /// <summary>Number of intervals without a message after which the daemon counts as gone.</summary>
        const int MaxSilentIntervals = 10;

        /// <summary>Number of intervals without a tick after which the editor itself stood still.</summary>
        const int MaxLateIntervals = 3;

        double heardAt;
        double pingedAt;
        long nonce;

        /// <summary>Seconds between pings; the daemon sets them.</summary>
        public double Interval { get; set; } = 2;

        public void Start(double now)
        {
            heardAt = now;
            pingedAt = now;
        }

        public void MarkHeard(double now) => heardAt = now;

        public long NextNonce() => ++nonce;

        /// <summary>Returns true once an interval, and then starts the next interval.</summary>
        public bool TryBeginPing(double now)
        {
            if (now - pingedAt < Interval) { return false; }
            // The editor stood still (a modal dialog, a breakpoint), so it could not receive anything either.
            if (now - pingedAt > Interval * MaxLateIntervals) { heardAt = now; }
            pingedAt = now;
            return true;
        }

        public bool IsSilent(double now) => now - heardAt > Interval * MaxSilentIntervals;
    }
}
