//! The evaluated mesh of an object: what modifiers, and curves, texts and metaballs without a mesh of their own, look like.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::component::{Buffer, Mesh};
use crate::component_value::ComponentValue;
use crate::invalid::Invalid;
use crate::mesh::{MOST_SLOTS, check_layout};
use crate::reference::{Reference, Target};

/// The mesh that an object shows in place of its data. Blender alone writes it: it is made of the data and of values that
/// no other editor has. An object without this component shows its data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The geometry, in the space of the object; none: the object shows its data.
    pub mesh: Option<Mesh>,
    /// The material of each slot, in place of `slots` of the data; none: those of the data.
    pub materials: Option<Vec<Option<Uuid>>>,
}

impl ComponentValue for Shown {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let materials = self.materials.as_deref().unwrap_or_default();
        let fail = |message: &str| {
            let location = format!("{name}.materials");
            Err(Invalid::new(Code::ComponentInvalid, location, message))
        };
        if materials.len() > MOST_SLOTS {
            return fail("there are too many");
        }
        match &self.mesh {
            Some(mesh) => check_layout(mesh, &format!("{name}.mesh")),
            None if self.materials.is_some() => fail("without a mesh there are no materials"),
            None => Ok(()),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let materials = self.materials.as_deref().unwrap_or_default();
        (0..).zip(materials).filter_map(|(slot, uuid)| {
            let field = "shown.materials";
            uuid.map(|uuid| Reference::in_slot(uuid, Target::ShownMaterial, field, slot))
        })
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        self.mesh.iter().flat_map(ComponentValue::buffers)
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.mesh.iter_mut().flat_map(ComponentValue::buffers_mut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BlobId;

    fn empty_mesh() -> Mesh {
        let buffer = || Buffer::stored(BlobId::hash(b""), 0);
        Mesh {
            vertex_count: 0,
            corner_count: 0,
            submeshes: Vec::new(),
            buffers: [("position".into(), buffer()), ("index".into(), buffer())].into(),
        }
    }

    #[test]
    fn faults_of_a_shown_mesh_are_named() {
        let shown = |mesh: Option<Mesh>, materials| Shown { mesh, materials };
        let whole = || Some(empty_mesh());
        let mut short = empty_mesh();
        short.buffers.remove("index");
        let faults = [
            (shown(Some(short), None), "shown.mesh.buffers"),
            (shown(None, Some(vec![])), "shown.materials"),
            (
                shown(whole(), Some(vec![None; MOST_SLOTS + 1])),
                "shown.materials",
            ),
        ];
        for (fault, location) in faults {
            assert_eq!(fault.check("shown").unwrap_err().location, location);
        }
        let sound = [
            Shown::default(),
            shown(whole(), None),
            shown(whole(), Some(vec![None, Some(Uuid::nil())])),
        ];
        for value in sound {
            assert_eq!(value.check("shown"), Ok(()));
        }
    }

    #[test]
    fn empty_shown_mesh_is_another_value_than_none() {
        let empty = Shown {
            mesh: Some(empty_mesh()),
            materials: None,
        };
        assert!(!empty.equals(&Shown::default()));
        assert_eq!(empty.buffers().count(), 2);
    }
}
