//! The program from outside, and the rules that hold across the repository.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod agents;
mod audit_damage;
mod backpressure;
mod blobs;
#[cfg(target_os = "linux")]
mod child_process;
mod cli;
mod client;
#[cfg(windows)]
mod console;
mod daemon_log;
mod damage;
#[cfg(target_os = "linux")]
mod discovery;
mod disk_kills;
mod diverged;
mod doctor;
mod edges;
mod errors;
mod export;
mod governance;
mod graph;
mod harness;
mod hostile;
mod hostile_content;
mod identity;
mod import;
#[cfg(target_os = "linux")]
mod kill_matrix;
mod kill_points;
mod log;
mod log_search;
mod long_path;
mod lost_blobs;
mod mcp;
mod mcp_capability;
mod mcp_change;
mod mcp_http;
mod mcp_install;
mod mcp_messages;
mod mcp_view;
mod mesh_previews;
mod migration;
mod offline;
mod patches;
mod previews;
mod project;
mod projector;
#[cfg(any(target_os = "linux", windows))]
mod projects;
mod recover;
#[cfg(target_os = "linux")]
mod registration;
mod registry;
mod resource_limits;
mod restore;
mod scenario;
mod service;
#[cfg(any(target_os = "linux", windows))]
mod service_user;
mod shutdown;
#[cfg(any(target_os = "linux", windows))]
mod starter;
mod status;
mod stop;
#[cfg(any(target_os = "linux", windows))]
mod supervisor;
#[cfg(any(target_os = "linux", windows))]
mod supervisor_failures;
#[cfg(any(target_os = "linux", windows))]
mod user_processes;
mod version;
mod view;
#[cfg(target_os = "linux")]
mod wine_kills;
