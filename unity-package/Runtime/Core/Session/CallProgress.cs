using System;
using System.Diagnostics;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>Reports the progress of a call, at most twice a second.</summary>
    public sealed class CallProgress
    {
        const long Interval = 1000;

        readonly Action<Frame> send;
        long last;

        public CallProgress(Action<Frame> send)
        {
            this.send = send;
        }

        /// <summary>Begins with a new call.</summary>
        public void Start() => last = -Interval;

        /// <summary>Reports a state that goes on, once a second.</summary>
        public void Report(string requestId, string state, string message, Stopwatch watch)
        {
            if (watch.ElapsedMilliseconds - last < Interval) { return; }
            last = watch.ElapsedMilliseconds;
            send(CapabilityMessages.Progress(requestId, state, message, last));
        }

        /// <summary>Reports a state that may block the editor, in any case.</summary>
        public void Announce(string requestId, string state, Stopwatch watch)
        {
            last = watch.ElapsedMilliseconds;
            send(CapabilityMessages.Progress(requestId, state, "", last));
        }
    }
}
