using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>One change of a batch, from the message to the answer.</summary>
    public sealed class BatchItem
    {
        public string Uuid;

        /// <summary>The change's location in the message.</summary>
        public string Location;

        /// <summary>Null if the change could not be read; <see cref="Error"/> then says why.</summary>
        public Change Change;

        /// <summary>The result of <see cref="ISceneAdapter.Prepare"/> for the change.</summary>
        public object Prepared;

        public SyncException Error;

        /// <summary>The entity after the whole batch was applied; null if it does not exist then.</summary>
        public Sample ReadBack;

        /// <summary>The converted <see cref="ReadBack"/>.</summary>
        public Entity State;

        /// <summary>The part of <see cref="State"/> that the replica records; null if there is none.</summary>
        public Entity Confirmed;
    }
}
