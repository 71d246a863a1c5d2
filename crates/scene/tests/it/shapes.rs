//! Shape keys, as the golden vectors have them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use vibesync_scene::{BlobId, Buffer, ShapeValues, Shapes, check_shapes_except};

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    component: Value,
    delta: String,
    vertex: String,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    values: BTreeMap<String, f64>,
    #[serde(default)]
    canonical: Vec<[f64; 3]>,
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

/// Returns how far each corner moves: the sum of the deltas times the weights.
fn moves(shapes: &Shapes, values: &ShapeValues, delta: &[u8], vertex: &[u8]) -> Vec<[f64; 3]> {
    let words = |bytes: &[u8]| -> Vec<[u8; 4]> {
        let each = bytes.chunks(4).map(|word| word.try_into().unwrap());
        each.collect()
    };
    let deltas: Vec<f32> = words(delta).into_iter().map(f32::from_le_bytes).collect();
    let corners = words(vertex).into_iter().map(u32::from_le_bytes);
    let moved = |corner: u32| {
        let mut sum = [0.0; 3];
        for (i, key) in shapes.keys.iter().enumerate() {
            let weight = values.values.get(&key.name).copied().unwrap_or_default();
            let at = 3 * (i * shapes.vertex_count as usize + corner as usize);
            for (axis, part) in sum.iter_mut().enumerate() {
                *part += weight * f64::from(deltas[at + axis]);
            }
        }
        sum
    };
    corners.map(moved).collect()
}

#[test]
fn shape_keys_are_those_of_the_golden_vectors() {
    let text = include_str!("../../../../tests/golden/shapes.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    for case in vectors.cases {
        let (delta, vertex) = (unhex(&case.delta), unhex(&case.vertex));
        let mut component = case.component;
        component["buffers"] = serde_json::json!({});
        let mut shapes: Shapes = serde_json::from_value(component).unwrap();
        for (name, bytes) in [("delta", &delta), ("vertex", &vertex)] {
            let buffer = Buffer::stored(BlobId::hash(bytes), bytes.len() as u64);
            shapes.buffers.insert(name.to_owned(), buffer);
        }
        let pieces = BTreeMap::from([
            ("delta", vec![delta.as_slice()]),
            ("vertex", vec![vertex.as_slice()]),
        ]);
        let checked = check_shapes_except(&shapes, &pieces, |_| false, "shapes");
        assert_eq!(checked.is_err(), case.refused, "{}", case.name);
        if !case.refused {
            let values = ShapeValues {
                values: case.values,
            };
            let found = moves(&shapes, &values, &delta, &vertex);
            assert_eq!(found, case.canonical, "{}", case.name);
        }
    }
}
