//! `vibesync status`: asks the running daemon for its state.

mod format;
mod watch;

use std::io::Write;

pub(super) use watch::watch;

use super::connect::connect;
use super::result::{CommandResult, ExitStatus};
use crate::platform::project::Project;

pub(super) fn show(project: &Project, json: bool, out: &mut impl Write) -> CommandResult {
    let status = connect(project)?.status()?;
    match json {
        true => writeln!(out, "{:#}", format::json(&status))?,
        false => write!(out, "{}", format::page(&status))?,
    }
    Ok(ExitStatus::Ok)
}
