//! Logs as they were written by this version, kept so that later versions go on reading them. On the real disk.
//!
//! `VIBESYNC_BLESS=1` writes them anew, which is right only when the format changes on purpose.

use std::path::PathBuf;

use vibesync_scene::Code;
use vibesync_store::wal::{Defect, Options, Wal, WalError, verify};

use crate::sample;

fn fixture(name: &str, content: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    if std::env::var_os("VIBESYNC_BLESS").is_some() {
        vibesync_store::durable::write(&path, &content()).unwrap();
    }
    std::fs::read(path).unwrap()
}

fn good() -> Vec<u8> {
    fixture("good.jsonl", || sample::log_bytes(2))
}

fn torn() -> Vec<u8> {
    fixture("torn.jsonl", || {
        let mut bytes = sample::log_bytes(2);
        bytes.truncate(bytes.len() - 100);
        bytes
    })
}

fn damaged() -> Vec<u8> {
    fixture("damaged.jsonl", || {
        let text = String::from_utf8(sample::log_bytes(2)).unwrap();
        text.replacen("Würfel", "Wurfel", 1).into_bytes()
    })
}

/// What opening a real folder with this log gives: records, bytes cut off.
fn open(bytes: &[u8]) -> Result<(usize, u64), WalError> {
    let dir = tempfile::tempdir().unwrap();
    sample::real_log(dir.path(), bytes);
    let mut records = 0;
    let options = Options::new(dir.path());
    let (mut wal, recovered) = Wal::open(options, sample::real(), 1, &mut |_| records += 1)?;
    let next = wal.next_seq();
    wal.append(&sample::transaction(9, next), sample::TIME)?;
    wal.sync()?;
    assert_eq!(verify(&*sample::real(), dir.path())?.records, next + 2);
    Ok((records, recovered.torn.map_or(0, |torn| torn.bytes)))
}

#[test]
fn a_good_log_is_read_and_is_what_this_version_writes() {
    assert_eq!(open(&good()).unwrap(), (6, 0));
    assert_eq!(good(), sample::log_bytes(2));
}

#[test]
fn a_torn_log_is_cut() {
    let torn = torn();
    let whole_lines = torn.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    assert_eq!(open(&torn).unwrap(), (5, (torn.len() - whole_lines) as u64));
}

#[test]
fn a_damaged_log_is_refused() {
    let error = open(&damaged()).unwrap_err();
    assert_eq!(error.code(), Code::LogDamaged);
    let WalError::Damaged(place) = error else {
        panic!("{error}")
    };
    assert_eq!((place.line, place.defect), (2, Defect::Hash));
}
