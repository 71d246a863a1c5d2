using System;
using System.Collections.Generic;
using VibeSync.Core.Discovery;

namespace VibeSync.Core.Session
{
    /// <summary>The reason for which the bridge does not run.</summary>
    public enum PauseReason
    {
        /// <summary>It runs.</summary>
        None,

        /// <summary>The user paused it.</summary>
        User,

        /// <summary>Errors stopped it.</summary>
        Error,

        /// <summary>The self-test uses the editor.</summary>
        SelfTest,
    }

    /// <summary>The state of the bridge as plain values, from which <see cref="StatusText"/> makes the panel.</summary>
    public sealed class PanelState
    {
        public PauseReason Pause;

        /// <summary>See <see cref="SessionStatus.State"/>.</summary>
        public string State = "offline";

        /// <summary>One of <see cref="EditorStates"/>.</summary>
        public string Activity = EditorStates.Ready;

        /// <summary>The last error, or null.</summary>
        public SyncException Error;

        /// <summary>The daemon's reason for safe mode, as a clause; null outside of it.</summary>
        public string SafeMode;

        /// <summary>Whether a sleeping daemon was asked to start.</summary>
        public bool IsStarting;

        /// <summary>Number of intents without an answer.</summary>
        public int Unanswered;

        /// <summary>Whether a batch from the other editor is not applied yet.</summary>
        public bool HasWaitingBatch;

        public int Sent;

        public int Applied;

        /// <summary>The task that takes more than a moment; empty if none does.</summary>
        public string Task = "";

        /// <summary>The finished part of <see cref="Task"/>, from 0 to 1.</summary>
        public double Progress = 1;

        /// <summary>The estimated seconds until <see cref="Task"/> is done; null as long as nobody can tell.</summary>
        public double? SecondsLeft;

        /// <summary>Whether the present work may make the editor stutter.</summary>
        public bool HasLongSlices;

        /// <summary>The announced projects, while the scene belongs to none.</summary>
        public IReadOnlyList<DiscoveryFile> Offers = Array.Empty<DiscoveryFile>();

        /// <summary>Whether the user may take the scene out of its project.</summary>
        public bool CanLeave;

        /// <summary>The questions of agents, and the agents.</summary>
        public AgentSection Agents = AgentSection.Empty;

        /// <summary>Copies the facts of a session.</summary>
        public static PanelState Of(SessionStatus status, PauseReason pause, string activity)
        {
            return new PanelState
            {
                Pause = pause,
                State = status.State,
                Activity = activity,
                Error = status.LastError,
                SafeMode = status.SafeMode,
                IsStarting = status.IsStarting,
                Unanswered = status.Pending,
                HasWaitingBatch = status.HasWaitingBatch,
                Sent = status.Sent,
                Applied = status.Applied,
                Task = status.Task,
                Progress = status.Progress,
                SecondsLeft = status.SecondsLeft,
                HasLongSlices = status.HasLongSlices,
                Offers = status.Offers,
                CanLeave = status.IsLeavable,
                Agents = status.Agents,
            };
        }
    }
}
