//! Tests of zones, and of the sockets that items make.

use vibesync_graph::model::Value;

use crate::support::{assert_contains, expect_ok, expect_violation};

const HEAD: &str = r#"{"nodes":[{"id":"cube","type":"GeometryNodeMeshCube"},{"id":"go","type":"NodeGroupOutput"},"#;

/// Returns a repeat zone that moves a cube, plus nodes and links.
fn repeat(items: &str, nodes: &str, links: &str) -> String {
    format!(
        r#"{HEAD}{{"id":"in","type":"GeometryNodeRepeatInput","pair":"out"}},
{{"id":"out","type":"GeometryNodeRepeatOutput"{items}}},
{{"id":"set","type":"GeometryNodeSetPosition"}}{nodes}],
"links":[{{"from":"cube","from_socket":"Mesh","to":"in","to_socket":"Geometry"}},
{{"from":"in","from_socket":"Geometry","to":"set","to_socket":"Geometry"}},
{{"from":"set","from_socket":"Geometry","to":"out","to_socket":"Geometry"}},
{{"from":"out","from_socket":"Geometry","to":"go","to_socket":"Geometry"}}{links}]}}"#
    )
}

/// Returns a link to add after others.
fn link(from: &str, to: &str) -> String {
    format!(",{}", crate::support::link(from, to))
}

#[test]
fn new_repeat_zone_carries_a_geometry() {
    expect_ok(&repeat("", "", ""));
}

#[test]
fn items_are_sockets_on_both_halves() {
    let items = r#","items":[{"name":"Geometry","type":"NodeSocketGeometry"},{"name":"Count","type":"NodeSocketInt"}]"#;
    let links = [
        link("in.Count", "out.Count"),
        link("out.Count", "cyl.Depth"),
    ]
    .concat();
    let nodes = r#",{"id":"cyl","type":"GeometryNodeMeshCylinder"}"#;
    expect_ok(&repeat(items, nodes, &links));
    let links = link("in.Height", "out.Count");
    assert_contains(
        &expect_violation("sockets", &repeat(items, "", &links)),
        &["no output \"Height\"", "Count"],
    );
}

#[test]
fn unpaired_halves_are_refused() {
    let text = repeat("", "", "").replace(r#","pair":"out""#, "");
    // Without its other half the input has no items, so its links have no sockets.
    let report = crate::support::check(&text);
    let rules: Vec<&str> = report.errors.iter().map(|error| error.rule).collect();
    assert_eq!(
        rules.iter().filter(|rule| **rule == "zones").count(),
        2,
        "{report}"
    );
    let text = repeat(
        "",
        r#",{"id":"in2","type":"GeometryNodeRepeatInput","pair":"out"}"#,
        "",
    );
    assert_contains(
        &expect_violation("zones", &text),
        &["in is already paired with \"out\""],
    );
    let text = repeat(
        "",
        r#",{"id":"x","type":"GeometryNodeMeshCone","pair":"out"}"#,
        "",
    );
    assert_contains(&expect_violation("zones", &text), &["node x, pair"]);
}

#[test]
fn link_past_the_output_of_a_zone_is_refused() {
    let nodes = r#",{"id":"join","type":"GeometryNodeJoinGeometry"}"#;
    let text = repeat("", nodes, "").replace(
        r#"{"from":"out","from_socket":"Geometry","to":"go","to_socket":"Geometry"}"#,
        &[
            &link("out.Geometry", "join.Geometry")[1..],
            &link("set.Geometry", "join.Geometry"),
            &link("join.Geometry", "go.Geometry"),
        ]
        .concat(),
    );
    assert_contains(
        &expect_violation("zones", &text),
        &["set.Geometry -> join.Geometry", "past the zone's output"],
    );
}

#[test]
fn group_output_in_a_zone_is_refused() {
    let text = repeat("", "", "").replace(
        r#"{"from":"out","from_socket""#,
        r#"{"from":"set","from_socket""#,
    );
    assert_contains(
        &expect_violation("zones", &text),
        &["node go", "is in a zone"],
    );
}

#[test]
fn field_spreads_through_repetitions_of_a_zone() {
    let items = r#","items":[{"name":"Geometry","type":"NodeSocketGeometry"},{"name":"Value","type":"NodeSocketFloat"}]"#;
    let nodes = r#",{"id":"p","type":"GeometryNodeInputPosition"},{"id":"cyl","type":"GeometryNodeMeshCylinder"}"#;
    // The value at the end of the zone is a field, so the value at its beginning is one too.
    let links = [
        link("p.Position", "out.Value"),
        link("in.Value", "cyl.Depth"),
    ]
    .concat();
    assert_contains(
        &expect_violation("fields", &repeat(items, nodes, &links)),
        &["in.Value -> cyl.Depth"],
    );
}

#[test]
fn linked_menu_gets_items_from_its_target() {
    let switch = |id: &str| format!(r#",{{"id":"{id}","type":"GeometryNodeMenuSwitch"}}"#);
    let nodes = [
        r#",{"id":"gi","type":"NodeGroupInput"}"#,
        &switch("a"),
        &switch("b"),
    ]
    .concat();
    let report = expect_ok(&repeat("", &nodes, &link("gi.Menu", "a.Menu")));
    let inputs = report.graph_json.unwrap().inputs.unwrap();
    assert_eq!(
        inputs[0].default,
        Some(Value::Text("A".to_owned())),
        "the first item"
    );
    let both = [link("gi.Menu", "a.Menu"), link("gi.Menu", "b.Menu")].concat();
    let report = crate::support::check(&repeat("", &nodes, &both));
    let rules: Vec<&str> = report.errors.iter().map(|error| error.rule).collect();
    assert_eq!(rules, ["menus", "menus"], "{report}");
}

#[test]
fn menu_must_be_set_to_one_of_its_items() {
    let node =
        r#",{"id":"m","type":"GeometryNodeMenuSwitch","items":[{"name":"Low"},{"name":"High"}]}"#;
    let text = |value: &str| {
        let text = repeat("", node, "");
        let open = text.strip_suffix('}').unwrap();
        format!(r#"{open},"node_settings":{{"m":{{"Menu":"{value}"}}}}}}"#)
    };
    expect_ok(&text("High"));
    assert_contains(&expect_violation("settings", &text("Hgh")), &["-> High?"]);
}

#[test]
fn default_of_a_group_menu_must_be_an_item() {
    let nodes = r#",{"id":"gi","type":"NodeGroupInput"},{"id":"m","type":"GeometryNodeMenuSwitch","items":[{"name":"Low"}]}"#;
    let text = |value: &str, links: &str| {
        let inputs = format!(r#"{{"name":"Menu","type":"NodeSocketMenu","default":"{value}"}}"#);
        repeat("", nodes, links).replacen('{', &format!(r#"{{"inputs":[{inputs}],"#), 1)
    };
    let linked = link("gi.Menu", "m.Menu");
    expect_ok(&text("Low", &linked));
    assert_contains(
        &expect_violation("menus", &text("High", &linked)),
        &["input Menu, default", "no item \"High\""],
    );
    assert_contains(
        &expect_violation("menus", &text("Low", "")),
        &["input Menu, default", "no item \"Low\""],
    );
}

#[test]
fn second_geometry_item_is_no_field() {
    let items = r#"[{"name":"A","type":"NodeSocketGeometry","collection":"generation_items"},{"name":"B","type":"NodeSocketGeometry","collection":"generation_items"}]"#;
    expect_ok(&format!(
        r#"{HEAD}{{"id":"in","type":"GeometryNodeForeachGeometryElementInput","pair":"out"}},
{{"id":"out","type":"GeometryNodeForeachGeometryElementOutput","items":{items}}}],
"links":[{{"from":"cube","from_socket":"Mesh","to":"in","to_socket":"Geometry"}},
{{"from":"out","from_socket":"B","to":"go","to_socket":"Geometry"}}]}}"#
    ));
}
