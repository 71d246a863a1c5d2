//! Tests of the errors in `graph_json`, and of reports.

use vibesync_graph::{MAX_TEXT_BYTES, Status, json};

use crate::support::check;

/// Returns all errors in the form of a text.
fn errors(text: &str) -> Vec<String> {
    json::read(text.as_bytes())
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[track_caller]
fn assert_refused(text: &str, parts: &[&str]) {
    let message = errors(text);
    assert_eq!(message.len(), 1, "{message:#?}");
    for part in parts {
        assert!(message[0].contains(part), "{message:?}");
    }
}

#[test]
fn all_errors_are_reported_with_location() {
    insta::assert_snapshot!(
        errors(
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
fn repeated_keys_are_refused_except_socket() {
    assert_refused(
        r#"{"nodes":[],"nodes":[]}"#,
        &["(1:13)", "\"nodes\" is repeated"],
    );
    let thrice =
        r#"{"nodes":[],"links":[{"from":"a","socket":"A","to":"b","socket":"B","socket":"C"}]}"#;
    assert_refused(
        thrice,
        &[
            "links[0]",
            "3 times, expected twice",
            "from_socket and to_socket",
        ],
    );
}

#[test]
fn invalid_json_is_refused_with_line_and_column() {
    assert_refused("{\n \"nodes\": [NaN]\n}", &["(2:12)", "NaN"]);
    assert_refused("{\"nodes\": [}", &["(1:12)"]);
    assert_refused(&"[".repeat(1 << 20), &["nested deeper"]);
}

#[test]
fn invalid_utf8_and_long_texts_are_refused() {
    let report = vibesync_graph::check(b"{\"nodes\":\n\"\xC3\x28\"}", &crate::support::CATALOGUE);
    assert_eq!(report.status, Status::ErrorsFound);
    assert!(
        report.errors[0].to_string().contains("(2:2): not UTF-8"),
        "{report}"
    );
    let report = vibesync_graph::check(&vec![b' '; MAX_TEXT_BYTES + 1], &crate::support::CATALOGUE);
    assert!(report.errors[0].message.contains("longer than"), "{report}");
}

/// A graph without errors.
const VALID: &str = r#"{"nodes":[{"id":"a","type":"GeometryNodeMeshCone"},{"id":"o","type":"NodeGroupOutput"}],
"links":[{"from":"a","from_socket":"Mesh","to":"o","to_socket":"Geometry"}]}"#;

#[test]
fn report_has_exactly_four_fields() {
    for text in ["", "{\"nodes\":[]}", "flowchart LR\n", VALID] {
        let report = serde_json::to_value(check(text)).unwrap();
        let status = if text == VALID {
            "GRAPH_OK"
        } else {
            "ERRORS_FOUND"
        };
        assert_eq!(report["status"], status);
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
fn report_for_people_is_yaml_with_four_keys() {
    let text = r#"{"nodes":[{"id":"a","type":"GeometryNodeMeshCone"}],"links":[{"from":"a","socket":"Mesh","to":"b","socket":"\"x\"\n"}]}"#;
    insta::assert_snapshot!(check(text).to_string());
    let valid = check(VALID).to_string();
    let keys = valid.lines().filter_map(|line| {
        let key = line.split_once(':').filter(|_| !line.starts_with(' '));
        key.map(|(key, _)| key)
    });
    let keys: Vec<&str> = keys.collect();
    assert_eq!(keys, ["mermaid_code", "graph_json", "status", "errors"]);
}
