//! Edits that a user can make: only with existing entities, and never a cycle.

use std::collections::BTreeMap;

use vibesync_scene::{
    Change, ComponentSet, Components, DataRef, Entity, EntityKind, Instance, Target, Uuid,
};

use crate::fakes::change::{
    camera, collection, grouped, guarded, image, instancing, light, locked, mapped, material,
    moved, object, own_materials, parented, renamed, rendered, slots, triangle, update,
};
use crate::fakes::rigs::{armature, posed};

/// Beginning of the names of objects that people keep from agents.
pub const SECRET: &str = "Secret";

/// Number of the only light.
pub const LIGHT: u8 = 2;

/// Number of the only camera, which Unity does not know.
pub const CAMERA: u8 = 3;

/// Number of the only material.
pub const MATERIAL: u8 = 4;

/// Number of the only image.
pub const IMAGE: u8 = 5;

/// Number of the first collection; the second one may be in it.
pub const COLLECTION: u8 = 6;

/// Number of the only armature.
pub const ARMATURE: u8 = 8;

/// One edit. Objects and data have small numbers, so that edits meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Creates an object.
    Create(u8),
    /// Moves an object along x, meters.
    Move(u8, i8),
    /// Renames an object.
    Rename(u8, u8),
    /// Sets or removes the parent of an object.
    Parent(u8, Option<u8>),
    /// Deletes an object and its descendants.
    Delete(u8),
    /// Creates a mesh, or changes its content.
    Mesh(u8, u8),
    /// Creates the light, or changes its intensity.
    Light(u8),
    /// Creates the camera, or changes its focal length. Only for a user of Blender.
    Camera(u8),
    /// Creates the material, or changes its roughness.
    Material(u8),
    /// Gives a mesh the material, or none.
    Slot(u8, bool),
    /// Makes an object show the material instead of the mesh's, or no longer.
    Own(u8, bool),
    /// Deletes the material. No slot has it any more.
    DeleteMaterial,
    /// Creates the image, or changes its file.
    Image(u8),
    /// Gives the material the image, or none.
    Map(bool),
    /// Deletes the image. The material has none any more.
    DeleteImage,
    /// Creates a collection, or changes what it is in: the second may be in the first. Only for a user of Blender, like
    /// the next four.
    Collection(u8, bool),
    /// Puts an object into a collection, or into the scene alone.
    Group(u8, Option<u8>),
    /// Deletes a collection. Its objects, and the collection in it, are in the scene then.
    Ungroup(u8),
    /// Makes an object show an instance of a collection, or none.
    Instance(u8, Option<u8>),
    /// Shows an object in rendered pictures, or hides it there.
    Render(u8, bool),
    /// Creates the armature, or changes the length of its joint.
    Armature(u8),
    /// Poses the joint of an object along x, meters.
    Pose(u8, i8),
    /// Sets or removes the data that an object shows.
    Show(u8, Option<u8>),
    /// Keeps an object from agents, or no longer. Its name says which.
    Keep(u8, bool),
    /// Says that Blender cannot write the translation of an object, or is able to again. Only for a user of Blender.
    Lock(u8, bool),
}

/// A user's copy of the scene.
pub type Entities = BTreeMap<Uuid, Entity>;

/// Returns the uuid of an object.
pub fn uuid_of(who: u8) -> Uuid {
    Uuid::from_u128(u128::from(who) + 1)
}

/// Returns the uuid of a mesh, of the light, the camera, the material, the image or the armature.
pub fn data_of(which: u8) -> Uuid {
    Uuid::from_u128(100 + u128::from(which))
}

impl Edit {
    /// Returns the changes of the edit; none if a user could not make it.
    pub fn changes(self, entities: &Entities) -> Vec<Change> {
        let holds = |who| entities.contains_key(&uuid_of(who));
        match self {
            Edit::Create(who) if !holds(who) => vec![object(uuid_of(who), "new", None)],
            Edit::Move(who, x) if holds(who) => vec![moved(uuid_of(who), f64::from(x))],
            Edit::Rename(who, name) if holds(who) => {
                vec![renamed(uuid_of(who), &format!("N{name}"))]
            }
            Edit::Parent(who, parent) if holds(who) => {
                let (uuid, parent) = (uuid_of(who), parent.map(uuid_of));
                let fits =
                    |above| entities.contains_key(&above) && !is_above(entities, uuid, above);
                match parent.is_none_or(fits) {
                    true => vec![parented(uuid, parent)],
                    false => Vec::new(),
                }
            }
            Edit::Delete(who) if holds(who) => deleted(entities, uuid_of(who)),
            Edit::Mesh(which, content) => {
                vec![made(entities, triangle(data_of(which), &[content]))]
            }
            Edit::Light(intensity) => {
                vec![made(entities, light(data_of(LIGHT), f64::from(intensity)))]
            }
            Edit::Camera(focal) => vec![made(entities, camera(data_of(CAMERA), f64::from(focal)))],
            Edit::Armature(length) => {
                let change = armature(data_of(ARMATURE), f64::from(length) + 1.0);
                vec![made(entities, change)]
            }
            Edit::Pose(who, x) if holds(who) => vec![posed(uuid_of(who), f64::from(x))],
            Edit::Material(roughness) => {
                let change = material(data_of(MATERIAL), f64::from(roughness) / 8.0);
                vec![made(entities, change)]
            }
            Edit::Slot(mesh, is_set) => slot_set(entities, data_of(mesh), is_set),
            Edit::Own(who, is_set) => own_set(entities, uuid_of(who), is_set),
            Edit::DeleteMaterial => material_deleted(entities),
            Edit::Image(content) => vec![made(entities, image(data_of(IMAGE), &[content]))],
            Edit::Map(is_set) => map_set(entities, is_set),
            Edit::DeleteImage => image_deleted(entities),
            Edit::Collection(which, is_inside) => {
                without_circle(entities, collection_made(entities, which, is_inside))
            }
            Edit::Group(who, which) if holds(who) => object_grouped(entities, who, which),
            Edit::Instance(who, which) if holds(who) => instance_set(entities, who, which),
            Edit::Render(who, is_visible) if holds(who) => vec![rendered(uuid_of(who), is_visible)],
            Edit::Ungroup(which) => collection_deleted(entities, collection_of(which)),
            Edit::Show(who, which) if holds(who) => {
                let data = which.map(data_of);
                match data.is_none_or(|data| entities.contains_key(&data)) {
                    true => vec![shown(uuid_of(who), data)],
                    false => Vec::new(),
                }
            }
            Edit::Keep(who, is_kept) if holds(who) => vec![kept(who, is_kept)],
            Edit::Lock(who, is_locked) if holds(who) => vec![locked(uuid_of(who), is_locked)],
            _ => Vec::new(),
        }
    }
}

fn slot_set(entities: &Entities, mesh: Uuid, is_set: bool) -> Vec<Change> {
    let material = data_of(MATERIAL);
    let exists = entities.contains_key(&material) || !is_set;
    match exists && entities.contains_key(&mesh) {
        true => vec![slots(mesh, vec![is_set.then_some(material)])],
        false => Vec::new(),
    }
}

fn own_set(entities: &Entities, object: Uuid, is_set: bool) -> Vec<Change> {
    let material = data_of(MATERIAL);
    let exists = entities.contains_key(&material) || !is_set;
    let own = is_set.then_some((0, Some(material))).into_iter().collect();
    match exists && entities.contains_key(&object) {
        true => vec![own_materials(object, own)],
        false => Vec::new(),
    }
}

/// Empties the slots with the material, and deletes it.
fn material_deleted(entities: &Entities) -> Vec<Change> {
    let material = data_of(MATERIAL);
    if !entities.contains_key(&material) {
        return Vec::new();
    }
    let users = entities
        .values()
        .filter(|entity| entity.components.links().any(|it| it == material));
    let emptied = users.map(|entity| match entity.kind {
        EntityKind::Object => own_materials(entity.uuid, BTreeMap::new()),
        _ => slots(entity.uuid, Vec::new()),
    });
    let delete = Change::Delete { uuid: material };
    emptied.chain([delete]).collect()
}

fn map_set(entities: &Entities, is_set: bool) -> Vec<Change> {
    let (material, image) = (data_of(MATERIAL), data_of(IMAGE));
    let exists = entities.contains_key(&image) || !is_set;
    match exists && entities.contains_key(&material) {
        true => vec![mapped(material, is_set.then_some(image))],
        false => Vec::new(),
    }
}

/// Takes the image from the material, and deletes it.
fn image_deleted(entities: &Entities) -> Vec<Change> {
    let image = data_of(IMAGE);
    if !entities.contains_key(&image) {
        return Vec::new();
    }
    let mut changes = map_set(entities, false);
    changes.push(Change::Delete { uuid: image });
    changes
}

/// Returns the uuid of the first or the second collection.
fn collection_of(which: u8) -> Uuid {
    data_of(COLLECTION + which % 2)
}

fn collection_made(entities: &Entities, which: u8, is_inside: bool) -> Vec<Change> {
    let (uuid, first) = (collection_of(which), collection_of(0));
    let has_parent = is_inside && uuid != first && entities.contains_key(&first);
    let parents: Vec<Uuid> = has_parent.then_some(first).into_iter().collect();
    vec![made(entities, collection(uuid, &parents))]
}

fn object_grouped(entities: &Entities, who: u8, which: Option<u8>) -> Vec<Change> {
    let named: Vec<Uuid> = which.map(collection_of).into_iter().collect();
    match named.iter().all(|uuid| entities.contains_key(uuid)) {
        true => without_circle(entities, vec![grouped(uuid_of(who), &named)]),
        false => Vec::new(),
    }
}

fn instance_set(entities: &Entities, who: u8, which: Option<u8>) -> Vec<Change> {
    let of = which.map(collection_of);
    match of.is_none_or(|uuid| entities.contains_key(&uuid)) {
        true => without_circle(entities, vec![instancing(uuid_of(who), of)]),
        false => Vec::new(),
    }
}

/// Returns the changes of a user, unless an object would be in an instance that shows it: no editor allows that.
fn without_circle(entities: &Entities, changes: Vec<Change>) -> Vec<Change> {
    let mut after = entities.clone();
    for change in &changes {
        let components = change.components();
        if let (Some(entity), Some(components)) = (after.get_mut(&change.uuid()), components) {
            entity.components.merge(components);
        }
    }
    match has_circle(&after) {
        true => Vec::new(),
        false => changes,
    }
}

/// Whether an object is in a collection that it shows an instance of, also by way of other collections and instances.
fn has_circle(entities: &Entities) -> bool {
    let objects = entities.values();
    let instances = objects.filter_map(|it| Some((it.uuid, it.components.instance?.of?)));
    let instances: Vec<(Uuid, Uuid)> = instances.collect();
    let is_inside_itself = |object: Uuid| {
        let (mut met, mut next) = (Vec::new(), vec![object]);
        while let Some(uuid) = next.pop() {
            let entity = entities.get(&uuid).into_iter();
            let around = entity.flat_map(|it| it.components.around());
            let shown = instances.iter().filter(|(_, of)| *of == uuid);
            for above in around.chain(shown.map(|(object, _)| *object)) {
                if !met.contains(&above) {
                    met.push(above);
                    next.push(above);
                }
            }
        }
        met.contains(&object)
    };
    instances
        .iter()
        .any(|(object, _)| is_inside_itself(*object))
}

/// Takes what is in a collection out of it, lets no object show an instance of it, and deletes it.
fn collection_deleted(entities: &Entities, uuid: Uuid) -> Vec<Change> {
    if !entities.contains_key(&uuid) {
        return Vec::new();
    }
    let members = entities
        .values()
        .filter(|entity| entity.components.links().any(|it| it == uuid));
    let freed = |entity: &Entity| {
        let mut change = grouped(entity.uuid, &[]);
        let is_shown = entity
            .components
            .instance
            .is_some_and(|it| it.of == Some(uuid));
        if let Some(components) = change.components_mut().filter(|_| is_shown) {
            components.instance = Some(Instance::default());
        }
        change
    };
    let moved = members.map(|entity| match entity.kind {
        EntityKind::Object => freed(entity),
        _ => made(entities, collection(entity.uuid, &[])),
    });
    moved.chain([Change::Delete { uuid }]).collect()
}

fn kept(who: u8, is_kept: bool) -> Change {
    let mut change = guarded(uuid_of(who), is_kept);
    if let Some(components) = change.components_mut() {
        components.name = Some(match is_kept {
            true => secret_name(who),
            false => format!("Open{who}"),
        });
    }
    change
}

/// Returns the name that an object gets when a person keeps it from agents.
pub fn secret_name(who: u8) -> String {
    format!("{SECRET}{who}.")
}

/// Returns true if `uuid` is `below` itself or one of its ancestors.
fn is_above(entities: &Entities, uuid: Uuid, below: Uuid) -> bool {
    let mut at = Some(below);
    // Stops after as many steps as there are entities, because a copy may hold a cycle.
    for _ in 0..=entities.len() {
        let Some(above) = at else {
            return false;
        };
        if above == uuid {
            return true;
        }
        let entity = entities.get(&above);
        at = entity.and_then(|entity| entity.components.parent?.uuid);
    }
    true
}

/// Returns an object and its descendants.
pub fn deleted(entities: &Entities, root: Uuid) -> Vec<Change> {
    let is_below = |uuid: &&Uuid| is_above(entities, root, **uuid);
    let below = entities.keys().filter(is_below);
    below.map(|uuid| Change::Delete { uuid: *uuid }).collect()
}

/// Returns a creation, or a change of what is there already.
fn made(entities: &Entities, create: Change) -> Change {
    match create {
        Change::Create {
            uuid, components, ..
        } if entities.contains_key(&uuid) => update(uuid, components),
        create => create,
    }
}

/// Returns the components that an editor gets which announces these: none that names entities of a kind it lacks.
pub fn known_components(announced: ComponentSet) -> ComponentSet {
    announced.without(ComponentSet::naming(|target| match target {
        Target::Material => !has_all(announced, EntityKind::Material),
        Target::Image => !has_all(announced, EntityKind::Image),
        Target::Collection => !has_all(announced, EntityKind::Collection),
        Target::Action => !has_all(announced, EntityKind::Action),
        Target::Object | Target::Data | Target::Deformer | Target::ShownMaterial => false,
    }))
}

fn has_all(announced: ComponentSet, kind: EntityKind) -> bool {
    ComponentSet::required_on(kind)
        .without(announced)
        .is_empty()
}

/// Returns the entities as an editor with these components gets them: without data and materials of other kinds.
pub fn as_known(entities: &Entities, known: ComponentSet) -> Entities {
    let is_known =
        |entity: &Entity| entity.kind == EntityKind::Object || has_all(known, entity.kind);
    let known = known_components(known);
    let mut shown: Entities = entities.clone();
    shown.retain(|_, entity| is_known(entity));
    for entity in shown.values_mut() {
        entity.components = entity.components.only(known);
        let data = entity.components.data.and_then(|data| data.uuid);
        let unknown = data.and_then(|data| entities.get(&data));
        if unknown.is_some_and(|data| !is_known(data)) {
            entity.components.data = Some(DataRef { uuid: None });
        }
    }
    shown
}

fn shown(uuid: Uuid, data: Option<Uuid>) -> Change {
    let data = Some(DataRef { uuid: data });
    let components = Components {
        data,
        ..Components::default()
    };
    update(uuid, components)
}

/// Returns true if parents, data and materials exist, no object is its own ancestor, and none is in its own instance.
pub fn holds_together(entities: &Entities) -> bool {
    !has_circle(entities)
        && entities.values().all(|entity| {
            let mut references = entity.components.references();
            references.all(|it| entities.contains_key(&it.uuid))
                && reaches_the_top(entities, entity.uuid)
        })
}

fn reaches_the_top(entities: &Entities, uuid: Uuid) -> bool {
    let mut at = Some(uuid);
    for _ in 0..=entities.len() {
        let Some(uuid) = at else {
            return true;
        };
        let Some(entity) = entities.get(&uuid) else {
            return false;
        };
        at = entity.components.parent.and_then(|parent| parent.uuid);
    }
    false
}
