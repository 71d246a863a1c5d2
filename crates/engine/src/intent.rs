//! From a wish to a transaction: checked against the scene, reduced to what really changes, logged, acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{
    AckStatus, ApplyReason, Code, DaemonMessage, ErrorBody, Intent, MAX_CHANGES, SCHEMA_VERSION,
};
use vibesync_scene::{
    Author, Change, Components, EntityKind, Invalid, Operation, Role, Row, Scene, SessionId, Uuid,
};
use vibesync_scene::{check_change, differing_components};

use crate::Engine;

impl Engine {
    pub(crate) fn intent(&mut self, session: SessionId, intent: Intent) {
        let Some(origin) = self.sessions.get(session).map(|session| session.role) else {
            return;
        };
        let id = intent.operation_id;
        let digest = content_digest(&intent);
        if let Some(known) = self.operations.get(id).cloned() {
            return self.answer_again(session, &intent, &digest, &known);
        }
        let checked = self
            .check_envelope(session, &intent)
            .and_then(|()| check_changes(&self.scene, &intent));
        match checked {
            Err(invalid) => self.refuse_intent(session, &intent, invalid),
            Ok(changes) => {
                self.note_unchanged(origin, &intent);
                if changes.is_empty() {
                    let seq = self.head_seq();
                    return self.ack(session, &intent, AckStatus::Unchanged, seq, None);
                }
                let begin = self.begin(session, origin, &intent, digest, changes);
                self.ack(session, &intent, AckStatus::Accepted, begin, None);
                self.finish_if_settled(begin);
            }
        }
    }

    /// Does nothing but say why. An editor that holds what the authority never will gets the authoritative state back.
    pub(crate) fn refuse_intent(&mut self, session: SessionId, intent: &Intent, invalid: Invalid) {
        let is_about_content =
            invalid.code >= Code::UuidUnknown && invalid.code <= Code::BlobUnknown;
        let mut error = ErrorBody::from(invalid);
        error.help = error.code.help().to_owned();
        self.note_error(&error, intent.changes.iter().map(Change::uuid));
        self.ack(
            session,
            intent,
            AckStatus::Refused,
            self.head_seq(),
            Some(error),
        );
        if let Some((role, _)) = self.sessions.peer_of(session).filter(|_| is_about_content) {
            self.restore_refused(role, intent);
        }
    }

    fn check_envelope(&mut self, session: SessionId, intent: &Intent) -> Result<(), Invalid> {
        if intent.project_id != self.options.project_id {
            return Err(Invalid::new(
                Code::OtherProject,
                "project_id",
                "the intent is for another project",
            ));
        }
        if intent.schema_version != SCHEMA_VERSION {
            let message = format!(
                "schema version {} is not {SCHEMA_VERSION}",
                intent.schema_version
            );
            return Err(Invalid::new(
                Code::VersionUnsupported,
                "schema_version",
                message,
            ));
        }
        if intent.base_seq > self.head_seq() {
            let message = format!(
                "base_seq {} is ahead of the log at {}",
                intent.base_seq,
                self.head_seq()
            );
            return Err(Invalid::new(Code::SequenceAhead, "base_seq", message));
        }
        if self.transactions.len() >= self.options.max_open {
            return Err(Invalid::new(
                Code::QueueFull,
                "",
                "too many transactions are under way",
            ));
        }
        let syncing = self
            .sessions
            .peer_of(session)
            .is_some_and(|(_, peer)| peer.inventory.is_some());
        if syncing {
            return Err(Invalid::new(
                Code::MessageUnknown,
                "type",
                "no intent before the inventory is answered",
            ));
        }
        Ok(())
    }

    fn answer_again(
        &mut self,
        session: SessionId,
        intent: &Intent,
        digest: &str,
        known: &Operation,
    ) {
        if known.digest != digest {
            let error = ErrorBody {
                code: Code::OperationReused,
                message: "this operation id was used for other content".into(),
                place: "operation_id".into(),
                help: Code::OperationReused.help().to_owned(),
            };
            return self.ack(
                session,
                intent,
                AckStatus::Refused,
                known.begin,
                Some(error),
            );
        }
        self.ack(session, intent, AckStatus::Duplicate, known.begin, None);
        if let Some((phase, outcome)) = known.end {
            let seq = known.begin;
            self.send(
                session,
                DaemonMessage::Outcome {
                    operation_id: intent.operation_id,
                    phase,
                    outcome,
                    seq,
                    error: None,
                },
            );
        }
    }

    fn ack(
        &mut self,
        session: SessionId,
        intent: &Intent,
        status: AckStatus,
        seq: u64,
        error: Option<ErrorBody>,
    ) {
        let uuids = intent.changes.iter().map(Change::uuid);
        let behind = match self.sessions.peer_of(session) {
            Some((_, peer)) => uuids.filter(|uuid| peer.is_expecting(*uuid)).collect(),
            None => Vec::new(),
        };
        self.send(
            session,
            DaemonMessage::Ack {
                operation_id: intent.operation_id,
                status,
                seq,
                behind,
                error,
            },
        );
    }

    /// An editor that sends values which the scene already holds is up to date on them.
    fn note_unchanged(&mut self, origin: Role, intent: &Intent) {
        let Some(peer) = self.sessions.peer_mut(origin) else {
            return;
        };
        for change in &intent.changes {
            let row = self.scene.row(change.uuid());
            if let Some(row) = row.filter(|_| !peer.is_expecting(change.uuid())) {
                peer.held.insert(change.uuid(), row.version);
            }
        }
    }

    fn restore_refused(&mut self, origin: Role, intent: &Intent) {
        let Some(peer) = self.sessions.peer_mut(origin) else {
            return;
        };
        for change in &intent.changes {
            if self.scene.row(change.uuid()).is_some() {
                peer.queue.push_whole(change.uuid(), ApplyReason::Restore);
            }
        }
    }
}

/// BLAKE3 of what is asked for: the same for a repeated intent, whatever happened since.
fn content_digest(intent: &Intent) -> String {
    let mut hasher = blake3::Hasher::new();
    // Writing plain data into a hasher cannot fail.
    let _ = serde_json::to_writer(&mut hasher, &(&intent.label, &intent.changes));
    hasher.finalize().to_hex().to_string()
}

/// The scene with an intent's changes on top of it.
struct Draft<'a> {
    scene: &'a Scene,
    rows: BTreeMap<Uuid, Row>,
}

impl Draft<'_> {
    fn row(&self, uuid: Uuid) -> Option<&Row> {
        self.rows.get(&uuid).or_else(|| self.scene.row(uuid))
    }

    fn live(&self, uuid: Uuid) -> Option<&Row> {
        self.row(uuid).filter(|row| !row.tombstone)
    }

    fn parent(&self, uuid: Uuid) -> Option<Uuid> {
        self.live(uuid)?.entity.components.parent?.uuid
    }
}

/// Checks an intent against the scene, all of it before anything is done, and keeps what really changes.
fn check_changes(scene: &Scene, intent: &Intent) -> Result<Vec<Change>, Invalid> {
    if intent.changes.is_empty() || intent.changes.len() > MAX_CHANGES {
        let message = format!(
            "{} changes; 1 to {MAX_CHANGES} are allowed",
            intent.changes.len()
        );
        return Err(Invalid::new(Code::IntentShape, "changes", message));
    }
    let mut draft = Draft {
        scene,
        rows: BTreeMap::new(),
    };
    let mut kept = Vec::new();
    let mut named = BTreeSet::new();
    for (i, change) in intent.changes.iter().enumerate() {
        let place = format!("changes[{i}]");
        if !named.insert(change.uuid()) {
            return Err(Invalid::new(
                Code::IntentShape,
                place,
                "the intent names this uuid twice",
            ));
        }
        let kind = kind_of(scene, change, intent.base_seq, &place)?;
        check_change(change, kind, &place)?;
        if let Some(effective) = effective(scene, change) {
            if let Some(row) =
                Row::after(scene.row(change.uuid()), &effective, &Author::authority(0))
            {
                draft.rows.insert(change.uuid(), row);
            }
            kept.push(effective);
        }
    }
    check_references(&draft, intent)?;
    Ok(kept)
}

/// The entity's kind, if the change may be about it at all.
fn kind_of(
    scene: &Scene,
    change: &Change,
    base_seq: u64,
    place: &str,
) -> Result<EntityKind, Invalid> {
    let refuse = |code, message: &str| Err(Invalid::new(code, format!("{place}.uuid"), message));
    let row = scene.row(change.uuid());
    match (change, row) {
        (Change::Create { kind, .. }, None) => Ok(*kind),
        (Change::Create { kind, .. }, Some(row)) if row.entity.kind != *kind => refuse(
            Code::UuidOtherKind,
            "this uuid belongs to an entity of another kind",
        ),
        // Undoing a delete brings the entity back; a late create from before it does not.
        (Change::Create { .. }, Some(row)) if row.tombstone && base_seq < row.version => {
            refuse(Code::Tombstoned, "this uuid was deleted in the meantime")
        }
        (Change::Update { .. }, Some(row)) if row.tombstone => {
            refuse(Code::Tombstoned, "this uuid was deleted")
        }
        (_, Some(row)) => Ok(row.entity.kind),
        (_, None) => refuse(Code::UuidUnknown, "no entity has this uuid"),
    }
}

/// The change without what is already so; none if nothing is left.
fn effective(scene: &Scene, change: &Change) -> Option<Change> {
    let Some(entity) = scene.live(change.uuid()) else {
        let deleted_already = matches!(change, Change::Delete { .. });
        return (!deleted_already).then(|| change.clone());
    };
    let Some(components) = change.components() else {
        return Some(change.clone());
    };
    let differing = differing_components(components, &entity.components);
    let mut components: Components = components.clone();
    components.retain(|name| differing.contains(&name));
    (!differing.is_empty()).then_some(Change::Update {
        uuid: entity.uuid,
        components,
    })
}

/// Parents and data must exist, no object may be its own ancestor, and no child may be left under a deleted parent.
fn check_references(draft: &Draft<'_>, intent: &Intent) -> Result<(), Invalid> {
    for (i, change) in intent.changes.iter().enumerate() {
        let place = format!("changes[{i}]");
        let Some(row) = draft.live(change.uuid()) else {
            if let Some(child) = draft.scene.children(change.uuid()).find(|child| {
                draft.live(*child).is_some() && draft.parent(*child) == Some(change.uuid())
            }) {
                let message = format!("child {child} is neither deleted nor moved elsewhere");
                return Err(Invalid::new(
                    Code::ChildrenLeft,
                    format!("{place}.uuid"),
                    message,
                ));
            }
            continue;
        };
        let components = &row.entity.components;
        check_target(
            draft,
            components.parent.and_then(|p| p.uuid),
            true,
            &format!("{place}.components.parent"),
        )?;
        check_target(
            draft,
            components.data.and_then(|d| d.uuid),
            false,
            &format!("{place}.components.data"),
        )?;
        check_cycle(draft, change.uuid(), &place)?;
    }
    Ok(())
}

fn check_target(
    draft: &Draft<'_>,
    target: Option<Uuid>,
    is_object: bool,
    place: &str,
) -> Result<(), Invalid> {
    let Some(uuid) = target else { return Ok(()) };
    match draft.live(uuid) {
        None => Err(Invalid::new(
            Code::UuidUnknown,
            format!("{place}.uuid"),
            format!("no entity has uuid {uuid}"),
        )),
        Some(row) if (row.entity.kind == EntityKind::Object) != is_object => Err(Invalid::new(
            Code::UuidOtherKind,
            format!("{place}.uuid"),
            "an entity of this kind cannot stand here",
        )),
        Some(_) => Ok(()),
    }
}

fn check_cycle(draft: &Draft<'_>, start: Uuid, place: &str) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    let mut at = Some(start);
    while let Some(uuid) = at {
        if !seen.insert(uuid) {
            let message = format!("{start} would be its own ancestor");
            return Err(Invalid::new(
                Code::ParentCycle,
                format!("{place}.components.parent"),
                message,
            ));
        }
        at = draft.parent(uuid);
    }
    Ok(())
}
