//! References: the entities that a component names, apart from the entity itself.

use std::fmt;

use uuid::Uuid;

use crate::entity_kind::EntityKind;

/// The kinds of entities that a reference may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An object.
    Object,
    /// The kinds that an object can show: any but an object, a material, an image, a collection or an action.
    Data,
    /// A material.
    Material,
    /// A material that an evaluated mesh had when it was made. It may be deleted since: then the slot is empty.
    ShownMaterial,
    /// An image.
    Image,
    /// A collection.
    Collection,
    /// An object that deforms others: that of an armature.
    Deformer,
    /// An action.
    Action,
}

impl Target {
    /// Whether an entity of this kind may stand there.
    pub fn admits(self, kind: EntityKind) -> bool {
        match self {
            Self::Object | Self::Deformer => kind == EntityKind::Object,
            Self::Data => !matches!(
                kind,
                EntityKind::Object
                    | EntityKind::Material
                    | EntityKind::Image
                    | EntityKind::Collection
                    | EntityKind::Action
            ),
            Self::Material | Self::ShownMaterial => kind == EntityKind::Material,
            Self::Image => kind == EntityKind::Image,
            Self::Collection => kind == EntityKind::Collection,
            Self::Action => kind == EntityKind::Action,
        }
    }
}

/// One reference of a component. Displays the field that names the entity, such as `slots.materials[3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The entity that is named.
    pub uuid: Uuid,
    /// The kinds that it may have.
    pub target: Target,
    field: &'static str,
    slot: Option<u32>,
}

impl Reference {
    pub(crate) fn new(uuid: Uuid, target: Target, field: &'static str) -> Self {
        Self {
            uuid,
            target,
            field,
            slot: None,
        }
    }

    pub(crate) fn in_slot(uuid: Uuid, target: Target, field: &'static str, slot: u32) -> Self {
        Self {
            slot: Some(slot),
            ..Self::new(uuid, target, field)
        }
    }

    /// The field without its index, with the component before it.
    pub fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.slot {
            Some(slot) => write!(f, "{}[{slot}]", self.field),
            None => f.write_str(self.field),
        }
    }
}
