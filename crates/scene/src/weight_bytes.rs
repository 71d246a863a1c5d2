//! The bytes of vertex groups: their checks, and the comparison of two meshes.

use crate::code::Code;
use crate::component_value::ComponentValue;
use crate::invalid::Invalid;
use crate::mesh::{MeshBytes, MeshMismatch, MeshPieces, check_words, words};
use crate::numbers::nearly_equal;
use crate::weights::{GROUP, OFFSET, VERTEX, WEIGHT, Weights, refuse};

/// Checks the bytes of weights: their lengths, vertices and groups in range, rising offsets, each group once for a
/// vertex, in rising order, and weights from 0 to 1.
pub fn check_weights(
    weights: &Weights,
    bytes: &MeshPieces<'_>,
    location: &str,
) -> Result<(), Invalid> {
    weights.check(location)?;
    if weights.groups.is_empty() {
        return Ok(());
    }
    for (name, buffer) in &weights.buffers {
        let at = format!("buffers.{name}");
        let length: u64 = pieces_of(bytes, name)
            .iter()
            .map(|it| it.len() as u64)
            .sum();
        if length != buffer.bytes {
            let announced = buffer.bytes;
            let message = format!("{length} bytes arrived where {announced} were announced");
            return refuse(location, &at, &message);
        }
    }
    let at = format!("{location}.buffers.{VERTEX}");
    check_words(true, weights.vertex_count, pieces_of(bytes, VERTEX), at)?;
    check_memberships(weights, bytes, location)?;
    let mut all = numbers(bytes, WEIGHT).map(f32::from_bits);
    match all.position(|weight| !(0.0..=1.0).contains(&weight)) {
        Some(bad) => {
            let at = format!("{location}.buffers.{WEIGHT}[{bad}]");
            let message = "a weight is from 0 to 1";
            Err(Invalid::new(Code::NumberInvalid, at, message))
        }
        None => Ok(()),
    }
}

/// Checks that the offsets divide the memberships among the vertices, and the groups of each vertex.
fn check_memberships(
    weights: &Weights,
    bytes: &MeshPieces<'_>,
    location: &str,
) -> Result<(), Invalid> {
    let mut groups = numbers(bytes, GROUP);
    let mut begin = 0;
    for (i, end) in numbers(bytes, OFFSET).enumerate() {
        if end < begin || (i == 0 && end != 0) {
            let at = format!("buffers.{OFFSET}[{i}]");
            return refuse(location, &at, "the offsets begin with 0 and rise");
        }
        let mut next = 0;
        for group in groups.by_ref().take((end - begin) as usize) {
            if group < next || group as usize >= weights.groups.len() {
                let at = format!("buffers.{GROUP}");
                let message = "the groups of a vertex exist and rise";
                return refuse(location, &at, message);
            }
            next = group + 1;
        }
        begin = end;
    }
    let memberships = weights.buffers.get(GROUP).map_or(0, |it| it.bytes / 4);
    match u64::from(begin) == memberships {
        true => Ok(()),
        false => {
            let at = format!("buffers.{OFFSET}");
            refuse(
                location,
                &at,
                "the last offset is the number of memberships",
            )
        }
    }
}

fn pieces_of<'a, 'b>(bytes: &'b MeshPieces<'a>, name: &str) -> &'b [&'a [u8]] {
    bytes.get(name).map_or(&[], Vec::as_slice)
}

fn numbers<'a>(bytes: &'a MeshPieces<'_>, name: &str) -> impl Iterator<Item = u32> + 'a {
    let pieces = pieces_of(bytes, name).iter();
    pieces
        .flat_map(|piece| words(piece))
        .map(u32::from_le_bytes)
}

/// Compares weights corner by corner. Both must have passed [`check_weights`].
pub fn compare_weights(
    (expected, expected_bytes): (&Weights, &MeshBytes<'_>),
    (actual, actual_bytes): (&Weights, &MeshBytes<'_>),
) -> Result<(), MeshMismatch> {
    let differs = |part: &str, corner| {
        let part = part.to_owned();
        Err(MeshMismatch { part, corner })
    };
    if expected.groups != actual.groups {
        return differs("the list of vertex groups", None);
    }
    if expected.corner_count != actual.corner_count {
        return differs("corner_count", None);
    }
    let (a, b) = (Rows::new(expected_bytes), Rows::new(actual_bytes));
    let mut corners = 0..expected.corner_count as usize;
    match corners.find(|corner| !is_same_row(a.row(*corner), b.row(*corner))) {
        Some(corner) => differs("weight", Some(corner)),
        None => Ok(()),
    }
}

type Words<'a> = &'a [[u8; 4]];

/// The buffers of weights, to be read by corner.
struct Rows<'a> {
    vertex: Words<'a>,
    offset: Words<'a>,
    group: Words<'a>,
    weight: Words<'a>,
}

impl<'a> Rows<'a> {
    fn new(bytes: &MeshBytes<'a>) -> Self {
        let of = |name| {
            let bytes: &'a [u8] = bytes.get(name).copied().unwrap_or_default();
            bytes.as_chunks::<4>().0
        };
        Self {
            vertex: of(VERTEX),
            offset: of(OFFSET),
            group: of(GROUP),
            weight: of(WEIGHT),
        }
    }

    /// Returns the groups and the weights of a corner; none if the buffers have no such corner.
    fn row(&self, corner: usize) -> Option<(Words<'a>, Words<'a>)> {
        let number = |words: Words<'_>, at: usize| {
            let word = words.get(at)?;
            Some(u32::from_le_bytes(*word) as usize)
        };
        let vertex = number(self.vertex, corner)?;
        let begin = number(self.offset, vertex)?;
        let end = number(self.offset, vertex.checked_add(1)?)?;
        Some((self.group.get(begin..end)?, self.weight.get(begin..end)?))
    }
}

fn is_same_row(a: Option<(Words<'_>, Words<'_>)>, b: Option<(Words<'_>, Words<'_>)>) -> bool {
    let (Some((groups, weights)), Some((others, their_weights))) = (a, b) else {
        return false;
    };
    let near = |(a, b): (&[u8; 4], &[u8; 4])| {
        nearly_equal(f32::from_le_bytes(*a).into(), f32::from_le_bytes(*b).into())
    };
    groups == others && weights.iter().zip(their_weights).all(near)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::component::Buffer;
    use crate::id::BlobId;

    /// A triangle: its vertices are in both groups, in the second, and in none.
    struct Triangle {
        weights: Weights,
        vertex: Vec<u32>,
        offset: Vec<u32>,
        group: Vec<u32>,
        weight: Vec<f32>,
    }

    impl Triangle {
        fn new() -> Self {
            Self {
                weights: Weights {
                    vertex_count: 3,
                    corner_count: 3,
                    groups: vec!["Arm".into(), "Hand".into()],
                    buffers: BTreeMap::new(),
                },
                vertex: vec![0, 1, 2],
                offset: vec![0, 2, 3, 3],
                group: vec![0, 1, 1],
                weight: vec![0.25, 0.75, 1.0],
            }
        }

        fn edited(edit: impl FnOnce(&mut Self)) -> Self {
            let mut triangle = Self::new();
            edit(&mut triangle);
            triangle
        }

        fn bytes(&self) -> [(&'static str, Vec<u8>); 4] {
            let indices = |values: &[u32]| values.iter().flat_map(|it| it.to_le_bytes()).collect();
            [
                (GROUP, indices(&self.group)),
                (OFFSET, indices(&self.offset)),
                (VERTEX, indices(&self.vertex)),
                (
                    WEIGHT,
                    self.weight.iter().flat_map(|it| it.to_le_bytes()).collect(),
                ),
            ]
        }

        /// The component with buffers of the lengths of the bytes.
        fn component(&self) -> Weights {
            let bytes = self.bytes();
            let buffers = bytes.iter().map(|(name, bytes)| {
                let buffer = Buffer::stored(BlobId::hash(bytes), bytes.len() as u64);
                ((*name).to_owned(), buffer)
            });
            Weights {
                buffers: buffers.collect(),
                ..self.weights.clone()
            }
        }

        fn check(&self) -> Result<(), Invalid> {
            let bytes = self.bytes();
            let pieces = bytes
                .iter()
                .map(|(name, bytes)| (*name, vec![bytes.as_slice()]));
            check_weights(&self.component(), &pieces.collect(), "weights")
        }

        fn compare(&self, other: &Self) -> Result<(), String> {
            let (ours, theirs) = (self.bytes(), other.bytes());
            let a = ours.iter().map(|(name, bytes)| (*name, bytes.as_slice()));
            let b = theirs.iter().map(|(name, bytes)| (*name, bytes.as_slice()));
            let compared = compare_weights(
                (&self.weights, &a.collect()),
                (&other.weights, &b.collect()),
            );
            compared.map_err(|mismatch| mismatch.to_string())
        }
    }

    #[test]
    fn bytes_of_vertex_groups_are_checked() {
        type Edit = fn(&mut Triangle);
        let faults: [(Edit, &str); 11] = [
            (|it| it.vertex[2] = 3, "vertex"),
            (|it| it.offset[0] = 1, "offset[0]"),
            (|it| it.offset[2] = 1, "offset[2]"),
            (|it| it.offset[3] = 2, "offset[3]"),
            (|it| it.offset[3] = u32::MAX, "offset"),
            (|it| it.offset = vec![0; 4], "offset"),
            (|it| it.group[0] = 1, "group"),
            (|it| it.group[2] = 2, "group"),
            (|it| it.weight[1] = 1.5, "weight[1]"),
            (|it| it.weight[1] = -0.5, "weight[1]"),
            (|it| it.weight[2] = f32::NAN, "weight[2]"),
        ];
        for (fault, location) in faults {
            let error = Triangle::edited(fault).check().unwrap_err();
            assert_eq!(error.location, format!("weights.buffers.{location}"));
        }
    }

    #[test]
    fn short_bytes_of_vertex_groups_are_refused() {
        let triangle = Triangle::new();
        let bytes = triangle.bytes();
        let whole = bytes
            .iter()
            .map(|(name, bytes)| (*name, vec![bytes.as_slice()]));
        let whole: MeshPieces<'_> = whole.collect();
        for name in [GROUP, OFFSET, VERTEX, WEIGHT] {
            let mut pieces = whole.clone();
            pieces.remove(name);
            let error = check_weights(&triangle.component(), &pieces, "weights").unwrap_err();
            assert_eq!(error.location, format!("weights.buffers.{name}"));
        }
    }

    #[test]
    fn weights_are_compared_corner_by_corner() {
        let plain = Triangle::new();
        assert_eq!(plain.compare(&plain), Ok(()));
        assert_eq!(
            plain.compare(&Triangle::edited(|it| it.weight[1] += 5e-6)),
            Ok(())
        );
        // The same with the vertices in another order, and one more that no corner uses.
        let turned = Triangle::edited(|it| {
            it.weights.vertex_count = 4;
            (it.vertex, it.offset) = (vec![3, 1, 0], vec![0, 0, 1, 2, 4]);
            (it.group, it.weight) = (vec![1, 0, 0, 1], vec![1.0, 0.5, 0.25, 0.75]);
        });
        assert_eq!((turned.check(), plain.compare(&turned)), (Ok(()), Ok(())));
        type Edit = fn(&mut Triangle);
        let changes: [(Edit, &str); 6] = [
            (|it| it.weight[2] = 0.9, "weight differs at corner 1"),
            (|it| it.group[2] = 0, "weight differs at corner 1"),
            (
                |it| it.offset = vec![0, 2, 2, 3],
                "weight differs at corner 1",
            ),
            (
                |it| it.weights.groups.swap(0, 1),
                "the list of vertex groups differs",
            ),
            (|it| it.weights.corner_count = 6, "corner_count differs"),
            (|it| it.vertex[0] = 9, "weight differs at corner 0"),
        ];
        for (change, message) in changes {
            let error = plain.compare(&Triangle::edited(change));
            assert_eq!(error.unwrap_err(), message);
        }
    }

    #[test]
    fn membership_without_weight_is_not_nothing() {
        let zero = Triangle::edited(|it| it.weight[0] = 0.0);
        let none = Triangle::edited(|it| {
            it.offset = vec![0, 1, 2, 2];
            (it.group, it.weight) = (vec![1, 1], vec![0.75, 1.0]);
        });
        assert_eq!((zero.check(), none.check()), (Ok(()), Ok(())));
        assert!(zero.compare(&none).is_err());
    }

    #[test]
    fn million_memberships_are_compared_in_seconds() {
        let many = |last: f32| {
            Triangle::edited(|it| {
                it.weights.vertex_count = 250_000;
                it.weights.groups = (0..64).map(|i| i.to_string()).collect();
                it.offset = (0..=250_000).map(|i| 4 * i).collect();
                it.group = (0..1_000_000).map(|i| i % 4 * 16 + i / 4 % 16).collect();
                it.weight = (0..1_000_000).map(|i| (i % 100) as f32 / 100.0).collect();
                it.weight[999_999] = last;
                it.weights.corner_count = 750_000;
                it.vertex = (0..750_000).map(|i| i / 3).collect();
            })
        };
        let (one, other) = (many(0.5), many(0.6));
        let begin = Instant::now();
        assert_eq!((one.check(), one.compare(&one)), (Ok(()), Ok(())));
        let error = one.compare(&other).unwrap_err();
        assert_eq!(error, "weight differs at corner 749997");
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "in a debug build"
        );
    }
}
