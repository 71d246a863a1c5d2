//! `vibesync audit diff` and `vibesync audit restore`, with the real daemon and two fake editors.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use vibesync_scene::{
    BlobId, Buffer, Change, Components, DataRef, Entity, EntityKind, Mesh, Role, Submesh,
    Transform, Uuid,
};
use vibesync_store::blobs::BlobStore;
use vibesync_store::disk::RealDisk;
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, create, editor, moved};
use crate::project::{CommandOutput, TestProject};

const MESH: Uuid = Uuid::from_u128(0x3E54);
const LATER: Uuid = Uuid::from_u128(0x1A7E);

/// A daemon and two editors that the test controls one by one.
struct RestoreHarness {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
    unity: EditorSession,
    blobs: [BlobId; 2],
}

impl RestoreHarness {
    /// Stores the buffers of a triangle, starts the daemon and connects both editors.
    fn new() -> Self {
        let project = TestProject::new();
        let folder = project.root().join(".vibesync/blobs");
        let blobs = BlobStore::open(Arc::new(RealDisk), &folder).unwrap();
        let position: Vec<u8> = [0.0_f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
            .iter()
            .flat_map(|c| c.to_le_bytes())
            .collect();
        let index: Vec<u8> = [0_u32, 1, 2].iter().flat_map(|i| i.to_le_bytes()).collect();
        let blobs = blobs.put(&[&position, &index]).unwrap();
        let daemon = project.start();
        let join = |role| EditorSession::join(&daemon, editor(&daemon, role), TIMEOUT).unwrap();
        let (blender, unity) = (join(Role::Blender), join(Role::Unity));
        Self {
            project,
            daemon,
            blender,
            unity,
            blobs: [blobs[0], blobs[1]],
        }
    }

    fn triangle(&self) -> Change {
        let [position, index] = self.blobs;
        let mesh = Mesh {
            vertex_count: 3,
            corner_count: 3,
            submeshes: vec![Submesh {
                slot: 0,
                start: 0,
                count: 3,
            }],
            buffers: BTreeMap::from([
                ("index".into(), Buffer::stored(index, 12)),
                ("position".into(), Buffer::stored(position, 36)),
            ]),
        };
        let components = Components {
            name: Some("Triangle".into()),
            mesh: Some(Box::new(mesh)),
            ..Components::default()
        };
        Change::Create {
            uuid: MESH,
            kind: EntityKind::Mesh,
            components,
        }
    }

    /// Makes an edit in Blender and waits until Unity and git have it; returns the commit.
    fn edit(&mut self, changes: Vec<Change>) -> String {
        let commits = self.commits().len();
        self.blender.edit(changes).unwrap();
        self.until(|harness| harness.is_settled() && harness.commits().len() > commits);
        self.commits().remove(0)
    }

    /// Lists the commits, newest first.
    fn commits(&self) -> Vec<String> {
        let ran = self.project.run(&["audit", "log", "--json", "-n", "100"]);
        let items = ran
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        items
            .map(|item| item["commit"].as_str().unwrap().to_owned())
            .collect()
    }

    fn is_settled(&self) -> bool {
        self.blender.editor.outbox.is_empty()
            && self.blender.editor.entities == self.unity.editor.entities
    }

    /// Lets both editors work until the condition holds.
    fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + TIMEOUT;
        while !holds(self) {
            self.blender.linger(Duration::from_millis(20)).unwrap();
            self.unity.linger(Duration::from_millis(20)).unwrap();
            assert!(Instant::now() < deadline, "it never holds");
        }
    }

    /// Runs a command while the editors work.
    fn run(&mut self, args: &[&str]) -> CommandOutput {
        let (project, blender, unity) = (&self.project, &mut self.blender, &mut self.unity);
        std::thread::scope(|scope| {
            let ran = scope.spawn(|| project.run(args));
            while !ran.is_finished() {
                blender.linger(Duration::from_millis(20)).unwrap();
                unity.linger(Duration::from_millis(20)).unwrap();
            }
            ran.join().unwrap()
        })
    }

    fn held(&self) -> BTreeMap<Uuid, Entity> {
        self.blender.editor.entities.clone()
    }
}

fn at(x: f64) -> Transform {
    Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    }
}

/// Creates an object that uses the mesh of the triangle.
fn cube() -> Change {
    let mut cube = create(CUBE, at(1.0));
    cube.components_mut().unwrap().data = Some(DataRef { uuid: Some(MESH) });
    cube
}

/// Commits a cube, then deletes cube and mesh and creates another object.
///
/// Returns the commit with the cube, and the entities that belong to it.
fn commit_and_delete_cube() -> (RestoreHarness, String, BTreeMap<Uuid, Entity>) {
    let mut harness = RestoreHarness::new();
    let commit = harness.edit(vec![harness.triangle(), cube()]);
    let then = harness.held();
    harness.edit(vec![moved(CUBE, at(2.0))]);
    harness.edit(vec![
        Change::Delete { uuid: CUBE },
        Change::Delete { uuid: MESH },
    ]);
    harness.edit(vec![create(LATER, at(3.0))]);
    (harness, commit, then)
}

#[test]
fn restore_reaches_both_editors_and_can_be_reverted() {
    let (mut harness, commit, then) = commit_and_delete_cube();
    let now = harness.held();
    let before = harness.commits().remove(0);

    let dry = harness.run(&["audit", "restore", &commit[..8], "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    for line in [
        format!("+ mesh \"Triangle\" {MESH}"),
        format!("- object \"Cube\" {LATER}"),
    ] {
        assert!(dry.out.contains(&line), "{line} in {}", dry.out);
    }
    assert_eq!(harness.held(), now);

    let ran = harness.run(&[
        "audit",
        "restore",
        &commit[..8],
        "--reason",
        "it was better",
        "--yes",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("the editors hold it"), "{}", ran.out);
    harness.until(RestoreHarness::is_settled);
    assert_eq!(harness.held(), then);

    // The log names user and reason, and the restore has a commit itself.
    let told = harness
        .project
        .run(&["log", "grep", "--phase", "begin"])
        .out;
    assert!(
        told.lines()
            .last()
            .unwrap()
            .contains("it was better\" by cli"),
        "{told}"
    );
    harness.until(|harness| harness.commits()[0] != before);
    let restored = harness.commits().remove(0);
    assert_eq!(
        harness.run(&["audit", "diff", &commit, &restored]).out,
        "no difference\n"
    );

    let back = harness.run(&["audit", "restore", &before, "--json", "-y"]);
    let said: Value = serde_json::from_str(&back.out).unwrap();
    assert_eq!(said["outcome"], "verified", "{back:?}");
    harness.until(RestoreHarness::is_settled);
    assert_eq!(harness.held(), now);
}

#[test]
fn one_entity_is_restored_while_an_editor_is_offline() {
    let (mut harness, commit, then) = commit_and_delete_cube();
    drop(harness.unity);
    let project = &harness.project;
    let ran = project.run(&[
        "audit",
        "restore",
        &commit,
        "--uuid",
        "00000000-0000-0000-0000-00000000c0b",
        "--wait",
        "0",
        "--yes",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let unity = editor(&harness.daemon, Role::Unity);
    harness.unity = EditorSession::join(&harness.daemon, unity, TIMEOUT).unwrap();
    harness.until(RestoreHarness::is_settled);
    let mut expected = then;
    expected.insert(LATER, harness.held()[&LATER].clone());
    assert_eq!(
        harness.held(),
        expected,
        "the cube and its mesh, and what came later"
    );
}

#[test]
fn restore_without_a_terminal_needs_a_yes() {
    let (mut harness, commit, _) = commit_and_delete_cube();
    let before = harness.held();
    for flags in [&[][..], &["--json"]] {
        let ran = harness.run(&[&["audit", "restore", &commit][..], flags].concat());
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let effect = "creates 2, changes 0 and deletes 1 entities";
        assert!(
            ran.err.contains(effect) && ran.err.contains("--yes"),
            "{ran:?}"
        );
    }
    assert_eq!(harness.held(), before);
}

#[cfg(target_os = "linux")]
#[test]
fn restore_in_a_terminal_asks_first() {
    let (mut harness, commit, _) = commit_and_delete_cube();
    let before = harness.held();
    for (answer, code) in [("\n", 1), ("no\n", 1), ("y\n", 0)] {
        let args = ["audit", "restore", &commit, "--wait", "0"];
        let ran = harness.project.run_in_terminal(&args, answer);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        let question = "The restore creates 2, changes 0 and deletes 1 entities. Go on? [y/N]";
        assert!(ran.out.contains(question), "{ran:?}");
        if code == 1 {
            assert_eq!(harness.held(), before);
        }
    }
    harness.until(|harness| harness.held() != before);
}

#[test]
fn restore_of_something_unknown_changes_nothing() {
    let (mut harness, commit, _) = commit_and_delete_cube();
    let head = |harness: &RestoreHarness| {
        let status: Value =
            serde_json::from_str(&harness.project.run(&["status", "--json"]).out).unwrap();
        status["head_seq"].clone()
    };
    let before = (harness.held(), head(&harness));
    for unknown in ["deadbeef", "@0", "@x", "HEAD", ""] {
        let ran = harness.run(&["audit", "restore", unknown]);
        assert!(
            ran.code == Some(1) && ran.err.contains("VS-5007"),
            "{unknown}: {ran:?}"
        );
    }
    let name = harness.blobs[0].to_string();
    let blob = harness
        .project
        .root()
        .join(".vibesync/blobs")
        .join(&name[..2])
        .join(&name);
    std::fs::remove_file(blob).unwrap();
    for flag in ["--dry-run", "--json"] {
        let ran = harness.run(&["audit", "restore", &commit, flag]);
        let named = ran.err.contains("VS-5006") && ran.err.contains(&MESH.to_string());
        assert!(ran.code == Some(1) && named, "{ran:?}");
    }
    assert_eq!((harness.held(), head(&harness)), before);
}

#[test]
fn restore_needs_the_daemon() {
    let (harness, commit, _) = commit_and_delete_cube();
    let RestoreHarness {
        project, daemon, ..
    } = harness;
    drop(daemon);
    let ran = project.run(&["audit", "restore", &commit]);
    assert!(
        ran.code == Some(1) && ran.err.contains("VS-6003"),
        "{ran:?}"
    );
    // `diff` works without the daemon.
    let ran = project.run(&["audit", "diff", &commit]);
    assert!(
        ran.code == Some(0) && ran.out.contains(&LATER.to_string()),
        "{ran:?}"
    );
}

#[test]
fn diff_lists_each_changed_value() {
    let (mut harness, commit, _) = commit_and_delete_cube();
    let commits = harness.commits();
    let (last, moved) = (&commits[0], &commits[2]);
    let line = |ran: CommandOutput| ran.out.lines().map(str::to_owned).collect::<Vec<_>>();
    let between = line(harness.run(&["audit", "diff", &commit, moved]));
    assert_eq!(
        between,
        [
            format!("~ object \"Cube\" {CUBE}"),
            "    transform.translation: [1.0,0.0,0.0] -> [2.0,0.0,0.0]".to_owned()
        ]
    );
    let now = line(harness.run(&["audit", "diff", &commit]));
    assert_eq!(
        now,
        [
            format!("+ object \"Cube\" {LATER}"),
            format!("- mesh \"Triangle\" {MESH}"),
            format!("- object \"Cube\" {CUBE}"),
        ]
    );
    assert_eq!(line(harness.run(&["audit", "diff", &commit, last])), now);
    let json = harness
        .run(&["audit", "diff", &commit, moved, "--json"])
        .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["change"], &json["uuid"]),
        (&"changed".into(), &CUBE.to_string().into())
    );
    assert_eq!(
        json["components"]["transform"]["after"]["translation"][0],
        2.0
    );
}
