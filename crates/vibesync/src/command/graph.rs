//! `vibesync graph`: texts in, reports out. What a graph is, and what is wrong with it, is the crate `graph`'s.

mod read;

use std::io::Write;

use vibesync_graph::{Catalogue, Report, check};

use super::{Ended, Exit};
use crate::args::GraphCommand;

/// Does what was asked.
pub fn perform(command: &GraphCommand, out: &mut impl Write) -> Ended {
    match command {
        GraphCommand::Check {
            file,
            of,
            json,
            batch,
        } => {
            let catalogue = read::catalogue(of)?;
            match batch {
                true => batch_of(&catalogue, out),
                false => report(&read::text(file)?, &catalogue, *json, out),
            }
        }
    }
}

/// Checks one text.
fn report(text: &[u8], catalogue: &Catalogue, json: bool, out: &mut impl Write) -> Ended {
    let report = check(text, catalogue);
    match json {
        true => print(&report, out)?,
        false => {
            write!(out, "{report}")?;
        }
    }
    Ok(exit(report.is_ok()))
}

/// Checks a graph a line, until there are no more.
fn batch_of(catalogue: &Catalogue, out: &mut impl Write) -> Ended {
    let mut all_ok = true;
    let mut lines = std::io::stdin().lock();
    while let Some(line) = read::line(&mut lines)? {
        let report = check(&line, catalogue);
        all_ok &= report.is_ok();
        print(&report, out)?;
    }
    Ok(exit(all_ok))
}

fn print(report: &Report, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, report)?;
    writeln!(out)
}

fn exit(ok: bool) -> Exit {
    match ok {
        true => Exit::Fine,
        false => Exit::Problem,
    }
}
