//! Measures the daemon's part of a drag: a hundred objects that follow the mouse of the other editor, 60 times a second.

use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::{ClientMessage, DaemonMessage, PreviewChange};
use vibesync_scene::Role;
use vibesync_testkit::{EditorSession, with_attachments};

use crate::harness::{Fallible, Harness, PATIENCE, join};
use crate::limits::Echo;
use crate::process;
use crate::report::{Bar, Report, Samples};
use crate::scene;

const OBJECTS: usize = 1_000;
/// Objects that are dragged.
const DRAGGED: usize = 100;
/// Time between two values of an object: 60 a second.
const FRAME: Duration = Duration::from_nanos(16_666_667);
/// Frames of the drag alone: ten seconds.
const FRAMES: u32 = 600;
/// Frames of each round with durable changes beside, and rounds of each kind.
const ROUND: u32 = 150;
const ROUNDS: u32 = 4;

/// A preview that reached Unity: the frame that its values name, their number, and the time of arrival.
struct Arrival {
    frame: u32,
    values: usize,
    at: Instant,
}

/// Unity in a thread of its own.
struct Watcher {
    arrivals: Receiver<Arrival>,
    thread: JoinHandle<()>,
}

/// Blender, whose person drags, and Unity, which shows it.
struct Drag<'a> {
    blender: &'a mut EditorSession,
    dragged: &'a [Uuid],
    unity: &'a Watcher,
    /// Number of the newest frame.
    frame: u32,
}

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let daemon = harness.daemon(folder.path(), "")?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let unity = Watcher::start(b);
    let (dragged, others) = uuids.split_at(DRAGGED);
    let mut drag = Drag {
        blender: &mut a,
        dragged,
        unity: &unity,
        frame: 0,
    };
    drag.measure_alone(daemon.pid(), report)?;
    drag.measure_beside(others, report)?;
    drop((a, daemon));
    unity.end()
}

impl Drag<'_> {
    /// Measures the drag with nothing beside it.
    fn measure_alone(&mut self, pid: u32, report: &mut Report) -> Fallible {
        let (mut echo, mut round_trip, mut latency) =
            (Echo::new()?, Samples::default(), Samples::default());
        let begin = (process::ProcessorTimes::of(pid), Instant::now());
        let mut values = 0;
        for number in 1..=FRAMES {
            let sent = self.show()?;
            self.blender.linger(until(begin.1 + FRAME * number))?;
            for arrival in self.unity.arrivals.try_iter() {
                values += arrival.values;
                if arrival.frame == self.frame {
                    latency.push_us(arrival.at.duration_since(sent));
                }
            }
            round_trip.push_us(echo.round_trip()?);
        }
        let took = begin.1.elapsed().as_secs_f64();
        let worked = begin.0.and_then(|before| before.passed());
        let share = worked.map(|worked| 100.0 * worked.as_secs_f64() / took);
        let limit = (round_trip.p50(), round_trip.p99());
        report.against("preview_p50", latency.p50(), limit.0, "µs", None)?;
        report.against("preview_p99", latency.p99(), limit.1, "µs", None)?;
        report.value("preview_values", values as f64 / took, "1/s")?;
        report.bound(
            "preview_cpu",
            share.unwrap_or(f64::NAN),
            "% of one core",
            Bar::AtMost(5.0),
        )?;
        Ok(())
    }

    /// Measures durable changes of other objects, in turn with and without a drag beside them.
    fn measure_beside(&mut self, others: &[Uuid], report: &mut Report) -> Fallible {
        let (mut with, mut without) = (Samples::default(), Samples::default());
        let mut others = others.iter().cycle();
        for round in 0..2 * ROUNDS {
            let is_dragging = round % 2 == 0;
            let begin = Instant::now();
            for number in 1..=ROUND {
                if is_dragging {
                    self.show()?;
                }
                if let (true, Some(uuid)) = (number % 3 == 0, others.next()) {
                    let x = f64::from(round * ROUND + number);
                    let sent = self.blender.edit(vec![scene::moved(*uuid, x)])?;
                    let acked = scene::acknowledged(self.blender, sent)?;
                    let taken = if is_dragging { &mut with } else { &mut without };
                    taken.push_us(acked.duration_since(sent.at));
                }
                self.blender.linger(until(begin + FRAME * number))?;
            }
        }
        report.against(
            "change_to_ack_beside_p50",
            with.p50(),
            without.p50(),
            "µs",
            None,
        )?;
        report.against(
            "change_to_ack_beside_p99",
            with.p99(),
            without.p99(),
            "µs",
            None,
        )?;
        Ok(())
    }

    /// Sends the next values of all dragged objects. Returns the time when the encoded frame was given to the socket.
    fn show(&mut self) -> Fallible<Instant> {
        self.frame += 1;
        let x = f64::from(self.frame);
        let values = self.dragged.iter().map(|uuid| value(*uuid, x));
        let message = ClientMessage::Preview {
            seq: u64::from(self.frame),
            changes: values.collect(),
        };
        let frame = with_attachments(&message, &[] as &[&[u8]])?;
        let at = Instant::now();
        self.blender.client().send_bytes(&frame)?;
        Ok(at)
    }
}

impl Watcher {
    /// Lets the editor receive and show until the daemon ends.
    fn start(mut session: EditorSession) -> Self {
        let (tell, arrivals) = mpsc::sync_channel(100_000);
        let thread = std::thread::spawn(move || {
            while let Ok(heard) = session.hear() {
                if let DaemonMessage::Preview { changes, .. } = heard.message {
                    let arrival = Arrival {
                        frame: frame_of(&changes),
                        values: changes.len(),
                        at: heard.at,
                    };
                    let _ = tell.try_send(arrival);
                }
            }
        });
        Self { arrivals, thread }
    }

    /// Waits for the end of the thread, after the daemon's.
    fn end(self) -> Fallible {
        self.thread.join().map_err(|_| "Unity panicked".into())
    }
}

fn value(uuid: Uuid, x: f64) -> PreviewChange {
    let change = scene::moved(uuid, x);
    let components = change.components().cloned().unwrap_or_default();
    PreviewChange {
        uuid,
        components,
        positions: None,
    }
}

/// Returns the newest frame whose values these are; 0 if there are none.
fn frame_of(changes: &[PreviewChange]) -> u32 {
    let places = changes.iter().filter_map(|it| it.components.transform);
    let frames = places.map(|it| it.translation[0] as u32);
    frames.max().unwrap_or_default()
}

fn until(at: Instant) -> Duration {
    at.saturating_duration_since(Instant::now()).min(PATIENCE)
}
