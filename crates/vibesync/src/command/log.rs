//! `vibesync log`: reads the transaction log, also while a daemon writes it.

mod replay;
mod show;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vibesync_scene::Code;
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{self, Entry, Follower, Reader, Tip, Verification, WalError};

use super::{Ended, Exit, Failure};
use crate::args::LogCommand;
use crate::error::Error;
use crate::filter::Filter;
use crate::interrupt::Interrupt;
use crate::project::Project;
use crate::story;

/// How often a followed log is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn perform(project: &Project, command: &LogCommand, out: &mut impl Write) -> Ended {
    let wal = project.wal();
    match command {
        LogCommand::Tail {
            count,
            follow,
            json,
        } => {
            let tip = check(&wal)?.tip;
            let first = tip.seq.saturating_sub(*count) + 1;
            let mut printer = Printer::new(&wal, Filter::default(), *json, out);
            printer.print(first, tip.seq)?;
            match follow {
                true => go_on(&wal, tip, &mut printer),
                false => Ok(Exit::Fine),
            }
        }
        LogCommand::Grep {
            filter,
            follow,
            json,
        } => {
            let tip = check(&wal)?.tip;
            let mut printer = Printer::new(&wal, filter.clone(), *json, out);
            printer.print(1, tip.seq)?;
            match follow {
                true => go_on(&wal, tip, &mut printer),
                false if printer.printed == 0 => Ok(Exit::Problem),
                false => Ok(Exit::Fine),
            }
        }
        LogCommand::Show { which } => show::show(&wal, *which, out),
        LogCommand::Replay {
            seq,
            filter,
            entities,
            json,
        } => {
            let wanted = replay::Wanted {
                seq: *seq,
                filter,
                entities: *entities,
                json: *json,
            };
            replay::replay(project, &wanted, out)
        }
        LogCommand::Verify { json } => verify(&wal, *json, out),
    }
}

/// Prints records as they are written, until the user has seen enough.
fn go_on(wal: &Path, tip: Tip, printer: &mut Printer<'_, impl Write>) -> Ended {
    let interrupt = Interrupt::listen();
    let coded = |error: WalError| coded(wal, &error);
    let mut follower = Follower::after(Arc::new(RealDisk), wal, tip).map_err(coded)?;
    let mut last = tip.seq;
    loop {
        let now = follower.advance().map_err(coded)?.seq;
        printer.print(last + 1, now)?;
        last = now;
        printer.out.flush()?;
        if interrupt.comes_within(LOOK) {
            return Ok(Exit::Fine);
        }
    }
}

/// Records as lines.
struct Printer<'a, W> {
    wal: &'a Path,
    filter: Filter,
    json: bool,
    out: &'a mut W,
    printed: u64,
}

impl<'a, W: Write> Printer<'a, W> {
    fn new(wal: &'a Path, filter: Filter, json: bool, out: &'a mut W) -> Self {
        Self {
            wal,
            filter,
            json,
            out,
            printed: 0,
        }
    }

    fn print(&mut self, first: u64, last: u64) -> Result<(), Failure> {
        for entry in read(self.wal, first, last)? {
            let entry = entry.map_err(|error| coded(self.wal, &error))?;
            if !self.filter.wants(&entry) {
                continue;
            }
            self.printed += 1;
            match self.json {
                true => writeln!(self.out, "{}", raw(self.wal, &entry)?)?,
                false => writeln!(self.out, "{}", story::line(&entry))?,
            }
        }
        Ok(())
    }
}

/// The record as the log has it.
fn raw(wal: &Path, entry: &Entry) -> Result<String, Error> {
    let line = entry.to_line().map_err(|error| error.to_string());
    let text = line.and_then(|line| String::from_utf8(line).map_err(|error| error.to_string()));
    text.map_err(|error| Error::new(Code::LogDamaged, wal.display(), error))
}

fn verify(wal: &Path, json: bool, out: &mut impl Write) -> Ended {
    let Verification {
        records,
        segments,
        tip,
        torn,
    } = check(wal)?;
    if json {
        let torn =
            torn.map(|torn| json!({"bytes": torn.bytes, "place": torn.location.to_string()}));
        let hash = tip.hash.to_string();
        let said = json!({"records": records, "segments": segments, "seq": tip.seq, "hash": hash, "torn": torn});
        writeln!(out, "{said}")?;
        return Ok(Exit::Fine);
    }
    writeln!(
        out,
        "{records} records in {segments} segments, each as it was written"
    )?;
    writeln!(out, "last: sequence {}, hash {}", tip.seq, tip.hash)?;
    if let Some(torn) = torn {
        writeln!(
            out,
            "{} bytes of an interrupted write behind it ({}); the next start cuts them off",
            torn.bytes, torn.location
        )?;
    }
    Ok(Exit::Fine)
}

/// Every record checked, without changing anything.
pub(super) fn check(wal: &Path) -> Result<Verification, Error> {
    wal::verify(&RealDisk, wal).map_err(|error| coded(wal, &error))
}

fn read(wal: &Path, first: u64, last: u64) -> Result<Reader, Error> {
    Reader::new(Arc::new(RealDisk), wal, first, last).map_err(|error| coded(wal, &error))
}

pub(super) fn coded(wal: &Path, error: &WalError) -> Error {
    Error::new(error.code(), wal.display(), error.to_string())
}
