//! The plan of a restore: the changes that lead from the scene to a commit.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{Intent, MAX_RESULT_ITEMS, PlannedChange, SCHEMA_VERSION};
use vibesync_scene::{
    Change, Code, Components, Entity, Invalid, KeptEntities, OperationId, ProjectId, Role, Scene,
    Uuid, differing_components, keep_locked,
};

use crate::action::Restore;
use crate::agents::guard;
use crate::intake::check::check_shape;
use crate::intake::conflict::Sender;
use crate::intake::pending_intents::Covered;
use crate::intake::validate::validate;

/// Most changes in a restore. Its records name all entities in one line of the log, which has a limit.
pub(crate) const MAX_RESTORED: usize = 100_000;

/// Returns the intent that leads from the scene to the commit, validated as a whole. Its sender has seen the newest
/// state, so it may revive deleted entities. An agent restores nothing that people keep from agents.
pub(crate) fn plan(
    scene: &Scene,
    project_id: ProjectId,
    head_seq: u64,
    restore: &Restore,
    is_for_agent: bool,
) -> Result<Intent, Invalid> {
    let kept = is_for_agent.then(|| KeptEntities::new(scene));
    let uuids = select_entities(scene, restore, kept.as_ref())?;
    let changes = uuids
        .into_iter()
        .filter_map(|uuid| difference(scene.live(uuid), restore.target.get(&uuid)));
    let changes = changes.filter_map(|change| match &kept {
        Some(kept) => guard::permitted(kept, scene, change),
        None => Some(change),
    });
    let intent = Intent {
        operation_id: OperationId(restore.request.request_id),
        project_id,
        schema_version: SCHEMA_VERSION,
        base_seq: head_seq,
        label: restore.request.label.clone(),
        dry_run: false,
        request_id: None,
        changes: changes.collect(),
    };
    check_prepared(scene, &intent)?;
    Ok(intent)
}

/// Checks an intent that the engine has made itself, as one of a person who knows the present scene.
pub(crate) fn check_prepared(scene: &Scene, intent: &Intent) -> Result<(), Invalid> {
    if intent.changes.is_empty() {
        return Ok(());
    }
    check_shape(intent, MAX_RESTORED)?;
    let sender = Sender {
        role: Role::Cli,
        is_person: true,
        base_seq: intent.base_seq,
        replica: None,
        covered: &Covered::new(),
        common_end: None,
        agent: None,
    };
    validate(scene, &sender, intent)?;
    Ok(())
}

/// Returns the entities to compare: all of the scene and the commit, or the requested ones with the missing entities that
/// they refer to. A kept entity counts as unknown.
fn select_entities(
    scene: &Scene,
    restore: &Restore,
    kept: Option<&KeptEntities<'_>>,
) -> Result<BTreeSet<Uuid>, Invalid> {
    let is_kept = |uuid: &Uuid| kept.is_some_and(|kept| kept.contains(*uuid));
    let (named, target) = (&restore.request.uuids, &restore.target);
    if named.is_empty() {
        let live = scene.rows().filter(|row| !row.tombstone);
        let live = live.map(|row| row.entity.uuid);
        return Ok(live.chain(target.keys().copied()).collect());
    }
    let mut selected = BTreeSet::new();
    let mut next = named.clone();
    while let Some(uuid) = next.pop() {
        if !selected.insert(uuid) {
            continue;
        }
        let is_known = scene.row(uuid).is_some() || target.contains_key(&uuid);
        if !is_known || is_kept(&uuid) {
            let message = format!("neither the scene nor the commit knows {uuid}");
            return Err(Invalid::new(Code::UuidUnknown, "uuids", message));
        }
        let is_missing = |uuid: &Uuid| scene.live(*uuid).is_none() && !is_kept(uuid);
        next.extend(references(target, uuid).filter(is_missing));
    }
    Ok(selected)
}

/// Lists the entities that an entity of the commit names.
fn references(target: &BTreeMap<Uuid, Entity>, uuid: Uuid) -> impl Iterator<Item = Uuid> {
    let components = target.get(&uuid).map(|entity| &entity.components);
    let references = components.into_iter().flat_map(Components::references);
    references.map(|it| it.uuid)
}

/// Returns the change that turns the entity of the scene into the entity of the commit.
fn difference(now: Option<&Entity>, then: Option<&Entity>) -> Option<Change> {
    match (now, then) {
        (None, None) => None,
        (None, Some(then)) => Some(Change::revive(then)),
        (Some(now), None) => Some(Change::Delete { uuid: now.uuid }),
        (Some(now), Some(then)) => {
            let mut components = then.components.clone();
            components.mark_absent(now.components.set());
            // Locks say what the editors are able to do now.
            components.retain(|name| name != "locks");
            keep_locked(&mut components, &now.components, Role::Cli);
            let differing = differing_components(&components, &now.components);
            components.retain(|name| differing.contains(name));
            (!differing.is_empty()).then_some(Change::Update {
                uuid: now.uuid,
                components,
            })
        }
    }
}

/// Returns the number of entities that the changes create or revive.
pub(crate) fn count_created(changes: &[Change]) -> u64 {
    let created = changes.iter();
    created
        .filter(|it| matches!(it, Change::Create { .. }))
        .count() as u64
}

/// Returns the number of entities that the changes delete.
pub(crate) fn count_deleted(changes: &[Change]) -> u64 {
    let deleted = changes.iter();
    deleted
        .filter(|it| matches!(it, Change::Delete { .. }))
        .count() as u64
}

/// Returns a summary of the changes for a person.
pub(crate) fn summarize(scene: &Scene, changes: &[Change]) -> Vec<PlannedChange> {
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
    changes
        .iter()
        .filter_map(plan)
        .take(MAX_RESULT_ITEMS)
        .collect()
}
