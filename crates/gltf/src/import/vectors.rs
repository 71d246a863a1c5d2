//! Vectors of accessors, checked, and as bytes.

use vibesync_scene::{Code, Invalid};

use super::accessor::Accessor;

/// Appends a vector as float32.
pub(super) fn push<const N: usize>(bytes: &mut Vec<u8>, vector: [f32; N]) {
    for number in vector {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
}

/// Returns the vector of a vertex; fails if it is not finite.
pub(super) fn finite<const N: usize>(
    accessor: &Accessor<'_>,
    vertex: u32,
    rest: f32,
) -> Result<[f32; N], Invalid> {
    let vector: [f32; N] = accessor.vector(vertex as usize, rest);
    match vector.iter().all(|number| number.is_finite()) {
        true => Ok(vector),
        false => {
            let (at, message) = (accessor.path(), format!("element {vertex} is not finite"));
            Err(Invalid::new(Code::GltfInvalid, at, message))
        }
    }
}
