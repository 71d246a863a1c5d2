//! Sketches: what is read, and how what is wrong is told.

use vibesync_graph::{excerpt, json, mermaid, read};

use crate::{BLENDER, check};

/// All faults of a sketch, with the lines that they are about.
fn faults(text: &str) -> String {
    let faults = mermaid::read(text.as_bytes(), &BLENDER).unwrap_err();
    let told = |fault: &vibesync_graph::Diagnostic| {
        let line = excerpt(text, fault.location.position.unwrap());
        format!("{fault}\n{line}\n")
    };
    faults.iter().map(told).collect()
}

#[test]
fn every_line_that_cannot_be_read_is_told_with_a_caret() {
    insta::assert_snapshot!(faults(
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
fn only_left_to_right() {
    for head in [
        "flowchart TD",
        "graph LR",
        "flowchart",
        "```mermaid",
        "n1[\"MeshCone\"]",
    ] {
        let told = faults(&format!("\n%% first\n{head}\n"));
        assert!(
            told.contains("(3:") && told.contains("flowchart LR"),
            "{told}"
        );
    }
    assert!(faults("").contains("no sketch"));
}

#[test]
fn a_label_may_leave_the_input_open() {
    let graph = |sketch: &str| {
        let graph = read(sketch.as_bytes(), &BLENDER).unwrap();
        graph
            .links
            .iter()
            .map(|link| link.to.socket.clone())
            .collect::<Vec<_>>()
    };
    // The same name; the only one of the type; the only one that it can be linked to; none.
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
fn a_note_says_what_a_sketch_cannot_show_and_prose_does_not() {
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
fn names_that_mermaid_would_misread_come_back() {
    let text = r##"{"name":"a | \"b\"","inputs":[{"name":"A > B|\"#1; ","type":"NodeSocketFloat"}],
"nodes":[{"id":"gi","type":"NodeGroupInput","label":"]\" x"},{"id":"c","type":"GeometryNodeMeshCone"},{"id":"go","type":"NodeGroupOutput"}],
"links":[{"from":"gi","from_socket":"A > B|\"#1; ","to":"c","to_socket":"Depth"},
{"from":"c","from_socket":"Mesh","to":"go","to_socket":"Geometry"}],
"frames":[{"id":"f","label":"\"]\n end","nodes":["c"]}]}"##;
    let report = crate::sound(text);
    let again = crate::sound(&report.mermaid_code);
    let compact =
        |report: &vibesync_graph::Report| json::compact(report.graph_json.as_ref().unwrap());
    assert_eq!(compact(&again), compact(&report));
    assert_eq!(again.mermaid_code, report.mermaid_code);
}

#[test]
fn sketches_are_bounded() {
    let many = |line: &str, count: usize| {
        let lines: String = (0..count)
            .map(|n| line.replace('#', &n.to_string()))
            .collect();
        faults(&format!("flowchart LR\n{lines}"))
    };
    assert!(many("n#[\"MeshCone\"]\n", 10_001).contains("more than 10000 nodes"));
    assert!(many("a[\"MeshCone\"] --> |Mesh| a\n", 50_001).contains("more than 50000 links"));
    assert!(many("subgraph f#[\"x\"]\nend\n", 2_001).contains("more than 2000 frames"));
}
