//! The log of the program: JSON lines in files of limited size, readable lines on the terminal.

mod json_line;
mod rotating_file;

use std::io::IsTerminal;
use std::path::Path;

use rotating_file::{Limits, RotatingFile};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use vibesync_scene::Code;

use crate::config::{Level, Settings};
use crate::error::Error;

/// Maximum number of lines that wait for the disk. Further lines are dropped and counted; the daemon does not wait.
const WAITING_LINES: usize = 8_192;

/// Keeps the log open. Writes the waiting lines when dropped.
#[derive(Debug)]
pub struct Telemetry {
    _worker: Option<WorkerGuard>,
}

/// Starts the log of a command: warnings on the terminal, everything if `is_verbose`.
pub fn to_terminal(is_verbose: bool) -> Telemetry {
    let level = if is_verbose {
        LevelFilter::DEBUG
    } else {
        LevelFilter::WARN
    };
    tracing_subscriber::registry()
        .with(terminal_layer(level))
        .init();
    Telemetry { _worker: None }
}

/// Starts a log of JSON lines in the files of a folder, with the same events on the terminal unless it is `quiet`.
pub fn to_files(
    folder: &Path,
    settings: &Settings,
    is_verbose: bool,
    quiet: bool,
) -> Result<Telemetry, Error> {
    let config = &settings.config.log;
    let level = if is_verbose {
        LevelFilter::DEBUG
    } else {
        level_filter(config.level)
    };
    let limits = Limits {
        file_bytes: config.max_file_bytes,
        files: config.max_files,
    };
    let opened = std::fs::create_dir_all(folder).and_then(|()| RotatingFile::open(folder, limits));
    let files =
        opened.map_err(|error| Error::from_source(Code::DiskFailed, folder.display(), error))?;
    let (writer, worker) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .lossy(true)
        .finish(files);
    let lines = tracing_subscriber::fmt::layer()
        .event_format(json_line::JsonLine)
        .with_writer(writer)
        .with_filter(targets(level));
    tracing_subscriber::registry()
        .with((!quiet).then(|| terminal_layer(level)))
        .with(lines)
        .init();
    Ok(Telemetry {
        _worker: Some(worker),
    })
}

/// Writes readable lines to stderr, with colors if stderr is a terminal.
fn terminal_layer<S>(level: LevelFilter) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_filter(targets(level))
}

/// Sets the level for our own crates; libraries log warnings at most.
fn targets(level: LevelFilter) -> Targets {
    let libraries = level.min(LevelFilter::WARN);
    // A prefix: vibesync, vibesync_engine, vibesync_store and the others.
    Targets::new()
        .with_default(libraries)
        .with_target("vibesync", level)
}

fn level_filter(level: Level) -> LevelFilter {
    match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}
