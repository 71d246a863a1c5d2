//! The registration of the service with the system: a systemd user unit, a launchd agent, or a Run key of Windows.
//!
//! `plan` says what to do and changes nothing; `perform` does it or prints it.

mod perform;
mod plan;
mod run_key;

pub use perform::{installed, perform};
pub use plan::{Place, install, remove};
