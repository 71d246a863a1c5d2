using System;
using System.Threading;

namespace VibeSync.Editor
{
    /// <summary>
    /// Asks for the next tick while work is left, from any thread. An editor without focus ticks about ten times a
    /// second. A signal that comes in the middle of a tick has no effect, so a timer repeats it until the next tick.
    /// </summary>
    public sealed class TickSignal : IDisposable
    {
        const int PeriodMilliseconds = 10;

        readonly Action signal;
        readonly object gate = new object();
        Timer timer;

        /// <param name="signal">Asks the editor for a tick; called from any thread.</param>
        public TickSignal(Action signal)
        {
            this.signal = signal;
            timer = new Timer(_ => signal(), null, Timeout.Infinite, Timeout.Infinite);
        }

        /// <summary>Asks for a tick, now and until the next one begins.</summary>
        public void Request()
        {
            lock (gate) { timer?.Change(PeriodMilliseconds, PeriodMilliseconds); }
            signal();
        }

        /// <summary>Records that a tick begins.</summary>
        public void BeginTick()
        {
            lock (gate) { timer?.Change(Timeout.Infinite, Timeout.Infinite); }
        }

        public void Dispose()
        {
            lock (gate)
            {
                timer?.Dispose();
                timer = null;
            }
        }
    }
}
