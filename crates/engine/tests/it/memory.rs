//! The memory of a daemon that runs for days: each structure that lives longer than a change is bounded.

use allocation_counter::measure;
use vibesync_testkit::long_session::LongSession;

const OBJECTS: u64 = 200;
/// Two hours, after which all 65,536 operations that the engine remembers exist.
const FILLED: u64 = 72_000;

/// Works for some hours; returns the bytes that are allocated afterwards, and not before.
fn grown(session: &mut LongSession, changes: u64) -> i64 {
    measure(|| session.work(changes)).bytes_current
}

#[ignore = "four hours of ten changes a second take a minute; `scripts/test --all` runs it optimized"]
#[test]
fn memory_does_not_grow_in_the_hours_after_the_second() {
    after_hours(&[3, 4]);
}

#[ignore = "two days of ten changes a second; `scripts/test --all` runs it optimized"]
#[test]
fn memory_does_not_grow_in_two_days() {
    after_hours(&[4, 8, 16, 24, 36, 48]);
}

/// Measures the live bytes of engine, replay and editors after these hours, and compares with the second hour.
fn after_hours(hours: &[u64]) {
    let mut session = LongSession::new(OBJECTS);
    let filled = grown(&mut session, FILLED);
    let (mut done, mut sum) = (FILLED, 0);
    for hour in hours {
        sum += grown(&mut session, hour * 36_000 - done);
        done = hour * 36_000;
        // Batches in flight and partly filled tables differ from moment to moment.
        assert!(
            sum < filled / 50,
            "{sum} bytes more in hour {hour}, {filled} before, {} records",
            session.records()
        );
    }
}
