//! Validation of a whole intent against the scene, before anything is done.

use std::borrow::Cow;

use vibesync_protocol::Intent;
use vibesync_scene::{
    Change, Code, ComponentSet, Components, ConflictingChange, EntityKind, Invalid, Reference,
    Role, Scene, Uuid, check_change, differing_components, find_locked_change,
};

use crate::intake::conflict::{Resolution, Sender, conflicting_change};
use crate::intake::draft::{Draft, Fault, Refusal, is_structural};
use crate::intake::location::ChangeLocation;

/// Most rounds of quarantining changes that rely on quarantined changes. Beyond, the whole intent is quarantined.
const MAX_ROUNDS: usize = 8;

/// The result of a validation.
#[derive(Default)]
pub(crate) struct Validated {
    /// Changes that really change something.
    pub accepted: Vec<Change>,
    /// Changes that conflict with the scene.
    pub quarantined: Vec<QuarantinedChange>,
    /// Entities whose change is partly left out: a newer change of the same components stands.
    pub superseded: Vec<Uuid>,
    /// Changes of others that are overwritten: the sender, the transaction and the entity.
    pub overwritten: Vec<(Role, u64, Uuid)>,
}

impl Validated {
    /// Returns the accepted and the quarantined changes.
    pub fn changes(&self) -> impl Iterator<Item = &Change> + Clone {
        let quarantined = self.quarantined.iter().map(|it| &it.change);
        self.accepted.iter().chain(quarantined)
    }
}

pub(crate) struct QuarantinedChange {
    pub change: Change,
    /// The entities that it conflicts with.
    pub conflicts: Vec<ConflictingChange>,
}

/// Checks an intent, drops what changes nothing, and resolves conflicts with concurrent changes.
pub(crate) fn validate(
    scene: &Scene,
    sender: &Sender<'_>,
    intent: &Intent,
) -> Result<Validated, Refusal> {
    let mut validated = Validated::default();
    let mut locations = Vec::new();
    for (i, change) in intent.changes.iter().enumerate() {
        let location = ChangeLocation(i);
        let uuid = change.uuid();
        if sender.deletes_what_the_log_lacks(scene, change) {
            continue;
        }
        let kind = kind_of(scene, change, location)?;
        check_change(change, kind, location)?;
        let change = with_own_locks(scene, sender.role, change, location)?;
        let change = with_withheld_data(scene, sender, change);
        let change = with_unknown_components(scene, sender, change);
        let Some(mut change) = effective(scene, &change) else {
            continue;
        };
        check_locked(scene, sender.role, &change, location)?;
        match sender.resolve(scene.row(uuid), &change, location)? {
            Resolution::Quarantine(conflicts) => {
                let quarantined = QuarantinedChange { change, conflicts };
                validated.quarantined.push(quarantined);
            }
            Resolution::Accept {
                superseded,
                overwrites,
            } => {
                let overwritten = overwrites.into_iter().map(|(by, begin)| (by, begin, uuid));
                validated.overwritten.extend(overwritten);
                if !superseded.is_empty() {
                    validated.superseded.push(uuid);
                    remove_components(&mut change, superseded);
                }
                if !change.touched().without(superseded).is_empty() {
                    validated.accepted.push(change);
                    locations.push(location);
                }
            }
        }
    }
    settle_references(scene, sender, &mut validated, locations)?;
    let creates = |it: &QuarantinedChange| scene.row(it.change.uuid()).is_none();
    if validated.quarantined.iter().any(creates) {
        // Created entities cannot be taken back from their editor one by one.
        quarantine_all(&mut validated);
    }
    Ok(validated)
}

fn remove_components(change: &mut Change, removed: ComponentSet) {
    if let Some(components) = change.components_mut() {
        *components = components.only(ComponentSet::ALL.without(removed));
    }
}

/// Returns the kind of the entity, if the entity exists or is created.
fn kind_of(
    scene: &Scene,
    change: &Change,
    location: ChangeLocation,
) -> Result<EntityKind, Refusal> {
    let invalid = |code, message: &str| Invalid::new(code, format!("{location}.uuid"), message);
    match (change, scene.row(change.uuid())) {
        (Change::Create { kind, .. }, None) => Ok(*kind),
        (Change::Create { kind, .. }, Some(row)) if row.entity.kind != *kind => Err(invalid(
            Code::UuidOtherKind,
            "this uuid belongs to an entity of another kind",
        )
        .into()),
        (_, Some(row)) => Ok(row.entity.kind),
        (_, None) => {
            let unknown = invalid(Code::UuidUnknown, "no entity has this uuid");
            Err(Refusal::Missing(change.uuid(), unknown))
        }
    }
}

/// Returns the change with the locks that it leads to: an editor changes its own alone, and nobody else has any.
fn with_own_locks<'c>(
    scene: &Scene,
    role: Role,
    change: &'c Change,
    location: ChangeLocation,
) -> Result<Cow<'c, Change>, Invalid> {
    let Some(wanted) = change.components().and_then(|it| it.locks.as_deref()) else {
        return Ok(Cow::Borrowed(change));
    };
    let present = scene.live(change.uuid());
    let present = present.and_then(|entity| entity.components.locks.as_deref());
    let present = present.cloned().unwrap_or_default();
    let Some(locks) = present.with_own(role, wanted) else {
        if *wanted == present {
            return Ok(Cow::Borrowed(change));
        }
        let location = format!("{location}.components.locks");
        let message = "only an editor has locks, which say what it cannot write";
        return Err(Invalid::new(Code::FieldLocked, location, message));
    };
    let mut change = change.clone();
    if let Some(components) = change.components_mut() {
        components.locks = Some(Box::new(locks));
    }
    Ok(Cow::Owned(change))
}

/// Replaces a `data` of null by the present one if that is withheld from the sender, who sees null in any case.
fn with_withheld_data<'c>(
    scene: &Scene,
    sender: &Sender<'_>,
    mut change: Cow<'c, Change>,
) -> Cow<'c, Change> {
    let said = change.components().and_then(|it| it.data);
    let is_none = said.is_some_and(|data| data.uuid.is_none());
    let Some(replica) = sender.replica.filter(|_| is_none) else {
        return change;
    };
    let row = scene.row(change.uuid());
    let present = row.and_then(|row| row.entity.components.data);
    let is_withheld = |data: Uuid| scene.live(data).is_some() && replica.withholds(scene, data);
    let withheld = present.filter(|data| data.uuid.is_some_and(is_withheld));
    if withheld.is_some()
        && let Some(components) = change.to_mut().components_mut()
    {
        components.data = withheld;
    }
    change
}

/// Adds to a change that revives an entity the components of its last state that the sender does not know.
///
/// The sender cannot name them, and undoing a deletion must lose nothing. A component that refers to an entity that is
/// deleted by now stays away.
fn with_unknown_components<'c>(
    scene: &Scene,
    sender: &Sender<'_>,
    mut change: Cow<'c, Change>,
) -> Cow<'c, Change> {
    let Some(replica) = sender
        .replica
        .filter(|_| matches!(*change, Change::Create { .. }))
    else {
        return change;
    };
    let Some(row) = scene.row(change.uuid()).filter(|row| row.tombstone) else {
        return change;
    };
    // Blender sends an evaluated mesh anew.
    let mut unknown = row.entity.components.clone();
    unknown.retain(|name| {
        let is_live = |it: Reference| scene.live(it.uuid).is_some();
        let component = row.entity.components.only([name].into_iter().collect());
        name != "shown" && !replica.components.contains(name) && component.references().all(is_live)
    });
    if !unknown.is_empty()
        && let Change::Create { components, .. } = change.to_mut()
    {
        unknown.merge(components);
        *components = unknown;
    }
    change
}

/// Refuses a change of a field that another editor shows and cannot write.
fn check_locked(
    scene: &Scene,
    role: Role,
    change: &Change,
    location: ChangeLocation,
) -> Result<(), Invalid> {
    let none = Components::default();
    let present = scene.live(change.uuid()).map_or(&none, |it| &it.components);
    let wanted = change.components();
    let locked = wanted.and_then(|wanted| find_locked_change(wanted, present, role));
    match locked {
        Some(field) => Err(Invalid::new(
            Code::FieldLocked,
            format!("{location}.components.{field}"),
            "the other editor shows this value and cannot write it",
        )),
        None => Ok(()),
    }
}

/// Returns the change without the values that the scene already has; none if no value is left.
fn effective(scene: &Scene, change: &Change) -> Option<Change> {
    let Some(entity) = scene.live(change.uuid()) else {
        let is_deleted_already = matches!(change, Change::Delete { .. });
        return (!is_deleted_already).then(|| change.clone());
    };
    let Some(components) = change.components() else {
        return Some(change.clone());
    };
    let differing = differing_components(components, &entity.components);
    (!differing.is_empty()).then(|| Change::Update {
        uuid: entity.uuid,
        components: components.only(differing),
    })
}

/// Checks the references of the accepted changes. A change whose reference is broken by a concurrent change is
/// quarantined, together with the changes that rely on it.
fn settle_references(
    scene: &Scene,
    sender: &Sender<'_>,
    validated: &mut Validated,
    mut locations: Vec<ChangeLocation>,
) -> Result<(), Refusal> {
    for _ in 0..MAX_ROUNDS {
        let found = find_conflicts(scene, sender, validated, &locations)?;
        if found.is_empty() {
            return Ok(());
        }
        for (i, conflicts) in found.into_iter().rev() {
            let change = validated.accepted.remove(i);
            locations.remove(i);
            let quarantined = QuarantinedChange { change, conflicts };
            validated.quarantined.push(quarantined);
        }
    }
    quarantine_all(validated);
    Ok(())
}

/// Returns the indices of accepted changes whose references conflict, with the entities that they conflict with.
fn find_conflicts(
    scene: &Scene,
    sender: &Sender<'_>,
    validated: &Validated,
    locations: &[ChangeLocation],
) -> Result<Vec<(usize, Vec<ConflictingChange>)>, Refusal> {
    let draft = Draft::new(scene, &validated.accepted);
    let mut found = Vec::new();
    for (i, (change, location)) in validated.accepted.iter().zip(locations).enumerate() {
        if !is_structural(change) {
            continue;
        }
        let location = *location;
        check_automation(scene, sender, change, location)?;
        let Some(Fault { refusal, culprits }) = draft.find_fault(change, location) else {
            continue;
        };
        let mut conflicting: Vec<ConflictingChange> =
            sender.moved_meanwhile(scene, &culprits).collect();
        let quarantined = validated.quarantined.iter().map(|it| it.change.uuid());
        let quarantined = quarantined.filter(|uuid| culprits.contains(uuid));
        conflicting.extend(
            quarantined
                .filter_map(|uuid| scene.row(uuid))
                .map(conflicting_change),
        );
        if conflicting.is_empty() {
            return Err(refusal);
        }
        found.push((i, conflicting));
    }
    Ok(found)
}

/// The entities that automation refers to must be as automation has seen them, too.
fn check_automation(
    scene: &Scene,
    sender: &Sender<'_>,
    change: &Change,
    location: ChangeLocation,
) -> Result<(), Invalid> {
    let components = change.components().into_iter();
    for reference in components.flat_map(Components::references) {
        if let Some(row) = scene.row(reference.uuid) {
            sender.check_automation(row, format_args!("{location}.components.{reference}"))?;
        }
    }
    Ok(())
}

fn quarantine_all(validated: &mut Validated) {
    let accepted = validated.accepted.drain(..);
    let quarantined = accepted.map(|change| QuarantinedChange {
        change,
        conflicts: Vec::new(),
    });
    validated.quarantined.extend(quarantined);
    validated.overwritten.clear();
}
