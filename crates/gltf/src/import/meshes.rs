//! Meshes of the scene, and the materials that objects show on them.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_scene::{Components, EntityKind, Invalid, Materials, Slots};

use super::groups::{Made, Member, Primitive, TEXTURE_SET, UV_SETS};
use super::place::Place;
use super::work::{Work, name};
use crate::notes::ImportNote;

/// Reads the primitives of triangles.
fn primitives<'a>(
    work: &mut Work<'a, '_>,
    mesh: &Place<'a>,
) -> Result<Vec<Primitive<'a>>, Invalid> {
    let title = name(mesh, "Mesh")?;
    let mut primitives = Vec::new();
    for place in mesh.field("primitives").items()? {
        let mode = place.field("mode").count()?.unwrap_or(4);
        if !(4..=6).contains(&mode) {
            work.note(ImportNote::NoTriangles, &title);
            continue;
        }
        let mut attributes = BTreeMap::new();
        for (name, reference) in place.field("attributes").fields()? {
            match is_known(name) {
                true => {
                    let index = reference.count()?;
                    let index = index.ok_or_else(|| reference.error("an accessor is expected"))?;
                    attributes.insert(name, (index, reference));
                }
                // Tangents follow from normals and texture coordinates, and bones have a note of their own.
                false if name == "TANGENT" => {}
                false if name.starts_with("JOINTS_") || name.starts_with("WEIGHTS_") => {}
                false => work.note(ImportNote::Attributes, &title),
            }
        }
        let material = place.field("material").named(&work.root, "materials")?;
        primitives.push(Primitive {
            mode,
            indices: place.field("indices").count()?,
            attributes,
            material: material.map(|(index, _)| index),
            place,
        });
    }
    Ok(primitives)
}

fn is_known(attribute: &str) -> bool {
    let set = attribute.strip_prefix(TEXTURE_SET);
    let set = set.and_then(|set| set.parse::<usize>().ok());
    matches!(attribute, "POSITION" | "NORMAL" | "COLOR_0") || set.is_some_and(|set| set < UV_SETS)
}

/// A mesh that an object shows, and the materials that the object has of its own.
pub(super) type Shown = (Uuid, Option<Box<Materials>>);

impl<'a> Work<'a, '_> {
    /// Sorts the meshes of the document into groups.
    pub fn sort_meshes(&mut self) -> Result<(), Invalid> {
        for place in self.root.field("meshes").items()? {
            let primitives = primitives(self, &place)?;
            let name = place.field("name").text()?;
            self.groups.add(name, place, primitives);
        }
        Ok(())
    }

    /// Returns the mesh of an index as an object shows it; none if it has no triangles.
    pub fn mesh(&mut self, index: usize) -> Result<Option<Shown>, Invalid> {
        let Some(Member { group, materials }) = self.groups.members.get(index) else {
            return Ok(None);
        };
        let (group, materials) = (*group, materials.clone());
        let mut slots = Vec::new();
        for material in materials {
            slots.push(material.map(|index| self.material(index)).transpose()?);
        }
        let made = self
            .groups
            .groups
            .get(group)
            .and_then(|group| group.made.clone());
        let made = match made {
            Some(made) => made,
            None => match self.make_mesh(group, &slots)? {
                Some(uuid) => Made {
                    uuid,
                    slots: slots.clone(),
                },
                None => return Ok(None),
            },
        };
        let pairs = (0..).zip(&slots).zip(&made.slots);
        let own = pairs.filter(|((_, shown), of_mesh)| shown != of_mesh);
        let own: BTreeMap<u32, Option<Uuid>> =
            own.map(|((slot, shown), _)| (slot, *shown)).collect();
        let own = (!own.is_empty()).then(|| Box::new(Materials { own }));
        let uuid = made.uuid;
        if let Some(group) = self.groups.groups.get_mut(group) {
            group.made = Some(made);
        }
        Ok(Some((uuid, own)))
    }

    fn make_mesh(&mut self, group: usize, slots: &[Option<Uuid>]) -> Result<Option<Uuid>, Invalid> {
        let Some(group) = self.groups.groups.get(group) else {
            return Ok(None);
        };
        let (place, primitives) = (group.place.clone(), group.primitives.clone());
        let Some((mesh, keys)) = self.geometry(&place, &primitives)? else {
            return Ok(None);
        };
        let (shapes, values) = self.finish_keys(&place, keys)?.unzip();
        let has_any = slots.iter().any(Option::is_some);
        let slots = Slots {
            materials: slots.to_vec(),
        };
        let components = Components {
            name: Some(name(&place, "Mesh")?),
            mesh: Some(Box::new(mesh)),
            slots: has_any.then(|| Box::new(slots)),
            shapes: shapes.map(Box::new),
            shape_values: values.map(Box::new),
            ..Components::default()
        };
        self.add(EntityKind::Mesh, components, &place).map(Some)
    }
}
