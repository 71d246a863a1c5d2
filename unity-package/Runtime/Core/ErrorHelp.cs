using System.Collections.Generic;

namespace VibeSync.Core
{
    /// <summary>
    /// One sentence for each error code: what a person can do. Generated from crates/scene/src/code.rs; to change it: VIBESYNC_BLESS=1 cargo test -p vibesync-scene errors
    /// </summary>
    public static class ErrorHelp
    {
        static readonly Dictionary<string, string> Texts = new Dictionary<string, string>
        {
            [ErrorCode.FrameTruncated] = "Update VibeSync on both sides; this client writes broken frames.",
            [ErrorCode.FrameTooLong] = "Split the change, or reduce the size of the mesh.",
            [ErrorCode.HeaderInvalid] = "Update VibeSync on both sides; this client writes broken frames.",
            [ErrorCode.AttachmentsInvalid] = "Update VibeSync on both sides; this client writes broken frames.",
            [ErrorCode.MessageUnknown] = "Install the same VibeSync version on both sides.",
            [ErrorCode.MessageMalformed] = "Install the same VibeSync version on both sides.",
            [ErrorCode.VersionUnsupported] = "Install the same VibeSync version on both sides.",
            [ErrorCode.WrongProof] = "Restart daemon and editor as the same user; the token may be old, or another program uses this port.",
            [ErrorCode.WrongProject] = "Open the file that belongs to this project, or start a daemon in the project of this file.",
            [ErrorCode.HandshakeTimeout] = "Reconnect; the daemon or the editor was too busy to answer.",
            [ErrorCode.RoleTaken] = "Close the other editor, or this one.",
            [ErrorCode.TooManyConnections] = "Close clients that are not needed.",
            [ErrorCode.PeerSilent] = "Bring the editor to the front, and check that the daemon runs; the connection comes back by itself.",
            [ErrorCode.UuidUnknown] = "Press Resync in the editor.",
            [ErrorCode.UuidOtherKind] = "Press Resync in the editor.",
            [ErrorCode.NumberInvalid] = "Undo the last edit; it produced a number that is not finite or far too large.",
            [ErrorCode.ComponentInvalid] = "Correct the value that the location names, or install the same VibeSync version on both sides.",
            [ErrorCode.MeshInvalid] = "Validate the mesh in the editor that it came from (Mesh > Clean Up).",
            [ErrorCode.Tombstoned] = "Duplicate the object to keep a copy; it was deleted in the other editor.",
            [ErrorCode.IntentShape] = "Update the client; it sends changes that the protocol does not allow.",
            [ErrorCode.ParentCycle] = "Choose another parent; an object cannot be its own ancestor.",
            [ErrorCode.ChildrenLeft] = "Delete the children too, or move them elsewhere first.",
            [ErrorCode.BlobUnknown] = "Press Resync in the editor.",
            [ErrorCode.Conflict] = "Edit the object as it should be; both versions are in the log.",
            [ErrorCode.Superseded] = "Look at the object, and repeat your change if it should stand.",
            [ErrorCode.Quarantined] = "Look at the object in an editor, and edit it as it should be.",
            [ErrorCode.PersonEditing] = "Wait; automation continues by itself once the person has let go and rested.",
            [ErrorCode.VerificationFailed] = "Read the message, then try again; the change was undone in both editors.",
            [ErrorCode.VerificationTimeout] = "Bring the other editor to the front and try again; it did not answer.",
            [ErrorCode.OperationReused] = "Update the client; it uses an operation id twice.",
            [ErrorCode.BatchUnknown] = "Nothing to do; the editor answered too late.",
            [ErrorCode.ApplyFailed] = "Read the message for the reason; the change was undone in both editors.",
            [ErrorCode.QueueFull] = "Wait until the other editor has caught up, then try again.",
            [ErrorCode.SequenceAhead] = "Press Resync. If an older log replaced the newer one, `vibesync recover` shows what each copy holds.",
            [ErrorCode.Interrupted] = "Repeat the last edit if it is missing.",
            [ErrorCode.Stale] = "Read the scene again, then decide anew.",
            [ErrorCode.LogDamaged] = "Run `vibesync recover`: it shows what each copy holds. With a backup: `vibesync restore FILE`.",
            [ErrorCode.LogPoisoned] = "Check the disk, then restart the daemon.",
            [ErrorCode.DiskFull] = "Free disk space, then restart the daemon.",
            [ErrorCode.RegistryRebuilt] = "Restart the daemon, or run `vibesync registry rebuild`; nothing is lost.",
            [ErrorCode.AuditUnavailable] = "Check the folder .git_safety; missing commits are added by themselves.",
            [ErrorCode.BlobDamaged] = "Open the mesh in an editor that has it: VibeSync stores it again. Otherwise edit it once more.",
            [ErrorCode.CommitUnknown] = "List the commits with `vibesync audit log`.",
            [ErrorCode.NewerFormat] = "Install the newer VibeSync again; nothing was changed.",
            [ErrorCode.DiskFailed] = "Check the disk and the rights on the project's folder, then restart the daemon.",
            [ErrorCode.LogDiverged] = "Run `vibesync recover`: it shows what each copy holds. With a backup: `vibesync restore FILE`.",
            [ErrorCode.BackupDamaged] = "Name another backup file; nothing was changed.",
            [ErrorCode.AuditDamaged] = "Nothing to do: the daemon keeps the damaged history in .vibesync/recovered and begins a new one.",
            [ErrorCode.ConfigInvalid] = "Correct the line that the message names.",
            [ErrorCode.ProjectTaken] = "Stop the other daemon, or use it.",
            [ErrorCode.NoDaemon] = "Start the daemon in the folder of the project with `vibesync run`.",
            [ErrorCode.CannotListen] = "Set another port in vibesync.toml, or 0 for a free one.",
            [ErrorCode.RuntimeFolder] = "Check that the runtime folder and the token file belong to you and are writable.",
            [ErrorCode.InternalError] = "Restart the daemon; if it happens again, report it with the daemon's log.",
            [ErrorCode.ServiceUnavailable] = "Start the daemon by hand with `vibesync run`; docs/operations.md describes the service.",
            [ErrorCode.EditorRegistryDamaged] = "Save the file if one copy could be read; otherwise restore a backup, or press Rebuild Registry.",
            [ErrorCode.UuidDuplicated] = "Nothing to do; the copy has its own identity now.",
            [ErrorCode.ReadOnlyData] = "Make the data local, or edit it in its own file.",
            [ErrorCode.Shear] = "Apply the scale of the parent (Ctrl+A); Unity cannot show sheared objects.",
            [ErrorCode.ObjectVanished] = "Press Resync in the editor if it happens again.",
            [ErrorCode.MeshLost] = "Nothing to do: the daemon sends the mesh again. Without a daemon, restore the file from a backup.",
            [ErrorCode.BreakerOpen] = "Correct the cause, then edit the object in an editor, or run `vibesync governance reset`.",
            [ErrorCode.KnownBad] = "Inspect it with `vibesync governance show`; `vibesync governance reset` allows another try.",
            [ErrorCode.SafeMode] = "Find the reason with `vibesync governance show`, then run `vibesync governance reset safe-mode`.",
            [ErrorCode.EditorCrashed] = "Start the editor again; its changes arrive in small batches until the cause is found.",
            [ErrorCode.RateLimited] = "Send fewer operations; the message says when to try again.",
            [ErrorCode.GraphUnreadable] = "Check the path, and that the file can be read.",
            [ErrorCode.CatalogueUnusable] = "Name a Blender version whose catalogue is included, or make one with scripts/gen-catalogue.",
            [ErrorCode.GraphInvalid] = "Run `vibesync graph check` for all errors, or `vibesync graph fix`.",
        };

        /// <summary>Returns one sentence; an empty one for an unknown code.</summary>
        public static string Find(string code) => Texts.TryGetValue(code, out string help) ? help : "";
    }
}
