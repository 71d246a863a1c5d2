//! Stable error codes. Each has a page in `docs/errors/`; numbers are never reused.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $help:literal;)+) => {
        /// What went wrong, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $code)] $name,)+
        }

        impl Code {
            /// Every code there is, in order.
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// The code as written: `VS-1002`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code),+ }
            }

            /// What it means, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title),+ }
            }

            /// Whether it says that somebody else was quicker: the same may well work next time.
            pub fn is_about_timing(self) -> bool {
                matches!(
                    self,
                    Code::Conflict | Code::Overruled | Code::Quarantined | Code::Tombstoned
                )
            }

            /// What a person can do about it, in one sentence.
            pub fn help(self) -> &'static str {
                match self { $(Code::$name => $help),+ }
            }

        }
    };
}

codes! {
    FrameTruncated = "VS-1001", "frame too short or truncated",
        "Update the client: it writes broken frames.";
    FrameTooLong = "VS-1002", "frame too long",
        "Split the change; a mesh this large cannot be sent at once.";
    HeaderInvalid = "VS-1003", "header not valid JSON, too long or too deep",
        "Update the client: it writes broken frames.";
    AttachmentsInvalid = "VS-1004", "attachments do not add up",
        "Update the client: it writes broken frames.";
    MessageUnknown = "VS-1005", "message type unknown or not allowed now",
        "Update the older of the two sides.";
    MessageMalformed = "VS-1006", "message malformed",
        "Update the older of the two sides.";
    VersionUnsupported = "VS-2001", "protocol or schema version not supported",
        "Install the same VibeSync version on both sides.";
    ProofWrong = "VS-2002", "proof wrong",
        "Restart the editor; both must run as the same user as the daemon.";
    OtherProject = "VS-2003", "other project",
        "Open the file that belongs to this project, or start a daemon for the other one.";
    HandshakeTimeout = "VS-2004", "handshake too slow",
        "Reconnect; the editor was too busy to answer.";
    RoleTaken = "VS-2005", "an editor of this role is connected",
        "Close the other editor, or this one.";
    TooManyConnections = "VS-2006", "too many connections",
        "Close clients that are not needed.";
    PeerSilent = "VS-2007", "peer silent",
        "Bring the editor to the front; it reconnects by itself.";
    UuidUnknown = "VS-3001", "uuid unknown",
        "Press Resync in the editor.";
    UuidOtherKind = "VS-3002", "uuid already used by another kind",
        "Press Resync in the editor.";
    NumberInvalid = "VS-3003", "number not finite or out of range",
        "Undo the last edit: it made a number that is not finite or far too large.";
    ComponentInvalid = "VS-3004", "component not allowed on this kind, or required and missing",
        "Check the name or value that the place names.";
    MeshInvalid = "VS-3005", "mesh inconsistent (sizes, indices, submeshes)",
        "Validate the mesh in the editor (Mesh > Clean Up).";
    Tombstoned = "VS-3006", "uuid is tombstoned",
        "The object was deleted in the other editor; duplicate it to keep a copy.";
    IntentShape = "VS-3007", "intent empty, too large, or names a uuid twice",
        "Update the client.";
    ParentCycle = "VS-3008", "parent cycle",
        "Pick another parent: an object cannot be above itself.";
    ChildrenLeft = "VS-3009", "delete leaves children behind",
        "Delete the children too, or move them elsewhere first.";
    BlobUnknown = "VS-3010", "blob unknown",
        "Press Resync in the editor.";
    Conflict = "VS-3011", "conflicting changes at the same time: quarantined",
        "Both versions are in the log; look at the object and edit it as it should be.";
    Overruled = "VS-3012", "overruled by another change at the same time",
        "Look at the object; make the change again if it should stand.";
    Quarantined = "VS-3013", "quarantined: automation waits for a person",
        "Look at the object in an editor and edit it as it should be.";
    HandsOn = "VS-3014", "a person is working on it: automation waits",
        "Nothing to do: it goes on by itself when the person has let go and rested.";
    VerificationFailed = "VS-4001", "verification failed: the editor holds something else",
        "The change was undone in both editors; look at the log entry, then try again.";
    VerificationTimeout = "VS-4002", "verification timed out",
        "The other editor did not answer; bring it to the front and try again.";
    OperationReused = "VS-4003", "operation id reused with other content",
        "Update the client.";
    BatchUnknown = "VS-4004", "batch unknown",
        "Nothing to do; the editor answered too late.";
    ApplyFailed = "VS-4005", "the editor could not apply the change",
        "The change was undone in both editors; the message says what the other one could not do.";
    QueueFull = "VS-4006", "queue full, try again",
        "Wait until the other editor has caught up.";
    SequenceAhead = "VS-4007", "sequence ahead of the log: diverged",
        "The log was replaced by an older one: restore .vibesync, then press Resync.";
    Interrupted = "VS-4008", "interrupted before it was complete; rolled back at boot",
        "Nothing to do; make the last edit again if it is missing.";
    Stale = "VS-4009", "stale: the scene has changed since",
        "Read the scene again, then decide anew.";
    LogDamaged = "VS-5001", "log damaged",
        "Run `vibesync doctor`; restore .vibesync/wal from a backup.";
    LogPoisoned = "VS-5002", "log poisoned after a failed write or fsync",
        "Check the disk, then restart the daemon.";
    DiskFull = "VS-5003", "disk full",
        "Free disk space, then restart the daemon.";
    RegistryRebuilt = "VS-5004", "registry disagrees with the log",
        "Nothing is lost: the next start of the daemon makes it anew, or vibesync registry rebuild does.";
    AuditUnavailable = "VS-5005", "audit repository unavailable",
        "Check .git_safety; commits are caught up by themselves.";
    BlobDamaged = "VS-5006", "blob damaged or missing",
        "Edit the mesh once more so that it is stored again.";
    CommitUnknown = "VS-5007", "commit unknown",
        "List the commits: vibesync audit log.";
    MadeByNewer = "VS-5008", "made by a newer VibeSync",
        "Install the newer VibeSync again; nothing was changed.";
    ConfigInvalid = "VS-6001", "configuration invalid",
        "Correct the line that the message names.";
    ProjectTaken = "VS-6002", "another daemon serves this project",
        "Stop the other daemon, or use it.";
    NoDaemon = "VS-6003", "no daemon found",
        "Start it: vibesync run.";
    CannotListen = "VS-6004", "cannot listen",
        "Set another port in vibesync.toml, or 0 for a free one.";
    RuntimeFolder = "VS-6005", "runtime folder or token file unusable",
        "Check that the runtime folder belongs to you and is writable.";
    EditorRegistryDamaged = "VS-7001", "editor registry damaged",
        "The registry was read from its backup; save the file.";
    UuidDuplicated = "VS-7002", "duplicated uuid, regenerated",
        "Nothing to do; the copy got its own identity.";
    ReadOnlyData = "VS-7003", "linked or read-only data cannot be changed",
        "Make the data local, or edit it in its own file.";
    Shear = "VS-7004", "transform holds shear, which Unity cannot",
        "Apply the scale of the parent (Ctrl+A) to get rid of the shear.";
    ObjectVanished = "VS-7005", "object vanished before it could be changed",
        "Press Resync in the editor.";
    BreakerOpen = "VS-8001", "breaker open: it failed again in the same way",
        "Mend what failed, then edit it in an editor, or run `vibesync governance reset`.";
    KnownBad = "VS-8002", "known to be bad: blocked for good",
        "Look at it with `vibesync governance show`; `vibesync governance reset` lets it be tried again.";
    SafeMode = "VS-8003", "safe mode: automation is off",
        "Find out why with `vibesync governance show`, then run `vibesync governance reset safe-mode`.";
    EditorCrashed = "VS-8004", "the editor ended while it applied this",
        "Start the editor again; what it was working on is sent in small parts, until it is clear what it was.";
    TooFast = "VS-8005", "automation is too fast",
        "Ask for less at a time; the message says when to come again.";
    GraphUnreadable = "VS-9001", "graph cannot be read",
        "Check the path, and that the file is readable.";
    CatalogueUnusable = "VS-9002", "node catalogue missing or not usable",
        "Name a Blender whose catalogue comes with the program, or make one with scripts/gen-catalogue.";
    GraphInvalid = "VS-9003", "graph breaks a rule",
        "Run `vibesync graph check` on it for all that is wrong, or `vibesync graph fix`.";
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
