using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Gives the session access to the scene: entities by uuid, in canonical space. All calls come from the main
    /// thread. No object of the editor crosses this interface, and none is kept from one tick to the next.
    /// </summary>
    public interface ISceneAdapter
    {
        /// <summary>One of <see cref="EditorStates"/>.</summary>
        string EditorState { get; }

        /// <summary>Whether nobody has used the editor for a moment, so that a long tick disturbs nobody.</summary>
        bool IsAtRest { get; }

        /// <summary>Whether a walk through the scene is not finished; <see cref="Refresh"/> continues it.</summary>
        bool IsWalking { get; }

        /// <summary>
        /// The objects that the user is editing, in a fixed order; null if they are more than the protocol lets an
        /// editor list. Valid only in <see cref="EditorStates.Modal"/> and <see cref="EditorStates.Edit"/>.
        /// </summary>
        IReadOnlyList<string> ActiveEdits { get; }

        /// <summary>The project that the open scene belongs to; empty if it belongs to none yet.</summary>
        string ProjectId { get; set; }

        /// <summary>
        /// The registry of the open scene, which is saved with it. Throws VS-7001 if it is damaged, VS-5008 if a newer
        /// package wrote it.
        /// </summary>
        Registry Registry { get; }

        /// <summary>The absolute path of the open scene, or of the Unity project while the scene is unsaved.</summary>
        string OpenPath { get; }

        /// <summary>Begins a tick that may take so long; the time limit of <see cref="Refresh"/> follows from it.</summary>
        void BeginTick(double milliseconds);

        /// <summary>
        /// Updates the index within its time limit and gives new objects an identity. Adds the entities that may have
        /// changed since the last call.
        /// </summary>
        void Refresh(DirtySet dirty);

        /// <summary>Whether the whole scene was indexed since it was opened.</summary>
        bool IsComplete { get; }

        /// <summary>
        /// The keys of the components that the editor does not synchronize with its present settings. A session keeps to what
        /// they were when it began.
        /// </summary>
        IReadOnlyCollection<string> HiddenComponents { get; }

        /// <summary>All entities.</summary>
        IReadOnlyCollection<string> Uuids { get; }

        bool Contains(string uuid);

        /// <summary>Copies the entity's data from the editor; returns null if it does not exist.</summary>
        Sample Sample(string uuid);

        /// <summary>
        /// Returns facts about a mesh or about a material in a file of VibeSync; null for any other entity.
        /// </summary>
        MeshState FindMesh(string uuid);

        /// <summary>The meshes whose asset was gone when the scene was opened.</summary>
        IReadOnlyCollection<string> MissingMeshes { get; }

        /// <summary>Called when the registry has a new state of an entity that daemon and scene share.</summary>
        void OnConfirmed(string uuid);

        /// <summary>
        /// Gives the entity a new uuid, because the daemon has a tombstone for the old one. Returns null if the entity
        /// does not exist.
        /// </summary>
        string RenewUuid(string uuid);

        /// <summary>
        /// Returns the mesh that was last received for an entity and read back exactly; null if it is not remembered. May
        /// be called on any thread.
        /// </summary>
        MeshComponent FindReceived(string uuid);

        /// <summary>
        /// Converts a change to the form that <see cref="Apply"/> needs. May run on any thread, without the editor.
        /// </summary>
        object Prepare(Change change);

        /// <summary>Starts one undo step, which <see cref="EndBatch"/> ends.</summary>
        /// <param name="deleted">The uuids that the batch deletes.</param>
        void BeginBatch(string label, ICollection<string> deleted);

        /// <summary>Continues the batch in this tick, until <see cref="EndSlice"/>.</summary>
        void BeginSlice();

        /// <summary>Applies one change; throws a <see cref="SyncException"/> if that is not possible.</summary>
        /// <param name="prepared">The result of <see cref="Prepare"/> for the change.</param>
        void Apply(Change change, object prepared);

        void EndSlice();

        /// <summary>
        /// Reverts the batch, so that the scene is exactly as it was before. Does nothing and returns false if the user
        /// did something in between, because that edit must stay.
        /// </summary>
        bool RevertBatch();

        void EndBatch();
    }
}
