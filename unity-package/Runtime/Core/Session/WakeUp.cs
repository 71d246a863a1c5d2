using VibeSync.Core.Discovery;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Decides how long a session waits for a daemon that was asleep. The connection to it is held, and closed without
    /// a challenge; the next one finds the daemon awake.
    /// </summary>
    public sealed class WakeUp
    {
        /// <summary>The time that the daemon may take to start.</summary>
        public const double MaxSeconds = 60;

        /// <summary>Seconds from the end of one connection to the next attempt.</summary>
        public const double Delay = 0.3;

        double? since;
        bool isAsleep;

        /// <summary>Notes a connection that was opened.</summary>
        public void Begin(DiscoveryFile daemon, double now)
        {
            isAsleep = daemon.IsAsleep;
            if (isAsleep) { since = since ?? now; }
        }

        /// <summary>Notes a challenge: the daemon is awake.</summary>
        public void End()
        {
            since = null;
            isAsleep = false;
        }

        /// <summary>Whether the last connection leads to a daemon that starts, and is not given up.</summary>
        public bool IsWaiting(double now) => isAsleep && now - since < MaxSeconds;
    }
}
