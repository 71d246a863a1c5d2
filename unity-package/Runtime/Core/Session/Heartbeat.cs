namespace VibeSync.Core.Session
{
    /// <summary>When to ping and when to give the peer up. Times are seconds of the session's clock.</summary>
    public sealed class Heartbeat
    {
        /// <summary>Intervals of silence after which the peer is given up.</summary>
        const int SilentIntervals = 10;

        double heard;
        double pinged;
        long nonce;

        /// <summary>Seconds between pings; the daemon says how many.</summary>
        public double Interval { get; set; } = 2;

        public void Start(double now)
        {
            heard = now;
            pinged = now;
        }

        public void Heard(double now) => heard = now;

        public long NextNonce() => ++nonce;

        /// <summary>True once an interval; then counts as pinged.</summary>
        public bool PingDue(double now)
        {
            if (now - pinged < Interval) { return false; }
            // The editor did not run for a while (a modal dialog, a breakpoint): it could not have heard anything
            // either.
            if (now - pinged > Interval * 3) { heard = now; }
            pinged = now;
            return true;
        }

        public bool Silent(double now) => now - heard > Interval * SilentIntervals;
    }
}
