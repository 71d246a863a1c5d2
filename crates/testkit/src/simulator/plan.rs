//! The plan of a run: all of it follows from the seed.

use vibesync_engine::{AgentOptions, ApproveIn, Options, Rate, Thresholds};
use vibesync_scene::{AgentMode, EpochId, ProjectId, Role, Uuid};

use super::agents::plan::{self as agents, AgentEvent};
use super::draw::{OBJECTS, content, count, edit, fault, role, rule};
use crate::fakes::BaseSeq;
use crate::fakes::addons::grant_key;
use crate::fakes::edit::Edit;
use crate::fault_disk::{Fault, Tear};
use crate::random::Random;

/// Id of the simulated project.
pub const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0xABCD));

/// Minimum and maximum number of events in a run.
const EVENTS: (usize, usize) = (50, 500);

/// One event. An event that does not fit at its time is ignored, so any part of a plan is a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A user edits.
    Edit(Role, Edit),
    /// A user undoes the last edit of this editor.
    Undo(Role),
    /// A user redoes the edit that was undone last.
    Redo(Role),
    /// An agent edits with a base sequence that many records ago.
    Automate(Edit, u8),
    /// An agent that stays connected, its tools, or a person who decides about it.
    Agent(AgentEvent),
    /// The command line restores the scene as it was that many records ago.
    Restore(u8),
    /// That many messages of the daemon reach the editor.
    EditorHears(Role, u8),
    /// That many messages of the editor reach the daemon together.
    DaemonHears(Role, u8),
    /// A result computed outside of the daemon's core thread returns.
    Outside,
    /// Two intents about different entities overtake each other.
    Swap(Role),
    /// The editor repeats its last message.
    Repeat(Role),
    /// The base sequence of the newest unanswered intent changes by this number.
    Stale(Role, i8),
    /// The editor counts these sequences as seen from now on.
    Base(Role, BaseSeq),
    /// The user deletes this object between the next batch and its read-back.
    DeleteMeanwhile(Role, u8),
    /// The editor defers its batch.
    Defer(Role),
    /// The editor reads this object back wrongly from now on.
    Lie(Role, u8),
    /// The editor cannot change this object from now on.
    Fail(Role, u8),
    /// The editor reads back and applies correctly again.
    Honest(Role),
    /// The editor neither receives nor sends anything from now on.
    Silence(Role),
    /// The editor receives and sends again.
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
    /// The daemon is killed. Its written bytes stay.
    Kill,
    /// The power goes. Bytes that were not synced may be lost in part or as a whole.
    Power,
    /// The daemon shuts down cleanly.
    Shutdown,
    /// The daemon starts. If the disk has stopped in an operation, either the power or only the process was lost.
    Start {
        /// True if the power was lost.
        power: bool,
    },
    /// That many disk operations from now, one fails.
    Break(u8, Fault),
    /// One bit flips: number of the file, position in it (in 65,536ths of its length), number of the bit.
    Flip(u8, u16, u8),
    /// The file of a blob with this content vanishes.
    LoseBlob(u8),
    /// One bit of it flips.
    DamageBlob(u8, u8),
    /// The projector writes a checkpoint.
    Checkpoint,
    /// The projector compresses segments, or drops them.
    Tidy {
        /// True if it drops segments.
        drop: bool,
    },
    /// The projector writes the history, and for an even number the registry too.
    Project(u8),
    /// A person copies the log.
    CopyLog,
    /// The daemon is killed, and its log replaced: by nothing, a shorter one, or a copy.
    LoseLog(u8),
    /// The daemon is killed, and witnesses are lost or replaced by older ones: registry 1, history 2, project.json 4,
    /// checkpoints 8.
    LoseWitnesses(u8),
    /// Time passes, milliseconds.
    Time(u32),
}

/// The settings and events of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed from which the plan was made.
    pub seed: u64,
    /// Settings of the engine.
    pub options: Options,
    /// Size of a log segment, bytes.
    pub segment_bytes: u64,
    /// Treatment of unsynced bytes when the power goes.
    pub tear: Tear,
    /// Whether editors send previews.
    pub previews: bool,
    /// The events in order.
    pub events: Vec<Event>,
}

impl Plan {
    /// Makes the plan of a seed.
    pub fn of(seed: u64) -> Self {
        Self::made(seed, Schedule::of)
    }

    /// Makes the plan of a seed in which agents do everything that they can, and faults are rarer.
    pub fn of_agents(seed: u64) -> Self {
        Self::made(seed, Schedule::of_agents)
    }

    fn made(seed: u64, schedule: fn(&mut Random) -> Schedule) -> Self {
        let mut random = Random::new(seed);
        let options = options(&mut random);
        let segment_bytes = random.one_of([3_000, 12_000, 200_000]);
        let tear = random.one_of([Tear::Prefix, Tear::Prefix, Tear::Garbage, Tear::Holes]);
        let schedule = schedule(&mut random);
        let count = EVENTS.0 + random.up_to(EVENTS.1 - EVENTS.0);
        let events = (0..count).map(|_| schedule.draw(&mut random));
        Self {
            seed,
            options,
            segment_bytes,
            tear,
            previews: true,
            events: events.collect(),
        }
    }

    /// Returns the same plan with other events.
    pub fn with(&self, events: Vec<Event>) -> Self {
        Self {
            events,
            ..self.clone()
        }
    }
}

/// Draws the engine's settings: small limits that a run reaches, or large ones that it does not.
fn options(random: &mut Random) -> Options {
    let max_batch = random.one_of([2, 5, 1_000]);
    Options {
        project_id: PROJECT,
        // Each start gets one of its own.
        epoch: EpochId(Uuid::nil()),
        batch_window_ms: random.one_of([0, 100, 300]),
        apply_timeout_ms: 10_000,
        heartbeat_ms: 5_000,
        idle_ms: random.one_of([0, 500]),
        max_open: random.one_of([6, 40, 1_000]),
        max_batch,
        max_catch_up_batch: max_batch * random.one_of([1, 4]),
        max_large_batch: max_batch * 16,
        max_batch_bytes: random.one_of([60, 1 << 26]),
        rate: Rate {
            changes_per_s: 10,
            burst: random.one_of([1, 1_000]),
        },
        grant_key: grant_key(),
        thresholds: Thresholds {
            crashes: random.one_of([2, 3]),
            steady_after_ms: random.one_of([100, 10_000]),
            ..Thresholds::default()
        },
        agents: agent_options(random),
    }
}

fn agent_options(random: &mut Random) -> AgentOptions {
    use AgentMode::{Ask, Off, Read, Work};
    AgentOptions {
        enabled: true,
        mode: random.one_of([Work, Work, Work, Ask, Ask, Ask, Read, Off]),
        approve_in: random.one_of([ApproveIn::Editor, ApproveIn::Anywhere]),
        // Built in are 200; so many objects make a run slow.
        many: match random.once_in(40) {
            true => 200,
            false => random.one_of([1, 3]),
        },
        created_per_day: random.one_of([6, 10_000]),
    }
}

/// Draws one event.
type Draw = fn(&mut Random) -> Event;

/// The kinds of events in a run, each as often as its weight says. Each run leaves out some kinds, because constant
/// faults of every kind would hide the effect of a single one.
struct Schedule(Vec<Draw>);

impl Schedule {
    fn of(random: &mut Random) -> Self {
        let groups = SOMETIMES.iter().chain(OF_AGENTS);
        Self::with(groups.filter(|_| random.once_in(3)))
    }

    fn of_agents(random: &mut Random) -> Self {
        let faults = SOMETIMES.iter().filter(|_| random.once_in(8));
        Self::with(OF_AGENTS.iter().chain(faults))
    }

    fn with(groups: impl Iterator<Item = &'static Group>) -> Self {
        let kinds = ALWAYS.iter().chain(groups.copied().flatten());
        let tickets = kinds.flat_map(|(weight, draw)| std::iter::repeat_n(*draw, *weight));
        Self(tickets.collect())
    }

    fn draw(&self, random: &mut Random) -> Event {
        let at = random.up_to(self.0.len().saturating_sub(1));
        let draw = self.0.get(at);
        draw.map_or(Event::Outside, |draw| draw(random))
    }
}

/// Kinds of events, each with its weight.
type Group = &'static [(usize, Draw)];

const ALWAYS: Group = &[
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

/// Groups of kinds; a run has all kinds of a group or none.
const SOMETIMES: &[Group] = &[
    &[(8, |r| Event::Undo(role(r))), (4, |r| Event::Redo(role(r)))],
    &[(6, |r| Event::Automate(edit(r), r.up_to(20) as u8))],
    &[(1, |r| Event::Restore(r.up_to(60) as u8))],
    &[
        (6, |r| Event::Swap(role(r))),
        (4, |r| Event::Repeat(role(r))),
    ],
    &[(4, |r| Event::Stale(role(r), r.up_to(20) as i8 - 16))],
    &[(6, |r| Event::Base(role(r), rule(r)))],
    &[(6, |r| {
        Event::DeleteMeanwhile(role(r), r.up_to(OBJECTS) as u8)
    })],
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
    &[(2, |r| Event::Project(r.number() as u8))],
    &[
        (2, |_| Event::CopyLog),
        (1, |r| Event::LoseLog(r.number() as u8)),
        (1, |r| Event::LoseWitnesses(r.number() as u8)),
    ],
    &[(1, |r| {
        Event::Flip(r.number() as u8, r.number() as u16, r.number() as u8)
    })],
    &[
        (2, |r| Event::LoseBlob(content(r))),
        (1, |r| Event::DamageBlob(content(r), r.number() as u8)),
        (4, |r| {
            Event::Edit(
                role(r),
                Edit::Show(r.up_to(OBJECTS) as u8, Some(r.up_to(1) as u8)),
            )
        }),
    ],
];

/// The same for agents, and for the people who decide about them.
const OF_AGENTS: &[Group] = &[
    &[
        (16, |r| Event::Agent(agents::intend(r))),
        (6, |r| Event::Agent(agents::odd(r))),
        (8, |r| Event::Agent(agents::answer(r))),
    ],
    &[
        (8, |r| Event::Agent(agents::intend(r))),
        (6, |r| Event::Agent(agents::revert(r))),
        (4, |_| Event::Outside),
    ],
    &[
        (8, |r| Event::Edit(role(r), agents::keep(r))),
        (8, |r| Event::Agent(agents::intend(r))),
        (2, |r| Event::Agent(agents::odd(r))),
    ],
    &[
        (10, |r| Event::Agent(agents::call(r))),
        (2, |r| Event::Agent(agents::odd_call(r))),
        (16, |r| Event::Agent(agents::tool(r))),
        (2, |r| Event::Agent(agents::grant(r))),
        (4, |r| Event::Agent(agents::answer(r))),
    ],
    &[(2, |r| Event::Agent(agents::set_mode(r)))],
    &[
        (1, |r| Event::Time(r.one_of([61_000, 600_000, 86_400_000]))),
        (1, |r| Event::Agent(agents::burst(r))),
    ],
];
