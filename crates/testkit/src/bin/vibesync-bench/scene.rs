//! The edited scene: objects without parents, moved one after the other.

use std::io;
use std::iter::once;
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::{AckStatus, ClientMessage, DaemonMessage, InventoryEntry};
use vibesync_scene::{
    Change, Components, DataRef, Entity, EntityKind, Parent, Role, Transform, Visibility,
};
use vibesync_testkit::{Daemon, EditorSession, Sent};

use crate::harness::{Fallible, PATIENCE, editor};

/// Changes in an intent, at most as many as protocol version 1 allows.
const MOST: usize = 10_000;

/// Entities in one part of an inventory.
const PART: usize = 100_000;

/// Creates objects in editor A and waits until B holds them.
pub fn populate(a: &mut EditorSession, b: &mut EditorSession, count: usize) -> Fallible<Vec<Uuid>> {
    let uuids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
    for part in uuids.chunks(MOST) {
        let create = |uuid: &Uuid| Change::Create {
            uuid: *uuid,
            kind: EntityKind::Object,
            components: object(*uuid).components,
        };
        let sent = a.edit(part.iter().map(create).collect())?;
        acknowledged(a, sent)?;
        let held = b.editor.entities.len() + part.len();
        while b.editor.entities.len() < held {
            b.hear()?;
        }
    }
    // The projections catch up before the measurement begins.
    a.linger(Duration::from_secs(1))?;
    Ok(uuids)
}

/// Makes an object with all its components.
pub fn object(uuid: Uuid) -> Entity {
    Entity {
        uuid,
        kind: EntityKind::Object,
        components: Components {
            name: Some(format!("Object {uuid}")),
            transform: Some(Transform::IDENTITY),
            visibility: Some(Visibility { visible: true }),
            parent: Some(Parent { uuid: None }),
            data: Some(DataRef { uuid: None }),
            ..Components::default()
        },
    }
}

/// Moves an object to `x` meters.
pub fn moved(uuid: Uuid, x: f64) -> Change {
    let transform = Transform {
        translation: [x, 0.123_456_789, -1.5],
        ..Transform::IDENTITY
    };
    Change::Update {
        uuid,
        components: Components {
            transform: Some(transform),
            ..Components::default()
        },
    }
}

/// Returns the part of an object that a move overwrites.
pub fn moved_from(uuid: Uuid) -> Entity {
    Entity {
        uuid,
        kind: EntityKind::Object,
        components: Components {
            transform: Some(Transform::IDENTITY),
            ..Components::default()
        },
    }
}

/// Waits until the daemon acknowledges the intent; returns the time of arrival.
pub fn acknowledged(session: &mut EditorSession, sent: Sent) -> Fallible<Instant> {
    loop {
        let heard = session.hear()?;
        match heard.message {
            DaemonMessage::Ack {
                operation_id,
                status: AckStatus::Accepted,
                ..
            } if operation_id == sent.operation_id => return Ok(heard.at),
            DaemonMessage::Ack { status, error, .. } => {
                return Err(format!("an intent was {status:?}: {error:?}").into());
            }
            DaemonMessage::Error { error, .. } => return Err(error.message.into()),
            _ => {}
        }
    }
}

/// Connects an editor whose inventory lists all objects as current, while it really holds those of `kept` only.
pub fn rejoin(
    daemon: &Daemon,
    role: Role,
    objects: &[(Uuid, u64)],
    kept: &[Uuid],
) -> io::Result<EditorSession> {
    let mut editor = editor(daemon, role);
    let held = kept.iter().map(|uuid| (*uuid, object(*uuid)));
    editor.entities.extend(held);
    let parts = objects.chunks(PART).map(|part| ClientMessage::Inventory {
        entities: part
            .iter()
            .map(|&(uuid, version)| InventoryEntry { uuid, version })
            .collect(),
        last: false,
    });
    let last = ClientMessage::Inventory {
        entities: Vec::new(),
        last: true,
    };
    EditorSession::join_with(daemon, editor, parts.chain(once(last)), PATIENCE)
}
