//! What is edited: objects in the scene's root, moved one after the other.

use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{
    Change, Components, DataRef, Entity, EntityKind, Parent, Transform, Visibility,
};
use vibesync_testkit::{EditorSession, Sent};

use crate::stage::Fallible;

/// Changes in an intent: what a protocol of version 1 allows.
const MOST: usize = 10_000;

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
    // What the creation set going comes to its end before anything is measured.
    a.linger(Duration::from_secs(1))?;
    Ok(uuids)
}

/// An object with all its components.
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

/// Moves an object `x` meters along.
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

/// Listens until the daemon says that the intent is durable, and says when that had arrived.
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
