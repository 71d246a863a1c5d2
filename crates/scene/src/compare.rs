//! Equality within epsilon: rounding of floats is not a change.

use serde_json::Value;

use crate::component::{Components, Guard, Nodes, Transform};
use crate::component_set::ComponentSet;

/// Largest difference of two equal numbers.
pub const EPSILON: f64 = 1e-5;

/// Four steps of float32, relative to a value. Above about 21, the resolution of the editors is coarser than
/// [`EPSILON`].
const FLOAT32_STEPS: f64 = 4.0 / 8_388_608.0;

/// Whether two numbers are equal within epsilon. NaN equals nothing.
pub fn nearly_equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= EPSILON.max(FLOAT32_STEPS * a.abs().max(b.abs()))
}

/// Whether two unit quaternions (x, y, z, w) are the same rotation: the angle between them is at most twice
/// [`EPSILON`] radians. A quaternion and its negative are the same rotation. For small angles the chord |a - b| is half
/// the angle, and keeps the precision that an arc cosine loses.
pub fn rotations_equal(a: [f64; 4], b: [f64; 4]) -> bool {
    let chord = |sign: f64| {
        a.iter()
            .zip(b)
            .map(|(x, y)| (x - sign * y).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    chord(1.0).min(chord(-1.0)) <= EPSILON
}

fn all_equal(a: [f64; 3], b: [f64; 3]) -> bool {
    a.iter().zip(b).all(|(x, y)| nearly_equal(*x, y))
}

fn transforms_equal(a: &Transform, b: &Transform) -> bool {
    all_equal(a.translation, b.translation)
        && rotations_equal(a.rotation, b.rotation)
        && all_equal(a.scale, b.scale)
}

/// Returns the components of `expected` that differ in `actual`. Mesh buffers are compared by content address; if those
/// differ, the caller compares the bytes with [`crate::compare_meshes`].
pub fn differing_components(expected: &Components, actual: &Components) -> ComponentSet {
    let mut differing = ComponentSet::default();
    macro_rules! check {
        ($field:ident, $equal:expr) => {
            if let Some(value) = &expected.$field {
                let is_equal = $equal;
                if !actual
                    .$field
                    .as_ref()
                    .is_some_and(|found| is_equal(value, found))
                {
                    differing.insert(stringify!($field));
                }
            }
        };
    }
    check!(name, |a: &String, b: &String| a == b);
    check!(transform, transforms_equal);
    check!(visibility, |a, b| a == b);
    check!(parent, |a, b| a == b);
    check!(data, |a, b| a == b);
    check!(mesh, |a, b| a == b);
    let nothing = Nodes::default();
    if let Some(nodes) = &expected.nodes
        && !nodes_equal(nodes, actual.nodes.as_deref().unwrap_or(&nothing))
    {
        differing.insert("nodes");
    }
    // A missing guard is an open one, as missing nodes are none.
    let absent = Guard::default();
    if expected
        .guard
        .is_some_and(|guard| guard != actual.guard.unwrap_or(absent))
    {
        differing.insert("guard");
    }
    differing
}

fn nodes_equal(a: &Nodes, b: &Nodes) -> bool {
    match (&a.graph, &b.graph) {
        (Some(a), Some(b)) => values_equal(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// Whether two JSON values are equal: integers exactly, other numbers within epsilon. The recursion is bounded, since
/// the nesting of received JSON is.
fn values_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64(), b.as_f64());
            a.zip(b).is_some_and(|(a, b)| nearly_equal(a, b))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let is_same = |(key, a)| b.get(key).is_some_and(|b| values_equal(a, b));
            a.len() == b.len() && a.iter().all(is_same)
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_equal_up_to_epsilon() {
        assert!(nearly_equal(1.0, 1.0 + 0.99e-5));
        assert!(!nearly_equal(1.0, 1.0 + 1.01e-5));
        assert!(!nearly_equal(0.0, 1.01e-5));
        assert!(!nearly_equal(f64::NAN, f64::NAN));
    }

    #[test]
    fn large_numbers_are_equal_after_float32_rounding() {
        let value = 12_345.678_f64;
        assert!(nearly_equal(value, f64::from(value as f32)));
        assert!(!nearly_equal(value, value + 0.01));
    }

    #[test]
    fn a_quaternion_equals_its_negative() {
        let q = [0.090628, 0.893796, -0.209973, 0.385780];
        assert!(rotations_equal(q, q.map(|c| -c)));
        assert!(!rotations_equal(q, [0.0907, 0.893796, -0.209973, 0.385780]));
    }

    #[test]
    fn graphs_are_equal_within_epsilon_and_null_equals_absent() {
        let with = |graph: Option<Value>| Components {
            nodes: Some(Box::new(Nodes { graph })),
            ..Components::default()
        };
        let graph = |size: f64, name: &str| {
            with(Some(
                json!({"nodes": [{"id": name}], "settings": {"n": {"Size": size, "On": true}}}),
            ))
        };
        let differs = |a: &Components, b: &Components| !differing_components(a, b).is_empty();
        let actual = graph(0.1, "n");
        assert!(!differs(&actual, &graph(f64::from(0.1_f32), "n")));
        assert!(differs(&actual, &graph(0.2, "n")));
        assert!(differs(&actual, &graph(0.1, "m")));
        let seeded = |seed: Value| with(Some(json!({ "Seed": seed })));
        assert!(differs(
            &seeded(json!(10_000_000)),
            &seeded(json!(10_000_001))
        ));
        assert!(!differs(&seeded(json!(1)), &seeded(json!(1.0))));
        let nothing = Components::default();
        assert!(!differs(&with(None), &nothing));
        assert!(differs(&with(None), &actual) && differs(&actual, &nothing));
        assert!(!differs(&nothing, &actual));
        for other in [
            json!({"nodes": [], "settings": {}}),
            json!({"nodes": [{"id": "n"}]}),
            json!({"nodes": [{"id": "n"}], "settings": {"n": {"Size": 0.1, "On": 1}}}),
        ] {
            assert!(differs(&actual, &with(Some(other))));
        }
    }

    #[test]
    fn components_that_are_not_expected_are_ignored() {
        let actual = Components {
            name: Some("A".into()),
            ..Default::default()
        };
        assert!(differing_components(&Components::default(), &actual).is_empty());
        let moved = Components {
            transform: Some(Transform::IDENTITY),
            ..Default::default()
        };
        let differing = differing_components(&moved, &actual);
        assert!(differing.names().eq(["transform"]));
    }
}
