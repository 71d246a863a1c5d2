//! The supervisor: one process of a user that starts a daemon for each project of `projects.json` when an editor asks.
//!
//! `machine` decides about one project and has no I/O. `supervised` carries its actions out, with `doorbell`, which
//! listens for clients, and `child`, which starts the daemon. `run` is the loop around all projects. `report` is the
//! state that it writes.

pub mod backoff;
mod child;
mod doorbell;
mod machine;
pub mod problem;
pub mod report;
mod run;
mod supervised;

pub use run::run;
