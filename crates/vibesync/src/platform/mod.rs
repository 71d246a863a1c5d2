//! The parts that touch the system: files of the project, the runtime folder, signals, the service manager, the log.

pub mod establish;
pub mod grant_key;
#[cfg(all(test, windows))]
mod held_files;
pub mod http_token;
pub mod kept_handles;
pub mod priority;
pub mod private_access;
pub mod project;
pub mod project_list;
pub mod project_lock;
pub mod recorded_identity;
pub mod runtime_folder;
pub mod runtime_folders;
pub mod service;
pub mod signals;
pub mod stale_announcements;
pub mod telemetry;
pub mod terminal;
pub mod user_folders;
pub mod witnesses;
