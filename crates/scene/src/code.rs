//! The table of stable error codes: code, title and help of every error that a person can see.
//!
//! This table is the only source. The addon's `core/errors.py`, the package's `ErrorCode.cs` and `docs/errors/README.md`
//! are generated from it (`tests/it/errors.rs`), and each code has a page in `docs/errors/`. Numbers are never reused.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $help:literal;)+) => {
        /// Stable code of an error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $code)] $name,)+
        }

        impl Code {
            /// All codes in ascending order.
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// Returns the written form, such as `VS-1002`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code),+ }
            }

            /// Returns the name of the variant, which is the code's name in every language.
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($name)),+ }
            }

            /// Returns the meaning in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title),+ }
            }

            /// Returns true if a concurrent change caused the error: the same operation may succeed next time.
            pub fn is_about_timing(self) -> bool {
                matches!(
                    self,
                    Code::Conflict | Code::Superseded | Code::Quarantined | Code::Tombstoned
                )
            }

            /// Returns one sentence that says what a person can do.
            pub fn help(self) -> &'static str {
                match self { $(Code::$name => $help),+ }
            }
        }
    };
}

codes! {
    FrameTruncated = "VS-1001", "frame too short or truncated",
        "Update VibeSync on both sides; this client writes broken frames.";
    FrameTooLong = "VS-1002", "frame too long",
        "Split the change, or reduce the size of the mesh.";
    HeaderInvalid = "VS-1003", "header not valid JSON, too long or too deep",
        "Update VibeSync on both sides; this client writes broken frames.";
    AttachmentsInvalid = "VS-1004", "attachment sizes do not match the frame",
        "Update VibeSync on both sides; this client writes broken frames.";
    MessageUnknown = "VS-1005", "message type unknown or not allowed now",
        "Install the same VibeSync version on both sides.";
    MessageMalformed = "VS-1006", "message malformed",
        "Install the same VibeSync version on both sides.";
    VersionUnsupported = "VS-2001", "protocol or schema version not supported",
        "Install the same VibeSync version on both sides.";
    WrongProof = "VS-2002", "wrong proof of the token",
        "Restart daemon and editor as the same user; the token may be old, or another program uses this port.";
    WrongProject = "VS-2003", "wrong project",
        "Open the file that belongs to this project, or start a daemon in the project of this file.";
    HandshakeTimeout = "VS-2004", "handshake too slow",
        "Reconnect; the daemon or the editor was too busy to answer.";
    RoleTaken = "VS-2005", "another editor of this role is connected",
        "Close the other editor, or this one.";
    TooManyConnections = "VS-2006", "too many connections",
        "Close clients that are not needed.";
    PeerSilent = "VS-2007", "no answer from the other side",
        "Bring the editor to the front, and check that the daemon runs; the connection comes back by itself.";
    UuidUnknown = "VS-3001", "uuid unknown",
        "Press Resync in the editor.";
    UuidOtherKind = "VS-3002", "uuid already used by another kind",
        "Press Resync in the editor.";
    NumberInvalid = "VS-3003", "number not finite or out of range",
        "Undo the last edit; it produced a number that is not finite or far too large.";
    ComponentInvalid = "VS-3004", "component not allowed on this kind, or required and missing",
        "Correct the value that the location names, or install the same VibeSync version on both sides.";
    MeshInvalid = "VS-3005", "mesh inconsistent (sizes, indices, submeshes)",
        "Validate the mesh in the editor that it came from (Mesh > Clean Up).";
    Tombstoned = "VS-3006", "uuid is tombstoned",
        "Duplicate the object to keep a copy; it was deleted in the other editor.";
    IntentShape = "VS-3007", "intent empty, too large, or names a uuid twice",
        "Update the client; it sends changes that the protocol does not allow.";
    ParentCycle = "VS-3008", "parent cycle",
        "Choose another parent or collection; an object cannot be in itself, nor in what it shows.";
    ChildrenLeft = "VS-3009", "delete leaves children behind",
        "Delete the children too, or move them elsewhere first.";
    BlobUnknown = "VS-3010", "blob unknown",
        "Press Resync in the editor.";
    Conflict = "VS-3011", "conflicting changes at the same time: quarantined",
        "Edit the object as it should be; both versions are in the log.";
    Superseded = "VS-3012", "superseded by another change at the same time",
        "Look at the object, and repeat your change if it should stand.";
    Quarantined = "VS-3013", "quarantined: automation waits for a person",
        "Look at the object in an editor, and edit it as it should be.";
    PersonEditing = "VS-3014", "a person is editing this: automation waits",
        "Wait; automation continues by itself once the person has let go and rested.";
    FieldLocked = "VS-3015", "locked: the other editor shows this value and cannot write it",
        "Change what drives the value in the editor that locks it, such as a constraint or a driver.";
    ImageInvalid = "VS-3016", "image inconsistent (size, format, file)",
        "Save the image again in the editor that it came from, as PNG or OpenEXR.";
    VerificationFailed = "VS-4001", "verification failed: the editor holds something else",
        "Read the message, then try again; the change was undone in both editors.";
    VerificationTimeout = "VS-4002", "verification timed out",
        "Bring the other editor to the front and try again; it did not answer.";
    OperationReused = "VS-4003", "operation id reused with other content",
        "Update the client; it uses an operation id twice.";
    BatchUnknown = "VS-4004", "batch unknown",
        "Nothing to do; the editor answered too late.";
    ApplyFailed = "VS-4005", "the editor could not apply the change",
        "Read the message for the reason; the change was undone in both editors.";
    QueueFull = "VS-4006", "queue full, try again",
        "Wait until the other editor has caught up, then try again.";
    SequenceAhead = "VS-4007", "sequence ahead of the log: diverged",
        "Press Resync. If an older log replaced the newer one, `vibesync recover` shows what each copy holds.";
    Interrupted = "VS-4008", "interrupted before it was complete; rolled back at boot",
        "Repeat the last edit if it is missing.";
    Stale = "VS-4009", "stale: the scene has changed since it was read",
        "Read the scene again, then decide anew.";
    LogDamaged = "VS-5001", "log damaged",
        "Run `vibesync recover`: it shows what each copy holds. With a backup: `vibesync restore FILE`.";
    LogPoisoned = "VS-5002", "log poisoned after a failed write or fsync",
        "Check the disk, then restart the daemon.";
    DiskFull = "VS-5003", "disk full",
        "Free disk space, then restart the daemon.";
    RegistryRebuilt = "VS-5004", "registry disagrees with the log",
        "Restart the daemon, or run `vibesync registry rebuild`; nothing is lost.";
    AuditUnavailable = "VS-5005", "audit repository unavailable",
        "Check the folder .git_safety; missing commits are added by themselves.";
    BlobDamaged = "VS-5006", "blob damaged or missing",
        "Open the mesh in an editor that has it: VibeSync stores it again. Otherwise edit it once more.";
    CommitUnknown = "VS-5007", "commit unknown",
        "List the commits with `vibesync audit log`.";
    NewerFormat = "VS-5008", "written by a newer VibeSync",
        "Install the newer VibeSync again; nothing was changed.";
    DiskFailed = "VS-5009", "disk operation failed",
        "Check the disk and the rights on the project's folder, then restart the daemon.";
    LogDiverged = "VS-5010", "the log lacks records that something else has",
        "Run `vibesync recover`: it shows what each copy holds. With a backup: `vibesync restore FILE`.";
    BackupDamaged = "VS-5011", "backup damaged or no backup",
        "Name another backup file; nothing was changed.";
    AuditDamaged = "VS-5012", "audit repository damaged",
        "Nothing to do: the daemon keeps the damaged history in .vibesync/recovered and begins a new one.";
    ConfigInvalid = "VS-6001", "configuration invalid",
        "Correct the line that the message names.";
    ProjectTaken = "VS-6002", "another daemon serves this project",
        "Stop the other daemon, or use it.";
    NoDaemon = "VS-6003", "no daemon found",
        "Start the daemon in the folder of the project with `vibesync run`.";
    CannotListen = "VS-6004", "cannot listen",
        "Set another port in vibesync.toml, or 0 for a free one.";
    RuntimeFolder = "VS-6005", "runtime folder or token file unusable",
        "Check that the runtime folder and the token file belong to you and are writable.";
    InternalError = "VS-6006", "internal error",
        "Restart the daemon; if it happens again, report it with the daemon's log.";
    ServiceUnavailable = "VS-6007", "service cannot be installed, started or stopped",
        "Start the daemon by hand with `vibesync run`; docs/operations.md describes the service.";
    EditorRegistryDamaged = "VS-7001", "editor registry damaged",
        "Save the file if one copy could be read; otherwise restore a backup, or press Rebuild Registry.";
    UuidDuplicated = "VS-7002", "duplicated uuid, regenerated",
        "Nothing to do; the copy has its own identity now.";
    ReadOnlyData = "VS-7003", "linked or read-only data cannot be changed",
        "Make the data local, or edit it in its own file.";
    Shear = "VS-7004", "transform holds shear, which Unity cannot",
        "Apply the scale of the parent (Ctrl+A); Unity cannot show sheared objects.";
    ObjectVanished = "VS-7005", "object vanished before it could be changed",
        "Press Resync in the editor if it happens again.";
    MeshLost = "VS-7006", "mesh file lost its content",
        "Nothing to do: the daemon sends the mesh again. Without a daemon, restore the file from a backup.";
    BreakerOpen = "VS-8001", "circuit breaker open: the same failure again",
        "Correct the cause, then edit the object in an editor, or run `vibesync governance reset`.";
    KnownBad = "VS-8002", "known to be bad: blocked until a reset",
        "Inspect it with `vibesync governance show`; `vibesync governance reset` allows another try.";
    SafeMode = "VS-8003", "safe mode: automation is off",
        "Find the reason with `vibesync governance show`, then run `vibesync governance reset safe-mode`.";
    EditorCrashed = "VS-8004", "the editor ended while it applied this",
        "Start the editor again; its changes arrive in small batches until the cause is found.";
    RateLimited = "VS-8005", "automation exceeds its rate limit",
        "Send fewer operations; the message says when to try again.";
    GraphUnreadable = "VS-9001", "graph cannot be read",
        "Check the path, and that the file can be read.";
    CatalogueUnusable = "VS-9002", "node catalogue missing or not usable",
        "Name a Blender version whose catalogue is included, or make one with scripts/gen-catalogue.";
    GraphInvalid = "VS-9003", "graph breaks a rule",
        "Run `vibesync graph check` for all errors, or `vibesync graph fix`.";
    ManifestRefused = "VS-9101", "manifest of an add-on refused",
        "Correct `addon_ai.json` at the lines that the message names; other add-ons are not affected.";
    CapabilityUnknown = "VS-9102", "add-on or tool unknown",
        "List what there is with `list_capabilities`; the add-on may have been disabled since.";
    ParametersWrong = "VS-9103", "arguments of a call wrong",
        "Read the parameters with `describe_capability`, and call again.";
    RequirementNotMet = "VS-9104", "requirement of an add-on not met",
        "Enable, disable or update the add-on or editor that the message names.";
    NotAllowed = "VS-9105", "add-on not allowed yet, or changed since",
        "Ask a person to allow the add-on in the editor's panel, or with `vibesync agents allow ADDON`.";
    HandlerFailed = "VS-9106", "tool of an add-on failed",
        "Read the message; call with other arguments, or tell the author of the add-on.";
    HandlerLate = "VS-9107", "tool of an add-on did not answer in time",
        "Look at the history and the scene: it is unknown whether the tool ran.";
    ResultUnusable = "VS-9108", "result of a tool or picture of an editor unusable",
        "Report it: a tool must return status, message and data, and an editor a picture as the fields say.";
    HandlerMissing = "VS-9109", "tool of an add-on has no handler",
        "Tell the author of the add-on: `AI_COMMAND_HANDLERS` lacks the tool.";
    ForbiddenChange = "VS-9110", "tool of an add-on changed what it may not",
        "A person allowed the add-on to read only, or it changed too much; its changes were taken back.";
    ScopeNotGranted = "VS-9201", "the agent may not do this",
        "A person decides what the agent may do: in an editor, or with `vibesync agents`.";
    ApprovalAwaited = "VS-9202", "a person must allow this first",
        "Ask the person to answer in an editor, or with `vibesync agents`; then send the same operation again.";
    PersonRefused = "VS-9203", "a person said no",
        "Do not send the same again; ask the person what they want instead.";
    BudgetUsedUp = "VS-9204", "budget of the agent used up",
        "Wait as long as the message says, or raise the limit in the settings.";
    KeptForPeople = "VS-9205", "kept for people",
        "A person keeps this from agents; ask the person to change it, or to free it with Keep from Agents.";
    EditorUnable = "VS-9206", "the editor is not able now",
        "Wait until the editor is connected and free, then call again.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Code::ALL.iter().find(|code| code.as_str() == text);
        known
            .copied()
            .ok_or_else(|| format!("{text} is not a VibeSync error code"))
    }
}
