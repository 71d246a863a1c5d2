//! The daemon's own log: JSON lines to a daily file, readable lines to the terminal.

mod json;

use std::io::IsTerminal;
use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use vibesync_scene::Code;

use crate::args::{Args, Command};
use crate::config::{Level, Log, Settings};
use crate::error::Error;
use crate::project::Project;

/// Lines that may wait for the disk; more are dropped and counted rather than holding up the daemon.
const WAITING_LINES: usize = 8_192;

/// Writes what is still waiting when it is dropped.
#[derive(Debug)]
pub struct Telemetry {
    _worker: Option<WorkerGuard>,
}

/// Starts it as the command needs it.
pub fn start(settings: &Settings, args: &Args) -> Result<Telemetry, Error> {
    match args.command {
        Command::Run => {
            let project = Project::new(&settings.root);
            to_files(&project.log(), &settings.config.log, args.verbose)
        }
        _ => Ok(to_terminal(args.verbose)),
    }
}

/// For commands that end by themselves: warnings to the terminal, everything with `verbose`.
fn to_terminal(verbose: bool) -> Telemetry {
    let level = if verbose {
        LevelFilter::DEBUG
    } else {
        LevelFilter::WARN
    };
    tracing_subscriber::registry().with(terminal(level)).init();
    Telemetry { _worker: None }
}

/// For the daemon: JSON lines to daily files in `folder`, and the same to the terminal.
fn to_files(folder: &Path, log: &Log, verbose: bool) -> Result<Telemetry, Error> {
    let level = if verbose {
        LevelFilter::DEBUG
    } else {
        filter(log.level)
    };
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("vibesync")
        .filename_suffix("jsonl")
        .max_log_files(log.max_files)
        .build(folder)
        .map_err(|error| Error::new(Code::ConfigInvalid, folder.display(), error.to_string()))?;
    let (writer, worker) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .lossy(true)
        .finish(appender);
    let lines = tracing_subscriber::fmt::layer()
        .event_format(json::Lines)
        .with_writer(writer)
        .with_filter(ours(level));
    tracing_subscriber::registry()
        .with(terminal(level))
        .with(lines)
        .init();
    Ok(Telemetry {
        _worker: Some(worker),
    })
}

/// Readable lines on stderr; colors where a person looks at them.
fn terminal<S>(level: LevelFilter) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_filter(ours(level))
}

/// The level for our own crates; the libraries below only warn.
fn ours(level: LevelFilter) -> Targets {
    let others = level.min(LevelFilter::WARN);
    // A prefix: vibesync, vibesync_engine, vibesync_store and the rest.
    Targets::new()
        .with_default(others)
        .with_target("vibesync", level)
}

fn filter(level: Level) -> LevelFilter {
    match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}
