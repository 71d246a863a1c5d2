//! Entry point of the program `vibesync`.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use vibesync::Settings;
use vibesync::cli::args::{Args, Command};
use vibesync::cli::result::{CommandResult, ExitStatus, Failure};
use vibesync::cli::{dispatch, doctor, graph};
use vibesync::platform::telemetry;

fn main() -> ExitCode {
    let args = Args::parse();
    let result = run(&args, &mut std::io::stdout().lock());
    report(&result)
}

fn run(args: &Args, out: &mut impl Write) -> CommandResult {
    if let Command::Graph(command) = &args.command {
        // Works on texts and needs no project.
        return graph::run(command, out);
    }
    let root = args.root()?;
    if let Command::Doctor { deep, json } = args.command {
        // Must work even if the settings are invalid.
        return doctor::run(root, deep, json, out);
    }
    let settings = Settings::load(root)?;
    let _telemetry = match args.command {
        Command::Run => telemetry::to_files(&settings, args.verbose)?,
        _ => telemetry::to_terminal(args.verbose),
    };
    let status = dispatch::run(&settings, &args.command, out)?;
    out.flush()?;
    Ok(status)
}

/// Writes a failure to stderr and returns the exit code of the process.
fn report(result: &CommandResult) -> ExitCode {
    match result {
        Ok(ExitStatus::Ok) => ExitCode::SUCCESS,
        Ok(ExitStatus::ProblemFound) => ExitCode::FAILURE,
        // The reader of a pipe closed it, for example `head`. This is no failure.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // Ignored: if stderr cannot be written, no channel is left to report that.
            let _ = writeln!(std::io::stderr(), "{}", failure.report());
            match failure {
                Failure::Usage(_) => ExitCode::from(2),
                Failure::Coded(_) | Failure::Output(_) => ExitCode::FAILURE,
            }
        }
    }
}
