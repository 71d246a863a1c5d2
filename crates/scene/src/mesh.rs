//! Mesh bytes: what each buffer holds, whether a mesh is sound, and when two meshes are the same.

use std::collections::BTreeMap;
use std::fmt;

use crate::code::Code;
use crate::compare::nearly_equal;
use crate::component::Mesh;
use crate::invalid::Invalid;

/// A mesh's buffers with their bytes.
pub type MeshBytes<'a> = BTreeMap<&'a str, &'a [u8]>;

/// Bytes per element and whether elements belong to corners (else to vertices); none for an unknown buffer.
pub fn element_bytes(buffer: &str) -> Option<(u64, bool)> {
    match buffer {
        "position" => Some((12, false)),
        "index" => Some((4, true)),
        "normal" => Some((12, true)),
        "color0" => Some((16, true)),
        _ => {
            let channel = buffer.strip_prefix("uv")?;
            matches!(channel.as_bytes(), [b'0'..=b'7']).then_some((8, true))
        }
    }
}

/// Most submeshes: as many material slots as Blender can count. Two descriptions of a mesh must fit a record of the log.
const MOST_SUBMESHES: usize = 32_767;

/// Checks the description of a mesh: known buffers, sizes that follow from the counts, submeshes inside the corners.
pub fn check_layout(mesh: &Mesh, place: &str) -> Result<(), Invalid> {
    let fail = |at: &str, message: String| {
        Err(Invalid::new(
            Code::MeshInvalid,
            format!("{place}.{at}"),
            message,
        ))
    };
    if !mesh.corner_count.is_multiple_of(3) {
        return fail(
            "corner_count",
            format!("{} corners are no whole triangles", mesh.corner_count),
        );
    }
    for required in ["position", "index"] {
        if !mesh.buffers.contains_key(required) {
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
    check_submeshes(mesh, place)
}

/// Submeshes follow each other without gaps, in ascending order of their slots: what both editors can hold.
fn check_submeshes(mesh: &Mesh, place: &str) -> Result<(), Invalid> {
    let fail = |i: usize, message: &str| {
        Err(Invalid::new(
            Code::MeshInvalid,
            format!("{place}.submeshes[{i}]"),
            message,
        ))
    };
    if mesh.submeshes.len() > MOST_SUBMESHES {
        return fail(MOST_SUBMESHES, "there are too many");
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
pub fn check_mesh(mesh: &Mesh, bytes: &MeshBytes<'_>, place: &str) -> Result<(), Invalid> {
    check_layout(mesh, place)?;
    for (name, buffer) in &mesh.buffers {
        let at = format!("{place}.buffers.{name}");
        let data = bytes.get(name.as_str()).copied().unwrap_or_default();
        if data.len() as u64 != buffer.bytes {
            let message = format!(
                "{} bytes arrived where {} were announced",
                data.len(),
                buffer.bytes
            );
            return Err(Invalid::new(Code::MeshInvalid, at, message));
        }
        if name == "index" {
            if let Some(bad) = words(data)
                .map(u32::from_le_bytes)
                .find(|index| *index >= mesh.vertex_count)
            {
                let message = format!("index {bad} in a mesh of {} vertices", mesh.vertex_count);
                return Err(Invalid::new(Code::MeshInvalid, at, message));
            }
        } else if let Some(bad) = words(data).position(|word| !f32::from_le_bytes(word).is_finite())
        {
            return Err(Invalid::new(
                Code::NumberInvalid,
                format!("{at}[{bad}]"),
                "the number is not finite",
            ));
        }
    }
    Ok(())
}

fn words(data: &[u8]) -> impl Iterator<Item = [u8; 4]> + '_ {
    data.as_chunks::<4>().0.iter().copied()
}

/// The first place where two meshes differ.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshMismatch {
    /// Buffer name, or `corner_count`, `submeshes`.
    pub part: String,
    /// Corner, where it is about one.
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

/// Compares two meshes corner by corner, so that vertex sharing does not matter. `held` must carry every buffer of
/// `expected`; more are ignored. Both must have passed [`check_mesh`].
pub fn compare_meshes(
    (expected, expected_bytes): (&Mesh, &MeshBytes<'_>),
    (held, held_bytes): (&Mesh, &MeshBytes<'_>),
) -> Result<(), MeshMismatch> {
    let differs = |part: &str, corner| {
        Err(MeshMismatch {
            part: part.to_owned(),
            corner,
        })
    };
    if expected.corner_count != held.corner_count {
        return differs("corner_count", None);
    }
    if expected.submeshes != held.submeshes {
        return differs("submeshes", None);
    }
    for name in expected.buffers.keys().filter(|name| *name != "index") {
        let (Some(a), Some(b)) = (
            expected_bytes.get(name.as_str()),
            held_bytes.get(name.as_str()),
        ) else {
            return differs(name, None);
        };
        let Some((size, per_corner)) = element_bytes(name) else {
            return differs(name, None);
        };
        let indices = |bytes: &MeshBytes<'_>| -> Vec<usize> {
            if per_corner {
                (0..expected.corner_count as usize).collect()
            } else {
                let index = bytes.get("index").copied().unwrap_or_default();
                words(index)
                    .map(|word| u32::from_le_bytes(word) as usize)
                    .collect()
            }
        };
        let (of_a, of_b) = (indices(expected_bytes), indices(held_bytes));
        let element = |data: &[u8], i: usize| -> Option<Vec<f32>> {
            let start = i.checked_mul(size as usize)?;
            let slice = data.get(start..start.checked_add(size as usize)?)?;
            Some(words(slice).map(f32::from_le_bytes).collect())
        };
        if a == b && of_a == of_b {
            continue;
        }
        for (corner, (i, j)) in of_a.iter().zip(&of_b).enumerate() {
            let equal = match (element(a, *i), element(b, *j)) {
                (Some(x), Some(y)) => x
                    .iter()
                    .zip(&y)
                    .all(|(p, q)| nearly_equal((*p).into(), (*q).into())),
                _ => false,
            };
            if !equal {
                return differs(name, Some(corner));
            }
        }
    }
    Ok(())
}
