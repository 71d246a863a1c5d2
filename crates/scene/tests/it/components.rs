//! Generates what others read of the table of components, and fails where that is stale; checks that the table agrees
//! with the types.

use std::fmt::Write as _;

use serde_json::{Value, json};
use vibesync_scene::{
    COMPONENT_KINDS, ComponentKind, ComponentSet, Components, EntityKind, Equality, Path,
    differing_components,
};

use crate::kept::{check, read};

const COMMAND: &str = "VIBESYNC_BLESS=1 cargo test -p vibesync-scene components";

const PROTOCOL: &str = "docs/protocol.md";

#[test]
fn golden_list_of_components_is_current() {
    let kinds = EntityKind::ALL.iter().map(|kind| {
        let required: Vec<&str> = ComponentSet::required_on(*kind).names().collect();
        let optional = ComponentSet::allowed_on(*kind).without(ComponentSet::required_on(*kind));
        let optional: Vec<&str> = optional.names().collect();
        json!({"kind": kind, "required": required, "optional": optional})
    });
    let kinds: Vec<Value> = kinds.collect();
    let components: Vec<Value> = COMPONENT_KINDS.iter().map(golden).collect();
    let value = json!({"components": components, "kinds": kinds});
    let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
    check("tests/golden/components.json", &text, COMMAND);
}

/// Returns what the table says, and the value that an entity without the component has.
fn golden(kind: &ComponentKind) -> Value {
    let mut value = serde_json::to_value(kind).unwrap();
    let mut empty = Components::default();
    empty.mark_absent([kind.name].into_iter().collect());
    let absent = serde_json::to_value(empty).unwrap();
    value["absent"] = absent.get(kind.name).cloned().unwrap_or_default();
    value
}

#[test]
fn tables_of_the_protocol_page_are_current() {
    let page = read(PROTOCOL);
    let page = replace_section(&page, "components", &table_of_components());
    let page = replace_section(&page, "kinds", &table_of_kinds());
    let page = replace_section(&page, "buffers of a mesh", &table_of_buffers());
    check(PROTOCOL, &page, COMMAND);
}

/// Replaces what stands between the marks of a section.
fn replace_section(page: &str, name: &str, content: &str) -> String {
    let begin = format!("<!-- {name}: generated; to change it: {COMMAND} -->\n\n");
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once("\n<!-- end -->").unwrap();
    format!("{before}{begin}{content}\n<!-- end -->{after}")
}

fn table_of_components() -> String {
    let mut text = String::from(
        "| component | on | shape | path | compared | previewed |\n|---|---|---|---|---|---|\n",
    );
    for kind in COMPONENT_KINDS {
        let on = match kind.on == EntityKind::ALL {
            true => "all".to_owned(),
            false => join(kind.on.iter().map(|it| it.as_str().to_owned())),
        };
        let optional = if kind.is_optional {
            ", may be left out"
        } else {
            ""
        };
        let path = match kind.path {
            Path::Fast => "fast",
            Path::Slow => "slow",
        };
        let compared = match kind.equality {
            Equality::Exact => "exactly",
            Equality::Near => "near",
            Equality::Graph => "graph",
            Equality::Corners => "corners",
            Equality::Keys => "keys",
        };
        let previewed = if kind.can_preview { "yes" } else { "no" };
        let (name, shape) = (kind.name, shape(kind));
        let _ = writeln!(
            text,
            "| `{name}` | {on}{optional} | {shape} | {path} | {compared} | {previewed} |"
        );
    }
    text
}

fn shape(kind: &ComponentKind) -> String {
    let fields = kind.fields.iter();
    let fields = fields.map(|field| format!("\"{}\":{}", field.name, field.shape));
    let object = match kind.fields {
        [] => String::new(),
        _ => format!("`{{{}}}`", fields.collect::<Vec<_>>().join(",")),
    };
    let units = kind.fields.iter().filter(|field| !field.unit.is_empty());
    let units = units.map(|field| format!("; `{}` in {}", field.name, field.unit));
    format!("{object}{}{}", kind.note, units.collect::<String>())
}

fn table_of_kinds() -> String {
    let mut text = String::from("| kind | a `create` must have | it may have |\n|---|---|---|\n");
    let mut plain = Vec::new();
    for kind in EntityKind::ALL {
        let required = ComponentSet::required_on(*kind);
        let optional = ComponentSet::allowed_on(*kind).without(required);
        if ComponentSet::allowed_on(*kind).names().eq(["name"]) {
            plain.push(kind.as_str());
            continue;
        }
        let (required, optional) = (codes(required), codes(optional));
        let _ = writeln!(text, "| `{}` | {required} | {optional} |", kind.as_str());
    }
    let _ = writeln!(text, "| {} | `name` | - |", plain.join(", "));
    text
}

fn codes(set: ComponentSet) -> String {
    match set.is_empty() {
        true => "-".to_owned(),
        false => join(set.names().map(|name| format!("`{name}`"))),
    }
}

fn table_of_buffers() -> String {
    let mut text = String::from("| buffer | element | per | required |\n|---|---|---|---|\n");
    let mesh = COMPONENT_KINDS.iter().find(|kind| kind.name == "mesh");
    for buffer in mesh.unwrap().buffers {
        let names = match buffer.names {
            [first, .., last] => format!("`{first}` ... `{last}`"),
            names => format!("`{}`", names.join("")),
        };
        let count = match buffer.count {
            1 => String::new(),
            count => format!(" x {count}"),
        };
        let per = serde_json::to_value(buffer.per).unwrap();
        let per = per.as_str().unwrap();
        let required = if buffer.is_required { "yes" } else { "no" };
        let (number, note) = (buffer.number, buffer.note);
        let _ = writeln!(
            text,
            "| {names} | {number}{count}{note} | {per} | {required} |"
        );
    }
    text
}

fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// An armature of one joint.
fn joint(uuid: &str, length: f64) -> Value {
    let rest = json!({"translation": [0, 1, 0], "rotation": [0, 0, 0, 1]});
    json!({"joints": {uuid: {"name": "A", "parent": null, "length": length, "deform": true, "inherit_scale": "full",
    "inherit_rotation": true, "local_location": true, "rest": rest}}})
}

/// A spot light.
fn light(intensity: f64) -> Value {
    json!({"type": "spot", "color": [1, 1, 1], "intensity": intensity, "range": null,
    "inner": 0.4, "outer": 0.5, "shape": "rect", "size": [1, 1], "radius": 0, "angle": 0.1, "shadow": true,
    "temperature": null, "tint": [1, 1, 1]})
}

/// A camera.
fn camera(focal: f64) -> Value {
    json!({"projection": "perspective", "fit": "auto", "sensor": [36, 24], "focal": focal,
    "size": 6, "shift": [0, 0], "near": 0.1, "far": 100, "aspect": 1.5, "physical": true, "focus": 0, "fstop": 2.8})
}

/// An action that begins at this frame.
fn action(first: f64) -> Value {
    json!({"fps": {"num": 30000, "den": 1001}, "range": [first, 11.0], "loop": false, "slots": [{"id": 7,
        "kind": "object", "channels": [{"path": "translation", "component": 0, "extrapolation": ["constant", "linear"],
        "curve": {"start": 0, "count": 2}, "locked": false}]}], "buffers": {"keys": {"bytes": 56}}})
}

/// A value of each component, and the same with a number that has changed by half the tolerance.
fn samples() -> Value {
    let transform =
        |x: f64| json!({"translation": [x, 0, 0], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]});
    let mesh = json!({"vertex_count": 0, "corner_count": 0, "submeshes": [], "buffers": {
        "position": {"bytes": 0}, "index": {"bytes": 0}}});
    let graph = |size: f64| json!({"graph": {"nodes": [], "settings": {"n": {"Size": size}}}});
    let pbr = |roughness: f64| {
        json!({"base_color": [1, 1, 1, 1], "metallic": 0, "roughness": roughness, "alpha_mode": "blend",
        "alpha_cutoff": 0.5, "double_sided": true, "normal_scale": 1, "occlusion_strength": 1})
    };
    let glow = |strength: f64| json!({"color": [1, 1, 1], "strength": strength});
    let uuid = "00000000-0000-0000-0000-000000000001";
    let map = |channel: &str, shift: f64| {
        json!({"image": uuid, "channel": channel, "scale": 1, "bias": 0, "uv": 0,
        "offset": [shift, 0], "rotation": 0, "tile": [1, 1], "wrap": ["repeat", "repeat"], "filter": "linear"})
    };
    let maps = |shift: f64| {
        json!({"base_color": map("rgb", shift), "alpha": null, "metallic": null, "roughness": map("g", shift),
        "normal": null, "occlusion": null, "emission": null})
    };
    let group = |x: f64| json!({"parents": [uuid], "root": true, "offset": [x, 0, 0], "color": "pink", "hidden": true});
    let weights = |value: f64| json!({"values": {"A": value}});
    json!({
        "name": ["A"],
        "transform": [transform(1.0), transform(1.000_005)],
        "visibility": [{"visible": true}],
        "parent": [{"uuid": uuid}], "data": [{"uuid": uuid}],
        "mesh": [mesh],
        "light": [light(1.0), light(1.000_002)],
        "camera": [camera(1.0), camera(1.000_005)],
        "armature": [joint(uuid, 1.0), joint(uuid, 1.000_005)],
        "pose": [{"joints": {uuid: transform(1.0)}}, {"joints": {uuid: transform(1.000_005)}}],
        "pbr": [pbr(0.5), pbr(0.500_005)],
        "emission": [glow(1.0), glow(1.000_002)],
        "maps": [maps(0.25), maps(0.250_005)],
        "image": [{"width": 4, "height": 2, "color_space": "srgb", "alpha": "straight", "format": "png",
            "buffers": {"file": {"bytes": 9}}}],
        "slots": [{"materials": [uuid, null]}],
        "shapes": [{"vertex_count": 0, "corner_count": 0, "keys": [
            {"name": "A", "relative_to": null, "min": 0.0, "max": 1.0}], "buffers": {"delta": {"bytes": 0}, "vertex": {"bytes": 0}}}],
        "shape_values": [weights(0.5), weights(0.500_005)],
        "weights": [{"vertex_count": 0, "corner_count": 0, "groups": ["Arm"], "buffers": {"group": {"bytes": 0},
            "offset": {"bytes": 4}, "vertex": {"bytes": 0}, "weight": {"bytes": 0}}}],
        "skin": [{"armature": uuid}],
        "shown": [{"mesh": mesh, "materials": [uuid, null]}],
        "materials": [{"own": {"0": null, "12": uuid}}],
        "collection": [group(1.0), group(1.000_005)],
        "collections": [{"in": [uuid], "root": false}],
        "instance": [{"of": uuid}],
        "render_visibility": [{"visible": false}],
        "action": [action(1.0), action(1.000_5)],
        "animation": [{"action": uuid, "slot": 7}],
        "prefab": [{"asset": "0123456789abcdef0123456789abcdef", "root": true, "file": "-7"}],
        "nodes": [graph(1.0), graph(1.000_005)],
        "guard": [{"human_only": true}],
        "locks": [{"blender": {"transform": ["rotation"]}, "unity": {"visibility": ["visible"]}}],
    })
}

fn sample(kind: &ComponentKind, at: usize) -> Value {
    let samples = samples();
    let all = samples[kind.name].as_array().unwrap();
    all.get(at).unwrap_or(&all[0]).clone()
}

fn only(name: &str, value: Value) -> Components {
    serde_json::from_value(json!({ name: value })).unwrap()
}

#[test]
fn table_names_the_fields_of_the_types() {
    let schema = schemars::schema_for!(Components).to_value();
    for kind in COMPONENT_KINDS {
        let value = serde_json::to_value(only(kind.name, sample(kind, 0))).unwrap();
        let mut listed: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
        listed.sort_unstable();
        let object = value[kind.name].as_object();
        let mut held: Vec<&str> = object
            .iter()
            .flat_map(|it| it.keys())
            .map(String::as_str)
            .collect();
        held.sort_unstable();
        assert_eq!(listed, held, "{}", kind.name);
        assert!(
            schema["properties"].get(kind.name).is_some(),
            "{}",
            kind.name
        );
    }
}

#[test]
fn components_name_what_the_table_says() {
    for kind in COMPONENT_KINDS {
        let components = only(kind.name, sample(kind, 0));
        let named: Vec<_> = components.references().map(|it| it.target).collect();
        let is_right = named.iter().all(|target| Some(*target) == kind.target);
        assert!(
            is_right && named.is_empty() == kind.target.is_none(),
            "{}",
            kind.name
        );
    }
}

#[test]
fn components_are_compared_as_the_table_says() {
    for kind in COMPONENT_KINDS {
        let (a, b) = (sample(kind, 0), sample(kind, 1));
        let has_tolerance = a != b;
        let differing = differing_components(&only(kind.name, a), &only(kind.name, b));
        assert!(differing.is_empty(), "{}", kind.name);
        // The corners of a mesh are compared with the bytes of its buffers.
        let is_near = matches!(
            kind.equality,
            Equality::Near | Equality::Graph | Equality::Keys
        );
        assert_eq!(has_tolerance, is_near, "{}", kind.name);
    }
}

#[test]
fn missing_component_counts_as_its_empty_value() {
    for kind in COMPONENT_KINDS {
        let name = kind.name;
        let mut absent = Components::default();
        absent.mark_absent([name].into_iter().collect());
        assert_eq!(kind.is_optional, absent.present() == [name], "{name}");
        let nothing = Components::default();
        assert!(differing_components(&absent, &nothing).is_empty(), "{name}");
        let something = only(name, sample(kind, 0));
        assert!(differing_components(&something, &nothing).contains(name));
    }
}
