using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Keeps the daemon's epochs, and forgets what a log has lost, so that it is sent again; docs/protocol.md, Divergence.
    /// </summary>
    public sealed class Divergence
    {
        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly Outbox outbox;
        long? after;
        JsonValue welcome;

        public Divergence(ISceneAdapter scene, Replica replica, Outbox outbox)
        {
            this.scene = scene;
            this.replica = replica;
            this.outbox = outbox;
        }

        /// <summary>Whether the daemon's log has lost records, and the lost changes are not sent yet.</summary>
        public bool Exists => after != null;

        /// <summary>Something was answered or applied since the last <see cref="EndIfSettled"/>.</summary>
        public bool MayBeSettled { get; set; }

        /// <summary>Reads a `welcome`.</summary>
        public void Begin(JsonValue header)
        {
            JsonValue diverged = header.Find("diverged_after");
            after = diverged == null || diverged.IsNull ? (long?)null : diverged.AsInteger("diverged_after");
            if (after == null) { KeepEpochs(header); }
            else { welcome = header; }
        }

        /// <summary>Forgets what the log has lost. The scene is indexed, and no batch is in progress.</summary>
        public void Forget()
        {
            if (after == null) { return; }
            replica.ForgetAfter(after.Value, scene);
            outbox.LimitBaseSeq(after.Value);
            scene.Registry.ForgetAfter(after.Value);
            KeepEpochs(welcome);
            welcome = null;
        }

        /// <summary>Notes that the inventory was answered.</summary>
        public void Clear() => after = null;

        /// <summary>Ends the divergence once the daemon has answered all that was sent again.</summary>
        public void EndIfSettled(InventoryBuilder inventory)
        {
            MayBeSettled = false;
            if (scene.Registry.DivergedAfter == null) { return; }
            bool isAnswered = inventory.Build().TrueForAll(entity => entity.Value > 0 || replica.IsRefused(entity.Key));
            if (isAnswered) { scene.Registry.DivergedAfter = null; }
        }

        void KeepEpochs(JsonValue header)
        {
            JsonValue epochs = header.Find("epochs");
            if (epochs != null && !epochs.IsNull) { scene.Registry.Epochs = JsonWriter.Write(epochs); }
        }
    }
}
