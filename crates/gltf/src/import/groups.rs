//! Meshes of the document, sorted: those that differ in their materials alone are one mesh of the scene.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::place::Place;

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
    pub made: Option<Made>,
}

/// The entity of a group, and the material of each of its slots.
#[derive(Clone)]
pub(super) struct Made {
    pub uuid: Uuid,
    pub slots: Vec<Option<Uuid>>,
}

/// A mesh of the document: its group, and its materials.
pub(super) struct Member {
    pub group: usize,
    pub materials: Vec<Option<usize>>,
}

/// All meshes of the document.
#[derive(Default)]
pub(super) struct Groups<'a> {
    pub groups: Vec<Group<'a>>,
    pub members: Vec<Member>,
    /// The last group of each form.
    last: BTreeMap<Key<'a>, usize>,
}

/// The form that the meshes of one group have in common. The name and the weights of the targets come first. Then each primitive
/// has its mode, its indices, its targets, and its attributes apart from texture coordinates.
type Key<'a> = (
    Option<&'a str>,
    Option<String>,
    Vec<(usize, Option<usize>, Option<String>, Vec<(&'a str, usize)>)>,
);

impl<'a> Groups<'a> {
    /// Adds the next mesh of the document to its group.
    pub fn add(&mut self, name: Option<&'a str>, place: Place<'a>, primitives: Vec<Primitive<'a>>) {
        let materials = primitives.iter().map(|primitive| primitive.material);
        let materials = materials.collect();
        let keys = primitives.iter().map(|primitive| {
            let attributes = primitive.attributes.iter();
            let attributes = attributes.map(|(name, (index, _))| (*name, *index));
            let rest = attributes.filter(|(name, _)| !name.starts_with(TEXTURE_SET));
            let targets = primitive.place.field("targets");
            let targets = targets.value().map(Value::to_string);
            (primitive.mode, primitive.indices, targets, rest.collect())
        });
        let weights = place.field("weights").value().map(Value::to_string);
        let key = (name, weights, keys.collect());
        let last = self.last.get(&key).copied();
        let groups = &mut self.groups;
        let joined = last.filter(|at| groups.get_mut(*at).is_some_and(|it| it.join(&primitives)));
        let group = joined.unwrap_or_else(|| {
            groups.push(Group {
                place,
                primitives,
                made: None,
            });
            groups.len() - 1
        });
        self.last.insert(key, group);
        self.members.push(Member { group, materials });
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
