//! Runs the command that the arguments name.

use std::io::Write;

use super::args::Command;
use super::result::{CommandResult, ExitStatus};
use super::{
    agents, audit, backup, blobs, doctor, export, governance, import, log, recover, registry,
    restore, show_config, status, stop,
};
use crate::config::Settings;
use crate::daemon;
use crate::platform::project::Project;

/// Runs one command. Writes its output to `out`.
pub fn run(settings: &Settings, command: &Command, out: &mut impl Write) -> CommandResult {
    let project = Project::new(&settings.root);
    match command {
        Command::Run(args) => {
            daemon::run(settings, args.stop_when_idle)?;
            Ok(ExitStatus::Ok)
        }
        Command::Stop => stop::run(&project, out),
        Command::Doctor { deep, json } => doctor::run(settings.root.clone(), *deep, *json, out),
        // Handled before there are settings of a project.
        Command::Graph(_) | Command::Mcp(_) | Command::Projects(_) | Command::Service(_) => {
            Ok(ExitStatus::Ok)
        }
        Command::Status { watch: true, json } => status::watch(&project, *json, out),
        Command::Status { watch: false, json } => status::show(&project, *json, out),
        Command::Log(command) => log::run(&project, command, out),
        Command::Audit(command) => audit::run(&project, command, out),
        Command::Export(args) => export::run(&project, args, out),
        Command::Import(args) => import::run(&project, args, out),
        Command::Agents { command } => agents::run(&project, command.as_ref(), out),
        Command::Governance(command) => governance::run(&project, command, out),
        Command::Registry(command) => registry::run(&project, command, out),
        Command::Blobs { command, json } => {
            let max_bytes = settings.config.blobs.max_bytes;
            blobs::run(&project, max_bytes, *command, *json, out)
        }
        Command::Backup(args) => backup::run(&project, args, out),
        Command::Restore(args) => restore::run(&project, args, out),
        Command::Recover(args) => recover::run(&project, args, out),
        Command::Config(command) => show_config::run(settings, command, out),
    }
}
