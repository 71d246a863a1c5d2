//! An import in work: the document, and the entities that are made of it so far.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_scene::{
    BlobId, Buffer, Change, Components, Entity, EntityKind, Invalid, check_change,
};

use super::accessor::Accessor;
use super::buffers::{Buffers, ReadFile};
use super::groups::Groups;
use super::limits::Budget;
use super::place::Place;
use super::skinned::SkinnedNodes;
use crate::notes::{ImportNote, Notes};

/// Longest name, in characters.
const LONGEST_NAME: usize = 255;

/// Makes the uuid of an entity.
pub type NewUuid<'a> = dyn FnMut() -> Uuid + 'a;

/// The entities and notes that the import makes.
#[derive(Default)]
pub(super) struct Made {
    pub entities: Vec<Entity>,
    pub blobs: BTreeMap<BlobId, Vec<u8>>,
    pub notes: Notes<ImportNote>,
}

/// An image of the scene, and whether it has opacity.
pub(super) type MadeImage = Option<(Uuid, bool)>;

/// The parts of the document that are entities already, by index.
#[derive(Default)]
pub(super) struct Known<'a> {
    pub accessors: BTreeMap<usize, Accessor<'a>>,
    pub materials: BTreeMap<usize, Uuid>,
    /// Also by whether the image has colors.
    pub images: BTreeMap<(usize, bool), MadeImage>,
    pub lights: BTreeMap<usize, Uuid>,
    pub cameras: BTreeMap<usize, Uuid>,
}

/// An import in work.
pub(super) struct Work<'a, 'f> {
    pub root: Place<'a>,
    pub buffers: &'a Buffers<'a>,
    pub read: &'f mut ReadFile<'f>,
    pub new_uuid: &'f mut NewUuid<'f>,
    pub budget: Budget,
    pub groups: Groups<'a>,
    pub skinned: SkinnedNodes<'a>,
    pub known: Known<'a>,
    pub made: Made,
}

impl<'a> Work<'a, '_> {
    /// Adds an entity made of what is at a place. Fails if it breaks a rule of the scene.
    pub fn add(
        &mut self,
        kind: EntityKind,
        components: Components,
        place: &Place<'_>,
    ) -> Result<Uuid, Invalid> {
        let uuid = (self.new_uuid)();
        let create = Change::Create {
            uuid,
            kind,
            components,
        };
        check_change(&create, kind, place.path())?;
        if let Change::Create { components, .. } = create {
            self.made.entities.push(Entity {
                uuid,
                kind,
                components,
            });
        }
        Ok(uuid)
    }

    /// Keeps bulk data, and returns its description.
    pub fn store(&mut self, bytes: Vec<u8>) -> Buffer {
        let (id, length) = (BlobId::hash(&bytes), bytes.len() as u64);
        self.made.blobs.entry(id).or_insert(bytes);
        Buffer::stored(id, length)
    }

    /// Returns the accessor whose index is at a place; none if nothing is there.
    pub fn accessor(&mut self, reference: &Place<'a>) -> Result<Option<Accessor<'a>>, Invalid> {
        let Some((index, place)) = reference.named(&self.root, "accessors")? else {
            return Ok(None);
        };
        if let Some(known) = self.known.accessors.get(&index) {
            return Ok(Some(known.clone()));
        }
        let accessor = Accessor::new(&self.root, self.buffers, &place)?;
        self.known.accessors.insert(index, accessor.clone());
        Ok(Some(accessor))
    }

    pub fn note(&mut self, note: ImportNote, name: &str) {
        self.made.notes.add_once(note, name);
    }
}

/// Returns the name at a place, as the scene allows it; `other` if there is none.
pub(super) fn name(place: &Place<'_>, other: &str) -> Result<String, Invalid> {
    let text = place.field("name").text()?.unwrap_or_default();
    let signs = text.chars().filter(|sign| !sign.is_control());
    let name: String = signs.take(LONGEST_NAME).collect();
    Ok(match name.is_empty() {
        true => other.to_owned(),
        false => name,
    })
}
