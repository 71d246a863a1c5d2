//! The log: JSON lines in segments, chained by hash, appended by one writer. Everything else is made from it.
//!
//! The format, the assumptions about the medium and the policy of recovery are in `docs/wal-format.md`.
//! The path of a record reads off the file names: [`entry`] -> [`segment`] -> [`writer`] -> [`reader`]; [`recovery`]
//! is what happens before the writer may append, [`follow`] is for whoever watches it append.

mod entry;
mod error;
mod follow;
mod reader;
pub(crate) mod recovery;
mod seek;
pub(crate) mod segment;
pub(crate) mod truncation;
mod writer;

pub use crate::lines::MAX_LINE;
pub use entry::{Entry, Tip, timestamp};
pub use error::{Damage, Defect, WalError};
pub use follow::Follower;
pub use reader::Reader;
pub use recovery::{Recovery, TornTail, Verification, scan_bytes, verify};
pub use truncation::{Truncation, newest as newest_truncation};
pub use writer::{Options, Wal};
