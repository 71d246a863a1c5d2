//! Removes bulk data that nothing keeps, in a thread of its own.
//!
//! `requests` is the way to the thread, `thread` decides when a collection is due, and `collection` is one of them. Only
//! this thread, and `vibesync blobs prune` under the lock of the project, remove blobs.

mod collection;
mod due;
mod requests;
mod thread;

pub use requests::{Requests, ToCollector};
pub use thread::Collector;
