using System.Collections.Generic;

namespace VibeSync.Core.Session
{
    /// <summary>The direction of a <see cref="SyncEvent"/>.</summary>
    public enum SyncDirection
    {
        /// <summary>From this editor to the daemon, and so to Blender.</summary>
        Sent,

        /// <summary>From Blender, through the daemon, into the open scenes.</summary>
        Applied,
    }

    /// <summary>A group of changes that this editor has sent, or has applied and answered.</summary>
    public sealed class SyncEvent
    {
        public SyncEvent(SyncDirection direction, string label, IReadOnlyList<string> uuids)
        {
            Direction = direction;
            Label = label;
            Uuids = uuids;
        }

        public SyncDirection Direction { get; }

        /// <summary>The name of the changes, as the undo history shows it.</summary>
        public string Label { get; }

        /// <summary>
        /// The entities that changed. Some of an applied batch may have failed; the panel then shows the reason.
        /// </summary>
        public IReadOnlyList<string> Uuids { get; }
    }
}
