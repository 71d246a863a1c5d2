//! `vibesync import`: a glTF file becomes ordinary changes, which both editors verify.

use std::fs;

use serde_json::{Value, json};
use vibesync_scene::{BlobId, Code, EntityKind, Invalid, Role};
use vibesync_testkit::{FakeEditor, scenes};

use crate::harness::CUBE;
use crate::mcp_change::editors;
use crate::project::TestProject;

fn write(project: &TestProject, name: &str, content: &[u8]) {
    vibesync_store::durable::write(&project.root().join(name), content).unwrap();
}

/// Writes the first exported random scene that has all kinds of data into the project. Returns the number of its objects.
fn write_scene(project: &TestProject) -> usize {
    let export = |seed| {
        let scene = scenes::generate(seed);
        let mut read = |blob: BlobId| {
            let bytes = scene.blobs.get(&blob).cloned();
            bytes.ok_or_else(|| Invalid::new(Code::BlobDamaged, "", "it is missing"))
        };
        vibesync_gltf::export(&scene.entities, "test", &mut read).unwrap()
    };
    let has_all = |export: &vibesync_gltf::Export| {
        let lists = ["meshes", "materials", "images", "cameras", "lights"];
        let text = String::from_utf8_lossy(&export.file);
        lists
            .iter()
            .all(|list| text.contains(&format!("\"{list}\":[")))
    };
    let export = (1..).map(export).find(has_all).unwrap();
    write(project, "scene.glb", &export.file);
    export.objects
}

/// Writes a document of `count` nodes, each with a mesh of one triangle at a place of its own if `has_meshes`.
fn write_nodes(project: &TestProject, count: usize, has_meshes: bool) {
    let mut bytes = Vec::new();
    for number in 0..count {
        let corners = [0.0, 0.0, number as f32, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        bytes.extend(corners.iter().flat_map(|it| it.to_le_bytes()));
    }
    let all = |item: &dyn Fn(usize) -> Value| (0..count).map(item).collect::<Vec<_>>();
    let mut document = json!({
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": all(&|i| json!(i))}],
        "nodes": all(&|i| json!({"name": format!("Node {i}")})),
    });
    if has_meshes {
        document["nodes"] = all(&|i| json!({"mesh": i})).into();
        let primitive = |i| json!({"primitives": [{"attributes": {"POSITION": i}}]});
        document["meshes"] = all(&primitive).into();
        document["accessors"] = all(&|i| {
            json!({"bufferView": 0, "byteOffset": 36 * i, "componentType": 5126, "count": 3, "type": "VEC3"})
        })
        .into();
        document["bufferViews"] = json!([{"buffer": 0, "byteLength": bytes.len()}]);
        document["buffers"] = json!([{"uri": "scene.bin", "byteLength": bytes.len()}]);
    }
    write(project, "scene.bin", &bytes);
    write(project, "scene.gltf", document.to_string().as_bytes());
}

fn report(project: &TestProject, args: &[&str]) -> Value {
    let args: Vec<&str> = ["import", "--json"].iter().chain(args).copied().collect();
    let ran = project.run(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

fn count(editor: &FakeEditor, kind: EntityKind) -> usize {
    let entities = editor.entities.values();
    entities.filter(|entity| entity.kind == kind).count()
}

#[test]
fn imported_scene_is_verified_by_both_editors() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let editors = editors(&daemon, &[]);
    let objects = write_scene(&project);
    let first = report(&project, &["scene.glb"]);
    assert_eq!(first["objects"], json!(objects));
    assert_eq!(
        (&first["parts"], &first["outcome"]),
        (&json!(1), &json!("verified"))
    );
    let second = report(&project, &["scene.glb"]);
    assert_eq!(
        second["outcome"], "verified",
        "a second import overwrites nothing"
    );
    for editor in editors {
        let held = editor.stop();
        for uuid in first["uuids"].as_array().unwrap() {
            let uuid = uuid.as_str().unwrap().parse().unwrap();
            // The fake of Unity has no cameras.
            let has_all = held.role == Role::Blender;
            assert!(held.entities.contains_key(&uuid) || !has_all, "{uuid}");
        }
        // The cube was there before.
        assert_eq!(count(&held, EntityKind::Object), 2 * objects + 1);
        assert!(held.entities.contains_key(&CUBE));
    }
    // The export has what the import made.
    let ran = project.run(&["export", "again.glb"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.out.contains(&format!("{} objects", 2 * objects + 1)),
        "{}",
        ran.out
    );
    let log = project.run(&["log", "tail", "--count", "400"]);
    assert!(log.out.contains("Import scene.glb"), "{}", log.out);
}

#[test]
fn refused_import_names_the_code_and_changes_nothing() {
    let project = TestProject::new();
    let daemon = project.start();
    let before = project.run(&["status", "--json"]).out;
    write(&project, "bad.glb", b"glTF");
    let ran = project.run(&["import", "bad.glb"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.err.contains("VS-9301"), "{}", ran.err);
    assert!(ran.err.contains("bad.glb: header"), "{}", ran.err);
    let head = |text: &str| serde_json::from_str::<Value>(text).unwrap()["head_seq"].clone();
    let after = project.run(&["status", "--json"]).out;
    assert_eq!(head(&before), head(&after));
    drop(daemon);
}

#[test]
fn dry_run_reads_the_file_without_a_daemon() {
    let project = TestProject::new();
    let objects = write_scene(&project);
    let found = report(&project, &["scene.glb", "--dry-run"]);
    assert_eq!(found["objects"], json!(objects));
    assert_eq!(found["outcome"], Value::Null);
    let ran = project.run(&["import", "scene.glb"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("VS-6003"), "{}", ran.err);
}

#[test]
fn large_file_is_imported_in_parts() {
    let project = TestProject::new();
    let _daemon = project.start();
    // More changes than an intent has, and then more buffers than a frame has.
    write_nodes(&project, 10_001, false);
    let found = report(&project, &["scene.gltf"]);
    assert_eq!(
        (&found["objects"], &found["parts"]),
        (&json!(10_001), &json!(2))
    );
    write_nodes(&project, 1_100, true);
    let found = report(&project, &["scene.gltf"]);
    assert_eq!(
        (&found["others"], &found["parts"]),
        (&json!(1_100), &json!(2))
    );
    let entities = project.run(&["status", "--json"]).out;
    let status: Value = serde_json::from_str(&entities).unwrap();
    assert_eq!(status["entities"], 10_001 + 2 * 1_100, "{status}");
}

#[test]
fn files_beside_the_document_are_read_but_no_others() {
    let project = TestProject::new();
    write_nodes(&project, 1, true);
    assert_eq!(report(&project, &["scene.gltf", "--dry-run"])["others"], 1);
    fs::remove_file(project.root().join("scene.bin")).unwrap();
    let ran = project.run(&["import", "scene.gltf", "--dry-run"]);
    assert!(
        ran.err.contains("VS-9301") && ran.err.contains("buffers[0].uri"),
        "{}",
        ran.err
    );
}
