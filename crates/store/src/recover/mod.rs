//! Recovery of a project whose log is damaged, lost, or older than what is derived from it.
//!
//! [`Survey`] finds the [`Candidate`]s: the witnesses that hold a state. [`candidate`] compares and chooses them, [`load()`] rebuilds the state of one. [`begin`] writes a new log that begins with that state, and [`swap`] puts
//! it into place; the replaced files are kept. [`finish`] completes a recovery that a crash has interrupted.
//!
//! The opening of an intact log is no recovery in this sense: see [`crate::wal`].

mod begin;
mod candidate;
mod error;
mod load;
mod survey;
mod swap;

pub use begin::{Recovered, Request, recover, restore};
pub use candidate::{Candidate, Loss, Source, SourceName, UnusableCandidate, choose};
pub use error::RecoverError;
pub use load::{Folders, Loaded, load};
pub use survey::{Survey, commits};
pub use swap::{Plan, finish, unfinished};
