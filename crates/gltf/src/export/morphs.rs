//! Morph targets: the shape keys of a mesh. Both add the delta of each key times its weight, so the deltas stay as they are.

use gltf_json::Root;
use gltf_json::mesh::MorphTarget;
use vibesync_scene::{Code, Components, Invalid, Mesh, Shapes, check_shapes_except};

use super::binary::Binary;
use super::bulk::{Bulk, Read};

/// The shape keys of a mesh with their bytes, checked.
pub(super) struct Morphs<'a> {
    shapes: &'a Shapes,
    bytes: Bulk<'a>,
}

impl<'a> Morphs<'a> {
    /// Reads the keys of a mesh; none if there are none. `data` has the components of the mesh.
    pub fn read(
        (mesh, data): (&Mesh, &'a Components),
        name: &str,
        read: &mut Read<'_>,
    ) -> Result<Option<Self>, Invalid> {
        let shapes = data.shapes.as_deref();
        let Some(shapes) = shapes.filter(|shapes| !shapes.keys.is_empty()) else {
            return Ok(None);
        };
        let location = format!("{name}.shapes");
        let bytes = Bulk::read(&shapes.buffers, read)?;
        check_shapes_except(shapes, &bytes.pieces(), |_| false, &location)?;
        check_corners(mesh, shapes.corner_count, &location)?;
        Ok(Some(Self { shapes, bytes }))
    }

    /// Returns the vertex of the keys that a corner has.
    pub fn vertex(&self, corner: u32) -> u32 {
        self.bytes.number("vertex", corner as usize)
    }

    /// Adds a target for each key, with the deltas of the vertices that these corners stand for. Normals of targets are left
    /// out, as glTF allows: they are not in the scene.
    pub fn add(
        &self,
        (root, binary): (&mut Root, &mut Binary),
        corner_of: &[u32],
    ) -> Vec<MorphTarget> {
        let vertices: Vec<u32> = corner_of.iter().map(|it| self.vertex(*it)).collect();
        let targets = (0..self.shapes.keys.len()).map(|key| {
            let start = key * self.shapes.vertex_count as usize;
            let delta = |vertex: &u32| self.bytes.vector("delta", start + *vertex as usize);
            let deltas: Vec<[f32; 3]> = vertices.iter().map(delta).collect();
            MorphTarget {
                positions: Some(binary.vectors(root, &deltas, true)),
                normals: None,
                tangents: None,
            }
        });
        targets.collect()
    }
}

/// Returns the names of the keys of a mesh, and their weights.
pub(super) fn names_and_weights(data: &Components) -> (Vec<&str>, Vec<f32>) {
    let keys = data.shapes.as_deref().map_or(&[][..], |it| &it.keys);
    let weights = data.shape_values.as_deref();
    let weight = |name: &String| weights.and_then(|it| it.values.get(name).copied());
    let pairs = keys.iter().map(|key| {
        let weight = weight(&key.name).unwrap_or_default();
        (key.name.as_str(), weight as f32)
    });
    pairs.unzip()
}

/// Checks that a component has the corners of its mesh.
pub(super) fn check_corners(mesh: &Mesh, corners: u32, location: &str) -> Result<(), Invalid> {
    match corners == mesh.corner_count {
        true => Ok(()),
        false => {
            let message = format!("{corners} corners, the mesh has {}", mesh.corner_count);
            Err(Invalid::new(Code::MeshInvalid, location, message))
        }
    }
}
