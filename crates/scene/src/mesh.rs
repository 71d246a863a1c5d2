//! Mesh buffers: their layout, their checks, and the comparison of two meshes.

use std::collections::BTreeMap;
use std::fmt;

use crate::code::Code;
use crate::component::{Buffer, Mesh};
use crate::component_fields::MESH_BUFFERS;
use crate::component_kind::Elements;
use crate::invalid::Invalid;
use crate::numbers::nearly_equal;

/// The bytes of each buffer of a mesh.
pub type MeshBytes<'a> = BTreeMap<&'a str, &'a [u8]>;

/// The bytes of each buffer of a mesh, in the pieces in which they arrived. Each piece has whole words of four bytes.
pub type MeshPieces<'a> = BTreeMap<&'a str, Vec<&'a [u8]>>;

/// Returns the bytes per element, and whether the buffer has one element per corner or one per vertex; none for an
/// unknown buffer. Each number has four bytes.
pub fn element_bytes(buffer: &str) -> Option<(u64, bool)> {
    let kind = MESH_BUFFERS
        .iter()
        .find(|kind| kind.names.contains(&buffer))?;
    Some((4 * kind.count, kind.per == Elements::Corner))
}

/// Most material slots, and so most submeshes: as many as Blender can count. A record of the log must have room for two
/// descriptions of a mesh.
pub(crate) const MOST_SLOTS: usize = 32_767;

/// Checks the description of a mesh: known buffers, sizes that match the counts, submeshes that cover the corners.
pub fn check_layout(mesh: &Mesh, location: &str) -> Result<(), Invalid> {
    let fail = |at: &str, message: String| {
        Err(Invalid::new(
            Code::MeshInvalid,
            format!("{location}.{at}"),
            message,
        ))
    };
    if !mesh.corner_count.is_multiple_of(3) {
        return fail(
            "corner_count",
            format!("{} corners are no whole triangles", mesh.corner_count),
        );
    }
    let required = MESH_BUFFERS.iter().filter(|kind| kind.is_required);
    for required in required.flat_map(|kind| kind.names) {
        if !mesh.buffers.contains_key(*required) {
            return fail("buffers", format!("the buffer `{required}` is missing"));
        }
    }
    for (name, buffer) in &mesh.buffers {
        let Some((size, per_corner)) = element_bytes(name) else {
            return fail(
                "buffers",
                format!("`{name}` is not a buffer of this schema version"),
            );
        };
        let expected = size
            * u64::from(if per_corner {
                mesh.corner_count
            } else {
                mesh.vertex_count
            });
        if buffer.bytes != expected {
            let message = format!("{} bytes where the counts ask for {expected}", buffer.bytes);
            return fail(&format!("buffers.{name}"), message);
        }
    }
    check_submeshes(mesh, location)
}

/// Checks that submeshes follow each other without gaps, in ascending order of their slots. Both editors need that.
fn check_submeshes(mesh: &Mesh, location: &str) -> Result<(), Invalid> {
    let fail = |i: usize, message: &str| {
        Err(Invalid::new(
            Code::MeshInvalid,
            format!("{location}.submeshes[{i}]"),
            message,
        ))
    };
    if mesh.submeshes.len() > MOST_SLOTS {
        return fail(MOST_SLOTS, "there are too many");
    }
    let mut end = 0;
    let mut last_slot = None;
    for (i, submesh) in mesh.submeshes.iter().enumerate() {
        if submesh.start != end || submesh.count == 0 || !submesh.count.is_multiple_of(3) {
            return fail(
                i,
                "it must hold whole triangles and start where the one before it ends",
            );
        }
        if last_slot.is_some_and(|slot| slot >= submesh.slot) {
            return fail(i, "slots must ascend");
        }
        last_slot = Some(submesh.slot);
        end = end.saturating_add(submesh.count);
    }
    if end != mesh.corner_count {
        return fail(mesh.submeshes.len(), "the submeshes must cover all corners");
    }
    Ok(())
}

/// Checks the bytes of a mesh against its description: lengths, finite numbers, indices in range.
pub fn check_mesh(mesh: &Mesh, bytes: &MeshPieces<'_>, location: &str) -> Result<(), Invalid> {
    check_mesh_except(mesh, bytes, |_| false, location)
}

/// Does the same as [`check_mesh`], without the bytes of some buffers: those that were checked before, with the same counts.
pub fn check_mesh_except(
    mesh: &Mesh,
    bytes: &MeshPieces<'_>,
    is_checked: impl Fn(&str) -> bool,
    location: &str,
) -> Result<(), Invalid> {
    check_layout(mesh, location)?;
    let vertices = ("index", mesh.vertex_count);
    check_buffers(&mesh.buffers, bytes, is_checked, vertices, location)
}

/// Checks the bytes of buffers but those that were checked before: their lengths, finite numbers, and vertices in range.
/// `vertices`: the buffer that names vertices, and their number.
pub(crate) fn check_buffers(
    buffers: &BTreeMap<String, Buffer>,
    bytes: &MeshPieces<'_>,
    is_checked: impl Fn(&str) -> bool,
    (index, vertex_count): (&str, u32),
    location: &str,
) -> Result<(), Invalid> {
    for (name, buffer) in buffers {
        if is_checked(name) {
            continue;
        }
        let at = format!("{location}.buffers.{name}");
        let pieces = bytes.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let length: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
        if length != buffer.bytes {
            let announced = buffer.bytes;
            let message = format!("{length} bytes arrived where {announced} were announced");
            return Err(Invalid::new(Code::MeshInvalid, at, message));
        }
        check_words(name == index, vertex_count, pieces, at)?;
    }
    Ok(())
}

/// Checks the words of a buffer: indices in range, or finite numbers.
pub(crate) fn check_words(
    is_index: bool,
    vertex_count: u32,
    pieces: &[&[u8]],
    at: String,
) -> Result<(), Invalid> {
    // A check of all words without branches comes first: the processor does several at a time.
    let mut all = pieces.iter().flat_map(|piece| words(piece));
    if is_index {
        let largest = pieces.iter().filter_map(|piece| largest(piece)).max();
        if largest.is_some_and(|largest| largest >= vertex_count)
            && let Some(bad) = all
                .map(u32::from_le_bytes)
                .find(|index| *index >= vertex_count)
        {
            let message = format!("index {bad} in a mesh of {vertex_count} vertices");
            return Err(Invalid::new(Code::MeshInvalid, at, message));
        }
    } else if !pieces.iter().all(|piece| all_finite(piece))
        && let Some(bad) = all.position(|word| !f32::from_le_bytes(word).is_finite())
    {
        return Err(Invalid::new(
            Code::NumberInvalid,
            format!("{at}[{bad}]"),
            "the number is not finite",
        ));
    }
    Ok(())
}

fn largest(data: &[u8]) -> Option<u32> {
    words(data).map(u32::from_le_bytes).max()
}

/// Whether all numbers are finite; without a branch for each number.
fn all_finite(data: &[u8]) -> bool {
    words(data).fold(true, |all, word| all & f32::from_le_bytes(word).is_finite())
}

pub(crate) fn words(data: &[u8]) -> impl Iterator<Item = [u8; 4]> + Clone + '_ {
    data.as_chunks::<4>().0.iter().copied()
}

/// The first difference of two meshes.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshMismatch {
    /// The name of a buffer, or `corner_count`, or `submeshes`.
    pub part: String,
    /// The corner; none if the difference has no corner.
    pub corner: Option<usize>,
}

impl fmt::Display for MeshMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.corner {
            Some(corner) => write!(f, "{} differs at corner {corner}", self.part),
            None => write!(f, "{} differs", self.part),
        }
    }
}

/// Compares two meshes corner by corner, so that vertex sharing does not matter. `actual` must have every buffer of
/// `expected`; further buffers are ignored. Both must have passed [`check_mesh`].
pub fn compare_meshes(
    (expected, expected_bytes): (&Mesh, &MeshBytes<'_>),
    (actual, actual_bytes): (&Mesh, &MeshBytes<'_>),
) -> Result<(), MeshMismatch> {
    let differs = |part: &str, corner| {
        let part = part.to_owned();
        Err(MeshMismatch { part, corner })
    };
    if expected.corner_count != actual.corner_count {
        return differs("corner_count", None);
    }
    if expected.submeshes != actual.submeshes {
        return differs("submeshes", None);
    }
    if expected.corner_count == 0 {
        return Ok(()); // Without corners, an editor need not have the buffers that hold a value for each corner.
    }
    let index_of = |bytes: &MeshBytes<'_>| -> Vec<u32> {
        let index = bytes.get("index").copied().unwrap_or_default();
        words(index).map(u32::from_le_bytes).collect()
    };
    let (index_a, index_b) = (index_of(expected_bytes), index_of(actual_bytes));
    for name in expected.buffers.keys().filter(|name| *name != "index") {
        let (a, b) = (
            expected_bytes.get(name.as_str()),
            actual_bytes.get(name.as_str()),
        );
        let (Some(a), Some(b), Some((size, per_corner))) = (a, b, element_bytes(name)) else {
            return differs(name, None);
        };
        let size = size as usize / 4;
        let corner = if per_corner {
            first_difference(
                a,
                b,
                size,
                0..expected.corner_count,
                0..expected.corner_count,
            )
        } else if a == b && index_a == index_b {
            None
        } else {
            let (index_a, index_b) = (index_a.iter().copied(), index_b.iter().copied());
            first_difference(a, b, size, index_a, index_b)
        };
        if corner.is_some() {
            return differs(name, corner);
        }
    }
    Ok(())
}

/// Returns the first corner whose elements differ. An element has `size` float32s and is found by its index. A missing
/// element differs from every other.
pub(crate) fn first_difference(
    a: &[u8],
    b: &[u8],
    size: usize,
    index_a: impl Iterator<Item = u32>,
    index_b: impl Iterator<Item = u32>,
) -> Option<usize> {
    if size == 0 {
        return None;
    }
    let (a, b) = (a.as_chunks::<4>().0, b.as_chunks::<4>().0);
    let element = |data: &[[u8; 4]], index: u32| -> Option<std::ops::Range<usize>> {
        let start = (index as usize).checked_mul(size)?;
        let end = start.checked_add(size)?;
        (end <= data.len()).then_some(start..end)
    };
    let equal = |(i, j): (u32, u32)| {
        let (Some(i), Some(j)) = (element(a, i), element(b, j)) else {
            return false;
        };
        let (x, y) = (a.get(i).unwrap_or_default(), b.get(j).unwrap_or_default());
        let near = |(p, q): (&[u8; 4], &[u8; 4])| {
            nearly_equal(f32::from_le_bytes(*p).into(), f32::from_le_bytes(*q).into())
        };
        x == y || x.iter().zip(y).all(near)
    };
    index_a.zip(index_b).position(|pair| !equal(pair))
}
