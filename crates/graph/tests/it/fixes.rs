//! Tests of corrections, and of the report on the corrected graph.

use vibesync_graph::fix::fix;
use vibesync_graph::{Report, json, read};

use crate::support::CATALOGUE;

/// Corrects a text; returns the corrections and the report.
fn fixed(text: &str) -> (Vec<String>, Report) {
    let graph = read(text.as_bytes(), &CATALOGUE).unwrap();
    let fixed = fix(&graph, &CATALOGUE);
    (
        fixed.fixes.iter().map(ToString::to_string).collect(),
        fixed.report,
    )
}

#[test]
fn two_geometries_for_one_input_are_joined() {
    let (fixes, report) = fixed(
        r#"flowchart LR
  gi["GroupInput"] --> |Geometry| n2["SetPosition"]
  n1["MeshCone"] --> |Mesh| n2
  n2 --> |Geometry| go["GroupOutput"]
"#,
    );
    assert!(report.is_ok(), "{report}");
    insta::assert_snapshot!(format!("{}\n\n{report}", fixes.join("\n")));
}

#[test]
fn several_kinds_of_errors_are_fixed_in_one_run() {
    let (fixes, report) = fixed(
        r#"{"nodes":[{"id":"xyz","type":"FunctionNodeCombineXYZ"},{"id":"int","type":"FunctionNodeInputInt"},
{"id":"cone","type":"MeshCone"},{"id":"cube","type":"GeometryNodeCube"},{"id":"t","type":"GeometryNodeTransformGeometry"},
{"id":"p","type":"GeometryNodeMeshToPoints"},{"id":"i","type":"GeometryNodeInstanceOnPoints"},{"id":"go","type":"NodeGroupOutput"}],
"links":[{"from":"cone","from_socket":"Mesh","to":"t","to_socket":"Geometry"},
{"from":"cube","from_socket":"Mesh","to":"t","to_socket":"Geometry"},
{"from":"cube","from_socket":"Mesh","to":"t","to_socket":"Geometry"},
{"from":"cube","from_socket":"Mesh","to":"p","to_socket":"Mesh"},
{"from":"p","from_socket":"Points","to":"i","to_socket":"Points"},
{"from":"t","from_socket":"Geometry","to":"i","to_socket":"Instance"},
{"from":"xyz","from_socket":"Vector","to":"i","to_socket":"Scale"},
{"from":"int","from_socket":"Integer","to":"i","to_socket":"Rotation"},
{"from":"i","from_socket":"Instances","to":"go","to_socket":"Geometry"}],
"frames":[{"id":"f","label":"All","nodes":["cone","t"]}]}"#,
    );
    assert!(report.is_ok(), "{report}");
    insta::assert_snapshot!(format!(
        "{}\n\n{}",
        fixes.join("\n"),
        json::pretty(report.graph_json.as_ref().unwrap())
    ));
}

#[test]
fn ambiguous_errors_are_not_fixed() {
    let text = r#"{"nodes":[{"id":"a","type":"ShaderNodeValue"},{"id":"b","type":"ShaderNodeValue"},
{"id":"x","type":"ShaderNodeMath"},{"id":"q","type":"Quux"}],
"links":[{"from":"a","from_socket":"Value","to":"x","to_socket":"Value"},
{"from":"b","from_socket":"Value","to":"x","to_socket":"Value"},
{"from":"x","from_socket":"Value","to":"y","to_socket":"Value"}]}"#;
    let (fixes, report) = fixed(text);
    assert!(fixes.is_empty(), "{fixes:?}");
    let rules: Vec<&str> = report.errors.iter().map(|error| error.rule).collect();
    assert_eq!(rules, ["types", "outputs", "ends", "single"]);
}

#[test]
fn second_fix_changes_nothing() {
    let text = r#"flowchart LR
  a["MeshCone"] --> |Mesh| t["TransformGeometry"]
  b["MeshCube"] --> |Mesh| t
  t --> |Geometry| go["GroupOutput"]
"#;
    let (fixes, report) = fixed(text);
    assert_eq!(fixes.len(), 1);
    let graph = report.graph_json.unwrap();
    let again = fix(&graph, &CATALOGUE);
    assert!(again.fixes.is_empty());
    assert_eq!(
        json::compact(&again.report.graph_json.unwrap()),
        json::compact(&graph)
    );
}

#[test]
fn helper_is_inserted_when_types_do_not_convert() {
    // A table of a Blender that converts nothing.
    let compat = "from,to\nNodeSocketBool,NodeSocketBool\nNodeSocketFloat,NodeSocketFloat\n\
                  NodeSocketGeometry,NodeSocketGeometry\nNodeSocketRotation,NodeSocketRotation\n\
                  NodeSocketVector,NodeSocketVector\n";
    let nodes = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/catalogues/4.5/nodes.json"
    ));
    let strict = vibesync_graph::Catalogue::read(&nodes.unwrap(), compat).unwrap();
    let text = r#"flowchart LR
  v["Value"] --> |Value > Translation| t["TransformGeometry"]
  p["FunctionNodeInputVector"] --> |Vector > Depth| c["MeshCone"]
  c --> |Mesh > Geometry| t
  p --> |Vector > Rotation| t
  t --> |Geometry| go["GroupOutput"]
"#;
    let graph = read(text.as_bytes(), &strict).unwrap();
    let fixed = fix(&graph, &strict);
    assert!(fixed.report.is_ok(), "{}", fixed.report);
    let done: Vec<String> = fixed.fixes.iter().map(|fix| fix.done.clone()).collect();
    assert_eq!(
        done,
        [
            "combine_1 (ShaderNodeCombineXYZ) inserted",
            "separate_1 (ShaderNodeSeparateXYZ) inserted",
            "rotation_1 (FunctionNodeEulerToRotation) inserted"
        ]
    );
}
