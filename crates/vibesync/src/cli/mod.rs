//! The command line: `args` -> `dispatch` -> one file for each command -> `result`.

pub mod args;
mod audit;
mod client;
mod connect;
pub mod dispatch;
pub mod doctor;
mod filter;
mod governance;
pub mod graph;
mod log;
mod registry;
pub mod result;
mod show_config;
mod status;
mod stop;
mod text;
mod user;
