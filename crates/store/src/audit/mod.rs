//! The audit: a git history of the scene, with one commit for each transaction and one small JSON file for each entity.
//!
//! The folder is an ordinary repository, so `git log -p` shows the history of the scene. The audit is a projection of
//! the log. If it is lost, no data is lost: missing commits are made again from [`Audit::last_seq`] on.
//!
//! [`Audit::add`] adds commits to the pending objects. [`Audit::flush`] makes them durable together: a pack, its index,
//! and the branch. A change passes through [`files`] and [`message`], [`scene`], [`objects`], [`pack`], [`packs`] and
//! [`branch`]. [`folders`] keeps folders in memory, [`zlib`] compresses. [`compact`] joins packs. [`repository`] creates the repository and opens it. [`worktree`] excludes the entities from the work tree. [`damage`] finds damage.
//!
//! # Why not libgit2's own packs
//!
//! libgit2 reads the repository, but does not write it. The alternative was measured in the same repository, with a
//! scene of 100,000 entities: new objects in a `Mempack`, packed by a `PackBuilder`, indexed by an `Indexer`.
//!
//! | commit of | this code | libgit2 |
//! |---|---|---|
//! | 1 entity | 20 ms | 19 ms, nearly all of it fsync |
//! | 1,000 entities | 131 ms | 970 ms: about 70 % for the objects, 25 % for the pack |
//!
//! The times are medians, fsyncs included. `docs/benchmarks.md` sets a limit of 60 ms for 1,000 entities. Further reasons:
//!
//! - `Mempack::dump` packs the whole tree of each commit, not only its new objects.
//! - `Indexer` writes its files without [`Disk`](crate::disk::Disk), so the tests could not inject crashes there.
//! - `PackBuilder` compresses every object again, so it cannot join packs byte for byte.

mod branch;
mod compact;
mod damage;
mod delta;
mod diff;
mod error;
mod files;
mod folders;
mod history;
mod message;
mod objects;
mod pack;
mod pack_index;
mod packs;
mod repository;
mod scene;
mod tree;
mod worktree;
mod writer;
mod zlib;

pub use damage::{ASIDE, check, move_aside};
pub use diff::{ComponentDiff, EntityDiff, differences};
pub use error::AuditError;
pub use history::History;
pub use message::{AuditCommit, CommitInfo};
pub use writer::Audit;
