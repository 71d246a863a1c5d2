//! The supervisor: one process of a user that starts a daemon for each project of `projects.json` when an editor asks.
//!
//! - `machine` decides about one project and has no I/O;
//! - `supervised` carries its actions out: `wake_listener` listens for clients, `child` starts the daemon;
//! - `run` is the loop around all projects, and `report` the state that it writes.

pub mod backoff;
mod child;
mod machine;
pub mod problem;
pub mod report;
mod run;
mod supervised;
mod wake_listener;

pub use run::run;
