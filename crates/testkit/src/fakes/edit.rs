//! What a user does in an editor: only with what is there, and never a cycle.

use std::collections::BTreeMap;

use vibesync_scene::{Change, Components, DataRef, Entity, Uuid};

use crate::fakes::change::{moved, object, parented, renamed, triangle, update};

/// One wish. Objects and meshes are named by small numbers, so that wishes meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A new object.
    Create(u8),
    /// Moves an object along x, meters.
    Move(u8, i8),
    /// Renames an object.
    Rename(u8, u8),
    /// Puts an object under another, or under none.
    Parent(u8, Option<u8>),
    /// Deletes an object and all below it.
    Delete(u8),
    /// Creates a mesh, or gives it other content.
    Mesh(u8, u8),
    /// Lets an object show a mesh, or none.
    Show(u8, Option<u8>),
}

/// A user's copy of the scene.
pub type Entities = BTreeMap<Uuid, Entity>;

/// The uuid of an object.
pub fn uuid_of(who: u8) -> Uuid {
    Uuid::from_u128(u128::from(who) + 1)
}

/// The uuid of a mesh.
pub fn mesh_of(which: u8) -> Uuid {
    Uuid::from_u128(100 + u128::from(which))
}

impl Edit {
    /// What it changes; nothing where a user could not do it.
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
            Edit::Mesh(which, content) => vec![mesh(entities, mesh_of(which), content)],
            Edit::Show(who, which) if holds(who) => {
                let data = which.map(mesh_of);
                match data.is_none_or(|mesh| entities.contains_key(&mesh)) {
                    true => vec![shown(uuid_of(who), data)],
                    false => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }
}

/// Whether `uuid` is `below` itself or stands above it.
fn is_above(entities: &Entities, uuid: Uuid, below: Uuid) -> bool {
    let mut at = Some(below);
    // As many steps as there are entities, should a copy hold a cycle.
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

/// An object and all below it.
pub fn deleted(entities: &Entities, root: Uuid) -> Vec<Change> {
    let is_below = |uuid: &&Uuid| is_above(entities, root, **uuid);
    let below = entities.keys().filter(is_below);
    below.map(|uuid| Change::Delete { uuid: *uuid }).collect()
}

fn mesh(entities: &Entities, uuid: Uuid, content: u8) -> Change {
    match triangle(uuid, &[content]) {
        Change::Create { components, .. } if entities.contains_key(&uuid) => {
            update(uuid, components)
        }
        create => create,
    }
}

fn shown(uuid: Uuid, data: Option<Uuid>) -> Change {
    let data = Some(DataRef { uuid: data });
    let components = Components {
        data,
        ..Components::default()
    };
    update(uuid, components)
}

/// Whether parents and data are there, and nothing is its own ancestor.
pub fn holds_together(entities: &Entities) -> bool {
    entities.values().all(|entity| {
        let data = entity.components.data.and_then(|data| data.uuid);
        data.is_none_or(|uuid| entities.contains_key(&uuid))
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
