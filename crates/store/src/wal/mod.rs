//! The log: JSON lines in segments, chained by hash, appended by one writer. Everything else is made from it.
//!
//! The format, the assumptions about the medium and the policy of recovery are in `docs/wal-format.md`.
//! The path of a record reads off the file names: [`entry`] -> [`segment`] -> [`writer`] -> [`reader`]; [`recovery`]
//! is what happens before the writer may append, [`follow`] is for whoever watches it append.

pub(crate) mod cut;
mod entry;
mod error;
mod follow;
mod reader;
pub(crate) mod recovery;
mod seek;
pub(crate) mod segment;
mod writer;

pub use crate::lines::MAX_LINE;
pub use cut::{Cut, newest as newest_cut};
pub use entry::{Entry, Tip, timestamp};
pub use error::{Damage, Defect, WalError};
pub use follow::Follower;
pub use reader::Reader;
pub use recovery::{Recovered, Torn, Verified, scan_bytes, verify};
pub use writer::{Options, Wal};
