//! Comparison of the state that an editor reads back after a batch with the state that was sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use vibesync_protocol::{AppliedResult, ApplyStatus, Code, ErrorBody};
use vibesync_scene::{
    BatchId, Change, Components, Entity, EntityKind, Mesh, Role, Scene, SessionId, Uuid,
    differing_components, take_own_locked, truncate_text,
};

use crate::action::{Action, MeshPair};
use crate::delivery::replica::InFlight;
use crate::delivery::state::{Delivery, FinishedBatch, entity_error, refuse_unknown_batch};
use crate::intake::pending_intents::PendingIntents;
use crate::journal::Journal;

/// Longest text of a value in an error message. A transform is shorter; a name may be longer.
const MAX_VALUE_CHARACTERS: usize = 240;

/// The result of one entity.
enum ReadBackResult {
    Equal,
    /// Only bytes of a mesh, of its shape keys, of its vertex groups or of an action differ. They may still be the same.
    Meshes(MeshPair),
    Failed(ErrorBody),
    /// The entity was applied, or could not be, and is gone: the user has deleted it.
    Vanished(ErrorBody),
}

impl Delivery {
    /// Compares an editor's answer with the batch in flight. Returns none if the program has to compare meshes first, or
    /// if no such batch is in flight.
    pub fn read_back(
        &mut self,
        journal: &mut Journal,
        scene: &Scene,
        pending: &mut PendingIntents,
        session: SessionId,
        batch: BatchId,
        results: Vec<AppliedResult>,
    ) -> Option<FinishedBatch> {
        let answered = self.replicas.of_session_mut(session);
        let answered = answered.and_then(|(role, replica)| {
            replica.note_answer(batch);
            let flight = replica.in_flight.as_mut();
            let flight = flight.filter(|flight| flight.id == batch)?;
            Some((role, flight, &replica.queue))
        });
        let answered = answered.filter(|_| !self.comparing.contains_key(&batch));
        let Some((role, flight, queue)) = answered else {
            refuse_unknown_batch(journal, session);
            return None;
        };
        // Entities that are queued in full again, because this editor holds something else, are compared then.
        flight.sent.retain(|uuid, _| !queue.contains_full(*uuid));
        let mut finished = FinishedBatch {
            role,
            failures: BTreeMap::new(),
            vanished: BTreeMap::new(),
        };
        let pairs = compare_all(scene, flight, results, &mut finished);
        if pairs.is_empty() {
            return Some(finished);
        }
        flight.deadline = None;
        flight.is_answered = true;
        let sent: Vec<Uuid> = flight.sent.keys().copied().collect();
        if let Some(replica) = self.replicas.get(role) {
            pending.note_covered(replica, sent.iter());
        }
        self.comparing.insert(batch, finished);
        journal.push(Action::CompareMeshes { batch, pairs });
        None
    }
}

fn compare_all(
    scene: &Scene,
    flight: &InFlight,
    results: Vec<AppliedResult>,
    finished: &mut FinishedBatch,
) -> Vec<MeshPair> {
    let results = results.into_iter().map(|result| (result.uuid, result));
    let mut results: BTreeMap<Uuid, AppliedResult> = results.collect();
    let mut pairs = Vec::new();
    for (uuid, sent) in &flight.sent {
        let result = results.remove(uuid);
        let row = scene.row(*uuid);
        if row.is_some_and(|row| row.tombstone && row.version > sent.version) {
            // Deleted since it was sent, perhaps by this very editor: nothing is left to compare.
            continue;
        }
        let kind = row.map(|row| row.entity.kind);
        match compare_result(finished.role, &sent.change, kind, result) {
            ReadBackResult::Equal => {}
            ReadBackResult::Meshes(pair) => pairs.push(pair),
            ReadBackResult::Failed(error) => {
                finished.failures.insert(*uuid, error);
            }
            ReadBackResult::Vanished(error) => {
                finished.vanished.insert(*uuid, error);
            }
        }
    }
    pairs
}

fn compare_result(
    role: Role,
    expected: &Change,
    kind: Option<EntityKind>,
    result: Option<AppliedResult>,
) -> ReadBackResult {
    let uuid = expected.uuid();
    let failed = |code, detail: &str| ReadBackResult::Failed(entity_error(code, uuid, detail));
    let wrong = |detail| failed(Code::VerificationFailed, detail);
    let Some(result) = result else {
        return wrong("the editor did not say what it holds");
    };
    if result.status == ApplyStatus::Failed {
        return compare_failed(expected, result);
    }
    match (expected.components(), result.state) {
        (None, None) => ReadBackResult::Equal,
        (None, Some(_)) => wrong("the entity is still there"),
        (Some(_), None) => {
            let detail = "the entity is not there";
            ReadBackResult::Vanished(entity_error(Code::VerificationFailed, uuid, detail))
        }
        (Some(_), Some(held)) if held.uuid != uuid => wrong("it answers another uuid"),
        (Some(_), Some(held)) if kind.is_some_and(|kind| held.kind != kind) => {
            wrong("it is of another kind")
        }
        (Some(components), Some(held)) => compare_components(role, components, &held),
    }
}

/// Returns the result of a change that the editor could not apply.
fn compare_failed(expected: &Change, result: AppliedResult) -> ReadBackResult {
    let code = result.error.as_ref().map(|error| error.code);
    let is_gone = code == Some(Code::ObjectVanished) && result.state.is_none();
    let reason = result.error.map(|error| truncate_text(error.message));
    let reason = reason.as_deref().unwrap_or("no reason given");
    let error = entity_error(Code::ApplyFailed, expected.uuid(), reason);
    match is_gone && expected.components().is_some() {
        true => ReadBackResult::Vanished(error),
        false => ReadBackResult::Failed(error),
    }
}

fn compare_components(role: Role, expected: &Components, held: &Entity) -> ReadBackResult {
    let uuid = held.uuid;
    let expected = &without_own_locked(role, expected, held);
    let mut differing: Vec<&str> = differing_components(expected, &held.components)
        .names()
        .collect();
    differing.retain(|name| *name != "locks" || !has_others_locks(role, expected, held));
    if differing.is_empty() {
        return ReadBackResult::Equal;
    }
    let held = &held.components;
    let is_comparable = |name: &&str| match *name {
        "mesh" => held.mesh.is_some(),
        "shapes" => held.shapes.is_some(),
        "weights" => held.weights.is_some(),
        "shown" => shown_pair(expected, held).is_some(),
        "action" => held.action.is_some(),
        _ => false,
    };
    if differing.iter().all(is_comparable) {
        let differs = |name| differing.contains(&name);
        let meshes = expected.mesh.clone().zip(held.mesh.clone());
        let meshes = meshes.filter(|_| differs("mesh"));
        let shown = shown_pair(expected, held).filter(|_| differs("shown"));
        let shapes = expected.shapes.clone().zip(held.shapes.clone());
        let weights = expected.weights.clone().zip(held.weights.clone());
        let actions = expected.action.clone().zip(held.action.clone());
        return ReadBackResult::Meshes(MeshPair {
            uuid,
            meshes: meshes.or(shown),
            shapes: shapes.filter(|_| differs("shapes")),
            weights: weights.filter(|_| differs("weights")),
            actions: actions.filter(|_| differs("action")),
        });
    }
    let values = differing.iter();
    let values: Vec<String> = values
        .map(|name| describe_difference(name, expected, held))
        .collect();
    let detail = values.join("; ");
    ReadBackResult::Failed(entity_error(Code::VerificationFailed, uuid, &detail))
}

/// Returns what was sent, with the editor's own values of the fields that it has locked: it cannot write them, and sends
/// them if they differ.
fn without_own_locked<'a>(role: Role, sent: &'a Components, held: &Entity) -> Cow<'a, Components> {
    if held.components.locks.is_none() {
        return Cow::Borrowed(sent);
    }
    let mut sent = sent.clone();
    take_own_locked(&mut sent, &held.components, role);
    Cow::Owned(sent)
}

/// Returns true if an editor holds the locks of the other one. It alone knows its own, which it sends if they differ.
fn has_others_locks(role: Role, expected: &Components, held: &Entity) -> bool {
    let held = held
        .components
        .locks
        .as_deref()
        .cloned()
        .unwrap_or_default();
    let sent = expected.locks.as_deref().cloned().unwrap_or_default();
    sent.with_own(role, &held) == Some(held)
}

/// Returns the evaluated meshes of an object, unless more than their bytes may differ.
fn shown_pair(expected: &Components, held: &Components) -> Option<(Box<Mesh>, Box<Mesh>)> {
    let (expected, held) = (expected.shown.as_deref()?, held.shown.as_deref()?);
    let is_alike = expected.materials == held.materials;
    let meshes = expected.mesh.clone().zip(held.mesh.clone());
    let meshes = meshes.map(|(expected, held)| (Box::new(expected), Box::new(held)));
    meshes.filter(|_| is_alike)
}

/// Returns one component as it was sent and as it was read back, for readers of the log.
fn describe_difference(name: &str, sent: &Components, held: &Components) -> String {
    let text = |components: &Components| {
        let value = serde_json::to_value(components).unwrap_or_default();
        let text = value
            .get(name)
            .map_or_else(|| "nothing".to_owned(), ToString::to_string);
        text.chars().take(MAX_VALUE_CHARACTERS).collect::<String>()
    };
    format!("{name} was sent as {}, is {}", text(sent), text(held))
}
