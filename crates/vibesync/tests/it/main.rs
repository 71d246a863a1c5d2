//! The program from outside, and the rules that hold across the repository.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod audit_damage;
mod backpressure;
#[cfg(target_os = "linux")]
mod child_process;
mod cli;
mod client;
#[cfg(unix)]
mod daemon_log;
#[cfg(target_os = "linux")]
mod damage;
#[cfg(target_os = "linux")]
mod discovery;
#[cfg(target_os = "linux")]
mod diverged;
mod doctor;
mod edges;
mod errors;
mod governance;
mod graph;
mod harness;
mod hostile;
mod hostile_content;
#[cfg(target_os = "linux")]
mod identity;
mod kill_matrix;
mod log;
mod log_search;
mod long_path;
mod lost_blobs;
mod migration;
mod offline;
mod project;
mod projector;
#[cfg(target_os = "linux")]
mod recover;
mod registry;
mod resource_limits;
mod restore;
#[cfg(unix)]
mod service;
#[cfg(target_os = "linux")]
mod service_user;
#[cfg(unix)]
mod shutdown;
mod status;
#[cfg(unix)]
mod stop;
#[cfg(target_os = "linux")]
mod supervisor;
#[cfg(target_os = "linux")]
mod supervisor_failures;
mod version;
