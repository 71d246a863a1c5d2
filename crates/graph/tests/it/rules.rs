//! Each rule is broken alone, and told alone, with its place and what to do.

use crate::{broken, link, says, sound};

/// A cone that is moved, and whatever else: nodes, links, settings as they stand in `graph_json`, and further members.
fn with(nodes: &str, links: &str, settings: &str, more: &str) -> String {
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
fn the_base_of_all_these_is_sound() {
    sound(&with("", "", "", ""));
}

#[test]
fn a_node_that_holds_its_value_at_its_output_is_set_like_any_other() {
    let value = node("v", "ShaderNodeValue");
    sound(&with(&value, "", r#""v":{"Value":2.5}"#, ""));
    broken("settings", &with(&value, "", r#""v":{"Value":"much"}"#, ""));
}

#[test]
fn a_graph_for_another_blender() {
    says(
        &broken("version", &with("", "", "", r#""blender":"4.2""#)),
        &["4.2", "4.5"],
    );
    sound(&with("", "", "", r#""blender":"4.5.3""#));
}

#[test]
fn ids_are_plain_words() {
    for id in ["1a", "a b", "a-b", "", "end", "ä"] {
        broken("ids", &with(&node(id, "GeometryNodeMeshCube"), "", "", ""));
    }
    broken(
        "ids",
        &with(&node(&"a".repeat(64), "GeometryNodeMeshCube"), "", "", ""),
    );
}

#[test]
fn nothing_stands_there_twice() {
    let told = broken(
        "duplicates",
        &with(&node("set", "GeometryNodeMeshCube"), "", "", ""),
    );
    says(&told, &["node set (2:47)", "already, at 2:1"]);
    let told = broken(
        "duplicates",
        &with("", &link("set.Geometry", "go.Geometry"), "", ""),
    );
    says(&told, &["link 2", "set.Geometry -> go.Geometry"]);
    let frames = r#""frames":[{"id":"f","nodes":["cone"]},{"id":"f","nodes":["set"]}]"#;
    says(
        &broken("duplicates", &with("", "", "", frames)),
        &["frame f"],
    );
}

#[test]
fn types_that_do_not_exist() {
    let of = |idname: &str| broken("types", &with(&node("x", idname), "", "", ""));
    says(&of("FunctionNodeCombineXYZ"), &["-> ShaderNodeCombineXYZ"]);
    says(&of("GeometryNodeMeshCon"), &["-> GeometryNodeMeshCone?"]);
    says(&of("ShaderNodeBsdfPrincipled"), &["material's node tree"]);
    says(&of("Quux"), &["graph query"]);
}

#[test]
fn nodes_for_tools_alone() {
    let told = broken(
        "evaluates",
        &with(&node("x", "GeometryNodeToolSelection"), "", "", ""),
    );
    says(&told, &["node x", "tools"]);
}

#[test]
fn values_that_do_not_go_together() {
    let nodes = node("x", "FunctionNodeCompare");
    let settings = r#""x":{"data_type":"STRING","operation":"LESS_THAN"}"#;
    says(
        &broken("variants", &with(&nodes, "", settings, "")),
        &["STRING", "LESS_THAN"],
    );
    let settings = r#""x":{"data_type":"STRING","operation":"EQUAL"}"#;
    sound(&with(&nodes, "", settings, ""));
}

#[test]
fn settings_that_blender_would_not_keep() {
    let of = |settings: &str| broken("settings", &with("", "", settings, ""));
    says(
        &of(r#""cone":{"Vertices":32.0}"#),
        &["node cone, Vertices (5:", "whole number"],
    );
    says(&of(r#""cone":{"Vertices":true}"#), &["found a boolean"]);
    says(&of(r#""cone":{"Vertices":5000000000}"#), &["too large"]);
    says(&of(r#""cone":{"Depth":"2"}"#), &["found a text"]);
    says(&of(r#""cone":{"Vertexes":3}"#), &["-> Vertices?"]);
    says(&of(r#""cone":{"fill_type":"NGONE"}"#), &["-> NGON?"]);
    says(
        &of(r#""set":{"Offset":[0,0]}"#),
        &["a list of 3, found a list of 2"],
    );
    says(&of(r#""set":{"Offset":[0,0,1e39]}"#), &["too large"]);
    says(&of(r#""set":{"Geometry":1}"#), &["a link alone"]);
    says(
        &of(r#""cone":{"fill_type":"NONE","Fill Segments":2}"#),
        &["as its properties are"],
    );
}

#[test]
fn the_interface_is_one_that_blender_can_have() {
    let of = |more: &str| broken("interface", &with("", "", "", more));
    says(
        &of(r#""inputs":[{"name":"A","type":"NodeSocketFlot"}]"#),
        &["input A, type", "-> NodeSocketFloat?"],
    );
    says(
        &of(r#""inputs":[{"name":"A","type":"NodeSocketInt","default":0.5}]"#),
        &["input A, default"],
    );
    says(
        &of(r#""inputs":[{"name":"A","type":"NodeSocketInt","min":2,"max":1}]"#),
        &["min is larger"],
    );
    for (name, why) in [
        (" ", "empty"),
        ("a\\n", "control"),
        (&*"ä".repeat(32), "63 bytes"),
    ] {
        let text = format!(r#""inputs":[{{"name":"{name}","type":"NodeSocketInt"}}]"#);
        says(&of(&text), &[why]);
    }
    let two = r#"[{"name":"A","type":"NodeSocketInt"},{"name":"A","type":"NodeSocketInt"}]"#;
    says(&of(&format!(r#""inputs":{two}"#)), &["name already"]);
    let late = r#"[{"name":"A","type":"NodeSocketInt"},{"name":"B","type":"NodeSocketGeometry"}]"#;
    says(&of(&format!(r#""inputs":{late}"#)), &["input B", "first"]);
}

#[test]
fn the_first_output_is_geometry() {
    let more = r#""outputs":[{"name":"A","type":"NodeSocketInt"},{"name":"Geometry","type":"NodeSocketGeometry"}]"#;
    says(
        &broken("outputs", &with("", "", "", more)),
        &["output A", "geometry first"],
    );
    let lone = r#"{"nodes":[{"id":"cone","type":"GeometryNodeMeshCone"}]}"#;
    says(&broken("outputs", lone), &["no Group Output"]);
    let unlinked = r#"{"nodes":[{"id":"go","type":"NodeGroupOutput"}]}"#;
    says(&broken("outputs", unlinked), &["no outputs"]);
}

#[test]
fn links_settings_and_frames_name_nodes() {
    let told = broken("ends", &with("", &link("cones.Mesh", "set.Offset"), "", ""));
    says(&told, &["link 2", "\"cones\"", "-> cone?"]);
    says(
        &broken("ends", &with("", "", r#""nobody":{"A":1}"#, "")),
        &["node nobody"],
    );
    let frames = r#""frames":[{"id":"f","nodes":["nobody"]}]"#;
    says(&broken("ends", &with("", "", "", frames)), &["frame f"]);
}

#[test]
fn links_name_sockets_that_are_there() {
    let of = |from: &str, to: &str| {
        broken(
            "sockets",
            &with(&node("x", "ShaderNodeMath"), &link(from, to), "", ""),
        )
    };
    says(
        &of("x.Value", "set.Offzet"),
        &["no input \"Offzet\"", "-> Offset?"],
    );
    says(&of("x.Value", "set.3"), &["sockets are named", "Offset"]);
    says(
        &of("x.Result", "set.Offset"),
        &["no output \"Result\"", "there are: Value"],
    );
    says(
        &of("set.Offset", "x.Value"),
        &[
            "\"Offset\" is an input of set",
            "from an output to an input",
        ],
    );
    says(
        &of("set.Geometry", "x.Value_002"),
        &["with its properties as they are", "depends on operation"],
    );
}

#[test]
fn a_name_that_several_sockets_have_means_one_of_them_by_identifier() {
    let nodes = [node("x", "ShaderNodeMath"), node("v", "ShaderNodeValue")].join(",");
    for to in ["x.Value", "x.Value_001"] {
        let links = [link("v.Value", to), link("x.Value", "set.Offset")].join(",");
        sound(&with(&nodes, &links, "", ""));
    }
}

#[test]
fn a_group_input_that_leads_to_a_group_output_has_no_type() {
    let nodes = node("gi", "NodeGroupInput");
    let text = with(&nodes, &link("gi.A", "go.B"), "", "");
    says(
        &broken("sockets", &text),
        &["cannot be concluded", "\"inputs\""],
    );
}

#[test]
fn types_that_blender_does_not_convert() {
    let nodes = node("x", "FunctionNodeInputInt");
    let rotate = node("r", "FunctionNodeRotateVector");
    let nodes = [nodes, rotate].join(",");
    let told = broken(
        "compatible",
        &with(&nodes, &link("x.Integer", "r.Rotation"), "", ""),
    );
    says(
        &told,
        &[
            "NodeSocketInt",
            "NodeSocketRotation",
            "put FunctionNodeEulerToRotation",
        ],
    );
    let told = broken(
        "compatible",
        &with("", &link("cone.Mesh", "set.Offset"), "", ""),
    );
    says(&told, &["nothing converts"]);
}

#[test]
fn an_input_takes_one_link() {
    let nodes = node("cube", "GeometryNodeMeshCube");
    let told = broken(
        "single",
        &with(&nodes, &link("cube.Mesh", "set.Geometry"), "", ""),
    );
    says(
        &told,
        &["link 2", "link 0 leads", "GeometryNodeJoinGeometry"],
    );
    let nodes = [node("a", "ShaderNodeValue"), node("b", "ShaderNodeValue")].join(",");
    let links = [link("a.Value", "set.Offset"), link("b.Value", "set.Offset")].join(",");
    says(
        &broken("single", &with(&nodes, &links, "", "")),
        &["remove one"],
    );
}

#[test]
fn what_a_node_cannot_do_without() {
    let told = broken(
        "required",
        &with(&node("x", "GeometryNodeSubdivideMesh"), "", "", ""),
    );
    says(&told, &["node x, Mesh", "NodeSocketGeometry"]);
}

#[test]
fn nothing_depends_on_itself() {
    let nodes = [node("a", "ShaderNodeMath"), node("b", "ShaderNodeMath")].join(",");
    let links = [link("a.Value", "b.Value"), link("b.Value", "a.Value")].join(",");
    says(
        &broken("cycles", &with(&nodes, &links, "", "")),
        &["link 3", "a, b"],
    );
    let own = link("a.Value", "a.Value");
    says(
        &broken("cycles", &with(&node("a", "ShaderNodeMath"), &own, "", "")),
        &["link 2"],
    );
}

#[test]
fn a_field_is_no_single_value() {
    let nodes = [
        node("p", "GeometryNodeInputPosition"),
        node("m", "ShaderNodeMath"),
    ]
    .join(",");
    let links = [link("p.Position", "m.Value"), link("m.Value", "cone.Depth")].join(",");
    says(
        &broken("fields", &with(&nodes, &links, "", "")),
        &["link 3", "Depth"],
    );
    let nodes = [node("p", "ShaderNodeTexNoise"), node("m", "ShaderNodeMath")].join(",");
    let links = [link("p.Fac", "m.Value"), link("m.Value", "cone.Depth")].join(",");
    broken("fields", &with(&nodes, &links, "", ""));
    let links = [link("p.Fac", "m.Value"), link("m.Value", "set.Offset")].join(",");
    sound(&with(&nodes, &links, "", ""));
}

#[test]
fn items_stand_where_there_are_some() {
    let of = |idname: &str, items: &str| {
        let node = format!(r#"{{"id":"x","type":"{idname}","items":[{items}]}}"#);
        let link = link("cone.Mesh", "x.Geometry");
        let links = if idname.contains("Capture") {
            &*link
        } else {
            ""
        };
        broken("items", &with(&node, links, "", ""))
    };
    let float = r#"{"name":"A","type":"NodeSocketFloat"}"#;
    says(&of("GeometryNodeMeshCube", float), &["has no items"]);
    says(
        &of("GeometryNodeCaptureAttribute", r#"{"name":"A"}"#),
        &["no type"],
    );
    says(
        &of(
            "GeometryNodeCaptureAttribute",
            r#"{"name":"A","type":"NodeSocketString"}"#,
        ),
        &["cannot be"],
    );
    says(
        &of("GeometryNodeCaptureAttribute", &format!("{float},{float}")),
        &["name already"],
    );
    says(
        &of(
            "GeometryNodeCaptureAttribute",
            r#"{"type":"NodeSocketFloat"}"#,
        ),
        &["no name"],
    );
    says(
        &of("GeometryNodeIndexSwitch", r#"{"name":"A"}"#),
        &["numbered"],
    );
    says(
        &of("GeometryNodeIndexSwitch", r#"{"type":"NodeSocketFloat"}"#),
        &["data_type"],
    );
    let other = r#"{"name":"A","type":"NodeSocketFloat","collection":"x"}"#;
    says(
        &of("GeometryNodeCaptureAttribute", other),
        &["no collection"],
    );
}

#[test]
fn frames_hold_each_node_once() {
    let of = |frames: &str| {
        broken(
            "frames",
            &with("", "", "", &format!(r#""frames":[{frames}]"#)),
        )
    };
    says(
        &of(r#"{"id":"f","nodes":["cone"]},{"id":"g","nodes":["cone"]}"#),
        &["frame g", "\"f\""],
    );
    says(
        &of(r#"{"id":"f","nodes":[],"parent":"g"}"#),
        &["no frame has the id"],
    );
    says(
        &of(r#"{"id":"f","nodes":[],"parent":"f"}"#),
        &["lies in itself"],
    );
}
