//! The supervisor: one process of a user that starts a daemon for each project of `projects.json` when an editor asks.
//!
//! - `machine` decides about one project and has no I/O;
//! - `supervised` carries its actions out: `doorbell` listens for clients, `child` starts the daemon;
//! - `run` is the loop around all projects, and `report` the state that it writes.

pub mod backoff;
mod child;
mod doorbell;
mod machine;
pub mod problem;
pub mod report;
mod run;
mod supervised;

pub use run::run;
