//! The golden vectors of maps, which Python and C# share.

use serde_json::{Value, json};
use uuid::Uuid;
use vibesync_scene::{Change, Components, EntityKind, check_change, differing_components};

/// Returns a component with one map; none if it is refused.
fn accept(field: &str, map: &Value) -> Option<Components> {
    let names = [
        "base_color",
        "alpha",
        "metallic",
        "roughness",
        "normal",
        "occlusion",
        "emission",
    ];
    let value = |name: &str| {
        if name == field {
            map.clone()
        } else {
            Value::Null
        }
    };
    let maps: Value = names.iter().map(|name| (*name, value(name))).collect();
    let components: Components = serde_json::from_value(json!({ "maps": maps })).ok()?;
    let change = Change::Update {
        uuid: Uuid::from_u128(1),
        components: components.clone(),
    };
    check_change(&change, EntityKind::Material, "change").ok()?;
    Some(components)
}

#[test]
fn maps_are_those_of_the_golden_vectors() {
    let text = include_str!("../../../../tests/golden/maps.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let same = accept("base_color", &vectors["map"]).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let mut map = vectors["map"].clone();
        for (field, value) in case["change"].as_object().unwrap() {
            map[field] = value.clone();
        }
        let found = accept(case["field"].as_str().unwrap(), &map);
        assert_eq!(Value::from(found.is_some()), case["accepted"], "{case}");
        let is_equal = found.map(|it| differing_components(&same, &it).is_empty());
        assert_eq!(json!(is_equal), case["equal"], "{case}");
    }
}
