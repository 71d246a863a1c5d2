//! Measures the cost of durability on this machine: `cargo run --release -p vibesync-store --example measure [FOLDER]`.
//!
//! Prints the time of one synced transaction, of grouped ones, and of reading them, on the disk of the folder.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a report for people"
)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;
use vibesync_scene::{
    Change, Components, OperationId, Outcome, Payload, Phase, RecordBody, Transform,
};
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Options, Wal, verify};

const TIME: &str = "2026-01-02T03:04:05.678901Z";

fn step(n: u64) -> RecordBody {
    let uuid = Uuid::from_u64_pair(n, n);
    let transform = Some(Transform {
        translation: [n as f64 / 7.0, 0.0, 1.0],
        ..Transform::IDENTITY
    });
    let components = Components {
        transform,
        ..Components::default()
    };
    RecordBody {
        session_id: None,
        operation_id: Some(OperationId(uuid)),
        uuids: vec![uuid],
        phase: Phase::Step,
        outcome: Outcome::Ok,
        error_code: None,
        payload: Payload::Step {
            index: 0,
            change: Change::Update { uuid, components },
            before: None,
        },
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let scratch = tempfile::tempdir_in(folder)?;
    let open = |dir: &Path| Wal::open(Options::new(dir), Arc::new(RealDisk), 1, &mut |_| {});
    let (mut wal, _) = open(scratch.path())?;

    let mut times = Vec::new();
    for n in 0..2_000 {
        let start = Instant::now();
        wal.append(&[step(n)], TIME)?;
        wal.sync()?;
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "append + fdatasync + read-back, one record: p50 {:?}, p99 {:?}",
        times[1_000], times[1_980]
    );

    let start = Instant::now();
    let total = 500_000;
    let group: Vec<_> = (0..500).map(step).collect();
    for _ in 0..total / 500 {
        wal.append(&group, TIME)?;
        wal.sync()?;
    }
    let rate = f64::from(total) / start.elapsed().as_secs_f64();
    println!("groups of 500 records, synced: {rate:.0} records/s");
    drop(wal);

    let start = Instant::now();
    let found = verify(&RealDisk, scratch.path())?;
    let rate = found.records as f64 / start.elapsed().as_secs_f64();
    println!("check and decode: {rate:.0} records/s");
    let start = Instant::now();
    Wal::open(
        Options::new(scratch.path()),
        Arc::new(RealDisk),
        u64::MAX,
        &mut |_| {},
    )?;
    let rate = found.records as f64 / start.elapsed().as_secs_f64();
    println!("check alone, as where a checkpoint covers the records: {rate:.0} records/s");
    Ok(())
}
