//! Storage: the log, which is authoritative; the projections made from it (registry, checkpoints, audit); and the
//! blobs.
//!
//! | module | contents |
//! |---|---|
//! | [`wal`] | the log: append-only JSON lines, chained by hash, durable before a change is acknowledged |
//! | [`boot`] | rebuilds the state from the newest checkpoint and the log after it |
//! | [`witness`] | what knows how far the log once went; a start compares it with the log |
//! | [`checkpoint`] | the state at one sequence, so that boot need not replay the whole log |
//! | [`retention`] | compresses segments that checkpoints cover; drops old ones if a setting says so |
//! | [`registry`] | rows by uuid, for queries; a projection of the log |
//! | [`blobs`] | bulk data by BLAKE3 |
//! | [`blob_links`] | blobs that are stored as a patch of another one |
//! | [`blob_uses`] | the blobs that the program works with, so that none of them is removed |
//! | [`collect`] | removes the blobs that nothing names, and the oldest ones beyond a bound |
//! | [`audit`] | a git history of the scene, with one small file for each entity |
//! | [`backup`] | one file with all that a project needs; written while the daemon runs |
//! | [`recover`] | begins a new log from the best state that is left after damage or loss |
//! | [`durable`] | atomic, durable replacement of small files |
//! | [`disk`] | the file-system operations that the store needs, as a trait, so that tests can inject faults |
//! | [`held_open`] | waits for files that another program has open |
//! | [`cause`] | an error kept inside of another error |

pub mod audit;
pub mod backup;
pub mod blob_links;
pub mod blob_uses;
pub mod blobs;
pub mod boot;
pub mod cause;
pub mod checkpoint;
pub mod collect;
pub mod disk;
pub mod durable;
pub mod held_open;
mod lines;
pub mod recover;
pub mod registry;
pub mod retention;
mod system;
pub mod wal;
pub mod witness;
