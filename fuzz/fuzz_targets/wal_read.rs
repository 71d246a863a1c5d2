//! Reads arbitrary bytes as a segment of the log: no panic, and accepted bytes are a chain of whole lines.
//!
//! The hash check refuses random bytes early. So the same bytes are also read as lines to which correct hashes are added.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vibesync_store::wal::scan_bytes;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(records) = scan_bytes(bytes) {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        assert!(records as usize <= lines);
    }
    let _ = scan_bytes(&with_hashes(bytes));
});

/// Chains the lines: adds `prev` to each line that ends with `@`, and `hash` to every line.
fn with_hashes(bytes: &[u8]) -> Vec<u8> {
    let mut log = Vec::new();
    let mut prev = "0".repeat(64);
    for line in bytes.split(|byte| *byte == b'\n') {
        let (body, chained) = match line.strip_suffix(b"@") {
            Some(body) => (body, format!(",\"prev\":\"{prev}\"")),
            None => (line, String::new()),
        };
        let covered = [body, chained.as_bytes()].concat();
        let hash = blake3::hash(&covered).to_hex().to_string();
        log.extend(covered);
        log.extend(format!(",\"hash\":\"{hash}\"}}\n").into_bytes());
        prev = hash;
    }
    log
}
