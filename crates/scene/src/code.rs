//! Stable error codes. Each has a page in `docs/errors/`; numbers are never reused.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $code:literal, $fatal:literal, $title:literal;)+) => {
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

            /// Whether the connection is closed after it.
            pub fn is_fatal(self) -> bool {
                match self { $(Code::$name => $fatal),+ }
            }
        }
    };
}

codes! {
    FrameTruncated = "VS-1001", true, "frame too short or truncated";
    FrameTooLong = "VS-1002", true, "frame too long";
    HeaderInvalid = "VS-1003", true, "header not valid JSON, too long or too deep";
    AttachmentsInvalid = "VS-1004", true, "attachments do not add up";
    MessageUnknown = "VS-1005", false, "message type unknown or not allowed now";
    MessageMalformed = "VS-1006", false, "message malformed";
    VersionUnsupported = "VS-2001", true, "protocol or schema version not supported";
    ProofWrong = "VS-2002", true, "proof wrong";
    OtherProject = "VS-2003", false, "other project";
    HandshakeTimeout = "VS-2004", true, "handshake too slow";
    RoleTaken = "VS-2005", true, "an editor of this role is connected";
    TooManyConnections = "VS-2006", true, "too many connections";
    PeerSilent = "VS-2007", true, "peer silent";
    UuidUnknown = "VS-3001", false, "uuid unknown";
    UuidOtherKind = "VS-3002", false, "uuid already used by another kind";
    NumberInvalid = "VS-3003", false, "number not finite or out of range";
    ComponentInvalid = "VS-3004", false, "component not allowed on this kind, or required and missing";
    MeshInvalid = "VS-3005", false, "mesh inconsistent (sizes, indices, submeshes)";
    Tombstoned = "VS-3006", false, "uuid is tombstoned";
    IntentShape = "VS-3007", false, "intent empty, too large, or names a uuid twice";
    ParentCycle = "VS-3008", false, "parent cycle";
    ChildrenLeft = "VS-3009", false, "delete leaves children behind";
    BlobUnknown = "VS-3010", false, "blob unknown";
    VerificationFailed = "VS-4001", false, "verification failed: the editor holds something else";
    VerificationTimeout = "VS-4002", false, "verification timed out";
    OperationReused = "VS-4003", false, "operation id reused with other content";
    BatchUnknown = "VS-4004", false, "batch unknown";
    ApplyFailed = "VS-4005", false, "the editor could not apply the change";
    QueueFull = "VS-4006", false, "queue full, try again";
    SequenceAhead = "VS-4007", true, "sequence ahead of the log: diverged";
    Interrupted = "VS-4008", false, "interrupted before it was complete; rolled back at boot";
    LogDamaged = "VS-5001", false, "log damaged";
    LogPoisoned = "VS-5002", true, "log poisoned after a failed write or fsync";
    DiskFull = "VS-5003", true, "disk full";
    RegistryRebuilt = "VS-5004", false, "registry disagreed with the log and was rebuilt";
    AuditUnavailable = "VS-5005", false, "audit repository unavailable";
    BlobDamaged = "VS-5006", false, "blob damaged or missing";
    ConfigInvalid = "VS-6001", false, "configuration invalid";
    ProjectTaken = "VS-6002", false, "another daemon serves this project";
    NoDaemon = "VS-6003", false, "no daemon found";
    CannotListen = "VS-6004", false, "cannot listen";
    RuntimeFolder = "VS-6005", false, "runtime folder or token file unusable";
    EditorRegistryDamaged = "VS-7001", false, "editor registry damaged";
    UuidDuplicated = "VS-7002", false, "duplicated uuid, regenerated";
    ReadOnlyData = "VS-7003", false, "linked or read-only data cannot be changed";
    Shear = "VS-7004", false, "transform holds shear, which Unity cannot";
    ObjectVanished = "VS-7005", false, "object vanished before it could be changed";
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
        known.copied().ok_or_else(|| format!("{text} is not a VibeSync error code"))
    }
}
