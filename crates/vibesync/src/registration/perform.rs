//! Carries out the steps of a plan, or prints them.

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vibesync_scene::Code;
use vibesync_store::durable;

use super::plan::{Place, Step};
use super::run_key;
use crate::cli::result::Failure;
use crate::error::Error;
use crate::platform::kept_handles::keep_streams;
use crate::supervisor::report::ServiceFiles;

/// Maximum time for the end of the supervisor. It gives its daemons half as much.
const STOP: Duration = Duration::from_secs(30);

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Remedy without a service manager.
const BY_HAND: &str = "Let another means start `vibesync service run` at login, or start daemons by hand with \
                       `vibesync run`.";

/// Returns where the service is registered; none if it is not.
pub fn installed(place: &Place) -> Option<String> {
    match place.file() {
        Some(file) => file.exists().then(|| file.display().to_string()),
        None => run_key::get().map(|value| format!("{} = {value}", run_key::NAME)),
    }
}

/// Carries out the steps in order, and prints each. With `dry_run`, only prints them.
pub fn perform(
    steps: &[Step],
    files: &ServiceFiles,
    dry_run: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    for step in steps {
        describe(step, dry_run, out)?;
        if !dry_run {
            carry_out(step, files)?;
        }
    }
    Ok(())
}

fn describe(step: &Step, with_content: bool, out: &mut impl Write) -> io::Result<()> {
    match step {
        Step::Probe { command, .. } | Step::Run { command, .. } => {
            writeln!(out, "run {}", command.join(" "))
        }
        Step::StopService => writeln!(out, "stop the service if it runs"),
        Step::Write { path, content } => {
            writeln!(out, "write {}", path.display())?;
            match with_content {
                true => out.write_all(content.as_bytes()),
                false => Ok(()),
            }
        }
        Step::Remove { path } => writeln!(out, "remove {}", path.display()),
        Step::SetRunKey { value } => writeln!(out, "write {} = {value}", run_key::NAME),
        Step::RemoveRunKey => writeln!(out, "remove {}", run_key::NAME),
        Step::Start { program } => writeln!(out, "start {}", program.display()),
    }
}

fn carry_out(step: &Step, files: &ServiceFiles) -> Result<(), Error> {
    match step {
        Step::Probe { command, missing } => execute(command).map_err(|error| {
            let message = format!("{missing}: {}", error.message);
            Error::new(Code::ServiceUnavailable, error.location, message).with_help(BY_HAND)
        }),
        Step::StopService => stop(files),
        Step::Write { path, content } => write(path, content),
        Step::Remove { path } => match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(
                Code::ServiceUnavailable,
                path,
                "remove it",
                error,
            )),
            _ => Ok(()),
        },
        Step::Run { command, may_fail } => match execute(command) {
            Err(error) if *may_fail => {
                tracing::debug!("{error}");
                Ok(())
            }
            other => other,
        },
        Step::SetRunKey { value } => run_key::set(value).map_err(run_key_failed),
        Step::RemoveRunKey => run_key::remove().map_err(run_key_failed),
        Step::Start { program } => start(program),
    }
}

fn run_key_failed(error: io::Error) -> Error {
    Error::io(
        Code::ServiceUnavailable,
        Path::new(run_key::NAME),
        "change it",
        error,
    )
}

fn write(path: &Path, content: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::io(Code::ServiceUnavailable, folder, "make it", error))?;
    }
    durable::write(path, content.as_bytes())
        .map_err(|error| Error::disk(Code::ServiceUnavailable, error))
}

/// Runs a command. Its own words become the error.
fn execute(words: &[String]) -> Result<(), Error> {
    let shown = words.join(" ");
    let failed = |why: String| Error::new(Code::ServiceUnavailable, &shown, why);
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| failed(format!("cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(1_000).collect();
    Err(failed(match said.is_empty() {
        true => output.status.to_string(),
        false => format!("{}: {said}", output.status),
    }))
}

/// Starts a program that goes on after this one has ended.
fn start(program: &Path) -> Result<(), Error> {
    // The reader of this output need not wait for the end of that program.
    keep_streams();
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let started = command.spawn();
    started
        .map(drop)
        .map_err(|error| Error::io(Code::ServiceUnavailable, program, "start it", error))
}

/// Asks the supervisor to stop, and waits until it has.
fn stop(files: &ServiceFiles) -> Result<(), Error> {
    let deadline = Instant::now() + STOP;
    while let Some(report) = files.running()? {
        let pid = report.pid;
        let path = files.stop_path();
        if !path.exists() {
            durable::write_private(&path, pid.to_string().as_bytes())
                .map_err(|error| Error::disk(Code::ServiceUnavailable, error))?;
        }
        if Instant::now() >= deadline {
            let message = format!("process {pid} was asked to stop, and has not ended");
            let help = format!("Look at the log of the service, then end process {pid} yourself.");
            let location = files.report_path();
            let error = Error::new(Code::ServiceUnavailable, location.display(), message);
            return Err(error.with_help(help));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}
