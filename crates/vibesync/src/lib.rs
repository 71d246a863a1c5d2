//! The program `vibesync`: the daemon and the command line.
//!
//! `main.rs` parses the arguments, runs the command and reports the result. `cli` holds the commands, `daemon` serves
//! one project, and `platform` holds files, locks, signals and logs that both need. Decisions belong to the crate
//! `engine`, files of the project to the crate `store`.

mod blob_report;
pub mod cli;
pub mod config;
pub mod daemon;
mod error;
mod history;
pub mod platform;
pub mod registration;
pub mod supervisor;
pub mod version;

pub use config::Settings;
pub use error::Error;
