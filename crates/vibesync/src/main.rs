//! VibeSync's daemon and command line.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use vibesync::args::{Args, Command};
use vibesync::command::{self, Ended, Exit, Failure};
use vibesync::{Settings, telemetry};

fn main() -> ExitCode {
    let args = Args::parse();
    match perform(&args, &mut std::io::stdout().lock()) {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Problem) => ExitCode::FAILURE,
        // Whoever closes the pipe has read enough.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing more can be done where this fails: it may lead to the very disk that is full.
            let _ = writeln!(std::io::stderr(), "{}", failure.report());
            ExitCode::FAILURE
        }
    }
}

fn perform(args: &Args, out: &mut impl Write) -> Ended {
    if let Command::Graph(command) = &args.command {
        // It is about texts alone, and wants no project.
        return command::graph(command, out);
    }
    let root = args.root()?;
    if let Command::Doctor { json } = args.command {
        // It must also work where the settings do not.
        return command::examine(root, json, out);
    }
    let settings = Settings::load(root)?;
    let _telemetry = telemetry::start(&settings, args)?;
    let exit = command::perform(&settings, &args.command, out)?;
    out.flush()?;
    Ok(exit)
}
