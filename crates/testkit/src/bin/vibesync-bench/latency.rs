//! One small change at a time: from A's socket to B's, and until A knows that it is durable.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_testkit::EditorSession;

use crate::limits::{Disk, Echo};
use crate::report::{Report, Samples};
use crate::{Receiving, WINDOW, scene};

const SAMPLES: u32 = 220;

/// From the start of one window to the start of the next sample: longer than the window, which starts a little later.
const SPACING: Duration = WINDOW.saturating_add(Duration::from_millis(15));

/// A change from socket to socket costs at most this many times what one durable append and one round trip cost.
const BAR: f64 = 2.0;

/// At a person's pace, each sample in a window of its own. The limits are measured right before each sample: under the
/// same load, and with a processor as much asleep.
pub fn paced(
    a: &mut EditorSession,
    b: &Receiving,
    uuids: &[Uuid],
    folder: &Path,
    deadline: Instant,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let (mut disk, mut echo) = (Disk::new(folder)?, Echo::new()?);
    let [mut append, mut round_trip] = [Samples::default(), Samples::default()];
    let [mut applied, mut acked] = [Samples::default(), Samples::default()];
    for (i, uuid) in (1..=SAMPLES).zip(uuids.iter().cycle()) {
        if Instant::now() > deadline {
            return Err("the run takes too long".into());
        }
        a.linger(SPACING)?;
        append.push(disk.append()?);
        round_trip.push(echo.round_trip()?);
        let sent = a.edit(vec![scene::moved(*uuid, f64::from(i))])?;
        acked.push(scene::acknowledged(a, sent)?.duration_since(sent.at));
        applied.push(b.arrival(sent.operation_id)?.duration_since(sent.at));
    }
    let p50 = append.p50() + round_trip.p50();
    let p99 = append.p99() + round_trip.p99();
    report.samples("append_fdatasync", &append);
    report.samples("loopback_round_trip", &round_trip);
    report.against("change_to_apply_p50", applied.p50(), p50, Some(BAR));
    report.against("change_to_apply_p99", applied.p99(), p99, None);
    report.against("change_to_ack_p50", acked.p50(), p50, None);
    report.against("change_to_ack_p99", acked.p99(), p99, None);
    Ok(())
}

/// As fast as the answers come. Acknowledgments alone: deliveries wait for their window.
pub fn back_to_back(
    a: &mut EditorSession,
    uuids: &[Uuid],
    folder: &Path,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let (mut disk, mut echo) = (Disk::new(folder)?, Echo::new()?);
    let [mut append, mut round_trip] = [Samples::default(), Samples::default()];
    let mut acked = Samples::default();
    for _ in 0..SAMPLES {
        append.push(disk.append()?);
    }
    for _ in 0..SAMPLES {
        round_trip.push(echo.round_trip()?);
    }
    for (i, uuid) in (1..=SAMPLES).zip(uuids.iter().rev().cycle()) {
        let sent = a.edit(vec![scene::moved(*uuid, f64::from(i))])?;
        acked.push(scene::acknowledged(a, sent)?.duration_since(sent.at));
    }
    let p50 = append.p50() + round_trip.p50();
    let p99 = append.p99() + round_trip.p99();
    report.samples("busy_append_fdatasync", &append);
    report.samples("busy_loopback_round_trip", &round_trip);
    report.against("busy_change_to_ack_p50", acked.p50(), p50, None);
    report.against("busy_change_to_ack_p99", acked.p99(), p99, None);
    Ok(())
}
