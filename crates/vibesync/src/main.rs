//! Entry point of the program `vibesync`.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use vibesync::Settings;
use vibesync::cli::args::{Args, Command};
use vibesync::cli::result::{CommandResult, ExitStatus, Failure};
use vibesync::cli::{dispatch, doctor, graph, mcp, projects, service};
use vibesync::platform::project::Project;
use vibesync::platform::telemetry;

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match &args.command {
        // Writes to standard output itself, which must not be locked meanwhile.
        Command::Mcp(command) => mcp::run(&args, command),
        _ => run(&args, &mut std::io::stdout().lock()),
    };
    report(&result)
}

fn run(args: &Args, out: &mut impl Write) -> CommandResult {
    match &args.command {
        // Works on texts and needs no project.
        Command::Graph(command) => return graph::run(command, out),
        // About all projects of the user.
        Command::Projects(command) => return projects::run(args, command, out),
        Command::Service(command) => return service::run(args.verbose, command, out),
        _ => {}
    }
    let root = args.root()?;
    if let Command::Doctor { deep, json } = args.command {
        // Must work even if the settings are invalid.
        return doctor::run(root, deep, json, out);
    }
    let settings = Settings::load(root)?;
    let _telemetry = match args.command {
        Command::Run(run) => {
            let folder = Project::new(&settings.root).log();
            telemetry::to_files(&folder, &settings, args.verbose, run.quiet)?
        }
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
