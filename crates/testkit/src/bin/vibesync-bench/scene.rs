//! What is edited: a thousand objects.

use std::error::Error;
use std::time::Duration;

use uuid::Uuid;
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{Change, Components, DataRef, EntityKind, Parent, Transform, Visibility};
use vibesync_testkit::{EditorSession, Sent};

/// Objects in the scene, and changes in an intent of the throughput.
pub const OBJECTS: usize = 1_000;

/// Creates the objects in editor A and waits until B holds them.
pub fn populate(a: &mut EditorSession, b: &mut EditorSession) -> Result<Vec<Uuid>, Box<dyn Error>> {
    let uuids: Vec<Uuid> = (0..OBJECTS).map(|_| Uuid::now_v7()).collect();
    let sent = a.edit(uuids.iter().map(|uuid| create(*uuid)).collect())?;
    acknowledged(a, sent)?;
    while b.editor.entities.len() < OBJECTS {
        b.hear()?;
    }
    // What the creation set going comes to its end before anything is measured.
    a.linger(Duration::from_secs(1))?;
    Ok(uuids)
}

fn create(uuid: Uuid) -> Change {
    Change::Create {
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
pub fn acknowledged(
    session: &mut EditorSession,
    sent: Sent,
) -> Result<std::time::Instant, Box<dyn Error>> {
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
