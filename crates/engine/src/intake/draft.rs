//! The scene as it would be with some changes applied or undone, and the check that its references hold.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use vibesync_scene::{
    Author, Change, Code, ComponentSet, Entity, Invalid, Reference, Row, Scene, Target, Uuid,
};

use crate::intake::location::ChangeLocation;

/// The components that say what an entity is below. Made once: each change of each intent is compared with it.
static ABOVE: LazyLock<ComponentSet> =
    LazyLock::new(|| ["parent", "collection"].into_iter().collect());

/// The components that may close a circle of instances. Made once, as well.
static LINKS: LazyLock<ComponentSet> = LazyLock::new(|| {
    ["collection", "collections", "instance"]
        .into_iter()
        .collect()
});

/// The reason why an intent cannot be accepted.
pub(crate) enum Refusal {
    /// The intent will never be valid.
    Invalid(Invalid),
    /// The intent names an entity that does not exist yet.
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

/// A broken reference.
pub(crate) struct Fault {
    pub refusal: Refusal,
    /// The entities at the other end of the reference.
    pub culprits: Vec<Uuid>,
}

/// The scene with structural changes on top.
pub(crate) struct Draft<'a> {
    scene: &'a Scene,
    rows: BTreeMap<Uuid, Row>,
    /// A circle of instances that the changes close; empty if there is none. Found with the first question.
    circle: OnceCell<BTreeSet<Uuid>>,
}

/// Returns true if the scene stays consistent when these steps, newest first, are undone.
pub(crate) fn holds_without<'s>(
    scene: &Scene,
    steps: impl Iterator<Item = &'s (Change, Option<Entity>)>,
) -> bool {
    let (draft, reverted) = Draft::undoing(scene, steps);
    let location = ChangeLocation(0);
    let has_no_fault = |change: &Change| draft.find_fault(change, location).is_none();
    reverted.iter().all(has_no_fault)
}

/// Returns true if a change can break a reference. Names, transforms and visibility cannot.
pub(crate) fn is_structural(change: &Change) -> bool {
    let structural = change.touched().without(ComponentSet::cosmetic());
    !structural.is_empty()
}

/// Checks that shape keys and vertex groups have the corners of their mesh. A client that does not know them can only
/// keep these.
fn find_misfit(entity: &Entity, location: ChangeLocation) -> Option<Fault> {
    let components = &entity.components;
    let corners = components.mesh.as_ref()?.corner_count;
    let shapes = components.shapes.iter().filter(|it| !it.keys.is_empty());
    let shapes = shapes.map(|it| ("shapes", "shape keys", it.corner_count));
    let weights = components.weights.iter();
    let weights = weights.filter(|it| !it.groups.is_empty());
    let weights = weights.map(|it| ("weights", "vertex groups", it.corner_count));
    let mut parts = shapes.chain(weights);
    let (name, what, own) = parts.find(|(_, _, own)| *own != corners)?;
    let message = format!("a mesh of {corners} corners has {what} for {own}");
    let location = format!("{location}.components.{name}.corner_count");
    Some(Fault {
        refusal: Invalid::new(Code::MeshInvalid, location, message).into(),
        culprits: vec![entity.uuid],
    })
}

impl<'a> Draft<'a> {
    pub fn new(scene: &'a Scene, changes: &[Change]) -> Self {
        let author = Author::authority(0);
        let after = |change: &Change| Row::after_change(scene.row(change.uuid()), change, &author);
        let structural = changes.iter().filter(|change| is_structural(change));
        let rows = structural.filter_map(after);
        Self {
            scene,
            rows: rows.map(|row| (row.entity.uuid, row)).collect(),
            circle: OnceCell::new(),
        }
    }

    /// Returns the scene with these steps, newest first, undone, and the changes that undo them.
    fn undoing<'s>(
        scene: &'a Scene,
        steps: impl Iterator<Item = &'s (Change, Option<Entity>)>,
    ) -> (Self, Vec<Change>) {
        let author = Author::authority(0);
        let mut draft = Self::new(scene, &[]);
        let mut reverted = Vec::new();
        for (change, before) in steps {
            let change = change.inverse(before.as_ref());
            if let Some(row) = Row::after_change(draft.row(change.uuid()), &change, &author) {
                draft.rows.insert(change.uuid(), row);
            }
            reverted.push(change);
        }
        (draft, reverted)
    }

    fn row(&self, uuid: Uuid) -> Option<&Row> {
        self.rows.get(&uuid).or_else(|| self.scene.row(uuid))
    }

    fn live(&self, uuid: Uuid) -> Option<&Row> {
        self.row(uuid).filter(|row| !row.tombstone)
    }

    fn parents(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> {
        let row = self.live(uuid).into_iter();
        row.flat_map(|row| row.entity.components.parents())
    }

    /// Returns true if an entity names this one, other than as its parent object.
    fn uses(&self, user: Uuid, uuid: Uuid) -> bool {
        let entity = self.live(user).map(|row| &row.entity);
        let mut references = entity.into_iter().flat_map(|it| it.components.references());
        let is_bound = |target| !matches!(target, Target::Object | Target::ShownMaterial);
        references.any(|it| it.uuid == uuid && is_bound(it.target))
    }

    /// Checks the references of a changed entity. The entities that it names must exist. It must not be its own ancestor,
    /// nor in an instance of its own. A deleted entity must have no children or users. Shape keys and vertex groups must fit their mesh.
    pub fn find_fault(&self, change: &Change, location: ChangeLocation) -> Option<Fault> {
        let Some(row) = self.live(change.uuid()) else {
            return self.find_dependent(change.uuid(), location);
        };
        let mut references = row.entity.components.references();
        references
            .find_map(|it| self.find_bad_target(&it, location))
            .or_else(|| find_misfit(&row.entity, location))
            .or_else(|| {
                let touched = change.touched().and(*ABOVE).names().next();
                touched.and_then(|name| self.find_cycle(change.uuid(), name, location))
            })
            .or_else(|| {
                let touched = change.touched().and(*LINKS).names().next();
                touched.and_then(|name| self.find_circle(change.uuid(), name, location))
            })
    }

    fn find_dependent(&self, uuid: Uuid, location: ChangeLocation) -> Option<Fault> {
        let is_child = |it: &Uuid| self.parents(*it).any(|it| it == uuid);
        let is_user = |it: &Uuid| self.uses(*it, uuid);
        let (culprit, message) = if let Some(child) = self.scene.children(uuid).find(is_child) {
            let message = format!("child {child} is neither deleted nor moved elsewhere");
            (child, message)
        } else {
            let user = self.scene.users(uuid).find(is_user)?;
            (user, format!("{user} still shows it"))
        };
        let location = format!("{location}.uuid");
        Some(Fault {
            refusal: Invalid::new(Code::ChildrenLeft, location, message).into(),
            culprits: vec![culprit],
        })
    }

    fn find_bad_target(&self, reference: &Reference, location: ChangeLocation) -> Option<Fault> {
        let uuid = reference.uuid;
        let invalid = |code, message: String| {
            let location = format!("{location}.components.{reference}");
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
            Some(row) if row.tombstone && reference.target == Target::ShownMaterial => None,
            Some(row) if row.tombstone => {
                let deleted = invalid(Code::UuidUnknown, format!("entity {uuid} was deleted"));
                Some(Fault {
                    refusal: deleted.into(),
                    culprits: vec![uuid],
                })
            }
            Some(row) if !reference.target.admits(row.entity.kind) => {
                let message = "an entity of this kind cannot stand here".to_owned();
                Some(Fault {
                    refusal: invalid(Code::UuidOtherKind, message).into(),
                    culprits: Vec::new(),
                })
            }
            Some(_) => None,
        }
    }

    fn find_cycle(&self, start: Uuid, component: &str, location: ChangeLocation) -> Option<Fault> {
        let mut seen = BTreeSet::new();
        let mut next: Vec<Uuid> = self.parents(start).collect();
        while let Some(uuid) = next.pop() {
            if seen.insert(uuid) {
                next.extend(self.parents(uuid));
            }
        }
        if !seen.contains(&start) {
            return None;
        }
        let message = format!("{start} would be its own ancestor");
        let location = format!("{location}.components.{component}");
        Some(Fault {
            refusal: Invalid::new(Code::ParentCycle, location, message).into(),
            culprits: seen.into_iter().collect(),
        })
    }

    /// Returns a fault if the entity is a part of a circle of instances: an object that is in what it shows.
    fn find_circle(&self, uuid: Uuid, component: &str, location: ChangeLocation) -> Option<Fault> {
        let circle = self.circle.get_or_init(|| self.circle_of_instances());
        if !circle.contains(&uuid) {
            return None;
        }
        let message = format!("{uuid} would be in an instance that shows it");
        let location = format!("{location}.components.{component}");
        Some(Fault {
            refusal: Invalid::new(Code::ParentCycle, location, message).into(),
            culprits: circle.iter().copied().collect(),
        })
    }

    /// Returns one circle: objects are in collections, those in others, and all of them in what shows an instance of them.
    ///
    /// It looks upward from each changed entity, and at no entity twice, whatever the number of ways.
    fn circle_of_instances(&self) -> BTreeSet<Uuid> {
        let mut made: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for (uuid, row) in &self.rows {
            if let Some(collection) = row.instanced() {
                made.entry(collection).or_default().push(*uuid);
            }
        }
        if made.is_empty() && !self.scene.has_instances() {
            return BTreeSet::new();
        }
        let (mut path, mut entered, mut left) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut next: Vec<(Uuid, bool)> = self.rows.keys().map(|uuid| (*uuid, false)).collect();
        while let Some((uuid, is_behind)) = next.pop() {
            if is_behind {
                path.pop();
                left.insert(uuid);
            } else if entered.insert(uuid) {
                path.push(uuid);
                next.push((uuid, true));
                next.extend(self.above(uuid, &made).map(|above| (above, false)));
            } else if !left.contains(&uuid) {
                let begin = path.iter().position(|it| *it == uuid).unwrap_or(0);
                return path.drain(begin..).collect();
            }
        }
        BTreeSet::new()
    }

    /// Lists what an object or a collection is in, with the objects that show an instance of it. `made`: those among the
    /// changed ones.
    fn above<'s>(
        &'s self,
        uuid: Uuid,
        made: &'s BTreeMap<Uuid, Vec<Uuid>>,
    ) -> impl Iterator<Item = Uuid> + 's {
        let unchanged = self.scene.instances(uuid);
        let unchanged = unchanged.filter(|object| !self.rows.contains_key(object));
        let instances = made.get(&uuid).into_iter().flatten().copied();
        let row = self.live(uuid).into_iter();
        let around = row.flat_map(|row| row.entity.components.around());
        unchanged.chain(instances).chain(around)
    }
}
