//! The guard of kept entities: no intent of an agent names one, and no answer to an agent tells of one.

use vibesync_protocol::{ErrorBody, ObjectsInUse, QueryResult, Status};
use vibesync_scene::{Change, Code, Invalid, KeptEntities, Scene, Scope};

use crate::intake::location::ChangeLocation;

/// Checks that changes which an agent wants neither name an entity that is kept from agents, nor set a guard.
///
/// To delete an object is to name all objects below it; to delete data is to name all objects that show it. The error
/// names no entity that the agent did not.
pub(crate) fn check(scene: &Scene, changes: &[Change]) -> Result<(), Invalid> {
    let kept = KeptEntities::new(scene);
    for (i, change) in changes.iter().enumerate() {
        let location = ChangeLocation(i);
        check_change(scene, &kept, change).map_err(|field| {
            let location = match field {
                "uuid" => format!("{location}.uuid"),
                _ => format!("{location}.components.{field}"),
            };
            Invalid::new(
                Code::KeptForPeople,
                location,
                "people keep this from agents",
            )
        })?;
    }
    Ok(())
}

/// Returns the part of a change that an agent may make: without a guard, and none if it names something kept.
pub(crate) fn permitted(kept: &KeptEntities<'_>, scene: &Scene, change: Change) -> Option<Change> {
    let mut change = change;
    if let Change::Update { components, .. } = &mut change {
        components.retain(|name| name != "guard");
        if components.is_empty() {
            return None;
        }
    }
    check_change(scene, kept, &change).is_ok().then_some(change)
}

/// Returns the field that names something kept as an error.
fn check_change(
    scene: &Scene,
    kept: &KeptEntities<'_>,
    change: &Change,
) -> Result<(), &'static str> {
    let uuid = change.uuid();
    if kept.contains(uuid) {
        return Err("uuid");
    }
    let Some(components) = change.components() else {
        let mut dependent = scene.children(uuid).chain(scene.users(uuid));
        return match dependent.any(|uuid| kept.contains(uuid)) {
            true => Err("uuid"),
            false => Ok(()),
        };
    };
    let mut references = components.references();
    if let Some(named) = references.find(|it| kept.contains(it.uuid)) {
        return Err(named.field());
    }
    match components.guard.is_some_and(|guard| guard.human_only) {
        true => Err("guard"),
        false => Ok(()),
    }
}

/// Removes from an answer to an agent what is kept from agents. The rows of [`QueryResult::Entities`] are left out where
/// they are read.
pub(crate) fn redact(scene: &Scene, result: &mut QueryResult) {
    let kept = KeptEntities::new(scene);
    if kept.is_empty() {
        return;
    }
    match result {
        QueryResult::Status { status } => redact_status(scene, &kept, status),
        QueryResult::Governance {
            failures, total, ..
        } => {
            let is_kept =
                |scope: &Scope| matches!(scope, Scope::Entity(uuid) if kept.contains(*uuid));
            let before = failures.len();
            failures.retain(|failure| !is_kept(&failure.scope));
            *total = total.saturating_sub((before - failures.len()) as u64);
        }
        QueryResult::Operation { uuids, error, .. } => {
            uuids.retain(|uuid| !kept.contains(*uuid));
            // The message of a rollback may tell of any entity.
            if let Some(error) = error {
                error.message = error.code.title().to_owned();
            }
        }
        _ => {}
    }
}

/// Removes entity and message from the error of a rollback that an agent is told. Operations are rolled back and refused with
/// those that they stand on, for the sake of any entity; the log tells an agent more, without what is kept from it.
pub(crate) fn redact_rollback(error: &mut ErrorBody) {
    error.message = error.code.title().to_owned();
    error.location.clear();
}

fn redact_status(scene: &Scene, kept: &KeptEntities<'_>, status: &mut Status) {
    status.entities = status.entities.saturating_sub(kept.live_count());
    let disputed = scene.quarantined().iter();
    let disputed = disputed.filter(|uuid| kept.contains(**uuid) && scene.live(**uuid).is_some());
    status.quarantined = status.quarantined.saturating_sub(disputed.count());
    let lost = status.lost_entities.len();
    status.lost_entities.retain(|it| !kept.contains(it.uuid));
    status.lost = status
        .lost
        .saturating_sub(lost - status.lost_entities.len());
    for session in &mut status.sessions {
        if let Some(ObjectsInUse::Listed(objects)) = &mut session.hands {
            objects.retain(|uuid| !kept.contains(*uuid));
        }
    }
    // Its message may tell of any of its entities.
    let error = status.last_error.take();
    status.last_error = error.filter(|it| !it.uuids.iter().any(|uuid| kept.contains(*uuid)));
}
