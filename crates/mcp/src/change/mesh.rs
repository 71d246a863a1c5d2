//! Shapes as meshes of the protocol: a description, and buffers that travel as attachments.

use std::collections::BTreeMap;

use vibesync_scene::{Buffer, Mesh, Submesh};

use super::shape::Shape;

/// Describes a shape as a mesh, and adds the bytes of its buffers to the attachments.
pub(super) fn describe(shape: &Shape, attachments: &mut Vec<Vec<u8>>) -> Mesh {
    let corners = shape.triangles.iter().flatten();
    let index = corners.flat_map(|it| it.to_le_bytes()).collect();
    let mut buffers = BTreeMap::new();
    let mut add = |name: &str, bytes: Vec<u8>| {
        let buffer = Buffer {
            attachment: u32::try_from(attachments.len()).ok(),
            blob: None,
            base: None,
            bytes: bytes.len() as u64,
        };
        buffers.insert(name.to_owned(), buffer);
        attachments.push(bytes);
    };
    add("position", floats(shape.positions.iter()));
    add("index", index);
    add("normal", floats(shape.normals.iter().flatten()));
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let corner_count = count(3 * shape.triangles.len());
    Mesh {
        vertex_count: count(shape.positions.len()),
        corner_count,
        submeshes: vec![Submesh {
            slot: 0,
            start: 0,
            count: corner_count,
        }],
        buffers,
    }
}

/// Writes numbers as float32, little-endian. -0.0 becomes 0.0.
fn floats<'a>(vectors: impl Iterator<Item = &'a [f64; 3]>) -> Vec<u8> {
    let numbers = vectors.flatten().map(|number| *number as f32 + 0.0);
    numbers.flat_map(f32::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use vibesync_scene::{MeshPieces, check_mesh};

    use super::*;

    #[test]
    fn described_mesh_passes_the_check_of_the_daemon() {
        let shape = Shape {
            positions: vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, -0.0, -1.0]],
            triangles: vec![[0, 1, 2]],
            normals: vec![[[0.0, 1.0, 0.0]; 3]],
        };
        let mut attachments = vec![vec![0]];
        let mesh = describe(&shape, &mut attachments);
        let bytes: MeshPieces<'_> = (mesh.buffers.iter())
            .map(|(name, buffer)| {
                let at = buffer.attachment.unwrap() as usize;
                (name.as_str(), vec![attachments[at].as_slice()])
            })
            .collect();
        assert_eq!(check_mesh(&mesh, &bytes, "mesh"), Ok(()));
        assert_eq!(attachments.len(), 4);
        let minus_zero = (-0.0_f32).to_le_bytes();
        let position = attachments[1].as_chunks::<4>().0;
        assert!(!position.contains(&minus_zero));
    }
}
