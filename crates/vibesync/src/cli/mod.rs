//! The command line: `args` -> `dispatch` -> one file for each command -> `result`.

pub mod args;
mod audit;
mod backup;
mod client;
pub(crate) mod connect;
pub mod dispatch;
pub mod doctor;
mod filter;
mod governance;
pub mod graph;
mod graph_args;
mod id_prefix;
mod log;
mod number;
mod person;
pub mod projects;
mod recover;
mod recovery_args;
mod registry;
mod restore;
pub mod result;
pub mod service;
mod service_args;
mod show_config;
mod status;
mod stop;
mod text;
