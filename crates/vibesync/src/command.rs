//! The commands. Each reads settings and project, writes to `out`, and says how it ended.

mod audit;
mod config;
mod doctor;
mod log;
mod run;
mod status;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use vibesync_scene::Code;

use crate::args::{Args, AuditCommand, Command, LogCommand};
use crate::config::Settings;
use crate::error::Error;
use crate::project::{self, Project};
use crate::telemetry;

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

type Ended = Result<Exit, Failure>;

/// Does what was asked. Whoever closes the pipe has read enough.
pub fn perform(args: &Args, out: &mut impl Write) -> Ended {
    let ended = dispatch(args, out).and_then(|exit| Ok(out.flush().map(|()| exit)?));
    match ended {
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Fine),
        ended => ended,
    }
}

fn dispatch(args: &Args, out: &mut impl Write) -> Ended {
    let root = root(args)?;
    if let Command::Doctor = args.command {
        let _telemetry = telemetry::to_terminal(args.verbose);
        return doctor::examine(root, out);
    }
    let settings = Settings::load(root)?;
    if let Command::Run = args.command {
        return run::run(&settings, args.verbose);
    }
    let _telemetry = telemetry::to_terminal(args.verbose);
    let project = Project::new(&settings.root);
    match &args.command {
        Command::Run | Command::Doctor => Ok(Exit::Fine),
        Command::Status { json } => status::show(&project, *json, out),
        Command::Log(LogCommand::Tail { count, follow }) => {
            log::tail(&project, *count, *follow, out)
        }
        Command::Log(LogCommand::Show { which }) => log::show(&project, *which, out),
        Command::Log(LogCommand::Verify) => log::verify(&project, out),
        Command::Audit(AuditCommand::Log { count }) => audit::log(&project, *count, out),
        Command::Config(command) => config::show(&settings, command, out),
    }
}

/// An absolute path, since the daemon tells it to others.
fn root(args: &Args) -> Result<PathBuf, Error> {
    let failed = |path: &std::path::Path, error| {
        Error::io(
            Code::ConfigInvalid,
            path,
            "use it as the project's folder",
            &error,
        )
    };
    match &args.project {
        Some(folder) => std::path::absolute(folder).map_err(|error| failed(folder, error)),
        None => {
            let here = std::env::current_dir();
            here.map(|here| project::find(&here))
                .map_err(|error| failed(".".as_ref(), error))
        }
    }
}
