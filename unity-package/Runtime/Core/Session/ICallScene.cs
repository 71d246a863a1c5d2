using System.Collections.Generic;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Gives calls of capabilities access to the open scene, beside <see cref="ISceneAdapter"/>: their undo step, and
    /// what changed without an event. All calls come from the main thread.
    /// </summary>
    public interface ICallScene
    {
        /// <summary>Whether another scene was opened, so that nothing of before can be compared.</summary>
        bool IsReplaced { get; }

        /// <summary>One line for each kind of scene content that is not synchronized.</summary>
        IReadOnlyList<string> UnsupportedKinds { get; }

        /// <summary>
        /// Reads the whole scene at once: new objects and meshes get an identity, objects that are gone leave the index.
        /// Adds both to <paramref name="dirty"/>.
        /// </summary>
        /// <param name="earlier">
        /// Objects that differ from this snapshot are registered anew, as one that became a prefab; null for none.
        /// </param>
        CallSnapshot Read(DirtySet dirty, CallSnapshot earlier);

        /// <summary>
        /// Whether every entity may have changed, as after an undo, and a walk in slices still has to mark them.
        /// </summary>
        bool IsMarkingAll { get; }

        /// <summary>Begins an undo step.</summary>
        void Begin(string label);

        /// <summary>Ends the undo step.</summary>
        void End();

        /// <summary>Reverts the undo step. Does nothing and returns false if anything happened since it ended.</summary>
        bool Revert();

        /// <summary>Destroys an object, mesh, light or camera of the scene, without an undo step. An asset file stays.</summary>
        void Destroy(string uuid);
    }
}
