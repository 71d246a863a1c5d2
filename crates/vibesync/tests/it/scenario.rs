//! The scenario in which the daemon is killed: what two editors do, and the project before and after.

pub mod state;

use std::io;
use std::time::{Duration, Instant};

use vibesync_scene::{Change, InstanceId, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::harness::{TIMEOUT, create, moved};

/// The work of two editors while one daemon runs, with the clock some days ahead.
pub struct ScenarioStep {
    pub name: &'static str,
    #[cfg_attr(
        windows,
        allow(dead_code, reason = "the clock can be set on Linux only")
    )]
    pub days: u32,
    pub work: fn(&mut EditorPair) -> io::Result<()>,
}

pub const SCENARIO: [ScenarioStep; 4] = [
    ScenarioStep {
        name: "first start",
        days: 0,
        work: |pair| {
            let all = OBJECTS.map(|n| create(object(n), at(n, 0.0)));
            pair.edit(Role::Blender, all.collect())?;
            let grid = pair
                .blender
                .as_mut()
                .map(|it| create_triangle(&mut it.editor));
            pair.edit(Role::Blender, grid.into_iter().collect())?;
            pair.edit(Role::Unity, vec![moved(object(1), at(1, 9.0))])?;
            let gone = [2, 3].map(|n| Change::Delete { uuid: object(n) });
            pair.edit(Role::Blender, gone.into())
        },
    },
    ScenarioStep {
        name: "up to a checkpoint",
        days: 0,
        work: |pair| {
            pair.edit(Role::Unity, move_all(1.0))?;
            pair.edit(Role::Blender, move_all(2.0))
        },
    },
    ScenarioStep {
        name: "up to the next",
        days: 0,
        work: |pair| {
            pair.edit(Role::Blender, move_all(3.0))?;
            pair.edit(Role::Unity, move_all(4.0))?;
            pair.edit(Role::Unity, move_all(5.0))
        },
    },
    ScenarioStep {
        name: "days later",
        days: 3,
        work: |pair| {
            pair.edit(Role::Blender, vec![moved(object(1), at(1, 6.0))])?;
            pair.edit(Role::Unity, vec![Change::Delete { uuid: object(4) }])
        },
    },
];

pub const OBJECTS: std::ops::Range<u32> = 1..41;

pub fn object(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

pub fn at(n: u32, height: f64) -> Transform {
    Transform {
        translation: [f64::from(n), height, -1.0],
        ..Transform::IDENTITY
    }
}

/// Moves every object that still exists.
pub fn move_all(height: f64) -> Vec<Change> {
    let there = OBJECTS.filter(|n| ![2, 3].contains(n));
    there.map(|n| moved(object(n), at(n, height))).collect()
}

/// Creates a triangle; the editor that makes it keeps its buffers.
pub fn create_triangle(editor: &mut FakeEditor) -> Change {
    let numbers = |numbers: &[f32]| numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    let up = [0.0, 1.0, 0.0].repeat(3);
    let bytes: Vec<(&str, Vec<u8>)> = vec![
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
    crate::harness::create_triangle(editor, Uuid::from_u128(0x6E0), "Triangle", bytes)
}

/// Both editors, in session with the daemon.
pub struct EditorPair {
    pub blender: Option<EditorSession>,
    pub unity: Option<EditorSession>,
    /// Intents that the editors have sent.
    pub sent: Vec<Uuid>,
}

/// Both editors between two sessions. None before the first session, as they do not know the project yet.
pub type DetachedEditors = Option<[FakeEditor; 2]>;

impl EditorPair {
    pub fn join(daemon: &Daemon, editors: &DetachedEditors) -> io::Result<Self> {
        let new = |role| {
            FakeEditor::new(
                role,
                InstanceId(Uuid::new_v4()),
                daemon.discovery().project_id,
            )
        };
        let editors = editors.clone();
        let [blender, unity] = editors.unwrap_or_else(|| Role::EDITORS.map(new));
        Ok(Self {
            blender: Some(EditorSession::join(daemon, blender, TIMEOUT)?),
            unity: Some(EditorSession::join(daemon, unity, TIMEOUT)?),
            sent: Vec::new(),
        })
    }

    pub fn sessions(&mut self) -> io::Result<[&mut EditorSession; 2]> {
        match (&mut self.blender, &mut self.unity) {
            (Some(blender), Some(unity)) => Ok([blender, unity]),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Sends one intent and waits for its outcome.
    pub fn edit(&mut self, role: Role, changes: Vec<Change>) -> io::Result<()> {
        let [blender, unity] = self.sessions()?;
        let editor = if role == Role::Blender {
            blender
        } else {
            unity
        };
        let operation = editor.edit(changes)?.operation_id;
        self.sent.push(operation.0);
        self.settle()?;
        let deadline = Instant::now() + TIMEOUT;
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
            check_deadline(deadline)?;
        }
    }

    /// Waits until every intent is answered and both editors hold the same scene.
    pub fn settle(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let [blender, unity] = self.sessions()?;
            blender.linger(Duration::from_millis(5))?;
            unity.linger(Duration::from_millis(5))?;
            let (one, other) = (&blender.editor, &unity.editor);
            let answered = one.outbox.is_empty() && other.outbox.is_empty();
            if answered && one.entities == other.entities {
                return Ok(());
            }
            check_deadline(deadline)?;
        }
    }

    pub fn detach(self) -> DetachedEditors {
        let mut editors = [self.blender?.editor, self.unity?.editor];
        editors.iter_mut().for_each(FakeEditor::disconnect);
        Some(editors)
    }
}

pub fn check_deadline(deadline: Instant) -> io::Result<()> {
    match Instant::now() < deadline {
        true => Ok(()),
        false => Err(io::ErrorKind::TimedOut.into()),
    }
}
