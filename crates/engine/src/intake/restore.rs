//! Bringing back what a commit holds: the difference to now, as one ordinary transaction.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{
    DaemonMessage, Intent, MAX_PLANNED, PlannedChange, QueryResult, RestoreRequest, SCHEMA_VERSION,
};
use vibesync_scene::{
    BlobId, Change, Code, Components, Entity, Invalid, OperationId, Role, Scene, SessionId, Uuid,
    differing_components,
};

use crate::action::Action;
use crate::action::Restore;
use crate::engine::Engine;
use crate::intake::check::{check, check_shape};
use crate::intake::conflict::Sender;

/// Most changes in a restore: its records name all entities in one line of the log, which has a limit.
const MAX_RESTORED: usize = 100_000;

impl Engine {
    /// Lets the commit be read. Only a person at the command line may ask, and one restore is prepared at a time: each
    /// holds a whole scene in failures.
    pub(crate) fn ask_to_restore(&mut self, session: SessionId, request: RestoreRequest) {
        let role = self.sessions.get(session).map(|session| session.role);
        let refused = match (role, self.is_restoring) {
            (Some(Role::Cli), false) => None,
            (Some(Role::Cli), true) => Some((Code::QueueFull, "another restore is being prepared")),
            _ => Some((Code::MessageUnknown, "only the command line restores")),
        };
        if let Some((code, message)) = refused {
            return self.error(session, code, message, "type", None);
        }
        self.is_restoring = true;
        self.actions.push(Action::ReadCommit { session, request });
    }

    /// Says what has to change, and does it as if a person had made all these edits at once. Nothing is done before all
    /// bulk data that it needs is known to be there.
    pub(crate) fn restorable(&mut self, session: SessionId, restore: Box<Restore>) {
        let intent = match self.intent_to(&restore) {
            Ok(intent) => intent,
            Err(invalid) => return self.refuse_restore(session, invalid),
        };
        let changes = intent.changes.iter().filter_map(Change::components);
        let needed: BTreeSet<BlobId> = changes.flat_map(Components::blobs).collect();
        let blobs: BTreeSet<BlobId> = needed.difference(&restore.checked).copied().collect();
        if !blobs.is_empty() {
            return self.actions.push(Action::CheckBlobs {
                session,
                restore,
                blobs,
            });
        }
        self.is_restoring = false;
        let to_do = !intent.changes.is_empty() && !restore.request.dry_run;
        let result = QueryResult::Restore {
            commit: restore.commit,
            seq: restore.seq,
            changes: planned(&self.scene, &intent.changes),
            total: intent.changes.len() as u64,
            operation_id: to_do.then_some(intent.operation_id),
        };
        let request_id = restore.request.request_id;
        self.send(session, DaemonMessage::Result { request_id, result });
        if to_do {
            self.intent_of(session, intent, MAX_RESTORED);
        }
    }

    /// Says why nothing was restored.
    pub(crate) fn refuse_restore(&mut self, session: SessionId, invalid: Invalid) {
        self.is_restoring = false;
        let Invalid {
            code,
            location,
            message,
        } = invalid;
        self.error(session, code, &message, &location, None);
    }

    /// The edits that lead from the scene to the commit, checked as a whole. It has seen all that happened, so it may
    /// revive what was deleted.
    fn intent_to(&self, restore: &Restore) -> Result<Intent, Invalid> {
        let wanted = wanted(&self.scene, restore)?;
        let changes = wanted
            .into_iter()
            .filter_map(|uuid| change(self.scene.live(uuid), restore.target.get(&uuid)))
            .collect();
        let intent = Intent {
            operation_id: OperationId(restore.request.request_id),
            project_id: self.options.project_id,
            schema_version: SCHEMA_VERSION,
            base_seq: self.head_seq(),
            label: restore.request.label.clone(),
            changes,
        };
        if !intent.changes.is_empty() {
            check_shape(&intent, MAX_RESTORED)?;
            let sender = Sender {
                role: Role::Cli,
                base_seq: intent.base_seq,
                replica: None,
            };
            check(&self.scene, &sender, &intent)?;
        }
        Ok(intent)
    }
}

/// The entities to look at: all there are in scene and commit, or those that were named with what they refer to and
/// what is not there now.
fn wanted(scene: &Scene, restore: &Restore) -> Result<BTreeSet<Uuid>, Invalid> {
    let (named, target) = (&restore.request.uuids, &restore.target);
    if named.is_empty() {
        let live = scene.rows().filter(|row| !row.tombstone);
        let live = live.map(|row| row.entity.uuid);
        return Ok(live.chain(target.keys().copied()).collect());
    }
    let mut wanted = BTreeSet::new();
    let mut next = named.clone();
    while let Some(uuid) = next.pop() {
        if !wanted.insert(uuid) {
            continue;
        }
        if scene.row(uuid).is_none() && !target.contains_key(&uuid) {
            let message = format!("neither the scene nor the commit knows {uuid}");
            return Err(Invalid::new(Code::UuidUnknown, "uuids", message));
        }
        let missing = |uuid: &Uuid| scene.live(*uuid).is_none();
        next.extend(references(target, uuid).filter(missing));
    }
    Ok(wanted)
}

/// What an entity of the commit refers to.
fn references(target: &BTreeMap<Uuid, Entity>, uuid: Uuid) -> impl Iterator<Item = Uuid> {
    let components = target.get(&uuid).map(|entity| &entity.components);
    let parent = components.and_then(|it| it.parent).and_then(|it| it.uuid);
    let data = components.and_then(|it| it.data).and_then(|it| it.uuid);
    parent.into_iter().chain(data)
}

fn change(now: Option<&Entity>, then: Option<&Entity>) -> Option<Change> {
    match (now, then) {
        (None, None) => None,
        (None, Some(then)) => Some(Change::put(then)),
        (Some(now), None) => Some(Change::Delete { uuid: now.uuid }),
        (Some(now), Some(then)) => {
            let mut components = then.components.clone();
            components.say_absent(now.components.set());
            let differing = differing_components(&components, &now.components);
            components.retain(|name| differing.contains(name));
            (!differing.is_empty()).then_some(Change::Update {
                uuid: now.uuid,
                components,
            })
        }
    }
}

/// What a person wants to know of the changes.
fn planned(scene: &Scene, changes: &[Change]) -> Vec<PlannedChange> {
    let plan = |change: &Change| {
        let uuid = change.uuid();
        let now = scene.row(uuid).map(|row| &row.entity);
        let (op, kind) = match change {
            Change::Create { kind, .. } => ("create", *kind),
            Change::Update { .. } => ("update", now?.kind),
            Change::Delete { .. } => ("delete", now?.kind),
        };
        let carried = change.components();
        let name = carried.and_then(|components| components.name.clone());
        let present = carried.map(Components::present).unwrap_or_default();
        Some(PlannedChange {
            uuid,
            op: op.to_owned(),
            kind,
            name: name.or_else(|| now?.components.name.clone()),
            components: present.into_iter().map(str::to_owned).collect(),
        })
    };
    changes.iter().filter_map(plan).take(MAX_PLANNED).collect()
}
