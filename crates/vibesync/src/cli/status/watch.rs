//! `vibesync status --watch`: asks periodically, over one connection.

use std::io::Write;
use std::time::{Duration, SystemTime};

use vibesync_protocol::{PreviewCounts, Status};
use vibesync_scene::Role;

use super::format;
use crate::cli::client::Client;
use crate::cli::connect::connect;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::cli::text::fit;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::signals::Interrupt;
use crate::platform::terminal::{self, Size};

/// Time between two queries.
const INTERVAL: Duration = Duration::from_millis(500);

/// The size of an output that is no terminal: it is not used.
const NO_TERMINAL: Size = Size {
    columns: 0,
    rows: 0,
};

/// Switches to the alternate screen and hides the cursor. [`LEAVE`] restores the old content of the terminal.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// Clears the rest of the line.
const LINE_END: &str = "\x1b[K";
/// Clears the rest of the screen.
const PAGE_END: &str = "\x1b[J";

/// Shows the status until the user interrupts. Waits for a daemon that stops or has not started.
pub(in crate::cli) fn watch(project: &Project, json: bool, out: &mut impl Write) -> CommandResult {
    let interrupt = Interrupt::listen();
    let mut view = View::new(json, terminal::output_size().is_some());
    let mut client = None;
    loop {
        let answer = query(project, &mut client);
        let size = terminal::output_size().unwrap_or(NO_TERMINAL);
        let text = view.update(&answer, SystemTime::now(), size);
        out.write_all(text.as_bytes())?;
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
    // They change all the time while somebody drags something.
    status.previews = PreviewCounts::default();
    Ok(status)
}

/// The output: a page of which the changed lines are drawn again, or a block for each change.
#[derive(Debug)]
enum View {
    Page { drawn: Option<Drawn> },
    Blocks { last: String },
    Json { last: String },
}

/// The page that the terminal shows.
#[derive(Debug)]
struct Drawn {
    page: String,
    /// The lines that fit.
    lines: Vec<String>,
    size: Size,
}

impl View {
    fn new(json: bool, is_terminal: bool) -> Self {
        let last = String::new();
        match (json, is_terminal) {
            (true, _) => View::Json { last },
            (false, true) => View::Page { drawn: None },
            (false, false) => View::Blocks { last },
        }
    }

    /// Returns the text to write for an answer; it is empty if nothing has changed.
    fn update(
        &mut self,
        answer: &Result<Box<Status>, Error>,
        now: SystemTime,
        size: Size,
    ) -> String {
        match self {
            View::Page { drawn } => {
                let page = page(answer);
                let (text, now_drawn) = draw(page, drawn.take(), size);
                *drawn = Some(now_drawn);
                text
            }
            View::Blocks { last } => {
                let page = page(answer);
                if page == *last {
                    return String::new();
                }
                let time = humantime::format_rfc3339_seconds(now);
                let block = format!("{time}\n{page}\n");
                *last = page;
                block
            }
            View::Json { last } => {
                let line = match answer {
                    Ok(status) => format::json(status).to_string(),
                    Err(error) => format::failure_json(error).to_string(),
                };
                if line == *last {
                    return String::new();
                }
                last.clone_from(&line);
                line + "\n"
            }
        }
    }

    /// Returns the text that restores the terminal and repeats the last page.
    fn end(self) -> String {
        match self {
            View::Page { drawn: Some(drawn) } => format!("{LEAVE}{}", drawn.page),
            _ => String::new(),
        }
    }
}

fn page(answer: &Result<Box<Status>, Error>) -> String {
    match answer {
        Ok(status) => format::page(status),
        Err(error) => format::failure(error),
    }
}

/// Draws the lines that differ from those on the terminal. After a change of its size all lines are drawn.
fn draw(page: String, before: Option<Drawn>, size: Size) -> (String, Drawn) {
    // The last column stays empty: after it, clearing the rest of the line would clear the last character.
    let columns = size.columns.saturating_sub(1);
    let lines: Vec<String> = page
        .lines()
        .take(size.rows)
        .map(|line| fit(line, columns))
        .collect();
    let mut text = match &before {
        None => ENTER.to_owned(),
        Some(_) => String::new(),
    };
    let old = before.filter(|drawn| drawn.size == size);
    let is_new = old.is_none();
    let old = old.map_or_else(Vec::new, |drawn| drawn.lines);
    for (row, line) in lines.iter().enumerate() {
        if old.get(row) != Some(line) {
            text.push_str(&format!("{}{line}{LINE_END}", cursor_at(row)));
        }
    }
    if (is_new || old.len() > lines.len()) && lines.len() < size.rows {
        text.push_str(&format!("{}{PAGE_END}", cursor_at(lines.len())));
    }
    (text, Drawn { page, lines, size })
}

/// Moves the cursor to the beginning of a row, from 0.
fn cursor_at(row: usize) -> String {
    format!("\x1b[{};1H", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        columns: 10,
        rows: 3,
    };

    #[test]
    fn only_changed_lines_are_drawn_again() {
        let (first, drawn) = draw("one\ntwo\nthree\n".into(), None, SIZE);
        assert_eq!(
            first,
            format!("{ENTER}\x1b[1;1Hone{LINE_END}\x1b[2;1Htwo{LINE_END}\x1b[3;1Hthree{LINE_END}")
        );
        let (same, drawn) = draw("one\ntwo\nthree\n".into(), Some(drawn), SIZE);
        assert_eq!(same, "");
        let (changed, drawn) = draw("one\n2\nthree\n".into(), Some(drawn), SIZE);
        assert_eq!(changed, format!("\x1b[2;1H2{LINE_END}"));
        let (shorter, _) = draw("one\n".into(), Some(drawn), SIZE);
        assert_eq!(shorter, format!("\x1b[2;1H{PAGE_END}"));
    }

    #[test]
    fn page_is_cut_to_the_terminal_and_drawn_anew_when_that_changes() {
        let page = "a line that is too long\n2\n3\n4\n";
        let (first, drawn) = draw(page.into(), None, SIZE);
        assert!(
            first.contains("Ha line t\u{2026}\x1b") && !first.contains("H4"),
            "{first:?}"
        );
        let wide = Size {
            columns: 80,
            rows: 5,
        };
        let (again, _) = draw(page.into(), Some(drawn), wide);
        assert!(
            again.contains("Ha line that is too long") && again.contains("H4"),
            "{again:?}"
        );
        assert!(again.ends_with(PAGE_END), "{again:?}");
    }
}
