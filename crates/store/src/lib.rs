//! What is remembered: the log (the truth), and what is made from it: registry, checkpoints, audit; and blobs.
//!
//! | module | what |
//! |---|---|
//! | [`wal`] | append-only JSON lines, hash-chained, durable before anyone is told |
//! | [`boot`] | newest checkpoint + the log after it = the state |
//! | [`checkpoint`] | the state at one sequence, so that boot need not replay everything |
//! | [`retention`] | what checkpoints cover of the log: compressed, and dropped where a setting says so |
//! | [`registry`] | uuid -> row, for queries; it follows the log from where it stands |
//! | [`blobs`] | bulk bytes by BLAKE3 |
//! | [`audit`] | a git history of the scene, one small file an entity |
//! | [`durable`] | atomic, durable replacement of small files |
//! | [`disk`] | the little that all of it asks of a disk, so that tests can break it |

pub mod audit;
pub mod blobs;
pub mod boot;
pub mod checkpoint;
pub mod disk;
pub mod durable;
mod lines;
pub mod registry;
pub mod retention;
mod version;
pub mod wal;
