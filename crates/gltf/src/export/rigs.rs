//! Armatures that deform meshes: what a skin is made of.

use std::collections::BTreeMap;

use gltf_json::{Index, Mesh, Node};
use uuid::Uuid;
use vibesync_scene::{Armature, Transform};

use super::matrix::Matrix;

/// The armature that deforms the mesh of an object.
pub(super) struct Rig<'a> {
    /// The object that poses the armature.
    pub object: Uuid,
    /// The entity that has the joints.
    pub data: Uuid,
    pub armature: &'a Armature,
    /// From the space of the mesh to that of the armature.
    pub relation: Matrix,
}

/// A mesh whose skin is not in the file yet.
pub(super) struct Skinned {
    pub object: Uuid,
    /// The entity that has the mesh.
    pub data: Uuid,
    pub mesh: Index<Mesh>,
    pub armature: Uuid,
    pub relation: Matrix,
}

/// The joints of an object in the file.
pub(super) struct Joints {
    /// In the order of the armature.
    pub nodes: BTreeMap<Uuid, Index<Node>>,
    /// From the space of the armature to that of each joint at rest.
    pub inverses: Vec<Matrix>,
    /// The node of vertices that no joint moves, once a mesh needs it.
    pub anchor: Option<Index<Node>>,
}

/// Returns the place of a joint at rest, below the joint above it.
pub(super) fn at_rest(armature: &Armature, joint: Uuid) -> Transform {
    let rest = armature.joints.get(&joint).map(|joint| joint.rest);
    rest.map_or(Transform::IDENTITY, |rest| Transform {
        translation: rest.translation,
        rotation: rest.rotation,
        scale: [1.0; 3],
    })
}

/// Returns the matrix from the space of an armature to that of a joint at rest.
pub(super) fn inverse_of_rest(armature: &Armature, joint: Uuid) -> Matrix {
    let above = |uuid: &Uuid| armature.joints.get(uuid)?.parent;
    let lineage = std::iter::successors(Some(joint), above).take(armature.joints.len());
    let place = lineage.fold(Matrix::IDENTITY, |matrix, uuid| {
        Matrix::of(&at_rest(armature, uuid)).after(&matrix)
    });
    // A place at rest has no scale, so it has an inverse.
    place.inverse().unwrap_or(Matrix::IDENTITY)
}
