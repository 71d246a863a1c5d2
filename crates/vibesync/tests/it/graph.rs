//! `vibesync graph`: exit codes, standard output and standard error, and that no project is needed.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::project::CommandOutput;

const SKETCH: &str = "flowchart LR\n  n1[\"MeshCone\"] --> |Mesh > Geometry| go[\"GroupOutput\"]\n";

/// Runs `vibesync graph` with `input` on its standard input, in an empty folder that is no project.
fn graph(args: &[&str], input: &str) -> CommandOutput {
    let folder = tempfile::tempdir().unwrap();
    let mut child = vibesync_testkit::process::command(env!("CARGO_BIN_EXE_vibesync"))
        .arg("graph")
        .args(args)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // The command closes the pipe when it refuses the input without reading it.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "it leaves nothing"
    );
    CommandOutput {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn exit_code_is_0_only_without_errors() {
    for version in ["4.2", "4.5", "5.0"] {
        let ran = graph(&["check", "--blender", version], SKETCH);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        assert!(
            ran.out.contains("status: GRAPH_OK\nerrors: []\n"),
            "{}",
            ran.out
        );
    }
    let ran = graph(&["check"], &SKETCH.replace("MeshCone", "MeshKone"));
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("status: ERRORS_FOUND") && ran.out.contains("-> GeometryNodeMeshCone"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("    2 |   n1[\"MeshKone\"]") && ran.err.contains("      |   ^"),
        "{}",
        ran.err
    );
}

#[test]
fn batch_answers_each_line() {
    let good = r#"{"nodes":[{"id":"go","type":"NodeGroupOutput"}],"outputs":[{"name":"A","type":"NodeSocketGeometry"}]}"#;
    let lines = format!("{good}\nrubbish\n\n{{\"nodes\":[]}}");
    let ran = graph(&["check", "--json", "--batch"], &lines);
    let statuses: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let statuses: Vec<&str> = statuses
        .iter()
        .map(|report| report["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        ["GRAPH_OK", "ERRORS_FOUND", "ERRORS_FOUND", "ERRORS_FOUND"]
    );
    assert_eq!(ran.code, Some(1));
    assert_eq!(graph(&["check", "--json", "--batch"], good).code, Some(0));
}

#[test]
fn inferences_and_questions_are_printed() {
    let ran = graph(
        &["fix"],
        "graph TD\n  Cube --> b[\"Set Position (offset (0, 0, 1))\"]\n",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    for part in [
        "the id \"Cube\" is GeometryNodeMeshCube",
        "is Offset [0, 0, 1]",
        "added output_1",
    ] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    let ran = graph(&["fix"], "graph TD\n  Sphere --> b[\"Group Output\"]\n");
    assert_eq!(ran.code, Some(1));
    let choices = "GeometryNodeMeshIcoSphere | GeometryNodeMeshUVSphere";
    assert!(
        ran.out.contains("ambiguous: ") && ran.out.contains(choices),
        "{}",
        ran.out
    );
}

#[test]
fn corrections_are_printed_beside_the_report() {
    let sketch = format!("{SKETCH}  n2[\"MeshCube\"] --> |Mesh > Geometry| go\n");
    assert_eq!(graph(&["check"], &sketch).code, Some(1));
    let ran = graph(&["fix", "--json", "--frame", "type", "--layout"], &sketch);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.err.starts_with("fixed: link 0:") && ran.err.contains("GeometryNodeJoinGeometry"),
        "{}",
        ran.err
    );
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let graph = &report["graph_json"];
    assert!(
        graph["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|node| node["position"].is_array())
    );
    let labels: Vec<&str> = graph["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["Inputs", "Transforms", "Outputs"]);
}

#[test]
fn graph_is_drawn_as_picture_and_sketch() {
    let ran = graph(&["render", "--frame", "type"], SKETCH);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.starts_with("<svg ") && ran.out.ends_with("</svg>\n"));
    assert!(ran.out.contains("#3366cc"), "the blue of inputs");
    let ran = graph(&["render", "--to", "mermaid", "--frame", "type"], SKETCH);
    assert!(
        ran.out.contains("style frame_outputs fill:#d98026"),
        "{}",
        ran.out
    );
    assert_eq!(graph(&["check"], &ran.out).code, Some(0));
    assert_eq!(graph(&["render"], "flowchart TD").code, Some(1));
}

#[test]
fn nodes_are_found_by_name_and_keyword() {
    let ran = graph(&["query", "--node", "Set Position"], "");
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.out.starts_with("GeometryNodeSetPosition: Set Position"),
        "{}",
        ran.out
    );
    let ran = graph(&["query", "--node", "Set Positron"], "");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("GeometryNodeSetPosition"), "{}", ran.err);
    let ran = graph(&["query", "--search", "scatter", "--json", "-n", "1"], "");
    assert_eq!((ran.code, ran.out.lines().count()), (Some(0), 1));
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(found["identifier"], "GeometryNodeDistributePointsOnFaces");
    for nothing in ["quux", "mesh quux", "quux points"] {
        let ran = graph(&["query", "--search", nothing], "");
        assert_eq!(ran.code, Some(1), "{nothing}: each word must match");
    }
    assert_eq!(graph(&["query"], "").code, Some(2));
}

#[test]
fn missing_files_and_catalogues_have_codes() {
    let told = |args: &[&str], code: &str| {
        let ran = graph(args, SKETCH);
        assert_eq!(ran.code, Some(1));
        assert!(
            ran.err.starts_with(&format!("error {code}: ")),
            "{}",
            ran.err
        );
    };
    told(&["check", "nowhere.json"], "VS-9001");
    told(&["check", "--blender", "3.6"], "VS-9002");
    told(&["check", "--catalogue", "nowhere"], "VS-9002");
    let folder = tempfile::tempdir().unwrap();
    std::fs::File::create(folder.path().join("nodes.json")).unwrap();
    told(
        &["check", "--catalogue", folder.path().to_str().unwrap()],
        "VS-9002",
    );
}

#[test]
fn too_long_input_is_refused_without_reading_it_all() {
    let ran = graph(&["check", "--json"], &" ".repeat(100 << 20));
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("longer than"), "{}", ran.out);
}
