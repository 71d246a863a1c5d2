//! `vibesync log show`: one operation, from its first record to its last.

use std::io::Write;
use std::path::Path;

use vibesync_store::wal::Entry;

use super::{check, coded, read};
use crate::args::Which;
use crate::command::{Ended, Exit};
use crate::error::Error;
use crate::story;

pub(super) fn show(wal: &Path, which: Which, out: &mut impl Write) -> Ended {
    let last = check(wal)?.tip.seq;
    let id = match which {
        Which::Operation(id) => id,
        Which::Seq(seq) => {
            let Some(entry) = at(wal, seq, last)? else {
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
    for entry in read(wal, 1, last)? {
        let entry = entry.map_err(|error| coded(wal, &error))?;
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

fn at(wal: &Path, seq: u64, last: u64) -> Result<Option<Entry>, Error> {
    if seq == 0 || seq > last {
        return Ok(None);
    }
    let entry = read(wal, seq, seq)?.next().transpose();
    entry.map_err(|error| coded(wal, &error))
}
