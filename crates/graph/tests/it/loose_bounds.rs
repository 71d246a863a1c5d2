//! Any text ends in a report: nothing that a text holds makes reading or inferring fail.

use proptest::prelude::*;
use vibesync_graph::fix::fix_text;

use crate::support::CATALOGUE;

/// Parts of sketches, valid and not.
const PARTS: &[&str] = &[
    "graph TD\n",
    "flowchart LR\n",
    "```mermaid\n",
    "---\n",
    "\n",
    ";",
    " --> ",
    " -- x --> ",
    " -.-> ",
    "|Mesh|",
    "|a → b|",
    "|",
    " & ",
    "a",
    "b",
    "Cube",
    "[\"Cube (size 2)\"]",
    "[Multiply]",
    "(\"Value: 3\")",
    "{{Join Geometry}}",
    "[\"Repeat Input\"]",
    "[\"Repeat Output\"]",
    "[\"Capture Attribute\"]",
    "[\"Switch (float)\"]",
    "[\"Reroute\"]",
    "[\"",
    "\"]",
    "subgraph x y\n",
    "end\n",
    "%% a: GeometryNodeMeshCube {\"settings\":{\"size\":[1]}}\n",
    "é",
    "\u{0}",
    "__GROUP_OUTPUT__",
    "[\"Group Input\"]",
    "Set-Position.001",
];

const JSON_PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"nodes\"",
    "\"links\"",
    "\"edges\"",
    "\"id\"",
    "\"type\"",
    "\"a\"",
    "\"a.Mesh\"",
    "\"Cube\"",
    "\"__GROUP_OUTPUT__\"",
    "\"from\"",
    "\"to\"",
    "\"settings\"",
    "\"size\"",
    "2",
    "null",
    "true",
];

fn text(parts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_sketch_ends_in_a_report(text in text(PARTS)) {
        let fixed = fix_text(text.as_bytes(), &CATALOGUE);
        prop_assert_eq!(fixed.report.is_ok(), fixed.report.errors.is_empty());
    }

    #[test]
    fn any_json_ends_in_a_report(text in text(JSON_PARTS)) {
        let text = format!("{{\"nodes\":[{text}]}}");
        let fixed = fix_text(text.as_bytes(), &CATALOGUE);
        prop_assert_eq!(fixed.report.is_ok(), fixed.report.errors.is_empty());
    }
}
