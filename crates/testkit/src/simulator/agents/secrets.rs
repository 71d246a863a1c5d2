//! Entities that people keep from agents: no agent changes them, and no message to an agent tells of them.

use std::collections::BTreeSet;

use vibesync_protocol::DaemonMessage;
use vibesync_scene::{EntityKind, Row, Scene, SessionId, Uuid};

use super::super::violation::{Check, must};
use super::super::world::World;
use crate::fakes::edit::SECRET;

/// Returns the kept entities: guarded objects, objects below them, and data, materials, images and collections that they
/// alone name or have named last.
pub fn kept(scene: &Scene) -> BTreeSet<Uuid> {
    let objects = scene
        .rows()
        .filter(|row| row.entity.kind == EntityKind::Object);
    let objects = objects.filter(|row| is_below_guard(scene, row));
    let mut kept: BTreeSet<Uuid> = objects.map(|row| row.entity.uuid).collect();
    let rank = |row: &Row| match row.entity.kind {
        EntityKind::Object => 0,
        EntityKind::Material => 2,
        EntityKind::Image => 3,
        EntityKind::Collection => 4,
        _ => 1,
    };
    // Data first, then the materials in its slots, then the images in their maps. The second collection is in the first.
    for wanted in [1, 2, 3, 4, 4] {
        let rows = scene.rows().filter(|row| rank(row) == wanted);
        let rows: Vec<&Row> = rows.collect();
        keep_shown(scene, &mut kept, &rows);
    }
    kept
}

/// Adds those of the entities that kept entities alone name, or have named last.
fn keep_shown(scene: &Scene, kept: &mut BTreeSet<Uuid>, entities: &[&Row]) {
    let names = |row: &Row, uuid: Uuid| {
        let components = &row.entity.components;
        let mut slots = components.slots.iter().flat_map(|it| &it.materials);
        let own = components.materials.as_ref().map(|it| it.own.values());
        let map = components.maps.as_ref();
        let map = map.and_then(|it| it.base_color.as_ref());
        let members = components.collections.as_ref();
        let group = components.collection.as_ref();
        components.data.is_some_and(|it| it.uuid == Some(uuid))
            || map.is_some_and(|it| it.image == uuid)
            || members.is_some_and(|it| it.names.contains(&uuid))
            || components.instance.is_some_and(|it| it.of == Some(uuid))
            || group.is_some_and(|it| it.parents.contains(&uuid))
            || slots.any(|it| *it == Some(uuid))
            || own.into_iter().flatten().any(|it| *it == Some(uuid))
    };
    let is_kept = |uuid: &Uuid| {
        let users = || scene.rows().filter(|row| names(row, *uuid));
        let mut live = users().filter(|row| !row.tombstone).peekable();
        match live.peek() {
            Some(_) => live.all(|row| kept.contains(&row.entity.uuid)),
            None => users().any(|row| kept.contains(&row.entity.uuid)),
        }
    };
    let found: Vec<Uuid> = entities.iter().map(|row| row.entity.uuid).collect();
    let found: Vec<Uuid> = found.into_iter().filter(is_kept).collect();
    kept.extend(found);
}

fn is_below_guard(scene: &Scene, row: &Row) -> bool {
    let mut at = Some(row);
    for _ in 0..=scene.len() {
        let Some(row) = at else { return false };
        let guard = row.entity.components.guard;
        if guard.is_some_and(|guard| guard.human_only) {
            return true;
        }
        let parent = row.entity.components.parent.and_then(|parent| parent.uuid);
        at = parent.and_then(|uuid| scene.row(uuid));
    }
    false
}

impl World {
    /// Checks that a message to an agent tells nothing of kept entities which its request does not name.
    pub fn check_secrets(&mut self, session: SessionId, message: &DaemonMessage) -> Check {
        if self.agents.of_session(session).is_none() {
            return Ok(());
        }
        let scene = &self.ledger.state().scene;
        let kept = kept(scene);
        if kept.is_empty() {
            return Ok(());
        }
        self.counts
            .one("messages to agents while something is kept");
        let named = request_of(message).and_then(|id| self.agents.named.get(&id));
        // Serializing plain data into memory cannot fail.
        let text = serde_json::to_string(message).unwrap_or_default();
        let tells = |uuid: &Uuid| {
            let is_named = named.is_some_and(|named| named.contains(uuid));
            let name = scene
                .row(*uuid)
                .and_then(|row| row.entity.components.name.as_deref());
            let name = name.filter(|name| name.starts_with(SECRET));
            !is_named && text.contains(&uuid.to_string())
                || name.is_some_and(|name| text.contains(name))
        };
        let told = kept.iter().find(|uuid| tells(uuid));
        must(
            told.is_none(),
            "no agent learns of what people keep",
            || format!("{told:?} is in {text}"),
        )
    }
}

/// Returns the request that a message answers.
fn request_of(message: &DaemonMessage) -> Option<Uuid> {
    match message {
        DaemonMessage::Ack { operation_id, .. } | DaemonMessage::Outcome { operation_id, .. } => {
            Some(operation_id.0)
        }
        DaemonMessage::Result { request_id, .. } => Some(*request_id),
        DaemonMessage::CommandProgress(progress) => Some(progress.request_id),
        DaemonMessage::CommandResponse(answer) => answer.request_id.or(answer.message_id),
        DaemonMessage::Error {
            operation_id,
            request_id,
            ..
        } => operation_id.map(|it| it.0).or(*request_id),
        _ => None,
    }
}
