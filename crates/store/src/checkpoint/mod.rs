//! Checkpoints: the state at one sequence of the log, as JSON lines, so that boot need not replay the whole log.
//!
//! The first line is a header. Then follows one line for each row, open transaction and recent operation. The last line
//! is BLAKE3 of all bytes before it. A checkpoint is never the only copy of anything. A damaged one is skipped and
//! reported.
//!
//! [`format`](self::format) defines the lines, [`write()`] and [`load`] use them, and [`newest`] chooses among the
//! files of the folder.

mod blobs;
mod error;
mod folder;
mod format;
mod read;
mod write;

pub(crate) use blobs::{Named, for_each_blob};
pub use error::{CheckpointError, LoadError};
pub(crate) use folder::path;
pub use folder::{NamedHeader, SkippedCheckpoint, headers, newest};
pub use format::CHECKPOINT_VERSION;
pub(crate) use read::is_whole;
pub use read::{Checkpoint, load};
pub use write::write;
pub(crate) use write::write_file;
