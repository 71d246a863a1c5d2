//! Skins: the armature that deforms the mesh of an object.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::component_value::ComponentValue;
use crate::invalid::Invalid;
use crate::reference::{Reference, Target};

/// The armature that moves the vertices of an object. Each group of its mesh goes with the joint of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skin {
    /// The object that poses the armature; none for a mesh that nothing deforms.
    pub armature: Option<Uuid>,
}

impl ComponentValue for Skin {
    fn check(&self, _name: &str) -> Result<(), Invalid> {
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let reference = |uuid| Reference::new(uuid, Target::Deformer, "skin.armature");
        self.armature.map(reference).into_iter()
    }
}
