//! Tests of sketches, and of the errors in them.

use vibesync_graph::{excerpt, json, mermaid, read};

use crate::support::{CATALOGUE, check};

/// Returns all errors of a sketch, with their lines.
fn errors(text: &str) -> String {
    let errors = mermaid::read(text.as_bytes(), &CATALOGUE).unwrap_err();
    let shown = |error: &vibesync_graph::Diagnostic| {
        let line = excerpt(text, error.location.position.unwrap());
        format!("{error}\n{line}\n")
    };
    errors.iter().map(shown).collect()
}

#[test]
fn each_invalid_line_is_reported_with_a_caret() {
    insta::assert_snapshot!(errors(
        r#"flowchart LR
  n1["MeshCone"] --> n2["SetPosition"]
  n1 --> |Mesh n2
  n3(MeshCone)
  n4[MeshCone]
  n1 -- Mesh --> n2
  n1 --> |Mesh| n2 & n5
  n6
  n1["MeshCube"]
  n1 --> |Mesh > | n2
  ä["MeshCone"]
  end
  subgraph f["Open"]
  n7["MeshCone]
  %% n1: GeometryNodeMeshCone {"settings":{"Vertices":NaN}}
  %% n1: GeometryNodeMeshCone {"setings":{}}
"#
    ));
}

#[test]
fn sketch_must_begin_with_flowchart_lr() {
    for head in [
        "flowchart TD",
        "graph LR",
        "flowchart",
        "```mermaid",
        "n1[\"MeshCone\"]",
    ] {
        let message = errors(&format!("\n%% first\n{head}\n"));
        assert!(
            message.contains("(3:") && message.contains("flowchart LR"),
            "{message}"
        );
    }
    assert!(errors("").contains("no sketch"));
}

#[test]
fn missing_input_name_is_inferred() {
    let graph = |sketch: &str| {
        let graph = read(sketch.as_bytes(), &CATALOGUE).unwrap();
        graph
            .links
            .iter()
            .map(|link| link.to.socket.clone())
            .collect::<Vec<_>>()
    };
    // In order: same name, only input of the type, only compatible input, no input.
    let sketch = r#"flowchart LR
  a["SetPosition"] --> |Geometry| b["SetPosition"]
  c["MeshCone"] --> |Mesh| b
  d["FunctionNodeInputBool"] --> |Boolean| b
  e["FunctionNodeInputString"] --> |String| b
  f["GeometryNodeInputPosition"] --> |Position| g["ShaderNodeSeparateXYZ"]
  e --> |String| h["GeometryNodeInputNamedAttribute"]
"#;
    assert_eq!(
        graph(sketch),
        [
            "Geometry",
            "Geometry",
            "Selection",
            "String",
            "Vector",
            "Name"
        ]
    );
    let report = check(sketch);
    let open: Vec<String> = report
        .errors
        .iter()
        .filter(|it| it.rule == "sockets")
        .map(ToString::to_string)
        .collect();
    assert_eq!(open.len(), 1, "{report}");
    assert!(open[0].contains("no input \"String\""), "{open:?}");
}

#[test]
fn notes_are_read_and_other_comments_are_ignored() {
    let sketch = r#"flowchart LR
  %% n1: the cone that is moved
  %% todo: GeometryNodeMeshCube
  subgraph f["Shape"]
    n1["MeshCube"]
  end
  n1 --> |Mesh > Geometry| go["GroupOutput"]
  %% n1: GeometryNodeMeshCone {"settings":{"Vertices":3},"label":"Cone","position":[1,2]}
  %% f: frame {"color":[0.1,0.2,0.3,1],"text":"why"}
  %% graph: {"name":"Cones"}
  style f fill:#123456
"#;
    let report = check(sketch);
    assert!(report.is_ok(), "{report}");
    insta::assert_snapshot!(json::pretty(report.graph_json.as_ref().unwrap()));
}

#[test]
fn special_characters_survive_a_round_trip() {
    let text = r##"{"name":"a | \"b\"","inputs":[{"name":"A > B|\"#1; ","type":"NodeSocketFloat"}],
"nodes":[{"id":"gi","type":"NodeGroupInput","label":"]\" x"},{"id":"c","type":"GeometryNodeMeshCone"},{"id":"go","type":"NodeGroupOutput"}],
"links":[{"from":"gi","from_socket":"A > B|\"#1; ","to":"c","to_socket":"Depth"},
{"from":"c","from_socket":"Mesh","to":"go","to_socket":"Geometry"}],
"frames":[{"id":"f","label":"\"]\n end","nodes":["c"]}]}"##;
    let report = crate::support::expect_ok(text);
    let again = crate::support::expect_ok(&report.mermaid_code);
    let compact =
        |report: &vibesync_graph::Report| json::compact(report.graph_json.as_ref().unwrap());
    assert_eq!(compact(&again), compact(&report));
    assert_eq!(again.mermaid_code, report.mermaid_code);
}

#[test]
fn sketch_with_too_many_parts_is_refused() {
    let many = |line: &str, count: usize| {
        let lines: String = (0..count)
            .map(|n| line.replace('#', &n.to_string()))
            .collect();
        errors(&format!("flowchart LR\n{lines}"))
    };
    assert!(many("n#[\"MeshCone\"]\n", 10_001).contains("more than 10000 nodes"));
    assert!(many("a[\"MeshCone\"] --> |Mesh| a\n", 50_001).contains("more than 50000 links"));
    assert!(many("subgraph f#[\"x\"]\nend\n", 2_001).contains("more than 2000 frames"));
}
