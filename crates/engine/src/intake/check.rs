//! An intent against the scene, all of it before anything is done: what may stand, what is set aside, what must wait.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use vibesync_protocol::Intent;
use vibesync_scene::{
    Against, Author, Change, Code, ComponentSet, Entity, EntityKind, Invalid, Role, Row, Scene,
    Uuid, check_change, differing_components,
};

use crate::intake::conflict::{Resolution, Sender, against};

/// Most rounds of setting aside what relied on what was set aside; beyond, all of the intent is.
const MAX_ROUNDS: usize = 8;

/// Which change of an intent: written only where something is wrong with it.
#[derive(Clone, Copy)]
pub(crate) struct ChangeLocation(usize);

impl fmt::Display for ChangeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "changes[{}]", self.0)
    }
}

/// What an intent comes to.
#[derive(Default)]
pub(crate) struct Validated {
    /// What really changes.
    pub accepted: Vec<Change>,
    /// What conflicts with what stands.
    pub quarantined: Vec<Held>,
    /// Entities of whose change a part gives way: a move to a new parent, what an older file holds to what came later.
    pub superseded: Vec<Uuid>,
    /// Whose changes of which entities are overwritten.
    pub overwritten: Vec<(Role, Uuid)>,
}

/// A change that is set aside.
pub(crate) struct Held {
    pub change: Change,
    /// What stands against it.
    pub against: Vec<Against>,
}

/// Why an intent cannot be done now.
pub(crate) enum Refusal {
    /// Nor ever.
    Invalid(Invalid),
    /// It names an entity that nobody has created yet.
    Missing(Uuid, Invalid),
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Refusal::Invalid(invalid)
    }
}

impl From<Refusal> for Invalid {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(invalid) | Refusal::Missing(_, invalid) => invalid,
        }
    }
}

/// Checks an intent, keeps what really changes, and rules on what others changed at the same time.
pub(crate) fn check(
    scene: &Scene,
    sender: &Sender<'_>,
    intent: &Intent,
) -> Result<Validated, Refusal> {
    let mut checked = Validated::default();
    let mut places = Vec::new();
    for (i, change) in intent.changes.iter().enumerate() {
        let location = ChangeLocation(i);
        let uuid = change.uuid();
        let kind = kind_of(scene, change, location)?;
        check_change(change, kind, location)?;
        let Some(mut change) = effective(scene, change) else {
            continue;
        };
        let ruling = match scene.row(uuid) {
            Some(row) => sender.rule(row, &change, location)?,
            None => Resolution::default(),
        };
        match ruling {
            Resolution::Quarantine(against) => checked.quarantined.push(Held { change, against }),
            Resolution::Accept {
                without,
                overruled: overwritten,
            } => {
                let overwritten = overwritten.into_iter().map(|role| (role, uuid));
                checked.overwritten.extend(overwritten);
                if !without.is_empty() {
                    checked.superseded.push(uuid);
                    take_out(&mut change, without);
                }
                if !change.touched().without(without).is_empty() {
                    checked.accepted.push(change);
                    places.push(location);
                }
            }
        }
    }
    settle_references(scene, sender, &mut checked, places)?;
    let creates = |held: &Held| scene.row(held.change.uuid()).is_none();
    if checked.quarantined.iter().any(creates) {
        // What is created cannot be taken back from its editor one by one.
        hold_all(&mut checked);
    }
    Ok(checked)
}

fn take_out(change: &mut Change, without: ComponentSet) {
    if let Some(components) = change.components_mut() {
        *components = components.only(ComponentSet::ALL.without(without));
    }
}

/// An intent has 1 to `most` changes, and no two of the same entity.
pub(crate) fn check_shape(intent: &Intent, most: usize) -> Result<(), Invalid> {
    let count = intent.changes.len();
    if count == 0 || count > most {
        let message = format!("{count} changes; 1 to {most} are allowed");
        return Err(Invalid::new(Code::IntentShape, "changes", message));
    }
    let mut named = HashSet::with_capacity(count);
    match intent
        .changes
        .iter()
        .position(|change| !named.insert(change.uuid()))
    {
        Some(i) => Err(Invalid::new(
            Code::IntentShape,
            format!("changes[{i}]"),
            "the intent names this uuid twice",
        )),
        None => Ok(()),
    }
}

/// The entity's kind, if there is such an entity.
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
    (!differing.is_empty()).then(|| Change::Update {
        uuid: entity.uuid,
        components: components.only(differing),
    })
}

/// Checks what the accepted changes refer to. One that does not fit because of what others did meanwhile is set aside,
/// and with it what relied on it.
fn settle_references(
    scene: &Scene,
    sender: &Sender<'_>,
    checked: &mut Validated,
    mut places: Vec<ChangeLocation>,
) -> Result<(), Refusal> {
    for _ in 0..MAX_ROUNDS {
        let draft = Draft::new(scene, &checked.accepted);
        let mut faults = Vec::new();
        for (i, (change, location)) in checked.accepted.iter().zip(&places).enumerate() {
            if !is_structural(change) {
                continue;
            }
            let location = *location;
            draft.check_automation(sender, change, location)?;
            let Some(Fault { refusal, culprits }) = draft.fault(change, location) else {
                continue;
            };
            let mut stands: Vec<Against> = sender.moved_meanwhile(scene, &culprits).collect();
            let held = checked.quarantined.iter().map(|held| held.change.uuid());
            let held = held.filter(|uuid| culprits.contains(uuid));
            stands.extend(held.filter_map(|uuid| scene.row(uuid)).map(against));
            if stands.is_empty() {
                return Err(refusal);
            }
            faults.push((i, stands));
        }
        if faults.is_empty() {
            return Ok(());
        }
        for (i, against) in faults.into_iter().rev() {
            let change = checked.accepted.remove(i);
            places.remove(i);
            checked.quarantined.push(Held { change, against });
        }
    }
    hold_all(checked);
    Ok(())
}

fn hold_all(checked: &mut Validated) {
    let accepted = checked.accepted.drain(..).map(|change| Held {
        change,
        against: Vec::new(),
    });
    checked.quarantined.extend(accepted);
    checked.overwritten.clear();
}

/// Whether a change can break what others refer to; a name, a move or a visibility cannot.
fn is_structural(change: &Change) -> bool {
    !change
        .touched()
        .without(ComponentSet::cosmetic())
        .is_empty()
}

/// The scene with an intent's structural changes on top of it.
struct Draft<'a> {
    scene: &'a Scene,
    rows: BTreeMap<Uuid, Row>,
}

/// Whether the scene holds together once these steps, newest first, are undone.
pub(crate) fn holds_without<'s>(
    scene: &Scene,
    steps: impl Iterator<Item = &'s (Change, Option<Entity>)>,
) -> bool {
    let (draft, back) = Draft::undoing(scene, steps);
    let fits = |change: &Change| draft.fault(change, ChangeLocation(0)).is_none();
    back.iter().all(fits)
}

/// A change that does not fit.
struct Fault {
    refusal: Refusal,
    /// The entities that it does not fit to.
    culprits: Vec<Uuid>,
}

impl<'a> Draft<'a> {
    fn new(scene: &'a Scene, changes: &[Change]) -> Self {
        let nobody = Author::authority(0);
        let after = |change: &Change| Row::after(scene.row(change.uuid()), change, &nobody);
        let structural = changes.iter().filter(|change| is_structural(change));
        let rows = structural.filter_map(after);
        Self {
            scene,
            rows: rows.map(|row| (row.entity.uuid, row)).collect(),
        }
    }

    /// The scene once these steps, newest first, are undone; and what undoes them.
    fn undoing<'s>(
        scene: &'a Scene,
        steps: impl Iterator<Item = &'s (Change, Option<Entity>)>,
    ) -> (Self, Vec<Change>) {
        let nobody = Author::authority(0);
        let mut draft = Self::new(scene, &[]);
        let mut back = Vec::new();
        for (change, before) in steps {
            let change = change.back(before.as_ref());
            if let Some(row) = Row::after(draft.row(change.uuid()), &change, &nobody) {
                draft.rows.insert(change.uuid(), row);
            }
            back.push(change);
        }
        (draft, back)
    }

    fn row(&self, uuid: Uuid) -> Option<&Row> {
        self.rows.get(&uuid).or_else(|| self.scene.row(uuid))
    }

    fn live(&self, uuid: Uuid) -> Option<&Row> {
        self.row(uuid).filter(|row| !row.tombstone)
    }

    fn parent(&self, uuid: Uuid) -> Option<Uuid> {
        self.live(uuid)?.entity.components.parent?.uuid
    }

    fn data(&self, uuid: Uuid) -> Option<Uuid> {
        self.live(uuid)?.entity.components.data?.uuid
    }

    /// Parents and data must exist, no object may be its own ancestor, and none may be left under a deleted parent or with
    /// deleted data.
    fn fault(&self, change: &Change, location: ChangeLocation) -> Option<Fault> {
        let Some(row) = self.live(change.uuid()) else {
            return self.left_behind(change.uuid(), location);
        };
        let components = &row.entity.components;
        let parent = components.parent.and_then(|parent| parent.uuid);
        let data = components.data.and_then(|data| data.uuid);
        self.bad_target(parent, true, location, "parent")
            .or_else(|| self.bad_target(data, false, location, "data"))
            .or_else(|| {
                let moves = change.touched().contains("parent");
                moves.then(|| self.cycle(change.uuid(), location)).flatten()
            })
    }

    fn left_behind(&self, uuid: Uuid, location: ChangeLocation) -> Option<Fault> {
        let child = |it: &Uuid| self.parent(*it) == Some(uuid);
        let user = |it: &Uuid| self.data(*it) == Some(uuid);
        let (left, message) = if let Some(child) = self.scene.children(uuid).find(child) {
            let message = format!("child {child} is neither deleted nor moved elsewhere");
            (child, message)
        } else {
            let user = self.scene.users(uuid).find(user)?;
            (user, format!("object {user} still shows it"))
        };
        Some(Fault {
            refusal: Invalid::new(Code::ChildrenLeft, format!("{location}.uuid"), message).into(),
            culprits: vec![left],
        })
    }

    fn bad_target(
        &self,
        target: Option<Uuid>,
        is_object: bool,
        location: ChangeLocation,
        component: &str,
    ) -> Option<Fault> {
        let uuid = target?;
        let invalid = |code, message: String| {
            let location = format!("{location}.components.{component}.uuid");
            Invalid::new(code, location, message)
        };
        match self.row(uuid) {
            None => {
                let unknown = invalid(Code::UuidUnknown, format!("no entity has uuid {uuid}"));
                Some(Fault {
                    refusal: Refusal::Missing(uuid, unknown),
                    culprits: Vec::new(),
                })
            }
            Some(row) if row.tombstone => {
                let deleted = invalid(Code::UuidUnknown, format!("entity {uuid} was deleted"));
                Some(Fault {
                    refusal: deleted.into(),
                    culprits: vec![uuid],
                })
            }
            Some(row) if (row.entity.kind == EntityKind::Object) != is_object => {
                let message = "an entity of this kind cannot stand here".to_owned();
                Some(Fault {
                    refusal: invalid(Code::UuidOtherKind, message).into(),
                    culprits: Vec::new(),
                })
            }
            Some(_) => None,
        }
    }

    fn cycle(&self, start: Uuid, location: ChangeLocation) -> Option<Fault> {
        let mut seen = BTreeSet::new();
        let mut at = Some(start);
        while let Some(uuid) = at {
            if !seen.insert(uuid) {
                let message = format!("{start} would be its own ancestor");
                let location = format!("{location}.components.parent");
                return Some(Fault {
                    refusal: Invalid::new(Code::ParentCycle, location, message).into(),
                    culprits: seen.into_iter().collect(),
                });
            }
            at = self.parent(uuid);
        }
        None
    }

    /// What automation refers to must be as it has seen it, too.
    fn check_automation(
        &self,
        sender: &Sender<'_>,
        change: &Change,
        location: ChangeLocation,
    ) -> Result<(), Invalid> {
        let components = change.components();
        let parent = components.and_then(|components| components.parent?.uuid);
        let data = components.and_then(|components| components.data?.uuid);
        for (target, name) in [(parent, "parent"), (data, "data")] {
            if let Some(row) = target.and_then(|uuid| self.scene.row(uuid)) {
                sender.check_automation(row, format_args!("{location}.components.{name}"))?;
            }
        }
        Ok(())
    }
}
