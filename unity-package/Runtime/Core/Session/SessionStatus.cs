using System;
using System.Collections.Generic;
using VibeSync.Core.Discovery;

namespace VibeSync.Core.Session
{
    /// <summary>The facts about a session that the editor's window shows.</summary>
    public sealed class SessionStatus
    {
        /// <summary>connected, connecting, unjoined (the scene belongs to no project), offline or error.</summary>
        public string State = "offline";

        /// <summary>The announced projects, while the scene belongs to none.</summary>
        public IReadOnlyList<DiscoveryFile> Offers = Array.Empty<DiscoveryFile>();

        /// <summary>Whether a sleeping daemon was asked to start.</summary>
        public bool IsStarting;

        /// <summary>Whether the scene stores a project, which the user may forget.</summary>
        public bool IsLeavable;

        /// <summary>Number of unacknowledged intents.</summary>
        public int Pending;

        /// <summary>Number of changes of the batch that is not applied and answered yet; 0 without one.</summary>
        public int WaitingChanges;

        /// <summary>Whether a batch from the daemon is not applied and answered yet.</summary>
        public bool HasWaitingBatch;

        /// <summary>The highest log sequence seen.</summary>
        public long HeadSeq;

        /// <summary>The last error, or null.</summary>
        public SyncException LastError;

        /// <summary>Whether nothing is synchronized, because all copies of the registry are damaged.</summary>
        public bool IsRegistryDamaged => State == "error" && LastError?.Code == ErrorCode.EditorRegistryDamaged;

        /// <summary>The last notice of the daemon, as a sentence; empty if it sent none.</summary>
        public string LastNotice = "";

        /// <summary>The reason for which the daemon turned automation off, as a clause; null while it is on.</summary>
        public string SafeMode;

        /// <summary>The questions of agents, and the agents.</summary>
        public AgentSection Agents = AgentSection.Empty;

        /// <summary>Number of batches applied since the editor started.</summary>
        public int Applied;

        /// <summary>Number of intents sent since the editor started; repeated ones count once.</summary>
        public int Sent;

        /// <summary>The task that takes more than a moment just now, in a few words; empty if none does.</summary>
        public string Task = "";

        /// <summary>The finished part of <see cref="Task"/>, from 0 to 1.</summary>
        public double Progress = 1;

        /// <summary>The estimated seconds until <see cref="Task"/> is done; null as long as nobody can tell.</summary>
        public double? SecondsLeft;

        /// <summary>Whether the present work may take more of a tick than beside a user.</summary>
        public bool HasLongSlices;

        /// <summary>Number of entities that the daemon announced to send, at the last connection.</summary>
        public int PendingDeliveries;

        /// <summary>Number of changes received since the last connection.</summary>
        public int Received;
    }
}
