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

        /// <summary>
        /// The objects that the user has under their hands, in a fixed order; null where there are more than the protocol
        /// lets an editor list. Asked for in <see cref="EditorStates.Modal"/> and <see cref="EditorStates.Edit"/> alone.
        /// </summary>
        IReadOnlyList<string> Hands { get; }

        /// <summary>The project that the open scene belongs to; empty when it belongs to none yet.</summary>
        string ProjectId { get; set; }

        /// <summary>The log sequence up to which the scene is as new as the daemon; kept with the scene.</summary>
        long BaseSeq { get; set; }

        /// <summary>The absolute path of the open scene, or of the Unity project while the scene is unsaved.</summary>
        string OpenPath { get; }

        /// <summary>
        /// Brings the index up to date as far as the time allows, gives an identity to what has none, and adds the uuids
        /// that may have changed since the last call. True when entities may have gone since.
        /// </summary>
        bool Refresh(ICollection<string> dirty);

        /// <summary>Whether the whole scene has been looked through since it was opened.</summary>
        bool Complete { get; }

        /// <summary>All entities.</summary>
        IReadOnlyCollection<string> Uuids { get; }

        bool Holds(string uuid);

        /// <summary>Takes the entity from the editor's own data; null when it does not exist.</summary>
        Sample Sample(string uuid);

        /// <summary>What was last known to be the same in the daemon; null when the entity does not exist.</summary>
        SyncRecord LoadRecord(string uuid);

        void SaveRecord(string uuid, SyncRecord record);

        /// <summary>
        /// Gives the entity a new uuid, because the daemon buried the old one; null when it does not exist.
        /// </summary>
        string Renew(string uuid);

        /// <summary>
        /// Makes of a change what <see cref="Apply"/> needs and the editor does not. May run on any thread.
        /// </summary>
        object Prepare(Change change);

        /// <summary>Starts one undo step, which <see cref="EndBatch"/> ends.</summary>
        /// <param name="deleted">The uuids of what the batch deletes.</param>
        void BeginBatch(string label, ICollection<string> deleted);

        /// <summary>Goes on with the batch in this tick; <see cref="EndSlice"/> ends that.</summary>
        void BeginSlice();

        /// <summary>Makes one change; throws a <see cref="SyncException"/> when it cannot.</summary>
        /// <param name="prepared">What <see cref="Prepare"/> returned for the change.</param>
        void Apply(Change change, object prepared);

        void EndSlice();

        /// <summary>
        /// Takes back all that the batch has done so far, so that the scene is exactly as it was before it. False, with
        /// nothing done, where the user did something in between: that is theirs, and must stay.
        /// </summary>
        bool RevertBatch();

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

        /// <summary>Whether the user has their hands on something.</summary>
        public static bool HandsOn(string state) => state == Modal || state == Edit;

        /// <summary>Whether changes of the daemon may be applied now.</summary>
        public static bool CanApply(string state) => state == Ready || state == Unfocused;

        /// <summary>Whether the scene shows what the user made; in play mode it shows what the game does.</summary>
        public static bool CanCapture(string state) => state != Playing && state != Compiling && state != Reloading;
    }
}
