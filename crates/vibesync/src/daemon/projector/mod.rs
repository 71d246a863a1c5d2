//! Builds the projections of the log in a thread of its own: registry, audit commits, checkpoints.
//!
//! The thread reads durable records from the files of the log. So nothing queues up while git is slow or locked, and
//! nothing is lost if a projection fails. After a start it continues at the position that the registry has stored.
//!
//! `thread` calls `follower`, which reads records and writes them in batches through `audit_writer` and the registry;
//! `maintenance` writes checkpoints and compacts files.

mod audit_writer;
mod error;
mod follower;
mod maintenance;
mod open_registry;
mod retry;
mod sources;
mod thread;

pub use audit_writer::AuditFolder;
pub use sources::Sources;
pub use thread::Projector;
