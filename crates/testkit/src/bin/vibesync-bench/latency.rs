//! One small change at a time, each in a window of its own: from A's socket to B's.

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

/// Measures the limits in the same breath: right before each sample, at the same pace. And once back to back, as it is
/// for a machine that has nothing else to do and whose processor never sleeps.
pub fn measure(
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
    let [mut append_hot, mut round_trip_hot] = [Samples::default(), Samples::default()];
    for _ in 0..SAMPLES {
        append_hot.push(disk.append()?);
    }
    for _ in 0..SAMPLES {
        round_trip_hot.push(echo.round_trip()?);
    }
    report.samples("append_fdatasync", &append);
    report.samples("loopback_round_trip", &round_trip);
    report.samples("append_fdatasync_back_to_back", &append_hot);
    report.samples("loopback_round_trip_back_to_back", &round_trip_hot);
    let limit = append.p50() + round_trip.p50();
    report.against("change_to_apply_p50", applied.p50(), limit, Some(BAR));
    report.against(
        "change_to_apply_p99",
        applied.p99(),
        append.p99() + round_trip.p99(),
        None,
    );
    report.against("change_to_ack_p50", acked.p50(), limit, None);
    report.against(
        "change_to_ack_p99",
        acked.p99(),
        append.p99() + round_trip.p99(),
        None,
    );
    Ok(())
}
