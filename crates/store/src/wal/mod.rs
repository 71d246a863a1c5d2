//! The log: JSON lines in segments, chained by hash, appended by one writer. All other stored state derives from it.
//!
//! `docs/wal-format.md` specifies the format, the assumptions about the disk, and the recovery. A record passes through
//! [`entry`], [`segment`], [`writer`] and [`reader`]; a reader goes on from a [`position`]. [`recovery`] checks the log
//! before the writer may append. [`covered`] checks what the start did not read. [`follow`] reads the end of a log while another process appends.
//! [`salvage`] reads the intact parts of a damaged log.

mod covered;
mod divergence;
pub(crate) mod entry;
mod error;
mod follow;
mod group;
mod position;
mod reader;
pub(crate) mod recovery;
pub(crate) mod salvage;
mod seek;
pub(crate) mod segment;
pub(crate) mod truncation;
mod writer;

pub use crate::lines::MAX_LINE;
pub use covered::verify_before;
pub use divergence::Divergence;
pub use entry::{Entry, Tip, timestamp};
pub use error::{Damage, Defect, WalError};
pub use follow::Follower;
pub use group::{Committed, Group};
pub use position::Position;
pub use reader::Reader;
pub use recovery::{Recovery, TornTail, Verification, scan_bytes, verify};
pub use truncation::{Truncation, newest as newest_truncation};
pub use writer::{Inspected, Options, Wal};
