//! `vibesync service`: the supervisor, and its registration with the system.

use std::io::Write;

use super::result::{CommandResult, ExitStatus};
use super::service_args::ServiceCommand;
use crate::supervisor;

/// Runs one command. Writes its output to `out`.
pub fn run(is_verbose: bool, command: &ServiceCommand, _out: &mut impl Write) -> CommandResult {
    match command {
        ServiceCommand::Run => supervisor::run(is_verbose)?,
        _ => {}
    }
    Ok(ExitStatus::Ok)
}
