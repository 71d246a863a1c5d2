//! Measures one small change at a time: from A's socket to B's, and until A knows that it is durable.

use std::path::Path;
use std::time::Duration;

use uuid::Uuid;
use vibesync_scene::Role;
use vibesync_testkit::EditorSession;

use crate::harness::{Fallible, Harness, Receiving, WINDOW, join};
use crate::limits::{Disk, Echo};
use crate::report::{Bar, Report, Samples};
use crate::scene;

const OBJECTS: usize = 1_000;
const SAMPLES: u32 = 220;

/// Time between the starts of two samples; longer than the batch window, which starts a little later.
const SPACING: Duration = WINDOW.saturating_add(Duration::from_millis(15));

/// The bar: latency from socket to socket, as a multiple of one durable append plus one round trip.
const BAR_P50: Bar = Bar::AtMost(1.4);
const BAR_P99: Bar = Bar::AtMost(5.0);

/// Samples of the limits and of the latencies, taken in turn.
#[derive(Default)]
struct Taken {
    append: Samples,
    round_trip: Samples,
    acked: Samples,
    applied: Samples,
}

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let daemon = harness.daemon(folder.path(), "")?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let receiver = Receiving::start(b);

    let taken = paced(&mut a, &receiver, &uuids, folder.path())?;
    let p50 = taken.append.p50() + taken.round_trip.p50();
    let p99 = taken.append.p99() + taken.round_trip.p99();
    report.samples("append_fdatasync", &taken.append, "µs")?;
    report.samples("loopback_round_trip", &taken.round_trip, "µs")?;
    let (applied, acked) = (&taken.applied, &taken.acked);
    report.against(
        "change_to_apply_p50",
        applied.p50(),
        p50,
        "µs",
        Some(BAR_P50),
    )?;
    report.against(
        "change_to_apply_p99",
        applied.p99(),
        p99,
        "µs",
        Some(BAR_P99),
    )?;
    report.against("change_to_ack_p50", acked.p50(), p50, "µs", None)?;
    report.against("change_to_ack_p99", acked.p99(), p99, "µs", None)?;

    let taken = back_to_back(&mut a, &uuids, folder.path())?;
    let p50 = taken.append.p50() + taken.round_trip.p50();
    let p99 = taken.append.p99() + taken.round_trip.p99();
    report.samples("busy_append_fdatasync", &taken.append, "µs")?;
    report.samples("busy_loopback_round_trip", &taken.round_trip, "µs")?;
    report.against("busy_change_to_ack_p50", taken.acked.p50(), p50, "µs", None)?;
    report.against("busy_change_to_ack_p99", taken.acked.p99(), p99, "µs", None)?;
    drop((a, daemon));
    receiver.end()
}

/// Samples at a person's pace, each in a window of its own. The limits are measured just before each sample, so that
/// load and processor sleep are the same.
fn paced(a: &mut EditorSession, b: &Receiving, uuids: &[Uuid], folder: &Path) -> Fallible<Taken> {
    let (mut disk, mut echo) = (Disk::new(folder)?, Echo::new()?);
    let mut taken = Taken::default();
    for (i, uuid) in (1..=SAMPLES).zip(uuids.iter().cycle()) {
        a.linger(SPACING)?;
        taken.append.push_us(disk.append()?);
        taken.round_trip.push_us(echo.round_trip()?);
        let sent = a.edit(vec![scene::moved(*uuid, f64::from(i))])?;
        let acked = scene::acknowledged(a, sent)?;
        taken.acked.push_us(acked.duration_since(sent.at));
        let arrived = b.arrival(sent.operation_id)?;
        taken.applied.push_us(arrived.duration_since(sent.at));
    }
    Ok(taken)
}

/// Samples as fast as the answers arrive; acknowledgments only, because deliveries wait for their window.
fn back_to_back(a: &mut EditorSession, uuids: &[Uuid], folder: &Path) -> Fallible<Taken> {
    let (mut disk, mut echo) = (Disk::new(folder)?, Echo::new()?);
    let mut taken = Taken::default();
    for (i, uuid) in (1..=SAMPLES).zip(uuids.iter().rev().cycle()) {
        taken.append.push_us(disk.append()?);
        taken.round_trip.push_us(echo.round_trip()?);
        let sent = a.edit(vec![scene::moved(*uuid, f64::from(i))])?;
        let acked = scene::acknowledged(a, sent)?;
        taken.acked.push_us(acked.duration_since(sent.at));
    }
    Ok(taken)
}
