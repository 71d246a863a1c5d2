//! `graph_json`: what is refused, where, and that all of it is told.

use vibesync_graph::{MAX_TEXT_BYTES, Status, json};

use crate::check;

/// Everything that is wrong with a text's form.
fn faults(text: &str) -> Vec<String> {
    json::read(text.as_bytes())
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[track_caller]
fn refused(text: &str, why: &[&str]) {
    let told = faults(text);
    assert_eq!(told.len(), 1, "{told:#?}");
    for part in why {
        assert!(told[0].contains(part), "{told:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_with_its_place() {
    insta::assert_snapshot!(
        faults(
            r#"{
  "nodes": [{"id": 1, "type": "X", "tipe": "Y"}, {"id": "a"}, 7,
    {"id": "b", "type": "X", "position": [1, "2"], "id": "c"}],
  "links": [{"from": "a", "to": "b", "socket": "only"}, {"from": "a", "from_socket": "A", "to": "b"}],
  "node_settings": {"a": {"A": {"deep": 1}, "B": [[1]], "A": 2}, "a": {}},
  "frames": [{"id": "f", "color": [0, 0, 2, 1]}],
  "frames": []
}"#
        )
        .join("\n")
    );
}

#[test]
fn a_repeated_key_is_an_error_but_for_the_sockets_of_a_link() {
    refused(
        r#"{"nodes":[],"nodes":[]}"#,
        &["(1:13)", "\"nodes\" stands here again"],
    );
    let thrice =
        r#"{"nodes":[],"links":[{"from":"a","socket":"A","to":"b","socket":"B","socket":"C"}]}"#;
    refused(
        thrice,
        &[
            "links[0]",
            "3 times, not twice",
            "from_socket and to_socket",
        ],
    );
}

#[test]
fn what_is_no_json_is_told_with_line_and_column() {
    refused("{\n \"nodes\": [NaN]\n}", &["(2:12)", "NaN"]);
    refused("{\"nodes\": [}", &["(1:12)"]);
    refused(&"[".repeat(1 << 20), &["nested deeper"]);
}

#[test]
fn bytes_that_are_no_text_and_texts_that_are_too_long() {
    let report = vibesync_graph::check(b"{\"nodes\":\n\"\xC3\x28\"}", &crate::BLENDER);
    assert_eq!(report.status, Status::ErrorsFound);
    assert!(
        report.errors[0].to_string().contains("(2:2): not UTF-8"),
        "{report}"
    );
    let report = vibesync_graph::check(&vec![b' '; MAX_TEXT_BYTES + 1], &crate::BLENDER);
    assert!(report.errors[0].message.contains("longer than"), "{report}");
}

#[test]
fn a_report_has_exactly_four_fields() {
    for text in ["", "{\"nodes\":[]}", "flowchart LR\n"] {
        let report = serde_json::to_value(check(text)).unwrap();
        let mut keys: Vec<&String> = report.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["errors", "graph_json", "mermaid_code", "status"]);
        for error in report["errors"].as_array().unwrap() {
            let mut keys: Vec<&String> = error.as_object().unwrap().keys().collect();
            keys.sort();
            assert_eq!(keys, ["message", "place", "rule", "suggestion"]);
        }
    }
}

#[test]
fn a_report_for_people_is_yaml_with_four_keys() {
    let text = r#"{"nodes":[{"id":"a","type":"GeometryNodeMeshCone"}],"links":[{"from":"a","socket":"Mesh","to":"b","socket":"\"x\"\n"}]}"#;
    insta::assert_snapshot!(check(text).to_string());
}
