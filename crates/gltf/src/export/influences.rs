//! Weights of joints: the vertex groups of a mesh that joints of an armature take.

use std::collections::HashMap;

use gltf_json::Root;
use gltf_json::mesh::Semantic;
use gltf_json::validation::Checked::Valid;
use vibesync_scene::{Armature, Components, Invalid, Mesh, Weights, check_weights};

use super::binary::{Attributes, Binary};
use super::bulk::{Bulk, Read};
use super::morphs::check_corners;
use crate::notes::{Note, Notes};

/// Weights up to this one are left out. Readers that store 16 bits could not tell them from zero either.
const NEGLIGIBLE: f32 = 1e-4;

/// Most joints that move a vertex: eight sets. More are allowed, but one vertex with 4,096 would give each of the others as many.
const MOST: usize = 32;

/// Joints and weights in one set of attributes.
const SET: usize = 4;

/// The joints that move each vertex of the component `weights`.
pub(super) struct Influences<'a> {
    bytes: Bulk<'a>,
    /// The end of each vertex in `pairs`.
    ends: Vec<usize>,
    /// Joints with weights, the largest first; the weights of a vertex add up to 1.
    pairs: Vec<(u16, f32)>,
    /// The joint of vertices that no other one moves: behind the joints of the armature.
    anchor: u16,
}

/// Returns the joint of each group, by its place among the joints of the armature; none for a group that moves nothing.
pub(super) fn joints_of_groups(weights: &Weights, armature: &Armature) -> Vec<Option<u16>> {
    let joints = (0..).zip(armature.joints.values());
    let joints = joints.filter(|(_, joint)| joint.deform);
    let by_name: HashMap<&str, u16> = joints
        .map(|(at, joint)| (joint.name.as_str(), at))
        .collect();
    let joint = |group: &String| by_name.get(group.as_str()).copied();
    weights.groups.iter().map(joint).collect()
}

impl<'a> Influences<'a> {
    /// Reads the weights of a mesh that an armature deforms; none if it has no groups.
    pub fn read(
        (mesh, data): (&Mesh, &'a Components),
        armature: &Armature,
        (name, notes): (&str, &mut Notes<Note>),
        read: &mut Read<'_>,
    ) -> Result<Option<Self>, Invalid> {
        let Some(weights) = data.weights.as_deref() else {
            return Ok(None);
        };
        let location = format!("{name}.weights");
        let bytes = Bulk::read(&weights.buffers, read)?;
        check_weights(weights, &bytes.pieces(), &location)?;
        check_corners(mesh, weights.corner_count, &location)?;
        let joint_of = joints_of_groups(weights, armature);
        let mut made = Self {
            bytes,
            ends: Vec::new(),
            pairs: Vec::new(),
            anchor: armature.joints.len() as u16,
        };
        for vertex in 0..weights.vertex_count as usize {
            let mut row = made.row(vertex, &joint_of);
            if row.len() > MOST {
                notes.add_once(Note::Influences, name);
                row.truncate(MOST);
            }
            let sum: f64 = row.iter().map(|(_, weight)| f64::from(*weight)).sum();
            let shares = row
                .iter()
                .map(|(joint, weight)| (*joint, (f64::from(*weight) / sum) as f32));
            made.pairs.extend(shares);
            if row.is_empty() {
                made.pairs.push((made.anchor, 1.0));
            }
            made.ends.push(made.pairs.len());
        }
        Ok(Some(made))
    }

    /// Returns the joints that move a vertex, with their weights as people see them, the largest first.
    fn row(&self, vertex: usize, joint_of: &[Option<u16>]) -> Vec<(u16, f32)> {
        let offset = |vertex| self.bytes.number("offset", vertex) as usize;
        let memberships = (offset(vertex)..offset(vertex + 1)).filter_map(|at| {
            let group = self.bytes.number("group", at) as usize;
            let joint = joint_of.get(group).copied().flatten()?;
            let [weight] = self.bytes.vector("weight", at);
            (weight > NEGLIGIBLE).then_some((joint, weight))
        });
        let mut row: Vec<(u16, f32)> = memberships.collect();
        row.sort_by(|a, b| b.1.total_cmp(&a.1));
        row
    }

    /// Returns the vertex of the weights that a corner has.
    pub fn vertex(&self, corner: u32) -> u32 {
        self.bytes.number("vertex", corner as usize)
    }

    fn pairs(&self, corner: u32) -> &[(u16, f32)] {
        let vertex = self.vertex(corner) as usize;
        let end = |vertex: usize| self.ends.get(vertex).copied().unwrap_or_default();
        let start = vertex.checked_sub(1).map_or(0, end);
        self.pairs.get(start..end(vertex)).unwrap_or_default()
    }

    /// Adds the sets of joints and weights of the vertices that these corners stand for. Returns whether a vertex needs the
    /// anchor.
    pub fn add(
        &self,
        (root, binary): (&mut Root, &mut Binary),
        corner_of: &[u32],
        attributes: &mut Attributes,
    ) -> bool {
        let rows: Vec<&[(u16, f32)]> = corner_of.iter().map(|it| self.pairs(*it)).collect();
        let most = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        for set in 0..most.div_ceil(SET) {
            let four = |row: &&[(u16, f32)]| {
                let mut pairs = row.iter().skip(set * SET);
                std::array::from_fn(|_| pairs.next().copied().unwrap_or_default())
            };
            let fours: Vec<[(u16, f32); SET]> = rows.iter().map(four).collect();
            let joints: Vec<[u16; SET]> = fours.iter().map(|it| it.map(|pair| pair.0)).collect();
            let weights: Vec<[f32; SET]> = fours.iter().map(|it| it.map(|pair| pair.1)).collect();
            let joints = binary.joints(root, &joints);
            attributes.insert(Valid(Semantic::Joints(set as u32)), joints);
            let weights = binary.vectors(root, &weights, false);
            attributes.insert(Valid(Semantic::Weights(set as u32)), weights);
        }
        rows.iter()
            .any(|row| row.iter().any(|pair| pair.0 == self.anchor))
    }
}
