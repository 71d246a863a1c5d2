//! Meshes: those of the document that differ in their materials alone are one mesh of the scene.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_scene::{Components, EntityKind, Invalid, Materials, Slots};

use super::place::Place;
use super::work::{Work, name};
use crate::notes::ImportNote;

/// Prefix of sets of texture coordinates.
pub(super) const TEXTURE_SET: &str = "TEXCOORD_";

/// Number of sets of texture coordinates that a mesh can have.
pub(super) const UV_SETS: usize = 8;

/// A primitive of triangles: its form, and its attributes.
#[derive(Clone)]
pub(super) struct Primitive<'a> {
    pub place: Place<'a>,
    pub mode: usize,
    pub indices: Option<usize>,
    /// Each attribute with the index of its accessor.
    pub attributes: BTreeMap<&'a str, (usize, Place<'a>)>,
    pub material: Option<usize>,
}

/// A mesh of the scene, which several meshes of the document show with materials of their own.
pub(super) struct Group<'a> {
    pub place: Place<'a>,
    pub primitives: Vec<Primitive<'a>>,
    made: Option<Made>,
}

/// The entity of a group, and the material of each of its slots.
#[derive(Clone)]
struct Made {
    uuid: Uuid,
    slots: Vec<Option<Uuid>>,
}

/// A mesh of the document: its group, and its materials.
struct Member {
    group: usize,
    materials: Vec<Option<usize>>,
}

/// All meshes of the document.
#[derive(Default)]
pub(super) struct Groups<'a> {
    groups: Vec<Group<'a>>,
    members: Vec<Member>,
}

/// What meshes of one group have in common: the name, and for each primitive its mode, its indices and its attributes apart from
/// texture coordinates.
type Key<'a> = (
    Option<&'a str>,
    Vec<(usize, Option<usize>, Vec<(&'a str, usize)>)>,
);

impl<'a> Groups<'a> {
    /// Sorts the meshes of the document into groups.
    pub fn sort(work: &mut Work<'a, '_>) -> Result<(), Invalid> {
        let mut known: BTreeMap<Key<'a>, usize> = BTreeMap::new();
        for place in work.root.field("meshes").items()? {
            let primitives = primitives(work, &place)?;
            let materials = primitives.iter().map(|primitive| primitive.material);
            let materials = materials.collect();
            let keys = primitives.iter().map(|primitive| {
                let attributes = primitive.attributes.iter();
                let attributes = attributes.map(|(name, (index, _))| (*name, *index));
                let rest = attributes.filter(|(name, _)| !name.starts_with(TEXTURE_SET));
                (primitive.mode, primitive.indices, rest.collect())
            });
            let key = (place.field("name").text()?, keys.collect());
            let groups = &mut work.groups.groups;
            let joined = known.get(&key).copied();
            let joined =
                joined.filter(|at| groups.get_mut(*at).is_some_and(|it| it.join(&primitives)));
            let group = joined.unwrap_or_else(|| {
                groups.push(Group {
                    place,
                    primitives,
                    made: None,
                });
                groups.len() - 1
            });
            known.insert(key, group);
            work.groups.members.push(Member { group, materials });
        }
        Ok(())
    }
}

impl<'a> Group<'a> {
    /// Takes the texture coordinates of a mesh that has all else in common. Returns false if it has others.
    fn join(&mut self, other: &[Primitive<'a>]) -> bool {
        let mut pairs = self.primitives.iter().zip(other);
        let fits = pairs.all(|(a, b)| {
            let mut attributes = b.attributes.iter();
            attributes.all(|(name, (index, _))| {
                let known = a.attributes.get(name);
                known.is_none_or(|(known, _)| known == index)
            })
        });
        if fits {
            for (primitive, other) in self.primitives.iter_mut().zip(other) {
                primitive.attributes.extend(other.attributes.clone());
            }
        }
        fits
    }
}

/// Reads the primitives of triangles.
fn primitives<'a>(
    work: &mut Work<'a, '_>,
    mesh: &Place<'a>,
) -> Result<Vec<Primitive<'a>>, Invalid> {
    let title = name(mesh, "Mesh")?;
    let mut primitives = Vec::new();
    for place in mesh.field("primitives").items()? {
        if place.field("targets").is_present() {
            work.note(ImportNote::MorphTargets, &title);
        }
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
        let Some(mesh) = self.geometry(&place, &primitives)? else {
            return Ok(None);
        };
        let has_any = slots.iter().any(Option::is_some);
        let slots = Slots {
            materials: slots.to_vec(),
        };
        let components = Components {
            name: Some(name(&place, "Mesh")?),
            mesh: Some(mesh),
            slots: has_any.then(|| Box::new(slots)),
            ..Components::default()
        };
        self.add(EntityKind::Mesh, components, &place).map(Some)
    }
}
