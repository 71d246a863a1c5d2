//! Measures a start with a log of a million records and no checkpoint. The peer is a plain parse of the same file.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde_json::Value;
use vibesync_scene::{Components, Path as Way, RecordBody, Transform};

use crate::harness::{Fallible, Harness};
use crate::log::{self, Writer};
use crate::report::{Bar, Report, Samples};
use crate::scene;

const RECORDS: u64 = 1_000_000;
const OBJECTS: u64 = 10_000;
const ROUNDS: usize = 3;
const BAR: Bar = Bar::AtMost(2.0);

/// A checkpoint interval above the number of records, so that the start replays the whole log.
const NO_CHECKPOINT: &str = "[wal]\ncheckpoint_every = 10000000\n";

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    // The first start makes the project; the log then holds a scene in which objects were moved one by one.
    harness.daemon(folder.path(), NO_CHECKPOINT)?.stop()?;
    let log = log::folder(folder.path());
    let records = fill(&log)?;
    let mut bytes = 0;
    let [mut plain, mut typed, mut started]: [Samples; 3] = Default::default();
    for _ in 0..ROUNDS {
        bytes = 0;
        let begin = Instant::now();
        for segment in log::segments(&log)? {
            bytes += parse::<Value>(&segment)?;
        }
        plain.push(begin.elapsed().as_secs_f64());
        let begin = Instant::now();
        for segment in log::segments(&log)? {
            parse::<RecordBody>(&segment)?;
        }
        typed.push(begin.elapsed().as_secs_f64());
        let begin = Instant::now();
        let daemon = harness.daemon(folder.path(), NO_CHECKPOINT)?;
        started.push(begin.elapsed().as_secs_f64());
        drop(daemon);
    }
    report.value("records", records as f64, "records")?;
    report.value("bytes", bytes as f64 / 1e6, "MB")?;
    report.value("plain_parse", plain.p50(), "s")?;
    report.against("start", started.p50(), plain.p50(), "s", Some(BAR))?;
    report.against(
        "start_to_typed_parse",
        started.p50(),
        typed.p50(),
        "s",
        None,
    )?;
    Ok(())
}

/// Writes moves of single objects, four records each, until there are enough.
fn fill(log: &Path) -> Fallible<u64> {
    let mut writer = Writer::open(log)?;
    let objects = writer.objects(OBJECTS)?;
    for (x, (uuid, _)) in (1..).zip(objects.iter().cycle()) {
        if writer.seq() >= RECORDS {
            break;
        }
        let transform = Transform {
            translation: [f64::from(x - 1), 0.123_456_789, -1.5],
            ..Transform::IDENTITY
        };
        let mut before = scene::object(*uuid);
        before.components = Components {
            transform: Some(transform),
            ..Components::default()
        };
        writer.transaction(
            Way::Fast,
            [(scene::moved(*uuid, f64::from(x)), Some(before))],
        )?;
    }
    writer.sync()?;
    Ok(writer.seq())
}

/// Reads a segment and parses each line without keeping it. Returns the number of bytes.
fn parse<T: DeserializeOwned>(segment: &Path) -> Fallible<usize> {
    let bytes = fs::read(segment)?;
    for line in bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        serde_json::from_slice::<T>(line)?;
    }
    Ok(bytes.len())
}
