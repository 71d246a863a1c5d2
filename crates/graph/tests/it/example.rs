//! Tests of the example from the source document: a sketch, and the same as `graph_json` with the key `socket` twice.

use vibesync_graph::{Status, json};

use crate::support::{check, expect_ok};

const SKETCH: &str = r#"flowchart LR
  gi["GroupInput"] --> |Geometry| n2["SetPosition"]
  n1["MeshCone"] --> |Mesh| n2
  n2 --> |Geometry| go["GroupOutput"]
"#;

const JSON: &str = r#"{
  "nodes":[
    {"id":"gi","type":"NodeGroupInput"},
    {"id":"n1","type":"GeometryNodeMeshCone"},
    {"id":"n2","type":"GeometryNodeSetPosition"},
    {"id":"go","type":"NodeGroupOutput"}
  ],
  "links":[
    {"from":"gi","socket":"Geometry","to":"n2","socket":"Geometry"},
    {"from":"n1","socket":"Mesh","to":"n2","socket":"Geometry"},
    {"from":"n2","socket":"Geometry","to":"go","socket":"Geometry"}
  ],
  "node_settings":{
    "n1":{"Vertices":32},
    "n2":{"Offset":[0,0,1]}
  }
}"#;

#[test]
fn sketch_and_json_give_the_same_graph() {
    let (sketch, json) = (check(SKETCH), check(JSON));
    let links = |report: &vibesync_graph::Report| {
        let graph = report.graph_json.as_ref().unwrap();
        let mut links: Vec<String> = graph.links.iter().map(|link| link.text()).collect();
        links.sort();
        links
    };
    assert_eq!(links(&sketch), links(&json));
    let graph = sketch.graph_json.as_ref().unwrap();
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|it| (&*it.id, &*it.idname))
        .collect();
    assert_eq!(
        nodes,
        [
            ("gi", "NodeGroupInput"),
            ("n2", "GeometryNodeSetPosition"),
            ("n1", "GeometryNodeMeshCone"),
            ("go", "NodeGroupOutput")
        ]
    );
}

#[test]
fn two_geometries_for_one_input_are_refused() {
    for text in [SKETCH, JSON] {
        let report = check(text);
        assert_eq!(report.status, Status::ErrorsFound);
        assert_eq!(report.errors.len(), 1, "{report}");
        assert_eq!(report.errors[0].rule, "single");
    }
}

#[test]
fn example_with_one_geometry_is_valid() {
    let text = JSON.replace(
        r#"{"from":"gi","socket":"Geometry","to":"n2","socket":"Geometry"},"#,
        "",
    );
    let report = expect_ok(&text);
    insta::assert_snapshot!(json::pretty(report.graph_json.as_ref().unwrap()));
}
