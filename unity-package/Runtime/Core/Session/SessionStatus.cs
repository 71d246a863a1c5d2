using System;

namespace VibeSync.Core.Session
{
    /// <summary>What to show about a session.</summary>
    public sealed class SessionStatus
    {
        /// <summary>connected, connecting, offline or error.</summary>
        public string State = "offline";

        /// <summary>Intents that the daemon has not answered.</summary>
        public int Pending;

        /// <summary>The highest log sequence seen.</summary>
        public long HeadSeq;

        /// <summary>The last error, or null.</summary>
        public SyncException LastError;

        /// <summary>The last sentence that the daemon had for the user, or an empty string.</summary>
        public string LastNotice = "";

        /// <summary>Why the daemon has turned automation off, as a clause; null while it is on.</summary>
        public string SafeMode;

        /// <summary>Batches applied since the editor started.</summary>
        public int Applied;

        /// <summary>Intents sent since the editor started, repetitions not counted.</summary>
        public int Sent;

        /// <summary>What takes more than a moment just now, as a few words; empty when nothing does.</summary>
        public string Task = "";

        /// <summary>How much of <see cref="Task"/> is done, from 0 to 1.</summary>
        public double Progress = 1;

        /// <summary>How many entities the daemon said at the last connection that it would send.</summary>
        public int Owed;

        /// <summary>Changes received since the last connection.</summary>
        public int Received;
    }

    /// <summary>What a session says about itself in the handshake.</summary>
    public sealed class SessionOptions
    {
        /// <summary>One per editor process; the same over reconnects and domain reloads.</summary>
        public string InstanceId;

        public string EditorVersion;

        public string ClientVersion;

        /// <summary>How long a tick may work, in milliseconds.</summary>
        public double TickMilliseconds = 8;

        /// <summary>Asks the editor for a tick soon; called from any thread.</summary>
        public Action Wake = () => { };
    }
}
