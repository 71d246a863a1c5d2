using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// The scene as the session sees it: entities by uuid, in canonical space. All calls come from the main thread. No
    /// object of the editor crosses this border, and none is kept from one tick to the next.
    /// </summary>
    public interface ISceneAdapter
    {
        /// <summary>One of <see cref="EditorStates"/>.</summary>
        string EditorState { get; }

        /// <summary>The project that the open scene belongs to; empty when it belongs to none yet.</summary>
        string ProjectId { get; set; }

        /// <summary>The absolute path of the open scene, or of the Unity project while the scene is unsaved.</summary>
        string OpenPath { get; }

        /// <summary>
        /// Brings the index up to date, gives an identity to what has none, and adds the uuids that may have changed
        /// since the last call. True when entities may have appeared or gone.
        /// </summary>
        bool Refresh(ICollection<string> dirty);

        /// <summary>All entities: meshes first, then objects with parents before their children.</summary>
        IReadOnlyList<string> Uuids { get; }

        bool Holds(string uuid);

        /// <summary>Whether it is worth reading an entity that no event named.</summary>
        bool MayHaveChanged(string uuid);

        /// <summary>Reads the entity from the editor's own data; null when it does not exist.</summary>
        Entity Read(string uuid);

        /// <summary>What was last known to be the same in the daemon; null when the entity does not exist.</summary>
        SyncRecord LoadRecord(string uuid);

        void SaveRecord(string uuid, SyncRecord record);

        /// <summary>
        /// Gives the entity a new uuid, because the daemon buried the old one; null when it does not exist.
        /// </summary>
        string Renew(string uuid);

        /// <summary>Starts one undo step; <see cref="EndBatch"/> ends it.</summary>
        void BeginBatch(string label);

        /// <summary>Makes one change; throws a <see cref="SyncException"/> when it cannot.</summary>
        void Apply(Change change);

        void EndBatch();
    }

    /// <summary>The states that an editor reports; docs/protocol.md, part 5.</summary>
    public static class EditorStates
    {
        public const string Ready = "ready";
        public const string Modal = "modal";
        public const string Edit = "edit";
        public const string Playing = "playing";
        public const string Reloading = "reloading";
        public const string Compiling = "compiling";
        public const string Unfocused = "unfocused";

        /// <summary>Whether changes of the daemon may be applied now.</summary>
        public static bool CanApply(string state) => state == Ready || state == Unfocused;

        /// <summary>Whether the scene shows what the user made; in play mode it shows what the game does.</summary>
        public static bool CanCapture(string state) => state != Playing && state != Compiling && state != Reloading;
    }
}
