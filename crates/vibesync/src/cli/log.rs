//! `vibesync log`: reads the transaction log, also while a daemon writes it.

pub(super) mod access;
mod call_format;
mod decision_format;
mod find;
mod operation_format;
pub(super) mod record_format;
mod replay;
mod show;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use record_format::{record_line, short_line};
use serde_json::json;
use vibesync_scene::Code;
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Entry, Follower, Tip, Verification, WalError};

use super::args::LogCommand;
use super::filter::Filter;
use super::result::{CommandResult, ExitStatus, Failure, WrongUsage};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::signals::Interrupt;
use crate::platform::terminal;

/// Time between two reads of a log that is followed.
const INTERVAL: Duration = Duration::from_millis(200);

pub(super) fn run(project: &Project, command: &LogCommand, out: &mut impl Write) -> CommandResult {
    let wal = project.wal();
    match command {
        LogCommand::Tail {
            count,
            follow,
            full,
            json,
        } => {
            let tip = access::verify(&wal)?.tip;
            let first = tip.seq.saturating_sub(*count) + 1;
            let format = Format::new(*json, *full);
            let mut printer = Printer::new(&wal, Filter::default(), format, out);
            printer.print(first, tip.seq)?;
            match follow {
                true => follow_log(&wal, tip, &mut printer),
                false => Ok(ExitStatus::Ok),
            }
        }
        LogCommand::Grep {
            filter,
            follow,
            full,
            json,
        } => {
            if filter.is_empty() {
                let message = "log grep needs a filter";
                let help = "Add one, such as --refused, --phase rollback, --since 10m or --code VS-4001; `vibesync log \
                            tail -n 100` prints records without a filter.";
                return Err(WrongUsage::new(message, help).into());
            }
            let tip = access::verify(&wal)?.tip;
            let filter = find::complete(filter, &wal, tip.seq)?;
            let format = Format::new(*json, *full);
            let mut printer = Printer::new(&wal, filter, format, out);
            printer.print(1, tip.seq)?;
            match follow {
                true => follow_log(&wal, tip, &mut printer),
                false if printer.printed == 0 => Ok(ExitStatus::ProblemFound),
                false => Ok(ExitStatus::Ok),
            }
        }
        LogCommand::Show { record } => show::run(&wal, record, out),
        LogCommand::Replay {
            seq,
            filter,
            entities,
            json,
        } => {
            let options = replay::Options {
                seq: *seq,
                filter,
                entities: *entities,
                json: *json,
            };
            replay::run(project, &options, out)
        }
        LogCommand::Verify { json } => verify(&wal, *json, out),
    }
}

/// Prints new records until the user interrupts.
fn follow_log(wal: &Path, tip: Tip, printer: &mut Printer<'_, impl Write>) -> CommandResult {
    let interrupt = Interrupt::listen();
    let coded = |error: WalError| access::coded(wal, error);
    let mut follower = Follower::after(Arc::new(RealDisk), wal, tip).map_err(coded)?;
    let mut last = tip.seq;
    loop {
        let now = follower.advance().map_err(coded)?.seq;
        printer.print(last + 1, now)?;
        last = now;
        printer.out.flush()?;
        if interrupt.comes_within(INTERVAL) {
            return Ok(ExitStatus::Ok);
        }
    }
}

/// The form in which records are printed.
enum Format {
    /// As the log stores them.
    Json,
    /// With all ids.
    Full,
    /// As wide as the terminal.
    Short {
        /// The day of the last line. A heading names each day once.
        day: String,
    },
}

impl Format {
    fn new(json: bool, full: bool) -> Self {
        match (json, full || terminal::output_size().is_none()) {
            (true, _) => Format::Json,
            (false, true) => Format::Full,
            (false, false) => Format::Short { day: String::new() },
        }
    }
}

/// Prints the records that pass a filter, one line each.
struct Printer<'a, W> {
    wal: &'a Path,
    filter: Filter,
    format: Format,
    out: &'a mut W,
    printed: u64,
}

impl<'a, W: Write> Printer<'a, W> {
    fn new(wal: &'a Path, filter: Filter, format: Format, out: &'a mut W) -> Self {
        Self {
            wal,
            filter,
            format,
            out,
            printed: 0,
        }
    }

    fn print(&mut self, first: u64, last: u64) -> Result<(), Failure> {
        for entry in access::read(self.wal, first, last)? {
            let entry = entry.map_err(|error| access::coded(self.wal, error))?;
            if !self.filter.matches(&entry) {
                continue;
            }
            self.printed += 1;
            match &mut self.format {
                Format::Json => writeln!(self.out, "{}", raw_line(self.wal, &entry)?)?,
                Format::Full => writeln!(self.out, "{}", record_line(&entry))?,
                Format::Short { day: last } => {
                    let day = record_format::day(&entry);
                    if day != last {
                        writeln!(self.out, "{day} (UTC)")?;
                        day.clone_into(last);
                    }
                    // Asked each time: the window may get another size.
                    let columns = terminal::output_size().map_or(usize::MAX, |size| size.columns);
                    writeln!(self.out, "{}", short_line(&entry, columns))?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the record as the log stores it.
fn raw_line(wal: &Path, entry: &Entry) -> Result<String, Error> {
    let line = entry
        .to_line()
        .map_err(|error| Error::from_source(Code::LogDamaged, wal.display(), error))?;
    String::from_utf8(line)
        .map_err(|error| Error::from_source(Code::LogDamaged, wal.display(), error))
}

fn verify(wal: &Path, json: bool, out: &mut impl Write) -> CommandResult {
    let Verification {
        records,
        segments,
        tip,
        torn,
    } = access::verify(wal)?;
    if json {
        let torn =
            torn.map(|torn| json!({"bytes": torn.bytes, "place": torn.location.to_string()}));
        let hash = tip.hash.to_string();
        let report = json!({"records": records, "segments": segments, "seq": tip.seq, "hash": hash, "torn": torn});
        writeln!(out, "{report}")?;
        return Ok(ExitStatus::Ok);
    }
    writeln!(
        out,
        "{records} records in {segments} segments, all hashes are correct"
    )?;
    writeln!(out, "last: sequence {}, hash {}", tip.seq, tip.hash)?;
    if let Some(torn) = torn {
        writeln!(
            out,
            "the next start removes {} bytes of an interrupted write ({})",
            torn.bytes, torn.location
        )?;
    }
    Ok(ExitStatus::Ok)
}
