//! Each test breaks one rule, and expects one violation with location and suggestion.

use crate::support::{assert_contains, expect_ok, expect_violation, link};

/// Returns a valid graph with a cone, plus nodes, links, settings and other members in the form of `graph_json`.
fn graph_with(nodes: &str, links: &str, settings: &str, more: &str) -> String {
    let comma = |text: &str| if text.is_empty() { "" } else { "," };
    format!(
        r#"{{"nodes":[{{"id":"cone","type":"GeometryNodeMeshCone"}},{{"id":"go","type":"NodeGroupOutput"}},
{{"id":"set","type":"GeometryNodeSetPosition"}}{}{nodes}],
"links":[{{"from":"cone","from_socket":"Mesh","to":"set","to_socket":"Geometry"}},
{{"from":"set","from_socket":"Geometry","to":"go","to_socket":"Geometry"}}{}{links}],
"node_settings":{{{settings}}}{}{more}}}"#,
        comma(nodes),
        comma(links),
        comma(more)
    )
}

fn node(id: &str, idname: &str) -> String {
    format!(r#"{{"id":"{id}","type":"{idname}"}}"#)
}

#[test]
fn base_graph_has_no_violation() {
    expect_ok(&graph_with("", "", "", ""));
}

#[test]
fn value_of_an_output_can_be_set() {
    let value = node("v", "ShaderNodeValue");
    expect_ok(&graph_with(&value, "", r#""v":{"Value":2.5}"#, ""));
    expect_violation(
        "settings",
        &graph_with(&value, "", r#""v":{"Value":"much"}"#, ""),
    );
}

#[test]
fn graph_for_another_blender_is_refused() {
    assert_contains(
        &expect_violation("version", &graph_with("", "", "", r#""blender":"4.2""#)),
        &["4.2", "4.5"],
    );
    expect_ok(&graph_with("", "", "", r#""blender":"4.5.3""#));
}

#[test]
fn ids_that_are_no_plain_words_are_refused() {
    for id in ["1a", "a b", "a-b", "", "end", "ä"] {
        expect_violation(
            "ids",
            &graph_with(&node(id, "GeometryNodeMeshCube"), "", "", ""),
        );
    }
    expect_violation(
        "ids",
        &graph_with(&node(&"a".repeat(64), "GeometryNodeMeshCube"), "", "", ""),
    );
}

#[test]
fn duplicate_nodes_links_and_frames_are_refused() {
    let message = expect_violation(
        "duplicates",
        &graph_with(&node("set", "GeometryNodeMeshCube"), "", "", ""),
    );
    assert_contains(
        &message,
        &["node set (2:47)", "already has this id, at 2:1"],
    );
    let message = expect_violation(
        "duplicates",
        &graph_with("", &link("set.Geometry", "go.Geometry"), "", ""),
    );
    assert_contains(&message, &["link 2", "set.Geometry -> go.Geometry"]);
    let frames = r#""frames":[{"id":"f","nodes":["cone"]},{"id":"f","nodes":["set"]}]"#;
    assert_contains(
        &expect_violation("duplicates", &graph_with("", "", "", frames)),
        &["frame f"],
    );
}

#[test]
fn unknown_types_get_suggestions() {
    let violation =
        |idname: &str| expect_violation("types", &graph_with(&node("x", idname), "", "", ""));
    assert_contains(
        &violation("FunctionNodeCombineXYZ"),
        &["-> ShaderNodeCombineXYZ"],
    );
    assert_contains(
        &violation("GeometryNodeMeshCon"),
        &["-> GeometryNodeMeshCone?"],
    );
    assert_contains(
        &violation("ShaderNodeBsdfPrincipled"),
        &["material's node tree"],
    );
    assert_contains(&violation("Quux"), &["graph query"]);
}

#[test]
fn nodes_for_tools_are_refused() {
    let message = expect_violation(
        "evaluates",
        &graph_with(&node("x", "GeometryNodeToolSelection"), "", "", ""),
    );
    assert_contains(&message, &["node x", "tools"]);
}

#[test]
fn refused_combination_of_properties_is_reported() {
    let nodes = node("x", "FunctionNodeCompare");
    let settings = r#""x":{"data_type":"STRING","operation":"LESS_THAN"}"#;
    assert_contains(
        &expect_violation("variants", &graph_with(&nodes, "", settings, "")),
        &["STRING", "LESS_THAN"],
    );
    let settings = r#""x":{"data_type":"STRING","operation":"EQUAL"}"#;
    expect_ok(&graph_with(&nodes, "", settings, ""));
}

#[test]
fn invalid_settings_are_refused() {
    let violation =
        |settings: &str| expect_violation("settings", &graph_with("", "", settings, ""));
    assert_contains(
        &violation(r#""cone":{"Vertices":32.0}"#),
        &["node cone, Vertices (5:", "whole number"],
    );
    assert_contains(
        &violation(r#""cone":{"Vertices":true}"#),
        &["found a boolean"],
    );
    assert_contains(
        &violation(r#""cone":{"Vertices":5000000000}"#),
        &["too large"],
    );
    assert_contains(&violation(r#""cone":{"Depth":"2"}"#), &["found a text"]);
    assert_contains(&violation(r#""cone":{"Vertexes":3}"#), &["-> Vertices?"]);
    assert_contains(&violation(r#""cone":{"fill_type":"NGONE"}"#), &["-> NGON?"]);
    assert_contains(
        &violation(r#""set":{"Offset":[0,0]}"#),
        &["a list of 3, found a list of 2"],
    );
    assert_contains(&violation(r#""set":{"Offset":[0,0,1e39]}"#), &["too large"]);
    assert_contains(
        &violation(r#""set":{"Geometry":1}"#),
        &["no value of its own"],
    );
    assert_contains(
        &violation(r#""cone":{"fill_type":"NONE","Fill Segments":2}"#),
        &["with its current properties"],
    );
}

#[test]
fn invalid_interface_is_refused() {
    let violation = |more: &str| expect_violation("interface", &graph_with("", "", "", more));
    assert_contains(
        &violation(r#""inputs":[{"name":"A","type":"NodeSocketFlot"}]"#),
        &["input A, type", "-> NodeSocketFloat?"],
    );
    assert_contains(
        &violation(r#""inputs":[{"name":"A","type":"NodeSocketInt","default":0.5}]"#),
        &["input A, default"],
    );
    assert_contains(
        &violation(r#""inputs":[{"name":"A","type":"NodeSocketInt","min":2,"max":1}]"#),
        &["min is larger"],
    );
    for (name, why) in [
        (" ", "empty"),
        ("a\\n", "control"),
        (&*"ä".repeat(32), "63 bytes"),
    ] {
        let text = format!(r#""inputs":[{{"name":"{name}","type":"NodeSocketInt"}}]"#);
        assert_contains(&violation(&text), &[why]);
    }
    let two = r#"[{"name":"A","type":"NodeSocketInt"},{"name":"A","type":"NodeSocketInt"}]"#;
    assert_contains(
        &violation(&format!(r#""inputs":{two}"#)),
        &["already has this name"],
    );
    let late = r#"[{"name":"A","type":"NodeSocketInt"},{"name":"B","type":"NodeSocketGeometry"}]"#;
    assert_contains(
        &violation(&format!(r#""inputs":{late}"#)),
        &["input B", "first"],
    );
}

#[test]
fn first_output_must_be_geometry() {
    let more = r#""outputs":[{"name":"A","type":"NodeSocketInt"},{"name":"Geometry","type":"NodeSocketGeometry"}]"#;
    assert_contains(
        &expect_violation("outputs", &graph_with("", "", "", more)),
        &["output A", "Geometry the first output"],
    );
    let lone = r#"{"nodes":[{"id":"cone","type":"GeometryNodeMeshCone"}]}"#;
    assert_contains(&expect_violation("outputs", lone), &["no Group Output"]);
    let unlinked = r#"{"nodes":[{"id":"go","type":"NodeGroupOutput"}]}"#;
    assert_contains(&expect_violation("outputs", unlinked), &["no outputs"]);
}

#[test]
fn unknown_node_ids_are_refused() {
    let message = expect_violation(
        "ends",
        &graph_with("", &link("cones.Mesh", "set.Offset"), "", ""),
    );
    assert_contains(&message, &["link 2", "\"cones\"", "-> cone?"]);
    assert_contains(
        &expect_violation("ends", &graph_with("", "", r#""nobody":{"A":1}"#, "")),
        &["node nobody"],
    );
    let frames = r#""frames":[{"id":"f","nodes":["nobody"]}]"#;
    assert_contains(
        &expect_violation("ends", &graph_with("", "", "", frames)),
        &["frame f"],
    );
}

#[test]
fn unknown_sockets_are_refused() {
    let violation = |from: &str, to: &str| {
        expect_violation(
            "sockets",
            &graph_with(&node("x", "ShaderNodeMath"), &link(from, to), "", ""),
        )
    };
    assert_contains(
        &violation("x.Value", "set.Offzet"),
        &["no input \"Offzet\"", "-> Offset?"],
    );
    assert_contains(&violation("x.Value", "set.3"), &["write names", "Offset"]);
    assert_contains(
        &violation("x.Result", "set.Offset"),
        &["no output \"Result\"", "available: Value"],
    );
    assert_contains(
        &violation("set.Offset", "x.Value"),
        &[
            "\"Offset\" is an input of set",
            "from an output to an input",
        ],
    );
    assert_contains(
        &violation("set.Geometry", "x.Value_002"),
        &["with its current properties", "depends on operation"],
    );
}

#[test]
fn shared_socket_name_is_resolved_by_identifier() {
    let nodes = [node("x", "ShaderNodeMath"), node("v", "ShaderNodeValue")].join(",");
    for to in ["x.Value", "x.Value_001"] {
        let links = [link("v.Value", to), link("x.Value", "set.Offset")].join(",");
        expect_ok(&graph_with(&nodes, &links, "", ""));
    }
}

#[test]
fn type_is_unknown_when_group_input_leads_to_output() {
    let nodes = node("gi", "NodeGroupInput");
    let text = graph_with(&nodes, &link("gi.A", "go.B"), "", "");
    assert_contains(
        &expect_violation("sockets", &text),
        &["cannot be inferred", "\"inputs\""],
    );
}

#[test]
fn incompatible_types_are_refused() {
    let nodes = node("x", "FunctionNodeInputInt");
    let rotate = node("r", "FunctionNodeRotateVector");
    let nodes = [nodes, rotate].join(",");
    let message = expect_violation(
        "compatible",
        &graph_with(&nodes, &link("x.Integer", "r.Rotation"), "", ""),
    );
    assert_contains(
        &message,
        &[
            "NodeSocketInt",
            "NodeSocketRotation",
            "put FunctionNodeEulerToRotation",
        ],
    );
    let message = expect_violation(
        "compatible",
        &graph_with("", &link("cone.Mesh", "set.Offset"), "", ""),
    );
    assert_contains(&message, &["no node converts"]);
}

#[test]
fn second_link_to_an_input_is_refused() {
    let nodes = node("cube", "GeometryNodeMeshCube");
    let message = expect_violation(
        "single",
        &graph_with(&nodes, &link("cube.Mesh", "set.Geometry"), "", ""),
    );
    assert_contains(
        &message,
        &["link 2", "link 0 leads", "GeometryNodeJoinGeometry"],
    );
    let nodes = [node("a", "ShaderNodeValue"), node("b", "ShaderNodeValue")].join(",");
    let links = [link("a.Value", "set.Offset"), link("b.Value", "set.Offset")].join(",");
    assert_contains(
        &expect_violation("single", &graph_with(&nodes, &links, "", "")),
        &["remove one"],
    );
}

#[test]
fn missing_required_input_is_reported() {
    let message = expect_violation(
        "required",
        &graph_with(&node("x", "GeometryNodeSubdivideMesh"), "", "", ""),
    );
    assert_contains(&message, &["node x, Mesh", "NodeSocketGeometry"]);
}

#[test]
fn cycles_are_refused() {
    let nodes = [node("a", "ShaderNodeMath"), node("b", "ShaderNodeMath")].join(",");
    let links = [link("a.Value", "b.Value"), link("b.Value", "a.Value")].join(",");
    assert_contains(
        &expect_violation("cycles", &graph_with(&nodes, &links, "", "")),
        &["link 3", "a, b"],
    );
    let own = link("a.Value", "a.Value");
    assert_contains(
        &expect_violation(
            "cycles",
            &graph_with(&node("a", "ShaderNodeMath"), &own, "", ""),
        ),
        &["link 2"],
    );
}

#[test]
fn field_is_refused_where_a_value_is_needed() {
    let nodes = [
        node("p", "GeometryNodeInputPosition"),
        node("m", "ShaderNodeMath"),
    ]
    .join(",");
    let links = [link("p.Position", "m.Value"), link("m.Value", "cone.Depth")].join(",");
    assert_contains(
        &expect_violation("fields", &graph_with(&nodes, &links, "", "")),
        &["link 3", "Depth"],
    );
    let nodes = [node("p", "ShaderNodeTexNoise"), node("m", "ShaderNodeMath")].join(",");
    let links = [link("p.Fac", "m.Value"), link("m.Value", "cone.Depth")].join(",");
    expect_violation("fields", &graph_with(&nodes, &links, "", ""));
    let links = [link("p.Fac", "m.Value"), link("m.Value", "set.Offset")].join(",");
    expect_ok(&graph_with(&nodes, &links, "", ""));
}

#[test]
fn invalid_items_are_refused() {
    let violation = |idname: &str, items: &str| {
        let node = format!(r#"{{"id":"x","type":"{idname}","items":[{items}]}}"#);
        let link = link("cone.Mesh", "x.Geometry");
        let links = if idname.contains("Capture") {
            &*link
        } else {
            ""
        };
        expect_violation("items", &graph_with(&node, links, "", ""))
    };
    let float = r#"{"name":"A","type":"NodeSocketFloat"}"#;
    assert_contains(&violation("GeometryNodeMeshCube", float), &["has no items"]);
    assert_contains(
        &violation("GeometryNodeCaptureAttribute", r#"{"name":"A"}"#),
        &["no type"],
    );
    assert_contains(
        &violation(
            "GeometryNodeCaptureAttribute",
            r#"{"name":"A","type":"NodeSocketString"}"#,
        ),
        &["cannot be"],
    );
    assert_contains(
        &violation("GeometryNodeCaptureAttribute", &format!("{float},{float}")),
        &["already has this name"],
    );
    assert_contains(
        &violation(
            "GeometryNodeCaptureAttribute",
            r#"{"type":"NodeSocketFloat"}"#,
        ),
        &["no name"],
    );
    assert_contains(
        &violation("GeometryNodeIndexSwitch", r#"{"name":"A"}"#),
        &["numbered"],
    );
    assert_contains(
        &violation("GeometryNodeIndexSwitch", r#"{"type":"NodeSocketFloat"}"#),
        &["data_type"],
    );
    let other = r#"{"name":"A","type":"NodeSocketFloat","collection":"x"}"#;
    assert_contains(
        &violation("GeometryNodeCaptureAttribute", other),
        &["no collection"],
    );
}

#[test]
fn invalid_frames_are_refused() {
    let violation = |frames: &str| {
        expect_violation(
            "frames",
            &graph_with("", "", "", &format!(r#""frames":[{frames}]"#)),
        )
    };
    assert_contains(
        &violation(r#"{"id":"f","nodes":["cone"]},{"id":"g","nodes":["cone"]}"#),
        &["frame g", "\"f\""],
    );
    assert_contains(
        &violation(r#"{"id":"f","nodes":[],"parent":"g"}"#),
        &["no frame has the id"],
    );
    assert_contains(
        &violation(r#"{"id":"f","nodes":[],"parent":"f"}"#),
        &["is inside itself"],
    );
}
