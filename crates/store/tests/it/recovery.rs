//! Recovery of torn and damaged logs.

use std::sync::Arc;

use proptest::prelude::*;
use vibesync_scene::Code;
use vibesync_store::disk::Disk;
use vibesync_store::wal::{
    Defect, MAX_LINE, Tip, Wal, WalError, scan_bytes, verify, verify_before,
};
use vibesync_testkit::FaultDisk;

use crate::sample::{self, fill, open, options, segment};

fn damage(error: WalError) -> (String, u64, u64, Defect) {
    assert_eq!(error.code(), Code::LogDamaged);
    match error {
        WalError::Damaged(location) => (
            location.segment,
            location.line,
            location.offset,
            location.defect,
        ),
        other => panic!("{other}"),
    }
}

fn last_line_start(bytes: &[u8]) -> usize {
    let body = &bytes[..bytes.len() - 1];
    body.iter().rposition(|byte| *byte == b'\n').unwrap() + 1
}

#[test]
fn record_torn_at_any_byte_is_cut_off() {
    let whole = sample::log_bytes(1);
    let start = last_line_start(&whole);
    for cut in start + 1..whole.len() {
        let disk = sample::disk();
        disk.put(&segment(1), &whole[..cut]);
        let (mut wal, recovery, entries) = open(&disk, u64::MAX).unwrap();
        let torn = recovery.torn.unwrap();
        assert_eq!((torn.bytes, torn.location.line), ((cut - start) as u64, 3));
        assert_eq!(
            (torn.location.offset, torn.location.defect),
            (start as u64, Defect::Incomplete)
        );
        assert_eq!((entries.len(), wal.next_seq()), (2, 3));
        assert_eq!(disk.bytes(&segment(1)).unwrap(), &whole[..start]);
        fill(&mut wal, 1).unwrap();
        assert_eq!(verify(&disk, &sample::dir()).unwrap().records, 5);
    }
}

#[test]
fn garbage_after_the_last_record_is_cut_off() {
    let whole = sample::log_bytes(1);
    let long = vec![b'x'; MAX_LINE + 10];
    for garbage in [
        &[0; 4096][..],
        b"\n",
        b"\n\n{}\n",
        b"{\"seq\":4}\n\xff\xfe\n",
        &long,
    ] {
        let disk = sample::disk();
        disk.put(&segment(1), &[&whole, garbage].concat());
        let (_, recovery, entries) = open(&disk, u64::MAX).unwrap();
        assert_eq!(recovery.torn.unwrap().bytes, garbage.len() as u64);
        assert_eq!(entries.len(), 3);
        assert_eq!(disk.bytes(&segment(1)).unwrap(), whole);
    }
}

#[test]
fn flipped_bit_is_never_accepted() {
    let whole = sample::log_bytes(2);
    let last = last_line_start(&whole);
    let original = entries_of(&whole);
    for byte in 0..whole.len() {
        for bit in 0..8 {
            let disk = sample::disk();
            disk.put(&segment(1), &whole);
            assert!(disk.flip(&segment(1), byte, bit));
            match open(&disk, u64::MAX) {
                Err(error) => {
                    let (name, line, offset, _) = damage(error);
                    assert_eq!(name, segment(1).file_name().unwrap().to_str().unwrap());
                    assert!(byte < last && line > 0 && offset <= byte as u64);
                }
                // Damage of the last record, or of the newline before it, looks like a torn tail.
                Ok((_, recovery, entries)) => {
                    assert!(
                        byte + 1 >= last,
                        "flipped bit {bit} of byte {byte} was taken for a torn end"
                    );
                    assert!(recovery.torn.is_some());
                    assert_eq!(entries, original[..entries.len()]);
                    assert!(entries.len() >= 4);
                }
            }
        }
    }
}

fn entries_of(bytes: &[u8]) -> Vec<vibesync_store::wal::Entry> {
    let disk = sample::disk();
    disk.put(&segment(1), bytes);
    open(&disk, u64::MAX).unwrap().2
}

#[test]
fn damage_before_a_whole_record_is_located_and_left_as_it_is() {
    let mut bytes = sample::log_bytes(1);
    assert_eq!(scan_bytes(&bytes).unwrap(), 3);
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes[second + 20] ^= 4;
    let disk = sample::disk();
    disk.put(&segment(1), &bytes);
    let name = segment(1).file_name().unwrap().to_str().unwrap().to_owned();
    let expected = (name, 2, second as u64, Defect::Hash);
    assert_eq!(damage(open(&disk, u64::MAX).unwrap_err()), expected);
    assert_eq!(damage(verify(&disk, &sample::dir()).unwrap_err()), expected);
    assert_eq!(damage(scan_bytes(&bytes).unwrap_err()), expected);
    assert_eq!(disk.bytes(&segment(1)).unwrap(), bytes);
}

#[test]
fn torn_tail_of_an_earlier_segment_is_damage() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, 3_000).unwrap();
    fill(&mut wal, 4).unwrap();
    let bytes = disk.bytes(&segment(1)).unwrap();
    disk.put(&segment(1), &bytes[..bytes.len() - 1]);
    let (name, _, _, defect) = damage(open(&disk, 3_000).unwrap_err());
    assert_eq!(
        (name.as_str(), defect),
        ("00000000000000000001.jsonl", Defect::Incomplete)
    );
}

#[test]
fn missing_doubled_or_swapped_records_are_damage() {
    let bytes = sample::log_bytes(1);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let sequence = |expected, found| Defect::Sequence { expected, found };
    let cases = [
        (vec![lines[0], lines[2]], 2, sequence(2, 3)),
        (vec![lines[0], lines[0], lines[1]], 2, sequence(2, 1)),
        (vec![lines[1]], 1, sequence(1, 2)),
    ];
    for (some, line, defect) in cases {
        let disk = sample::disk();
        disk.put(&segment(1), &some.concat());
        let found = damage(open(&disk, u64::MAX).unwrap_err());
        assert_eq!((found.1, found.3), (line, defect));
    }
}

#[test]
fn record_of_another_log_breaks_the_chain() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    wal.append(&sample::transaction(9, 1), sample::TIME)
        .unwrap();
    wal.sync().unwrap();
    let other = disk.bytes(&segment(1)).unwrap();
    let mine = sample::log_bytes(1);
    let first = |bytes: &[u8]| bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mixed = [&mine[..first(&mine)], &other[first(&other)..]].concat();
    disk.put(&segment(1), &mixed);
    assert_eq!(damage(open(&disk, u64::MAX).unwrap_err()).3, Defect::Chain);
}

#[test]
fn missing_segment_is_damage() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, 3_000).unwrap();
    fill(&mut wal, 10).unwrap();
    let names = disk.list(&sample::dir()).unwrap();
    disk.remove(&sample::dir().join(&names[1])).unwrap();
    let (name, _, _, defect) = damage(open(&disk, 3_000).unwrap_err());
    assert_eq!(name, names[2]);
    assert!(matches!(defect, Defect::Sequence { .. }));
}

#[test]
fn files_with_other_names_are_ignored() {
    let disk = sample::disk();
    disk.put(&segment(1), &sample::log_bytes(1));
    for name in [
        "notes.txt",
        "1.jsonl",
        "00000000000000000000.jsonl",
        "+0000000000000000009.jsonl",
    ] {
        disk.put(&sample::dir().join(name), b"not a log");
    }
    assert_eq!(open(&disk, u64::MAX).unwrap().2.len(), 3);
}

#[test]
fn record_of_a_newer_version_is_never_cut_off() {
    let bytes = sample::log_bytes(1);
    let text = String::from_utf8(bytes).unwrap();
    let first = text.lines().next().unwrap();
    let newer = first.replace("\"schema_version\":4", "\"schema_version\":99");
    let (covered, _) = newer.rsplit_once(",\"hash\"").unwrap();
    let line = format!(
        "{covered},\"hash\":\"{}\"}}\n",
        blake3::hash(covered.as_bytes())
    );
    for (torn, code) in [("", Code::NewerFormat), ("torn\n", Code::LogDamaged)] {
        let disk = sample::disk();
        let bytes = format!("{torn}{line}").into_bytes();
        disk.put(&segment(1), &bytes);
        let error = open(&disk, u64::MAX).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(disk.bytes(&segment(1)).unwrap(), bytes);
    }
}

/// A log with segments of records 1 to 3, 4 to 6 and 7 to 9.
fn three_segments() -> FaultDisk {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, 1).unwrap();
    fill(&mut wal, 3).unwrap();
    disk
}

/// Opens a log whose record before `from` is known.
fn open_from(disk: &FaultDisk, from: u64) -> Result<Tip, WalError> {
    let (_, recovery) = Wal::open(options(1), Arc::new(disk.clone()), from, &mut |_| {})?;
    Ok(recovery.tip)
}

#[test]
fn reading_begins_in_the_segment_of_the_known_record() {
    for (from, begins) in [(1, 1), (4, 1), (5, 4), (6, 4), (7, 4), (8, 7), (10, 7)] {
        for damaged in [1, 4, 7] {
            let disk = three_segments();
            disk.flip(&segment(damaged), 50, 0);
            let opened = open_from(&disk, from).is_ok();
            let case = format!("from {from}, damage in {damaged}");
            assert_eq!(opened, damaged < begins, "{case}");
        }
    }
}

#[test]
fn segment_without_its_first_record_is_damage() {
    let disk = three_segments();
    let bytes = disk.bytes(&segment(4)).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    disk.put(&segment(4), &bytes[second..]);
    for from in 1..=7 {
        let (_, line, _, defect) = damage(open_from(&disk, from).unwrap_err());
        let (expected, found) = (4, 5);
        assert_eq!((line, defect), (1, Defect::Sequence { expected, found }));
    }
}

#[test]
fn tip_precedes_a_last_segment_without_a_whole_record() {
    for left in [&b""[..], b"{\"seq\":7,half a line"] {
        let disk = three_segments();
        disk.put(&segment(7), left);
        for from in 1..=10 {
            assert_eq!(open_from(&disk, from).unwrap().seq, 6, "from {from}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        if let Ok(records) = scan_bytes(&bytes) {
            prop_assert_eq!(records, 0);
        }
    }

    #[test]
    fn edited_log_is_refused_or_a_prefix(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..9)) {
        let mut log = sample::log_bytes(2);
        let whole = log.clone();
        let at = at.index(log.len());
        let end = log.len().min(at + bytes.len());
        log.splice(at..end, bytes);
        let records = scan_bytes(&log);
        prop_assert!(log == whole || records.is_err() || records.unwrap() < 6);
    }
}

#[test]
fn damage_in_covered_segments_is_found_with_its_location() {
    let disk = three_segments();
    let check = |disk: &FaultDisk, seq: u64, pace: &dyn Fn(usize) -> bool| {
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        verify_before(&shared, &sample::dir(), seq, pace)
    };
    let all = |_: usize| true;
    for seq in 0..10 {
        check(&disk, seq, &all).unwrap();
    }
    let bytes = disk.bytes(&segment(4)).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    disk.flip(&segment(4), second + 50, 0);
    // The segment of record `seq` is read by the start.
    check(&disk, 6, &all).unwrap();
    let (name, line, offset, defect) = damage(check(&disk, 7, &all).unwrap_err());
    let expected = ("00000000000000000004.jsonl".to_owned(), 2, second as u64);
    assert_eq!((name, line, offset), expected);
    assert_eq!(defect, Defect::Hash);
    // A check that is told to stop finds nothing.
    check(&disk, 7, &|_| false).unwrap();
}

#[test]
fn exchanged_covered_segment_breaks_the_chain() {
    let disk = three_segments();
    let other = sample::disk();
    let (mut wal, ..) = open(&other, 1).unwrap();
    wal.append(&sample::transaction(9, 1), sample::TIME)
        .unwrap();
    wal.sync().unwrap();
    disk.put(&segment(1), &other.bytes(&segment(1)).unwrap());
    let shared: Arc<dyn Disk> = Arc::new(disk);
    let found = verify_before(&shared, &sample::dir(), 5, &|_| true).unwrap_err();
    let (name, _, _, defect) = damage(found);
    assert_eq!(
        (name.as_str(), defect),
        ("00000000000000000004.jsonl", Defect::Chain)
    );
}
