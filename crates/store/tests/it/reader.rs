//! Errors of the reader.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use vibesync_store::disk::Disk;
use vibesync_store::wal::{Damage, Defect, Reader, WalError};

use crate::sample::{self, dir, segment};

/// The error of reading a log of six records from `first` on.
fn error(disk: Arc<dyn Disk>, dir: &Path, first: u64) -> WalError {
    let read = Reader::new(disk, dir, first, 6).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    read.unwrap_err()
}

fn damage(error: WalError) -> Damage {
    match error {
        WalError::Damaged(location) => location,
        other => panic!("{other}"),
    }
}

fn second_line(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1
}

#[test]
fn segment_with_a_wrong_first_record_is_damage() {
    let bytes = sample::log_bytes(2);
    let disk = sample::disk();
    disk.put(&segment(1), &bytes[second_line(&bytes)..]);
    for first in 1..=6 {
        let location = damage(error(Arc::new(disk.clone()), &dir(), first));
        let (expected, found) = (1, 2);
        assert_eq!(location.line, 1);
        assert_eq!(location.defect, Defect::Sequence { expected, found });
    }
}

#[test]
fn damage_in_a_compressed_segment_names_its_line() {
    let mut bytes = sample::log_bytes(2);
    let second = second_line(&bytes);
    bytes[second + 20] ^= 4;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&bytes).unwrap();
    let disk = sample::disk();
    let path = segment(1).with_extension("jsonl.gz");
    disk.put(&path, &packed.finish().unwrap());
    let location = damage(error(Arc::new(disk), &dir(), 1));
    let found = (location.line, location.offset, location.defect);
    assert_eq!(found, (2, second as u64, Defect::Hash));
}

/// If the plain file exists, the error must not name the compressed one.
#[cfg(unix)]
#[test]
fn segment_that_cannot_be_opened_is_reported() {
    let disk = sample::real();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(segment(1).file_name().unwrap());
    std::os::unix::fs::symlink(&path, &path).unwrap();
    let verified = vibesync_store::wal::verify(&*disk, folder.path()).unwrap_err();
    for error in [verified, error(disk, folder.path(), 1)] {
        let WalError::Disk(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.path, path);
        assert_ne!(error.source.kind(), std::io::ErrorKind::NotFound);
    }
}
