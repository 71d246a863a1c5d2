//! Garbage collection of the blob store: finds out what keeps each blob, and removes the files of the others.
//!
//! [`Marks`] says what names a blob: the present scene, a record of the log, a commit of the history. [`Files`] lists the
//! stored files, with the bases of patches. [`Plan`] compares both: a blob goes if nothing names it; if the folder is
//! larger than its bound, the blobs go that only the oldest records and commits name. A blob that a kept one is a patch
//! of stays. [`sweep`] removes the files.
//!
//! A crash loses nothing: each removal is one operation, and every blob that a plan removes was needed by nothing. A
//! removal that was not durable is done again. A blob that somebody uses meanwhile stays ([`crate::blob_uses`]).

mod error;
mod files;
mod marks;
mod plan;
mod sources;
mod sweep;

pub use error::CollectError;
pub use files::Files;
pub use marks::Marks;
pub use plan::{Count, Plan, Summary};
pub use sources::Sources;
pub use sweep::{Swept, sweep};
