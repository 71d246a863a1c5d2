//! Shape keys: other positions that a mesh blends into, and how far each does.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::component::Buffer;
use crate::component_value::{ComponentValue, check_range};
use crate::invalid::Invalid;
use crate::mesh::{MeshBytes, MeshMismatch, MeshPieces, check_buffers, first_difference, words};
use crate::numbers::nearly_equal;
use crate::text::find_bad_address;

/// Most keys of a mesh.
const MOST_KEYS: usize = 1_024;

/// Largest weight, and largest limit of one: those of Blender.
const MOST_WEIGHT: f64 = 10.0;

/// Name of the buffer with the moves of each vertex.
const DELTA: &str = "delta";

/// Name of the buffer with the vertex of each corner.
const VERTEX: &str = "vertex";

/// Bytes of a move.
const DELTA_BYTES: u64 = 12;

/// One shape key. Its deltas are relative to another key, or to the mesh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShapeKey {
    /// Its address within the mesh.
    pub name: String,
    /// The key that its deltas are relative to; none for the mesh itself.
    pub relative_to: Option<String>,
    /// The smallest weight that people set.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// The shape keys of a mesh. A vertex shows its position, plus the delta of each key times the weight of the key. The
/// component has vertices of its own, so that editors may share those of the mesh in their own way: only what each
/// corner gets counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// Number of vertices of this component.
    pub vertex_count: u32,
    /// Number of corners of the mesh.
    pub corner_count: u32,
    /// The keys, in the order in which editors list them.
    pub keys: Vec<ShapeKey>,
    /// Buffers by name: `vertex` and `delta`; none without keys.
    pub buffers: BTreeMap<String, Buffer>,
}

impl Shapes {
    /// Returns the bytes that a buffer must have.
    fn bytes_of(&self, buffer: &str) -> u64 {
        match buffer {
            VERTEX => 4 * u64::from(self.corner_count),
            _ => DELTA_BYTES * u64::from(self.vertex_count) * self.keys.len() as u64,
        }
    }

    fn check_keys(&self, name: &str) -> Result<(), Invalid> {
        let fail = |i: usize, field: &str, message: &str| {
            let location = format!("{name}.keys[{i}].{field}");
            Err(Invalid::new(Code::ComponentInvalid, location, message))
        };
        if self.keys.len() > MOST_KEYS {
            return fail(MOST_KEYS, "name", "there are too many keys");
        }
        let names: BTreeSet<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        let mut seen = BTreeSet::new();
        for (i, key) in self.keys.iter().enumerate() {
            if let Some(message) = find_bad_address(&key.name) {
                return fail(i, "name", message);
            }
            if !seen.insert(key.name.as_str()) {
                return fail(i, "name", "two keys have the same name");
            }
            let is_known = |other: &String| names.contains(other.as_str());
            if !key.relative_to.as_ref().is_none_or(is_known) {
                return fail(i, "relative_to", "no key has this name");
            }
            let at = |field: &str| format!("{name}.keys[{i}].{field}");
            check_range(&at("min"), &[key.min], -MOST_WEIGHT, MOST_WEIGHT)?;
            check_range(&at("max"), &[key.max], key.min, MOST_WEIGHT)?;
        }
        Ok(())
    }

    fn check_buffers(&self, name: &str) -> Result<(), Invalid> {
        let fail = |at: &str, message: String| {
            let location = format!("{name}.{at}");
            Err(Invalid::new(Code::MeshInvalid, location, message))
        };
        let is_empty = self.keys.is_empty();
        if is_empty && (self.vertex_count, self.corner_count) != (0, 0) {
            return fail("keys", "a mesh without keys has no counts".to_owned());
        }
        let wanted: &[&str] = if is_empty { &[] } else { &[DELTA, VERTEX] };
        if !self.buffers.keys().eq(wanted) {
            let message = "shape keys have the buffers `delta` and `vertex`, no keys none";
            return fail("buffers", message.to_owned());
        }
        for (buffer, it) in &self.buffers {
            let expected = self.bytes_of(buffer);
            if it.bytes != expected {
                let message = format!("{} bytes where the counts ask for {expected}", it.bytes);
                return fail(&format!("buffers.{buffer}"), message);
            }
        }
        Ok(())
    }
}

impl ComponentValue for Shapes {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        self.check_keys(name)?;
        self.check_buffers(name)
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        self.buffers.iter().map(|(name, it)| (name.as_str(), it))
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.buffers.values_mut()
    }
}

/// The weights of shape keys by name. A missing one is zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShapeValues {
    /// The weight of each key; with 1 the mesh blends into it all the way.
    pub values: BTreeMap<String, f64>,
}

impl ComponentValue for ShapeValues {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let fail = |message: &str| {
            let location = format!("{name}.values");
            Err(Invalid::new(Code::ComponentInvalid, location, message))
        };
        if self.values.len() > MOST_KEYS {
            return fail("there are too many keys");
        }
        for (key, value) in &self.values {
            if let Some(message) = find_bad_address(key) {
                return fail(message);
            }
            let location = format!("{name}.values.{key}");
            check_range(&location, &[*value], -MOST_WEIGHT, MOST_WEIGHT)?;
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        let of = |it: &Self, key: &str| it.values.get(key).copied().unwrap_or_default();
        let mut keys = self.values.keys().chain(other.values.keys());
        keys.all(|key| nearly_equal(of(self, key), of(other, key)))
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// Checks the bytes of shape keys, without those of some buffers that were checked before with the same counts: their
/// lengths, finite numbers, vertices in range.
pub fn check_shapes_except(
    shapes: &Shapes,
    bytes: &MeshPieces<'_>,
    is_checked: impl Fn(&str) -> bool,
    location: &str,
) -> Result<(), Invalid> {
    shapes.check(location)?;
    let vertices = (VERTEX, shapes.vertex_count);
    check_buffers(&shapes.buffers, bytes, is_checked, vertices, location)
}

/// Compares shape keys corner by corner. Both must have passed [`check_shapes_except`].
pub fn compare_shapes(
    (expected, expected_bytes): (&Shapes, &MeshBytes<'_>),
    (actual, actual_bytes): (&Shapes, &MeshBytes<'_>),
) -> Result<(), MeshMismatch> {
    let differs = |part: String, corner| Err(MeshMismatch { part, corner });
    if expected.keys.len() != actual.keys.len() {
        return differs("the number of shape keys".to_owned(), None);
    }
    for (a, b) in expected.keys.iter().zip(&actual.keys) {
        let is_named_alike = (&a.name, &a.relative_to) == (&b.name, &b.relative_to);
        if !is_named_alike || !nearly_equal(a.min, b.min) || !nearly_equal(a.max, b.max) {
            return differs(format!("shape key {:?}", a.name), None);
        }
    }
    if expected.corner_count != actual.corner_count {
        return differs("corner_count".to_owned(), None);
    }
    let vertices = |bytes: &MeshBytes<'_>| -> Vec<u32> {
        let vertex = bytes.get(VERTEX).copied().unwrap_or_default();
        words(vertex).map(u32::from_le_bytes).collect()
    };
    let (a, b) = (vertices(expected_bytes), vertices(actual_bytes));
    for (i, key) in expected.keys.iter().enumerate() {
        let of = |shapes: &Shapes, bytes: &MeshBytes<'_>| -> Vec<u8> {
            let size = DELTA_BYTES as usize * shapes.vertex_count as usize;
            let all = bytes.get(DELTA).copied().unwrap_or_default();
            all.get(i * size..(i + 1) * size)
                .unwrap_or_default()
                .to_vec()
        };
        let (left, right) = (of(expected, expected_bytes), of(actual, actual_bytes));
        let corners = (a.iter().copied(), b.iter().copied());
        let corner = first_difference(&left, &right, 3, corners.0, corners.1);
        if corner.is_some() {
            return differs(format!("shape key {:?}", key.name), corner);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BlobId;

    fn key(name: &str) -> ShapeKey {
        ShapeKey {
            name: name.to_owned(),
            relative_to: None,
            min: 0.0,
            max: 1.0,
        }
    }

    /// Two keys of a triangle.
    fn two() -> Shapes {
        let buffer = |bytes| Buffer::stored(BlobId::hash(b""), bytes);
        Shapes {
            vertex_count: 3,
            corner_count: 3,
            keys: vec![key("A"), key("B")],
            buffers: BTreeMap::from([
                (DELTA.to_owned(), buffer(72)),
                (VERTEX.to_owned(), buffer(12)),
            ]),
        }
    }

    fn bytes<T: Copy, const N: usize>(values: &[T], encode: fn(T) -> [u8; N]) -> Vec<u8> {
        values.iter().flat_map(|it| encode(*it)).collect()
    }

    fn deltas(values: &[f32]) -> Vec<u8> {
        bytes(values, f32::to_le_bytes)
    }

    fn check_bytes(vertex: &[u8], delta: &[u8]) -> Result<(), Invalid> {
        let pieces = BTreeMap::from([(VERTEX, vec![vertex]), (DELTA, vec![delta])]);
        check_shapes_except(&two(), &pieces, |_| false, "shapes")
    }

    #[test]
    fn faults_of_shape_keys_are_named() {
        type Edit = fn(&mut Shapes);
        let faults: [(Edit, &str); 12] = [
            (|it| it.keys[1].name = "A".into(), "shapes.keys[1].name"),
            (|it| it.keys[0].name = String::new(), "shapes.keys[0].name"),
            (
                |it| it.keys[0].name = "\u{e9}".repeat(32),
                "shapes.keys[0].name",
            ),
            (|it| it.keys[0].name = "a\n".into(), "shapes.keys[0].name"),
            (
                |it| it.keys[0].relative_to = Some("C".into()),
                "shapes.keys[0].relative_to",
            ),
            (|it| it.keys[1].min = -11.0, "shapes.keys[1].min"),
            (|it| it.keys[1].max = -0.1, "shapes.keys[1].max"),
            (|it| it.keys[0].max = f64::NAN, "shapes.keys[0].max"),
            (|it| it.vertex_count = 4, "shapes.buffers.delta"),
            (|it| it.corner_count = 6, "shapes.buffers.vertex"),
            (
                |it| it.buffers.remove(DELTA).map_or((), drop),
                "shapes.buffers",
            ),
            (|it| it.keys.clear(), "shapes.keys"),
        ];
        assert_eq!(two().check("shapes"), Ok(()));
        assert_eq!(Shapes::default().check("shapes"), Ok(()));
        for (fault, location) in faults {
            let mut shapes = two();
            fault(&mut shapes);
            let error = shapes.check("shapes").unwrap_err();
            assert_eq!(error.location, location);
        }
    }

    #[test]
    fn number_of_shape_keys_is_limited() {
        let mut shapes = two();
        shapes.vertex_count = 0;
        shapes.keys = (0..=MOST_KEYS).map(|i| key(&i.to_string())).collect();
        shapes
            .buffers
            .insert(DELTA.into(), Buffer::stored(BlobId::hash(b""), 0));
        assert!(shapes.check("shapes").is_err());
        shapes.keys.pop();
        assert_eq!(shapes.check("shapes"), Ok(()));
    }

    #[test]
    fn bytes_of_shape_keys_are_checked() {
        let vertex = bytes(&[0, 1, 2], u32::to_le_bytes);
        assert_eq!(check_bytes(&vertex, &deltas(&[0.5; 18])), Ok(()));
        let far = bytes(&[0, 1, 3], u32::to_le_bytes);
        let errors = [
            check_bytes(&far, &deltas(&[0.5; 18])),
            check_bytes(&vertex, &deltas(&[f32::NAN; 18])),
            check_bytes(&vertex, &deltas(&[0.5; 17])),
        ];
        let codes = errors.map(|error| error.unwrap_err().code);
        let expected = [Code::MeshInvalid, Code::NumberInvalid, Code::MeshInvalid];
        assert_eq!(codes, expected);
    }

    #[test]
    fn shape_keys_are_compared_corner_by_corner() {
        let compare = |vertex: &[u32; 3], delta: &[f32]| {
            let mut actual = two();
            actual.vertex_count = delta.len() as u32 / 6;
            let (vertex, delta) = (bytes(vertex, u32::to_le_bytes), deltas(delta));
            let plain = bytes(&[0, 1, 2], u32::to_le_bytes);
            let moves: Vec<f32> = (0..18_u8).map(f32::from).collect();
            let moves = deltas(&moves);
            let expected = BTreeMap::from([(VERTEX, plain.as_slice()), (DELTA, &moves)]);
            let held = BTreeMap::from([(VERTEX, vertex.as_slice()), (DELTA, &delta)]);
            compare_shapes((&two(), &expected), (&actual, &held)).map_err(|it| it.to_string())
        };
        let mut moves: Vec<f32> = (0..18_u8).map(f32::from).collect();
        assert_eq!(compare(&[0, 1, 2], &moves), Ok(()));
        moves[0] += 5e-6;
        assert_eq!(compare(&[0, 1, 2], &moves), Ok(()));
        // The same with the vertices in another order.
        let turned: Vec<f32> = [0, 9]
            .iter()
            .flat_map(|i| {
                let key = &moves[*i..*i + 9];
                [&key[6..], &key[..6]].concat()
            })
            .collect();
        assert_eq!(compare(&[1, 2, 0], &turned), Ok(()));
        moves[13] += 1.0;
        let error = compare(&[0, 1, 2], &moves).unwrap_err();
        assert_eq!(error, "shape key \"B\" differs at corner 1");
    }

    #[test]
    fn shape_keys_differ_by_name_order_base_and_limits() {
        let none = BTreeMap::new();
        type Edit = fn(&mut Shapes);
        let changes: [Edit; 5] = [
            |it| it.keys[0].name = "C".into(),
            |it| it.keys.reverse(),
            |it| it.keys[1].relative_to = Some("A".into()),
            |it| it.keys[1].max = 2.0,
            |it| it.keys.truncate(1),
        ];
        for change in changes {
            let mut other = two();
            change(&mut other);
            assert!(compare_shapes((&two(), &none), (&other, &none)).is_err());
        }
        let mut near = two();
        near.keys[0].max += 1e-6;
        assert_eq!(compare_shapes((&two(), &none), (&near, &none)), Ok(()));
    }

    #[test]
    fn missing_weight_counts_as_zero() {
        let values = |pairs: &[(&str, f64)]| ShapeValues {
            values: pairs
                .iter()
                .map(|(key, v)| ((*key).to_owned(), *v))
                .collect(),
        };
        assert!(values(&[("A", 0.0)]).equals(&values(&[])));
        assert!(values(&[("A", 0.5)]).equals(&values(&[("A", 0.500_001), ("B", 0.0)])));
        assert!(!values(&[]).equals(&values(&[("A", 0.5)])));
        assert!(!values(&[("A", 0.5)]).equals(&values(&[])));
        let faults = [("A", f64::INFINITY), ("A", 10.5), ("", 0.0)];
        for fault in faults {
            assert!(values(&[fault]).check("shape_values").is_err(), "{fault:?}");
        }
        assert_eq!(values(&[("A", -10.0)]).check("shape_values"), Ok(()));
    }
}
