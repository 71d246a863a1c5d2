//! The invariants of edits made at the same time: what each editor really held when its user edited, and whether a
//! change that gave way was told to its author. Computed from the editors, not from `base_seq`.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{
    Change, Code, ComponentSet, EntityKind, OperationId, Payload, RecordBody, Role, Row, Scene,
    Uuid, differing_components, find_locked_change,
};

use super::violation::{Check, must};
use crate::fakes::FakeEditor;
use crate::fakes::edit::known_components;

/// Milliseconds in which a person is told only once about the same entity.
const NOTICE_INTERVAL_MS: u64 = 10_000;

/// An edit, and the state on which it was made.
struct Edit {
    role: Role,
    /// The components that the editor shows: its user overwrites no others unseen.
    shown: ComponentSet,
    changes: Vec<Change>,
    /// The version of each entity that the editor had applied.
    applied: BTreeMap<Uuid, u64>,
}

/// The edits of a run, and the notices that are due.
#[derive(Default)]
pub struct Conflicts {
    edits: BTreeMap<OperationId, Edit>,
    /// Entities that the user of an editor has deleted. Undoing that deletion revives them, whoever else deleted them.
    deleted: BTreeSet<(Role, Uuid)>,
    /// Authors and entities whose change gives way in this step, with the change that stands.
    due: Vec<(Role, Uuid, String)>,
    /// Versions of objects that were sent without their lost data. The object shows the next version.
    partial: BTreeSet<(Role, Uuid, u64)>,
    /// Time of the last notice to a role about an entity.
    told: BTreeMap<(Role, Uuid), u64>,
}

impl Conflicts {
    /// Notes an edit at the moment in which the user makes it.
    pub fn edited(&mut self, editor: &FakeEditor, id: OperationId) {
        let Some(intent) = editor.outbox.last().filter(|it| it.operation_id == id) else {
            return;
        };
        let deletes = |it: &&Change| matches!(it, Change::Delete { .. });
        let deleted = intent.changes.iter().filter(deletes);
        self.deleted
            .extend(deleted.map(|it| (editor.role, it.uuid())));
        let uuids = intent.changes.iter().map(Change::uuid);
        let applied = |uuid| {
            let version = editor.applied.get(&uuid).copied().unwrap_or_default();
            let is_partial = self.partial.contains(&(editor.role, uuid, version));
            (version + u64::from(is_partial)).max(editor.equal_seq)
        };
        let edit = Edit {
            role: editor.role,
            shown: known_components(editor.components().collect()),
            changes: intent.changes.clone(),
            applied: uuids.map(|uuid| (uuid, applied(uuid))).collect(),
        };
        self.edits.insert(id, edit);
    }

    /// Checks a record against the scene before it.
    pub fn record(&mut self, scene: &Scene, record: &RecordBody) -> Check {
        let (Payload::Step { change, .. }, Some(id)) = (&record.payload, record.operation_id)
        else {
            return Ok(());
        };
        let uuid = change.uuid();
        let (Some(edit), Some(row)) = (self.edits.get(&id), scene.row(uuid)) else {
            return Ok(());
        };
        let Some(applied) = edit.applied.get(&uuid) else {
            return Ok(());
        };
        let is_undo = row.tombstone && self.deleted.contains(&(edit.role, uuid));
        if is_undo {
            return Ok(());
        }
        let (role, touched) = (edit.role, change.touched());
        if let (false, Some(wanted)) = (row.tombstone, change.components()) {
            let changed = find_locked_change(wanted, &row.entity.components, role);
            must(
                changed.is_none(),
                "nobody changes what another editor cannot write",
                || format!("{role:?} changes {changed:?} of {:?}", row.entity),
            )?;
        }
        for writer in row.changed.after(*applied) {
            let others = writer.by.filter(|by| *by != role && by.is_person());
            let lost = writer.components.and(touched).and(edit.shown);
            let (Some(by), false) = (others, lost.is_empty()) else {
                continue;
            };
            let structural = lost.without(ComponentSet::cosmetic());
            must(
                structural.is_empty() && !matches!(change, Change::Delete { .. }),
                "no structural change of another person is overwritten unseen",
                || {
                    format!(
                        "{change:?} of {role:?}, who had applied {applied}, overwrites {writer:?}"
                    )
                },
            )?;
            let what = format!("{writer:?} of {by:?} is overwritten by {change:?}");
            self.due.push((by, uuid, what));
        }
        Ok(())
    }

    /// Notes a message to a client, with the scene at that time.
    pub fn message(&mut self, scene: &Scene, role: Role, message: &DaemonMessage, now: u64) {
        match message {
            DaemonMessage::Notice { code, uuids, .. } if is_about_conflict(*code) => {
                self.told
                    .extend(uuids.iter().map(|uuid| ((role, *uuid), now)));
            }
            DaemonMessage::Apply { changes, .. } => {
                let is_partial = |uuid, version| {
                    scene
                        .row(uuid)
                        .is_some_and(|row| row.version == version + 1)
                };
                for sent in changes {
                    let (uuid, version) = (sent.change.uuid(), sent.version);
                    match is_partial(uuid, version) {
                        true => self.partial.insert((role, uuid, version)),
                        false => self.partial.remove(&(role, uuid, version)),
                    };
                }
            }
            DaemonMessage::Ack {
                operation_id,
                status: AckStatus::Accepted | AckStatus::Unchanged,
                ..
            } => {
                let Some(edit) = self.edits.get(operation_id) else {
                    return;
                };
                let left_out = edit
                    .changes
                    .iter()
                    .filter(|it| !stands(scene.row(it.uuid()), it))
                    .filter(|it| !shows_no_unknown(scene, edit, it));
                let left_out =
                    left_out.map(|it| (edit.role, it.uuid(), format!("{it:?} is left out")));
                self.due.extend(left_out);
            }
            _ => {}
        }
    }

    /// Checks at the end of a step that the connected authors of changes that gave way were told.
    pub fn check_told(&mut self, connected: &[Role], now: u64) -> Check {
        for (role, uuid, what) in std::mem::take(&mut self.due) {
            let told = self.told.get(&(role, uuid));
            let is_told = told.is_some_and(|at| now < at + NOTICE_INTERVAL_MS);
            must(
                is_told || !connected.contains(&role),
                "nobody's change gives way in silence",
                || what,
            )?;
        }
        Ok(())
    }

    /// Forgets what was told over a connection: the next one is told again.
    pub fn disconnected(&mut self, role: Role) {
        self.told.retain(|(to, _), _| *to != role);
    }
}

fn is_about_conflict(code: Code) -> bool {
    matches!(code, Code::Superseded | Code::Conflict)
}

/// Returns true if a change stands but for the data of an object, and its editor says "none" of that. The object shows
/// a camera, which that editor does not know. The user sees a "none", so nobody is told.
fn shows_no_unknown(scene: &Scene, edit: &Edit, change: &Change) -> bool {
    let row = scene.row(change.uuid());
    let data = row.and_then(|row| row.entity.components.data?.uuid);
    let data = data.and_then(|data| scene.row(data));
    let is_camera = data.is_some_and(|row| row.entity.kind == EntityKind::Camera);
    let mut rest = change.clone();
    let said = rest.components_mut().and_then(|it| it.data.take());
    let says_none = said.is_some_and(|data| data.uuid.is_none());
    is_camera && says_none && !edit.shown.contains("camera") && stands(row, &rest)
}

/// Returns true if the scene has what a change asks for.
fn stands(row: Option<&Row>, change: &Change) -> bool {
    let Some(row) = row else {
        // An editor with another history deletes what the log does not have.
        return matches!(change, Change::Delete { .. });
    };
    match change.components() {
        None => row.tombstone,
        Some(components) => {
            !row.tombstone && differing_components(components, &row.entity.components).is_empty()
        }
    }
}
