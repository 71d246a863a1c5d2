//! The daemon, killed at each of its operations on files in turn: created, written, made durable, renamed, linked, removed.
//!
//! A story in chapters is played, each by a daemon of its own, and what every chapter does to files is noted and counted:
//! that of the log, of checkpoints, registry and blobs, of git, of the project and of the user's runtime folder. Then each
//! chapter is played again from where it began, as often as there are points, and ends with a SIGKILL at that point. After
//! it a plain start must find everything that was acknowledged, and bring both editors together.
//!
//! `VIBESYNC_KILL_AT` takes the points alone whose name, as a failure tells it, has this text in it.
//!
//! There are more points than CI has time for. It takes `VIBESYNC_KILLS` of them (a number, or `all`), spread over all with
//! `VIBESYNC_SEED`; `scripts/kill-matrix` takes all.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vibesync_scene::{
    BlobId, Buffer, Change, Components, Entity, EntityKind, InstanceId, Mesh, Outcome, Phase,
    Replay, Role, Submesh, Transform, Uuid,
};
use vibesync_store::boot;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::verify;
use vibesync_testkit::trap::{self, Environment, Point, Trap, When};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor, Random};

use crate::project::TestProject;
use crate::stage::{PATIENCE, create, moved};

/// Points that CI takes.
const SAMPLE: usize = 120;
/// Runs at the same time: each waits for others most of its time.
const AT_ONCE: usize = 4;

/// Small segments and frequent checkpoints: a short story compresses and drops parts of the log.
const SETTINGS: &str = "[wal]\nsegment_bytes = 4096\ncheckpoint_every = 100\nkeep_days = 1\n";

type Held = BTreeMap<Uuid, Entity>;

/// A chapter: what is done while one daemon runs, and how many days the clock is ahead.
struct Chapter {
    name: &'static str,
    days: u32,
    work: fn(&mut Pair) -> io::Result<()>,
}

const STORY: [Chapter; 4] = [
    Chapter {
        name: "first start",
        days: 0,
        work: |pair| {
            let all = OBJECTS.map(|n| create(object(n), at(n, 0.0)));
            pair.edit(Role::Blender, all.collect())?;
            let grid = pair.blender.as_mut().map(|it| add_grid(&mut it.editor));
            pair.edit(Role::Blender, grid.into_iter().collect())?;
            pair.edit(Role::Unity, vec![moved(object(1), at(1, 9.0))])?;
            let gone = [2, 3].map(|n| Change::Delete { uuid: object(n) });
            pair.edit(Role::Blender, gone.into())
        },
    },
    Chapter {
        name: "up to a checkpoint",
        days: 0,
        work: |pair| {
            pair.edit(Role::Unity, everything(1.0))?;
            pair.edit(Role::Blender, everything(2.0))
        },
    },
    Chapter {
        name: "up to the next",
        days: 0,
        work: |pair| {
            pair.edit(Role::Blender, everything(3.0))?;
            pair.edit(Role::Unity, everything(4.0))?;
            pair.edit(Role::Unity, everything(5.0))
        },
    },
    Chapter {
        name: "days later",
        days: 3,
        work: |pair| {
            pair.edit(Role::Blender, vec![moved(object(1), at(1, 6.0))])?;
            pair.edit(Role::Unity, vec![Change::Delete { uuid: object(4) }])
        },
    },
];

const OBJECTS: std::ops::Range<u32> = 1..41;

fn object(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

fn at(n: u32, height: f64) -> Transform {
    Transform {
        translation: [f64::from(n), height, -1.0],
        ..Transform::IDENTITY
    }
}

/// Moves all that are still there.
fn everything(height: f64) -> Vec<Change> {
    let there = OBJECTS.filter(|n| ![2, 3].contains(n));
    there.map(|n| moved(object(n), at(n, height))).collect()
}

/// A triangle, its bytes kept by the editor that makes it.
fn add_grid(editor: &mut FakeEditor) -> Change {
    let numbers = |numbers: &[f32]| numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    let up = [0.0, 1.0, 0.0].repeat(3);
    let bytes: [(&str, Vec<u8>); 3] = [
        (
            "index",
            [0_u32, 1, 2]
                .into_iter()
                .flat_map(u32::to_le_bytes)
                .collect(),
        ),
        ("normal", numbers(&up)),
        (
            "position",
            numbers(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        ),
    ];
    let mut buffers = BTreeMap::new();
    for ((name, bytes), attachment) in bytes.into_iter().zip(0..) {
        let blob = BlobId::of(&bytes);
        let buffer = Buffer {
            attachment: Some(attachment),
            blob: Some(blob),
            bytes: bytes.len() as u64,
        };
        buffers.insert(name.to_owned(), buffer);
        editor.bulk.insert(blob, bytes);
    }
    let mesh = Mesh {
        vertex_count: 3,
        corner_count: 3,
        submeshes: vec![Submesh {
            slot: 0,
            start: 0,
            count: 3,
        }],
        buffers,
    };
    Change::Create {
        uuid: Uuid::from_u128(0x6E0),
        kind: EntityKind::Mesh,
        components: Components {
            name: Some("Triangle".into()),
            mesh: Some(mesh),
            ..Components::default()
        },
    }
}

/// Both editors, in session while a daemon serves them.
struct Pair {
    blender: Option<EditorSession>,
    unity: Option<EditorSession>,
    /// Intents that were sent.
    sent: Vec<Uuid>,
}

/// Both editors between two sessions; none before a daemon ever said what its project is.
type Kept = Option<[FakeEditor; 2]>;

impl Pair {
    fn join(daemon: &Daemon, kept: &Kept) -> io::Result<Self> {
        let new = |role| {
            FakeEditor::new(
                role,
                InstanceId(Uuid::new_v4()),
                daemon.discovery().project_id,
            )
        };
        let kept = kept.clone();
        let [blender, unity] = kept.unwrap_or_else(|| Role::EDITORS.map(new));
        Ok(Self {
            blender: Some(EditorSession::join(daemon, blender, PATIENCE)?),
            unity: Some(EditorSession::join(daemon, unity, PATIENCE)?),
            sent: Vec::new(),
        })
    }

    fn sessions(&mut self) -> io::Result<[&mut EditorSession; 2]> {
        match (&mut self.blender, &mut self.unity) {
            (Some(blender), Some(unity)) => Ok([blender, unity]),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// One intent, and all that follows from it.
    fn edit(&mut self, role: Role, changes: Vec<Change>) -> io::Result<()> {
        let [blender, unity] = self.sessions()?;
        let editor = if role == Role::Blender {
            blender
        } else {
            unity
        };
        let operation = editor.edit(changes)?.operation_id;
        self.sent.push(operation.0);
        self.settle()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let [blender, unity] = self.sessions()?;
            let editor = if role == Role::Blender {
                blender
            } else {
                unity
            };
            if editor
                .editor
                .outcomes
                .iter()
                .any(|(id, _)| *id == operation)
            {
                return Ok(());
            }
            editor.linger(Duration::from_millis(5))?;
            in_time(deadline)?;
        }
    }

    /// Until all is answered and both hold the same.
    fn settle(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let [blender, unity] = self.sessions()?;
            blender.linger(Duration::from_millis(5))?;
            unity.linger(Duration::from_millis(5))?;
            let (one, other) = (&blender.editor, &unity.editor);
            let answered = one.outbox.is_empty() && other.outbox.is_empty();
            if answered && one.entities == other.entities {
                return Ok(());
            }
            in_time(deadline)?;
        }
    }

    fn part(self) -> Kept {
        let mut editors = [self.blender?.editor, self.unity?.editor];
        editors.iter_mut().for_each(FakeEditor::disconnect);
        Some(editors)
    }
}

fn in_time(deadline: Instant) -> io::Result<()> {
    match Instant::now() < deadline {
        true => Ok(()),
        false => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// A folder, the editors that belong to it, and what they did.
struct State {
    project: TestProject,
    kept: Kept,
    /// Intents of the story so far, as far as an editor was told that they are kept.
    acknowledged: BTreeSet<Uuid>,
}

impl State {
    fn new() -> Self {
        let project = TestProject::new();
        project.file(".vibesync/vibesync.toml", SETTINGS);
        Self {
            project,
            kept: None,
            acknowledged: BTreeSet::new(),
        }
    }

    fn copied(&self) -> Self {
        Self {
            project: self.project.copied(),
            kept: self.kept.clone(),
            acknowledged: self.acknowledged.clone(),
        }
    }

    fn folder(&self) -> PathBuf {
        self.project.root().parent().unwrap().to_owned()
    }

    fn start(&self, environment: &Environment) -> io::Result<Daemon> {
        let program = Path::new(env!("CARGO_BIN_EXE_vibesync"));
        Daemon::start_in(program, &self.folder(), environment)
    }

    /// Plays a chapter; an error is where the daemon ended before it.
    fn play(
        &mut self,
        trap: &Trap,
        chapter: &Chapter,
        mut environment: Environment,
    ) -> io::Result<()> {
        let clock = self.folder().join("clock");
        let seconds = format!("{}", chapter.days * 24 * 3_600);
        vibesync_store::durable::write(&clock, seconds.as_bytes()).map_err(io::Error::other)?;
        environment.extend(trap.misdating(&clock));
        let daemon = self.start(&environment)?;
        let mut pair = Pair::join(&daemon, &self.kept)?;
        let done = (chapter.work)(&mut pair);
        self.part(pair);
        done?;
        match daemon.stop()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("it did not stop by itself")),
        }
    }

    fn part(&mut self, mut pair: Pair) {
        let sent = std::mem::take(&mut pair.sent);
        self.kept = pair.part();
        let editors = self.kept.iter().flatten();
        let waiting: BTreeSet<Uuid> = editors
            .flat_map(|editor| editor.outbox.iter().map(|intent| intent.operation_id.0))
            .collect();
        self.acknowledged
            .extend(sent.into_iter().filter(|id| !waiting.contains(id)));
    }

    /// What must be so whenever the daemon was killed: a plain start, and all is there.
    fn recovers(mut self) -> Result<(), String> {
        let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
        let logged = self.project.root().join(".vibesync/wal");
        verify(&RealDisk, &logged).map_err(|error| failed("the log", &error))?;
        self.finds(&["doctor"])?;
        let daemon = self
            .start(&Environment::new())
            .map_err(|error| failed("a start", &error))?;
        let pair = Pair::join(&daemon, &self.kept);
        let mut pair = pair.map_err(|error| failed("joining", &error))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Both may hold the same for a moment, while a later change is still on its way to both.
            let settled = pair.settle();
            settled.map_err(|error| failed("the editors do not agree", &error))?;
            let sessions = [&pair.blender, &pair.unity].into_iter().flatten();
            let mut held = sessions.map(|session| &session.editor.entities);
            // The daemon may be about to compress or drop what is read here.
            let agreed = self.authority().is_ok_and(|authority| {
                authority.open.is_empty() && held.all(|held| *held == live(&authority))
            });
            if agreed {
                break;
            }
            in_time(deadline).map_err(|_| "the editors do not agree with the log".to_owned())?;
        }
        self.part(pair);
        self.audited()?;
        let stopped = daemon.stop().map_err(|error| failed("a stop", &error))?;
        if !stopped.success() {
            return Err(failed("a stop", &stopped));
        }
        self.finds(&["log", "replay"])?;
        self.finds(&["registry", "verify"])?;
        self.finds(&["doctor"])?;
        self.agrees()
    }

    fn finds(&self, args: &[&str]) -> Result<String, String> {
        let ran = self.project.run(args);
        match ran.code {
            Some(0) => Ok(ran.out),
            _ => Err(format!("{args:?}: {} {}", ran.out, ran.err)),
        }
    }

    /// The audit catches up by itself.
    fn audited(&self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.finds(&["doctor"])?;
            let line = found.lines().find(|line| line.contains(" audit "));
            if line.is_some_and(|line| line.starts_with("ok")) {
                return Ok(());
            }
            in_time(deadline).map_err(|_| format!("the audit does not catch up: {line:?}"))?;
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the log alone gives, as far as it is written.
    fn authority(&self) -> Result<Replay, String> {
        let logged = self.project.root().join(".vibesync/wal");
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let told = |error| format!("the log: {error}");
        let tip = verify(&*disk, &logged).map_err(told)?.tip;
        boot::replay(disk, &logged, tip).map_err(told)
    }

    /// The log alone gives what both editors hold, and what was acknowledged is in it.
    fn agrees(&self) -> Result<(), String> {
        let state = self.authority()?;
        let authority = live(&state);
        for editor in self.kept.iter().flatten() {
            if editor.entities != authority {
                let (role, refusals) = (editor.role, &editor.refusals);
                let differing = differing(&editor.entities, &authority);
                return Err(format!(
                    "{role:?} and the log differ in {differing:?}; refused: {refusals:?}"
                ));
            }
            if !editor.refusals.is_empty() {
                return Err(format!(
                    "{:?} was refused: {:?}",
                    editor.role, editor.refusals
                ));
            }
        }
        for id in &self.acknowledged {
            let found = state.operations.get(vibesync_scene::OperationId(*id));
            let end = found.and_then(|operation| operation.end);
            if !matches!(
                end,
                Some((
                    Phase::Final | Phase::Commit,
                    Outcome::Verified | Outcome::Owed
                ))
            ) {
                return Err(format!("the acknowledged operation {id} ended as {end:?}"));
            }
        }
        match state.open.len() {
            0 => Ok(()),
            open => Err(format!("{open} transactions have no end")),
        }
    }
}

/// The entities of a scene that are not deleted.
fn live(state: &Replay) -> Held {
    let rows = state.scene.rows().filter(|row| !row.tombstone);
    rows.map(|row| (row.entity.uuid, row.entity.clone()))
        .collect()
}

/// What one holds and the other does not, or holds as something else.
fn differing(one: &Held, other: &Held) -> Vec<Uuid> {
    let uuids: BTreeSet<&Uuid> = one.keys().chain(other.keys()).collect();
    let differs = |uuid: &&&Uuid| one.get(**uuid) != other.get(**uuid);
    uuids.iter().filter(differs).map(|uuid| **uuid).collect()
}

/// Where a chapter can be killed, and where it begins.
struct Points {
    chapter: usize,
    points: Vec<Point>,
}

/// Plays the story once, and notes what is done to files. The state before each chapter, and its points.
fn note(trap: &Trap) -> (Vec<State>, Vec<Points>) {
    let mut states = vec![State::new()];
    let mut all = Vec::new();
    for (chapter, played) in STORY.iter().enumerate() {
        let mut state = states[chapter].copied();
        let trace = tempfile::NamedTempFile::new().unwrap();
        let environment = trap.noting(&state.folder(), trace.path());
        state.play(trap, played, environment).unwrap();
        let counts = trap::counted(trace.path()).unwrap();
        let points = counts.into_iter().flat_map(|(kind, count)| {
            let whens: &[When] = match kind.starts_with("write ") {
                true => &[When::Before, When::Half, When::After],
                false => &[When::Before, When::After],
            };
            let each = (1..=count).flat_map(|nth| whens.iter().map(move |when| (nth, *when)));
            let point = move |(nth, when)| Point {
                kind: kind.clone(),
                nth,
                when,
            };
            each.map(point).collect::<Vec<_>>()
        });
        let points = points.collect();
        all.push(Points { chapter, points });
        states.push(state);
    }
    (states, all)
}

fn named(chapter: usize, point: &Point) -> String {
    format!("killed {point} in \"{}\"", STORY[chapter].name)
}

/// As many as are wanted, one of each of so many equal parts.
fn sample(all: Vec<(usize, Point)>, wanted: usize, seed: u64) -> Vec<(usize, Point)> {
    if wanted >= all.len() {
        return all;
    }
    let bounds = |part: usize| part * all.len() / wanted;
    let mut random = Random::new(seed);
    let pick = |part: usize| {
        let (from, to) = (bounds(part), bounds(part + 1));
        from + random.up_to(to - from - 1)
    };
    let picked: Vec<usize> = (0..wanted).map(pick).collect();
    picked.into_iter().map(|at| all[at].clone()).collect()
}

#[test]
fn nothing_acknowledged_is_lost_wherever_the_daemon_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let trap = Trap::build(folder.path()).unwrap();
    let (states, noted) = note(&trap);
    let setting = |name: &str| std::env::var(name).ok();
    let at = setting("VIBESYNC_KILL_AT").unwrap_or_default();
    let all: Vec<_> = noted
        .into_iter()
        .flat_map(|Points { chapter, points }| {
            points.into_iter().map(move |point| (chapter, point))
        })
        .filter(|(chapter, point)| named(*chapter, point).contains(&at))
        .collect();
    let wanted = match setting("VIBESYNC_KILLS").as_deref() {
        None => SAMPLE,
        Some("all") => all.len(),
        Some(number) => number.parse().unwrap(),
    };
    let by_time = || u64::from(std::process::id());
    let seed = setting("VIBESYNC_SEED").map_or_else(by_time, |seed| seed.parse().unwrap());
    let total = all.len();
    let points = sample(all, wanted, seed);
    println!("{} of {total} points, VIBESYNC_SEED={seed}", points.len());
    let next = AtomicUsize::new(0);
    let (missed, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((chapter, point)) = points.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let mut state = states[*chapter].copied();
                    let environment = trap.killing(&state.folder(), point);
                    if state.play(&trap, &STORY[*chapter], environment).is_ok() {
                        // What is gathered into one write differs from run to run.
                        missed.fetch_add(1, Ordering::Relaxed);
                    }
                    if let Err(why) = state.recovers() {
                        failed
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", named(*chapter, point)));
                    }
                }
            });
        }
    });
    let (missed, failed) = (missed.into_inner(), failed.into_inner().unwrap());
    println!("{} killed, {missed} not come to", points.len() - missed);
    assert!(
        failed.is_empty(),
        "{} points:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(
        missed < points.len().div_ceil(2),
        "most points were not come to"
    );
}
