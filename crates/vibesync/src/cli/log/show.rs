//! `vibesync log show`: prints one operation, from its first record to its last.

use std::io::Write;
use std::path::Path;

use vibesync_scene::OperationId;
use vibesync_store::wal::Entry;

use super::access::{coded, read, verify};
use super::find::operation;
use super::operation_format::operation_text;
use super::record_format::record_line;
use crate::cli::args::RecordRef;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::error::Error;

pub(super) fn run(wal: &Path, record: &RecordRef, out: &mut impl Write) -> CommandResult {
    let last = verify(wal)?.tip.seq;
    let named = match record.seq {
        Some(seq) => find(wal, seq, last)?,
        None => None,
    };
    let id = match (named, &record.operation) {
        (Some(entry), _) => match entry.body.operation_id {
            Some(id) => id.0,
            None => {
                writeln!(out, "{}", record_line(&entry))?;
                return Ok(ExitStatus::Ok);
            }
        },
        (None, Some(prefix)) => match operation(prefix, wal, last)? {
            Some(id) => id,
            None => {
                let message = "no record of an operation that begins with";
                writeln!(out, "{message} {prefix}; the last record is {last}")?;
                return Ok(ExitStatus::ProblemFound);
            }
        },
        (None, None) => {
            let seq = record.seq.unwrap_or_default();
            writeln!(out, "no record {seq}; the log ends at record {last}")?;
            return Ok(ExitStatus::ProblemFound);
        }
    };
    let id = OperationId(id);
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
