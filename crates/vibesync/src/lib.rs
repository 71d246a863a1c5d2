//! The program: daemon and command line.
//!
//! A run reads off `main.rs`: parse the arguments, load the settings, start telemetry, do what was asked, tell how it
//! ended. Decisions are the engine's and memory is the store's; here is what touches the world around them.

pub mod args;
mod client;
pub mod command;
pub mod config;
pub mod daemon;
mod error;
mod filter;
mod history;
mod interrupt;
pub mod project;
pub mod runtime;
pub mod service;
mod story;
pub mod telemetry;

pub use config::Settings;
pub use error::Error;
