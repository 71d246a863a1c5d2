//! `vibesync log show`: prints one operation, from its first record to its last.

use std::io::Write;
use std::path::Path;

use vibesync_store::wal::Entry;

use super::access::{coded, read, verify};
use super::operation_format::operation_text;
use super::record_format::record_line;
use crate::cli::args::RecordRef;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::error::Error;

pub(super) fn run(wal: &Path, record: RecordRef, out: &mut impl Write) -> CommandResult {
    let last = verify(wal)?.tip.seq;
    let id = match record {
        RecordRef::Operation(id) => id,
        RecordRef::Seq(seq) => {
            let Some(entry) = find(wal, seq, last)? else {
                writeln!(out, "no record {seq}; the last one is {last}")?;
                return Ok(ExitStatus::ProblemFound);
            };
            let Some(id) = entry.body.operation_id else {
                writeln!(out, "{}", record_line(&entry))?;
                return Ok(ExitStatus::Ok);
            };
            id
        }
    };
    let mut records = Vec::new();
    for entry in read(wal, 1, last)? {
        let entry = entry.map_err(|error| coded(wal, error))?;
        if entry.body.operation_id == Some(id) {
            records.push(entry);
        }
    }
    if records.is_empty() {
        writeln!(out, "no record of operation {id}")?;
        return Ok(ExitStatus::ProblemFound);
    }
    write!(out, "{}", operation_text(&records))?;
    Ok(ExitStatus::Ok)
}

fn find(wal: &Path, seq: u64, last: u64) -> Result<Option<Entry>, Error> {
    if seq == 0 || seq > last {
        return Ok(None);
    }
    let entry = read(wal, seq, seq)?.next().transpose();
    entry.map_err(|error| coded(wal, error))
}
