//! `vibesync status --watch`: asks again and again, on one connection.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, SystemTime};

use vibesync_protocol::Status;
use vibesync_scene::Role;

use super::{connect, describe};
use crate::client::Client;
use crate::command::{Ended, Exit};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::project::Project;
use crate::runtime::RuntimeFolder;

/// How often the daemon is asked.
const LOOK: Duration = Duration::from_millis(500);

/// A second screen without a cursor, so that what was on the terminal is there again afterwards.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// To the upper left corner.
const HOME: &str = "\x1b[H";
/// The rest of this line is empty.
const LINE_END: &str = "\x1b[K";
/// The rest of the screen is empty.
const PAGE_END: &str = "\x1b[J";

/// Shows the status until the user asks to stop. A daemon that goes away is waited for.
pub(in crate::command) fn watch(project: &Project, json: bool, out: &mut impl Write) -> Ended {
    let folder = RuntimeFolder::from_env()?;
    let interrupt = Interrupt::listen();
    let mut view = View::new(json, io::stdout().is_terminal());
    let mut client = None;
    loop {
        let seen = look(project, &folder, &mut client);
        out.write_all(view.show(&seen, SystemTime::now()).as_bytes())?;
        out.flush()?;
        if interrupt.comes_within(LOOK) {
            out.write_all(view.end().as_bytes())?;
            return Ok(Exit::Fine);
        }
    }
}

fn look(
    project: &Project,
    folder: &RuntimeFolder,
    client: &mut Option<Client>,
) -> Result<Box<Status>, Error> {
    let mut connected = match client.take() {
        Some(client) => client,
        None => connect(project, folder)?,
    };
    let mut status = connected.status()?;
    *client = Some(connected);
    // The sessions of the command line exist only because it asks.
    status.sessions.retain(|session| session.role != Role::Cli);
    Ok(status)
}

/// How it is shown: on a page that is drawn anew, or as one line a change.
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

    /// What to write for what was seen; nothing where it is what was seen before.
    fn show(&mut self, seen: &Result<Box<Status>, Error>, now: SystemTime) -> String {
        match self {
            View::Page { drawn } => {
                let page = match seen {
                    Ok(status) => describe::page(status),
                    Err(error) => describe::failure(error),
                };
                let enter = if drawn.is_none() { ENTER } else { "" };
                let lines = page.replace('\n', &format!("{LINE_END}\n"));
                *drawn = Some(page);
                format!("{enter}{HOME}{lines}{PAGE_END}")
            }
            View::Lines { json, last } => {
                let line = match (seen, *json) {
                    (Ok(status), true) => describe::json(status).to_string(),
                    (Err(error), true) => describe::failure_json(error).to_string(),
                    (seen, false) => describe::line(seen),
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

    /// Gives the terminal back, with what was seen last.
    fn end(self) -> String {
        match self {
            View::Page { drawn: Some(page) } => format!("{LEAVE}{page}"),
            View::Page { drawn: None } | View::Lines { .. } => String::new(),
        }
    }
}
