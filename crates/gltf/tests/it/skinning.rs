//! Places the vertices of a mesh with a skin, as the specification of glTF does.

use serde_json::{Value, json};

use crate::work::Document;

/// The rows of a matrix.
type Matrix = [[f64; 4]; 4];

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    let cell = |i: usize, j: usize| (0..4).map(|k| a[i][k] * b[k][j]).sum();
    std::array::from_fn(|i| std::array::from_fn(|j| cell(i, j)))
}

/// The matrix of a node from its translation, rotation and scale, as the specification of glTF has it.
fn local(node: &Value) -> Matrix {
    let numbers = |field: &str, without: &[f64]| -> Vec<f64> {
        let found = node.get(field).and_then(Value::as_array);
        found.map_or(without.to_vec(), |it| {
            it.iter().filter_map(Value::as_f64).collect()
        })
    };
    let t = numbers("translation", &[0.0; 3]);
    let q = numbers("rotation", &[0.0, 0.0, 0.0, 1.0]);
    let s = numbers("scale", &[1.0; 3]);
    let (x, y, z, w) = (q[0], q[1], q[2], q[3]);
    let rotation = [
        [
            1.0 - 2.0 * (y * y + z * z),
            2.0 * (x * y - z * w),
            2.0 * (x * z + y * w),
        ],
        [
            2.0 * (x * y + z * w),
            1.0 - 2.0 * (x * x + z * z),
            2.0 * (y * z - x * w),
        ],
        [
            2.0 * (x * z - y * w),
            2.0 * (y * z + x * w),
            1.0 - 2.0 * (x * x + y * y),
        ],
    ];
    let mut matrix = [[0.0; 4]; 4];
    for i in 0..3 {
        for j in 0..3 {
            matrix[i][j] = rotation[i][j] * s[j];
        }
        matrix[i][3] = t[i];
    }
    matrix[3][3] = 1.0;
    matrix
}

fn world(document: &Document, node: usize) -> Matrix {
    let nodes = document.json["nodes"].as_array().unwrap();
    let is_above = |it: &Value| {
        it["children"]
            .as_array()
            .is_some_and(|all| all.contains(&json!(node)))
    };
    let own = local(&nodes[node]);
    match nodes.iter().position(is_above) {
        Some(above) => times(&world(document, above), &own),
        None => own,
    }
}

/// The only node with a skin.
pub fn skinned_node(document: &Document) -> &Value {
    let nodes = document.json["nodes"].as_array().unwrap();
    let mut found = nodes.iter().filter(|it| it.get("skin").is_some());
    let node = found.next().unwrap();
    assert!(found.next().is_none());
    node
}

pub fn joints_of(document: &Document, set: usize) -> Vec<[u16; 4]> {
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    let accessor = attributes[format!("JOINTS_{set}")].as_u64().unwrap() as usize;
    let bytes = document.view(&document.json["accessors"][accessor]["bufferView"]);
    let words = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|it| u16::from_le_bytes(*it));
    words.collect::<Vec<_>>().as_chunks().0.to_vec()
}

/// The places of the vertices in the world, as the specification of glTF has them.
pub fn places(document: &Document) -> Vec<[f64; 3]> {
    let node = skinned_node(document);
    let skin = &document.json["skins"][node["skin"].as_u64().unwrap() as usize];
    let binds = document.floats(&skin["inverseBindMatrices"]);
    let joints = skin["joints"].as_array().unwrap();
    let matrices: Vec<Matrix> = joints
        .iter()
        .zip(binds.as_chunks::<16>().0)
        .map(|(joint, columns)| {
            let bind =
                std::array::from_fn(|i| std::array::from_fn(|j| f64::from(columns[4 * j + i])));
            times(&world(document, joint.as_u64().unwrap() as usize), &bind)
        })
        .collect();
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    let positions = document.floats(&attributes["POSITION"]);
    let weights = document.floats(&attributes["WEIGHTS_0"]);
    let rows = weights
        .as_chunks::<4>()
        .0
        .iter()
        .zip(joints_of(document, 0));
    let vertices = positions.as_chunks::<3>().0.iter().zip(rows);
    let place = |([x, y, z], (weights, joints)): (&[f32; 3], (&[f32; 4], [u16; 4]))| {
        let point = [*x, *y, *z, 1.0].map(f64::from);
        let moved = |joint: u16, axis: usize| -> f64 {
            matrices[joint as usize][axis]
                .iter()
                .zip(point)
                .map(|(a, b)| a * b)
                .sum()
        };
        std::array::from_fn(|axis| {
            let pairs = weights.iter().zip(joints);
            pairs
                .map(|(weight, joint)| f64::from(*weight) * moved(joint, axis))
                .sum()
        })
    };
    vertices.map(place).collect()
}
