//! The comparison of components within epsilon: rounding of floats is not a change.

use crate::component_set::ComponentSet;
use crate::components::Components;

/// Returns the components of `expected` that differ in `actual`. Mesh buffers are compared by content address; if those
/// differ, the caller compares the bytes with [`crate::compare_meshes`].
pub fn differing_components(expected: &Components, actual: &Components) -> ComponentSet {
    expected.differing(actual)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::component::{Nodes, Transform};

    use super::*;

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
