using System.Collections.Generic;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Gives calls of capabilities access to the open scene, beside <see cref="ISceneAdapter"/>: their undo step, and
    /// what changed without an event. All calls come from the main thread.
    /// </summary>
    public interface ICallScene
    {
        /// <summary>The uuids of the objects in the index.</summary>
        IReadOnlyCollection<string> Objects { get; }

        /// <summary>Each mesh, with a number that differs after a recorded change of it.</summary>
        IReadOnlyDictionary<string, int> Meshes { get; }

        /// <summary>Whether another scene was opened, so that nothing of before can be compared.</summary>
        bool IsReplaced { get; }

        /// <summary>One line for each kind of scene content that is not synchronized.</summary>
        IReadOnlyList<string> UnsupportedKinds { get; }

        /// <summary>
        /// Walks through the whole scene at once: new objects get an identity, objects that are gone leave the index.
        /// </summary>
        void IndexAll(DirtySet dirty);

        /// <summary>Begins an undo step.</summary>
        void Begin(string label);

        /// <summary>Ends the undo step.</summary>
        void End();

        /// <summary>Reverts the undo step. Does nothing and returns false if anything happened since it ended.</summary>
        bool Revert();

        /// <summary>Destroys an object or a mesh of the scene, without an undo step. An asset file stays.</summary>
        void Destroy(string uuid);
    }
}
