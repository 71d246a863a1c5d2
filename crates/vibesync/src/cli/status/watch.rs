//! `vibesync status --watch`: asks periodically, over one connection.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, SystemTime};

use vibesync_protocol::Status;
use vibesync_scene::Role;

use super::format;
use crate::cli::client::Client;
use crate::cli::connect::connect;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::signals::Interrupt;

/// Time between two queries.
const INTERVAL: Duration = Duration::from_millis(500);

/// Switches to the alternate screen and hides the cursor. [`LEAVE`] restores the old content of the terminal.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// Moves the cursor to the upper left corner.
const HOME: &str = "\x1b[H";
/// Clears the rest of the line.
const LINE_END: &str = "\x1b[K";
/// Clears the rest of the screen.
const PAGE_END: &str = "\x1b[J";

/// Shows the status until the user interrupts. Waits for a daemon that stops or has not started.
pub(in crate::cli) fn watch(project: &Project, json: bool, out: &mut impl Write) -> CommandResult {
    let interrupt = Interrupt::listen();
    let mut view = View::new(json, io::stdout().is_terminal());
    let mut client = None;
    loop {
        let answer = query(project, &mut client);
        out.write_all(view.update(&answer, SystemTime::now()).as_bytes())?;
        out.flush()?;
        if interrupt.comes_within(INTERVAL) {
            out.write_all(view.end().as_bytes())?;
            return Ok(ExitStatus::Ok);
        }
    }
}

/// Asks for the status. Drops the connection on an error, so that the next call connects again.
fn query(project: &Project, client: &mut Option<Client>) -> Result<Box<Status>, Error> {
    let mut connected = match client.take() {
        Some(client) => client,
        None => connect(project)?,
    };
    let mut status = connected.status()?;
    *client = Some(connected);
    // Sessions of the command line exist only because it asks.
    status.sessions.retain(|session| session.role != Role::Cli);
    Ok(status)
}

/// The output: a page that is redrawn, or one line for each change.
#[derive(Debug)]
enum View {
    Page { drawn: Option<String> },
    Lines { json: bool, last: String },
}

impl View {
    fn new(json: bool, is_terminal: bool) -> Self {
        match is_terminal && !json {
            true => View::Page { drawn: None },
            false => View::Lines {
                json,
                last: String::new(),
            },
        }
    }

    /// Returns the text to write for an answer; lines are empty if nothing has changed.
    fn update(&mut self, answer: &Result<Box<Status>, Error>, now: SystemTime) -> String {
        match self {
            View::Page { drawn } => {
                let page = match answer {
                    Ok(status) => format::page(status),
                    Err(error) => format::failure(error),
                };
                let enter = if drawn.is_none() { ENTER } else { "" };
                let lines = page.replace('\n', &format!("{LINE_END}\n"));
                *drawn = Some(page);
                format!("{enter}{HOME}{lines}{PAGE_END}")
            }
            View::Lines { json, last } => {
                let line = match (answer, *json) {
                    (Ok(status), true) => format::json(status).to_string(),
                    (Err(error), true) => format::failure_json(error).to_string(),
                    (answer, false) => format::line(answer),
                };
                if line == *last {
                    return String::new();
                }
                let time = humantime::format_rfc3339_seconds(now);
                let shown = if *json {
                    format!("{line}\n")
                } else {
                    format!("{time} {line}\n")
                };
                *last = line;
                shown
            }
        }
    }

    /// Returns the text that restores the terminal and repeats the last page.
    fn end(self) -> String {
        match self {
            View::Page { drawn: Some(page) } => format!("{LEAVE}{page}"),
            View::Page { drawn: None } | View::Lines { .. } => String::new(),
        }
    }
}
