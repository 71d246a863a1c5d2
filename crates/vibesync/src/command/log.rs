//! `vibesync log`: reads the transaction log, also while a daemon writes it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{self, Entry, Reader, Verified, WalError};

use super::{Ended, Exit};
use crate::args::Which;
use crate::error::Error;
use crate::project::Project;
use crate::story;

/// How often a followed log is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn tail(project: &Project, count: u64, follow: bool, out: &mut impl Write) -> Ended {
    let wal = project.wal();
    let mut last = check(&wal)?.tip.seq;
    print(&wal, last.saturating_sub(count) + 1, last, out)?;
    let mut seen = size(&wal);
    if !follow {
        return Ok(Exit::Fine);
    }
    loop {
        out.flush()?;
        std::thread::sleep(LOOK);
        let now = size(&wal);
        if now == seen {
            continue;
        }
        seen = now;
        let tip = check(&wal)?.tip.seq;
        print(&wal, last + 1, tip, out)?;
        last = tip;
    }
}

pub(super) fn show(project: &Project, which: Which, out: &mut impl Write) -> Ended {
    let wal = project.wal();
    let last = check(&wal)?.tip.seq;
    let id = match which {
        Which::Operation(id) => id,
        Which::Seq(seq) => {
            let Some(entry) = at(&wal, seq, last)? else {
                writeln!(out, "no record {seq}; the last one is {last}")?;
                return Ok(Exit::Problem);
            };
            let Some(id) = entry.body.operation_id else {
                writeln!(out, "{}", story::line(&entry))?;
                return Ok(Exit::Fine);
            };
            id
        }
    };
    let mut records = Vec::new();
    for entry in read(&wal, 1, last)? {
        let entry = entry.map_err(|error| coded(&wal, &error))?;
        if entry.body.operation_id == Some(id) {
            records.push(entry);
        }
    }
    if records.is_empty() {
        writeln!(out, "no record of operation {id}")?;
        return Ok(Exit::Problem);
    }
    write!(out, "{}", story::operation(&records))?;
    Ok(Exit::Fine)
}

pub(super) fn verify(project: &Project, out: &mut impl Write) -> Ended {
    let Verified {
        records,
        segments,
        tip,
        torn,
    } = check(&project.wal())?;
    writeln!(
        out,
        "{records} records in {segments} segments, each as it was written"
    )?;
    writeln!(out, "last: sequence {}, hash {}", tip.seq, tip.hash)?;
    if let Some(torn) = torn {
        writeln!(
            out,
            "{} bytes of an interrupted write behind it ({}); the next start cuts them off",
            torn.bytes, torn.place
        )?;
    }
    Ok(Exit::Fine)
}

fn at(wal: &Path, seq: u64, last: u64) -> Result<Option<Entry>, Error> {
    if seq == 0 || seq > last {
        return Ok(None);
    }
    let entry = read(wal, seq, seq)?.next().transpose();
    entry.map_err(|error| coded(wal, &error))
}

fn print(wal: &Path, first: u64, last: u64, out: &mut impl Write) -> Result<(), super::Failure> {
    for entry in read(wal, first, last)? {
        writeln!(
            out,
            "{}",
            story::line(&entry.map_err(|error| coded(wal, &error))?)
        )?;
    }
    Ok(())
}

/// Every record checked, without changing anything.
pub(super) fn check(wal: &Path) -> Result<Verified, Error> {
    wal::verify(&RealDisk, wal).map_err(|error| coded(wal, &error))
}

fn read(wal: &Path, first: u64, last: u64) -> Result<Reader, Error> {
    Reader::new(Arc::new(RealDisk), wal, first, last).map_err(|error| coded(wal, &error))
}

fn coded(wal: &Path, error: &WalError) -> Error {
    Error::new(error.code(), wal.display(), error.to_string())
}

/// Bytes of all segments: whether anything was written since the last look.
fn size(wal: &Path) -> u64 {
    let files = std::fs::read_dir(wal).into_iter().flatten().flatten();
    files
        .filter_map(|file| Some(file.metadata().ok()?.len()))
        .sum()
}
