//! What is done while it is killed: a story in chapters, by two editors.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use vibesync_scene::{
    BlobId, Buffer, Change, Components, EntityKind, InstanceId, Mesh, Role, Submesh, Transform,
    Uuid,
};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::stage::{PATIENCE, create, moved};

/// A chapter: what is done while one daemon runs, and how many days the clock is ahead.
pub(super) struct Chapter {
    pub(super) name: &'static str,
    pub(super) days: u32,
    pub(super) work: fn(&mut Pair) -> io::Result<()>,
}

pub(super) const STORY: [Chapter; 4] = [
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

pub(super) const OBJECTS: std::ops::Range<u32> = 1..41;

pub(super) fn object(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

pub(super) fn at(n: u32, height: f64) -> Transform {
    Transform {
        translation: [f64::from(n), height, -1.0],
        ..Transform::IDENTITY
    }
}

/// Moves all that are still there.
pub(super) fn everything(height: f64) -> Vec<Change> {
    let there = OBJECTS.filter(|n| ![2, 3].contains(n));
    there.map(|n| moved(object(n), at(n, height))).collect()
}

/// A triangle, its bytes kept by the editor that makes it.
pub(super) fn add_grid(editor: &mut FakeEditor) -> Change {
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
        let blob = BlobId::hash(&bytes);
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
pub(super) struct Pair {
    pub(super) blender: Option<EditorSession>,
    pub(super) unity: Option<EditorSession>,
    /// Intents that were sent.
    pub(super) sent: Vec<Uuid>,
}

/// Both editors between two sessions; none before a daemon ever said what its project is.
pub(super) type Kept = Option<[FakeEditor; 2]>;

impl Pair {
    pub(super) fn join(daemon: &Daemon, kept: &Kept) -> io::Result<Self> {
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

    pub(super) fn sessions(&mut self) -> io::Result<[&mut EditorSession; 2]> {
        match (&mut self.blender, &mut self.unity) {
            (Some(blender), Some(unity)) => Ok([blender, unity]),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// One intent, and all that follows from it.
    pub(super) fn edit(&mut self, role: Role, changes: Vec<Change>) -> io::Result<()> {
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
    pub(super) fn settle(&mut self) -> io::Result<()> {
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

    pub(super) fn part(self) -> Kept {
        let mut editors = [self.blender?.editor, self.unity?.editor];
        editors.iter_mut().for_each(FakeEditor::disconnect);
        Some(editors)
    }
}

pub(super) fn in_time(deadline: Instant) -> io::Result<()> {
    match Instant::now() < deadline {
        true => Ok(()),
        false => Err(io::ErrorKind::TimedOut.into()),
    }
}
