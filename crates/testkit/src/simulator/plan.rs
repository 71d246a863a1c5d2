//! What happens in a run: all of it follows from the seed.

use vibesync_engine::{Options, Rate, Thresholds};
use vibesync_scene::{ProjectId, Role, Uuid};

use crate::fakes::edit::Edit;
use crate::fault_disk::{Fault, Tear};
use crate::random::Random;

/// Of the simulated project.
pub const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0xABCD));

/// Fewest and most events of a run.
const EVENTS: (usize, usize) = (50, 500);

/// Objects are named by numbers up to this one: few enough that wishes meet.
const OBJECTS: usize = 8;

/// One thing that happens. What does not fit when its turn comes does not happen, so any part of a plan is a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A user edits.
    Edit(Role, Edit),
    /// A user takes back the last edit of this editor that was not taken back.
    Undo(Role),
    /// And does it all the same.
    Redo(Role),
    /// An agent edits, having seen the log up to so many records ago.
    Automate(Edit, u8),
    /// Somebody brings back the scene as it was so many records ago.
    Restore(u8),
    /// So many messages of the daemon reach the editor.
    EditorHears(Role, u8),
    /// So many messages of the editor reach the daemon together.
    DaemonHears(Role, u8),
    /// What was computed beside the daemon's thread comes back to it.
    Outside,
    /// Two intents that are about different entities overtake each other.
    Swap(Role),
    /// The editor says something again that it said before.
    Repeat(Role),
    /// The newest intent that was not answered says to have seen that many records more than it has; fewer if negative.
    Stale(Role, i8),
    /// The editor puts off the batch that it has.
    Defer(Role),
    /// From now on the editor reads back something else than it holds of this object.
    Lie(Role, u8),
    /// From now on the editor cannot change this object.
    Fail(Role, u8),
    /// The editor says what it holds again, and changes what it is told to.
    Honest(Role),
    /// Nothing reaches the editor, and nothing leaves it.
    Silence(Role),
    /// It is back.
    Wake(Role),
    /// The connection breaks.
    Disconnect(Role),
    /// The editor says goodbye.
    Leave(Role),
    /// The editor connects.
    Connect(Role),
    /// The user saves the file.
    Save(Role),
    /// The editor crashes; another process opens the saved file.
    Reopen(Role),
    /// The daemon is killed. What it wrote is there.
    Kill,
    /// The power goes. What was not synced may be there, or a part of it.
    Power,
    /// The daemon stops as it should.
    Shutdown,
    /// The daemon starts; where the disk stopped in the middle of an operation, the power had gone, or only the process.
    Start {
        /// Whether it was the power.
        power: bool,
    },
    /// Some operations of the disk from now, one goes wrong.
    Break(u8, Fault),
    /// A bit of a file flips: which file, where in it (parts of 65,536 of its length), which bit.
    Flip(u8, u16, u8),
    /// The follower of the log writes a checkpoint.
    Checkpoint,
    /// It compresses a part of the log; or drops what it may.
    Tidy {
        /// Whether it drops.
        drop: bool,
    },
    /// Time passes, milliseconds.
    Time(u32),
}

/// A run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it comes from.
    pub seed: u64,
    /// How the engine is set up.
    pub options: Options,
    /// Bytes of a segment of the log.
    pub segment_bytes: u64,
    /// What a loss of power leaves.
    pub tear: Tear,
    /// What happens.
    pub events: Vec<Event>,
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let options = options(&mut random);
        let segment_bytes = random.one_of([3_000, 12_000, 200_000]);
        let tear = random.one_of([Tear::Prefix, Tear::Prefix, Tear::Garbage, Tear::Holes]);
        let schedule = Schedule::of(&mut random);
        let count = EVENTS.0 + random.up_to(EVENTS.1 - EVENTS.0);
        let events = (0..count).map(|_| schedule.draw(&mut random));
        Self {
            seed,
            options,
            segment_bytes,
            tear,
            events: events.collect(),
        }
    }

    /// The same with other events.
    pub fn with(&self, events: Vec<Event>) -> Self {
        Self {
            events,
            ..self.clone()
        }
    }
}

/// Small limits are reached, large ones stay out of the way.
fn options(random: &mut Random) -> Options {
    Options {
        project_id: PROJECT,
        batch_window_ms: random.one_of([0, 100, 300]),
        apply_timeout_ms: 10_000,
        heartbeat_ms: 5_000,
        idle_ms: random.one_of([0, 500]),
        max_open: random.one_of([6, 40, 1_000]),
        max_batch: random.one_of([2, 5, 1_000]),
        max_batch_bytes: random.one_of([60, 1 << 26]),
        rate: Rate {
            changes_per_s: 10,
            burst: random.one_of([1, 1_000]),
        },
        thresholds: Thresholds {
            crashes: random.one_of([2, 3]),
            steady_after_ms: random.one_of([100, 10_000]),
            ..Thresholds::default()
        },
    }
}

/// Makes one event.
type Draw = fn(&mut Random) -> Event;

/// Which events a run has, and how often. Each run leaves out some of the kinds: what goes wrong together with
/// everything else all the time hides what goes wrong alone.
struct Schedule(Vec<Draw>);

impl Schedule {
    fn of(random: &mut Random) -> Self {
        let mut tickets = Vec::new();
        for (weight, draw) in ALWAYS {
            tickets.extend(std::iter::repeat_n(*draw, *weight));
        }
        for kinds in SOMETIMES {
            if random.once_in(3) {
                let kinds = kinds.iter();
                kinds.for_each(|(weight, draw)| {
                    tickets.extend(std::iter::repeat_n(*draw, *weight));
                });
            }
        }
        Self(tickets)
    }

    fn draw(&self, random: &mut Random) -> Event {
        let at = random.up_to(self.0.len().saturating_sub(1));
        let draw = self.0.get(at);
        draw.map_or(Event::Outside, |draw| draw(random))
    }
}

const ALWAYS: &[(usize, Draw)] = &[
    (40, |r| Event::Edit(role(r), edit(r))),
    (50, |r| Event::EditorHears(role(r), count(r))),
    (50, |r| Event::DaemonHears(role(r), count(r))),
    (6, |_| Event::Outside),
    (8, |r| Event::Connect(role(r))),
    (12, |r| Event::Time(r.up_to(400) as u32)),
    (8, |r| Event::Start {
        power: r.once_in(2),
    }),
];

/// Kinds that come together or not at all.
const SOMETIMES: &[&[(usize, Draw)]] = &[
    &[(8, |r| Event::Undo(role(r))), (4, |r| Event::Redo(role(r)))],
    &[(6, |r| Event::Automate(edit(r), r.up_to(20) as u8))],
    &[(1, |r| Event::Restore(r.up_to(60) as u8))],
    &[
        (6, |r| Event::Swap(role(r))),
        (4, |r| Event::Repeat(role(r))),
    ],
    &[(4, |r| Event::Stale(role(r), r.up_to(20) as i8 - 16))],
    &[(8, |r| Event::Defer(role(r)))],
    &[
        (1, |r| Event::Lie(role(r), r.up_to(OBJECTS) as u8)),
        (1, |r| Event::Fail(role(r), r.up_to(OBJECTS) as u8)),
        (3, |r| Event::Honest(role(r))),
    ],
    &[
        (1, |r| Event::Silence(role(r))),
        (3, |r| Event::Wake(role(r))),
        (1, |r| Event::Time(r.up_to(20_000) as u32)),
    ],
    &[
        (1, |r| Event::Disconnect(role(r))),
        (1, |r| Event::Leave(role(r))),
    ],
    &[
        (1, |r| Event::Save(role(r))),
        (1, |r| Event::Reopen(role(r))),
    ],
    &[(1, |_| Event::Kill)],
    &[(1, |_| Event::Power)],
    &[(1, |_| Event::Shutdown)],
    &[(2, |r| Event::Break(r.up_to(12) as u8, fault(r)))],
    &[
        (3, |_| Event::Checkpoint),
        (3, |r| Event::Tidy { drop: r.once_in(2) }),
    ],
    &[(1, |r| {
        Event::Flip(r.number() as u8, r.number() as u16, r.number() as u8)
    })],
];

fn role(random: &mut Random) -> Role {
    random.one_of(Role::EDITORS)
}

fn count(random: &mut Random) -> u8 {
    random.one_of([1, 2, 3, 5, 9])
}

fn fault(random: &mut Random) -> Fault {
    random.one_of([Fault::Crash, Fault::Crash, Fault::Full, Fault::Io])
}

fn edit(random: &mut Random) -> Edit {
    let who = random.up_to(OBJECTS) as u8;
    let maybe = random.once_in(3);
    let other = random.up_to(OBJECTS) as u8;
    match random.up_to(17) {
        0..=3 => Edit::Create(who),
        4..=8 => Edit::Move(who, random.number() as i8),
        9..=10 => Edit::Rename(who, random.up_to(8) as u8),
        11..=12 => Edit::Parent(who, (!maybe).then_some(other)),
        13 => Edit::Delete(who),
        14..=15 => Edit::Mesh(who % 2, random.up_to(2) as u8),
        _ => Edit::Show(who, (!maybe).then_some(other % 2)),
    }
}
