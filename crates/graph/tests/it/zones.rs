//! Zones, and the sockets that items make.

use vibesync_graph::model::Value;

use crate::{broken, says, sound};

const HEAD: &str = r#"{"nodes":[{"id":"cube","type":"GeometryNodeMeshCube"},{"id":"go","type":"NodeGroupOutput"},"#;

/// A repeat zone that moves a cube, with further nodes and links.
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

/// One more link, behind others.
fn link(from: &str, to: &str) -> String {
    format!(",{}", crate::link(from, to))
}

#[test]
fn a_new_repeat_zone_carries_a_geometry() {
    sound(&repeat("", "", ""));
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
    sound(&repeat(items, nodes, &links));
    let links = link("in.Height", "out.Count");
    says(
        &broken("sockets", &repeat(items, "", &links)),
        &["no output \"Height\"", "Count"],
    );
}

#[test]
fn halves_without_each_other() {
    let text = repeat("", "", "").replace(r#","pair":"out""#, "");
    // Without its other half the input has no items, so its links lead nowhere either.
    let report = crate::check(&text);
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
    says(
        &broken("zones", &text),
        &["in is paired with \"out\" already"],
    );
    let text = repeat(
        "",
        r#",{"id":"x","type":"GeometryNodeMeshCone","pair":"out"}"#,
        "",
    );
    says(&broken("zones", &text), &["node x, pair"]);
}

#[test]
fn what_is_in_a_zone_leaves_it_through_its_output() {
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
    says(
        &broken("zones", &text),
        &["set.Geometry -> join.Geometry", "past the zone's output"],
    );
}

#[test]
fn a_group_output_in_a_zone() {
    let text = repeat("", "", "").replace(
        r#"{"from":"out","from_socket""#,
        r#"{"from":"set","from_socket""#,
    );
    says(&broken("zones", &text), &["node go", "is in a zone"]);
}

#[test]
fn a_field_goes_around_in_a_zone() {
    let items = r#","items":[{"name":"Geometry","type":"NodeSocketGeometry"},{"name":"Value","type":"NodeSocketFloat"}]"#;
    let nodes = r#",{"id":"p","type":"GeometryNodeInputPosition"},{"id":"cyl","type":"GeometryNodeMeshCylinder"}"#;
    // What the zone's end gets is a field, so the value at its beginning is one too.
    let links = [
        link("p.Position", "out.Value"),
        link("in.Value", "cyl.Depth"),
    ]
    .concat();
    says(
        &broken("fields", &repeat(items, nodes, &links)),
        &["in.Value -> cyl.Depth"],
    );
}

#[test]
fn menus_get_their_items_from_what_they_lead_to() {
    let switch = |id: &str| format!(r#",{{"id":"{id}","type":"GeometryNodeMenuSwitch"}}"#);
    let nodes = [
        r#",{"id":"gi","type":"NodeGroupInput"}"#,
        &switch("a"),
        &switch("b"),
    ]
    .concat();
    let report = sound(&repeat("", &nodes, &link("gi.Menu", "a.Menu")));
    let inputs = report.graph_json.unwrap().inputs.unwrap();
    assert_eq!(
        inputs[0].default,
        Some(Value::Text("A".to_owned())),
        "the first item"
    );
    let both = [link("gi.Menu", "a.Menu"), link("gi.Menu", "b.Menu")].concat();
    let report = crate::check(&repeat("", &nodes, &both));
    let rules: Vec<&str> = report.errors.iter().map(|error| error.rule).collect();
    assert_eq!(rules, ["menus", "menus"], "{report}");
}

#[test]
fn a_menu_is_set_to_one_of_the_items_of_its_node() {
    let node =
        r#",{"id":"m","type":"GeometryNodeMenuSwitch","items":[{"name":"Low"},{"name":"High"}]}"#;
    let text = |value: &str| {
        let text = repeat("", node, "");
        let open = text.strip_suffix('}').unwrap();
        format!(r#"{open},"node_settings":{{"m":{{"Menu":"{value}"}}}}}}"#)
    };
    sound(&text("High"));
    says(&broken("settings", &text("Hgh")), &["-> High?"]);
}

#[test]
fn a_menu_of_the_group_begins_with_an_item_of_what_it_leads_to() {
    let nodes = r#",{"id":"gi","type":"NodeGroupInput"},{"id":"m","type":"GeometryNodeMenuSwitch","items":[{"name":"Low"}]}"#;
    let text = |value: &str, links: &str| {
        let inputs = format!(r#"{{"name":"Menu","type":"NodeSocketMenu","default":"{value}"}}"#);
        repeat("", nodes, links).replacen('{', &format!(r#"{{"inputs":[{inputs}],"#), 1)
    };
    let linked = link("gi.Menu", "m.Menu");
    sound(&text("Low", &linked));
    says(
        &broken("menus", &text("High", &linked)),
        &["input Menu, default", "no item \"High\""],
    );
    says(
        &broken("menus", &text("Low", "")),
        &["input Menu, default", "no item \"Low\""],
    );
}

#[test]
fn a_geometry_is_no_field_after_another_one() {
    let items = r#"[{"name":"A","type":"NodeSocketGeometry","collection":"generation_items"},{"name":"B","type":"NodeSocketGeometry","collection":"generation_items"}]"#;
    sound(&format!(
        r#"{HEAD}{{"id":"in","type":"GeometryNodeForeachGeometryElementInput","pair":"out"}},
{{"id":"out","type":"GeometryNodeForeachGeometryElementOutput","items":{items}}}],
"links":[{{"from":"cube","from_socket":"Mesh","to":"in","to_socket":"Geometry"}},
{{"from":"out","from_socket":"B","to":"go","to_socket":"Geometry"}}]}}"#
    ));
}
