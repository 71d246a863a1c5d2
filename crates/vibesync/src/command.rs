//! The commands. Each reads settings and project, writes to `out`, and says how it ended.

mod audit;
mod config;
mod doctor;
mod governance;
mod graph;
mod log;
mod registry;
mod status;

use std::io::Write;

pub use doctor::examine;
pub use graph::perform as graph;

use crate::args::Command;
use crate::config::Settings;
use crate::daemon;
use crate::error::Error;
use crate::project::Project;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine,
    /// It worked, and found a problem.
    Problem,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// A coded error.
    Coded(Error),
    /// Its output could not be written.
    Output(std::io::Error),
}

impl Failure {
    /// For the terminal: what, where, and what to do.
    pub fn report(&self) -> String {
        match self {
            Failure::Coded(error) => format!("error {error}\n  {}", error.code.help()),
            Failure::Output(error) => format!("error: cannot write the output: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Coded(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Output(error)
    }
}

/// How a command ended, or why it could not.
pub type Ended = Result<Exit, Failure>;

/// Does what was asked.
pub fn perform(settings: &Settings, command: &Command, out: &mut impl Write) -> Ended {
    let project = Project::new(&settings.root);
    match command {
        Command::Run => {
            daemon::run(settings)?;
            Ok(Exit::Fine)
        }
        Command::Doctor { json } => examine(settings.root.clone(), *json, out),
        Command::Graph(command) => graph(command, out),
        Command::Status { watch: true, json } => status::watch(&project, *json, out),
        Command::Status { watch: false, json } => status::show(&project, *json, out),
        Command::Log(command) => log::perform(&project, command, out),
        Command::Audit(command) => audit::perform(&project, command, out),
        Command::Governance(command) => governance::perform(&project, command, out),
        Command::Registry(command) => registry::perform(&project, command, out),
        Command::Config(command) => config::show(settings, command, out),
    }
}
