//! `vibesync audit diff` and `vibesync audit restore`, with the real daemon and two editors that behave.

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

use crate::project::{Ran, TestProject};
use crate::stage::{CUBE, PATIENCE, create, editor, moved};

const MESH: Uuid = Uuid::from_u128(0x3E54);
const LATER: Uuid = Uuid::from_u128(0x1A7E);

/// A daemon and two editors; the test says what each does.
struct Scene {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
    unity: EditorSession,
    blobs: [BlobId; 2],
}

impl Scene {
    /// One triangle's bytes are stored before the daemon starts.
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
        let join = |role| EditorSession::join(&daemon, editor(&daemon, role), PATIENCE).unwrap();
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
            mesh: Some(mesh),
            ..Components::default()
        };
        Change::Create {
            uuid: MESH,
            kind: EntityKind::Mesh,
            components,
        }
    }

    /// An edit in Blender, until Unity holds the same and git has a commit of it: that commit.
    fn edit(&mut self, changes: Vec<Change>) -> String {
        let commits = self.commits().len();
        self.blender.edit(changes).unwrap();
        self.until(|scene| scene.is_settled() && scene.commits().len() > commits);
        self.commits().remove(0)
    }

    /// The commits, newest first.
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

    /// Both editors go on working until something holds.
    fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            self.blender.linger(Duration::from_millis(20)).unwrap();
            self.unity.linger(Duration::from_millis(20)).unwrap();
            assert!(Instant::now() < deadline, "it never holds");
        }
    }

    /// Runs a command while the editors work.
    fn run(&mut self, args: &[&str]) -> Ran {
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

/// A cube that shows the triangle.
fn cube() -> Change {
    let mut cube = create(CUBE, at(1.0));
    cube.components_mut().unwrap().data = Some(DataRef { uuid: Some(MESH) });
    cube
}

/// A scene with a cube, committed; then the cube and its mesh are deleted and something else is made.
fn changed_since() -> (Scene, String, BTreeMap<Uuid, Entity>) {
    let mut scene = Scene::new();
    let commit = scene.edit(vec![scene.triangle(), cube()]);
    let then = scene.held();
    scene.edit(vec![moved(CUBE, at(2.0))]);
    scene.edit(vec![
        Change::Delete { uuid: CUBE },
        Change::Delete { uuid: MESH },
    ]);
    scene.edit(vec![create(LATER, at(3.0))]);
    (scene, commit, then)
}

#[test]
fn a_commit_comes_back_in_both_editors_and_goes_again() {
    let (mut scene, commit, then) = changed_since();
    let now = scene.held();
    let before = scene.commits().remove(0);

    let dry = scene.run(&["audit", "restore", &commit[..8], "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    for line in [
        format!("+ mesh \"Triangle\" {MESH}"),
        format!("- object \"Cube\" {LATER}"),
    ] {
        assert!(dry.out.contains(&line), "{line} in {}", dry.out);
    }
    assert_eq!(scene.held(), now);

    let ran = scene.run(&[
        "audit",
        "restore",
        &commit[..8],
        "--reason",
        "it was better",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("the editors hold it"), "{}", ran.out);
    scene.until(Scene::is_settled);
    assert_eq!(scene.held(), then);

    // Logged with who and why, and itself audited.
    let told = scene.project.run(&["log", "grep", "--phase", "begin"]).out;
    assert!(
        told.lines()
            .last()
            .unwrap()
            .contains("it was better\" by cli"),
        "{told}"
    );
    scene.until(|scene| scene.commits()[0] != before);
    let restored = scene.commits().remove(0);
    assert_eq!(
        scene.run(&["audit", "diff", &commit, &restored]).out,
        "no difference\n"
    );

    let back = scene.run(&["audit", "restore", &before, "--json"]);
    let said: Value = serde_json::from_str(&back.out).unwrap();
    assert_eq!(said["outcome"], "verified", "{back:?}");
    scene.until(Scene::is_settled);
    assert_eq!(scene.held(), now);
}

#[test]
fn one_entity_comes_back_while_an_editor_is_away() {
    let (mut scene, commit, then) = changed_since();
    drop(scene.unity);
    let project = &scene.project;
    let ran = project.run(&[
        "audit",
        "restore",
        &commit,
        "--uuid",
        &CUBE.to_string(),
        "--wait",
        "0",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let unity = editor(&scene.daemon, Role::Unity);
    scene.unity = EditorSession::join(&scene.daemon, unity, PATIENCE).unwrap();
    scene.until(Scene::is_settled);
    let mut expected = then;
    expected.insert(LATER, scene.held()[&LATER].clone());
    assert_eq!(
        scene.held(),
        expected,
        "the cube and its mesh, and what came later"
    );
}

#[test]
fn what_is_not_there_is_refused_and_nothing_changes() {
    let (mut scene, commit, _) = changed_since();
    let head = |scene: &Scene| {
        let status: Value =
            serde_json::from_str(&scene.project.run(&["status", "--json"]).out).unwrap();
        status["head_seq"].clone()
    };
    let before = (scene.held(), head(&scene));
    for unknown in ["deadbeef", "@0", "@x", "HEAD", ""] {
        let ran = scene.run(&["audit", "restore", unknown]);
        assert!(
            ran.code == Some(1) && ran.err.contains("VS-5007"),
            "{unknown}: {ran:?}"
        );
    }
    let name = scene.blobs[0].to_string();
    let blob = scene
        .project
        .root()
        .join(".vibesync/blobs")
        .join(&name[..2])
        .join(&name);
    std::fs::remove_file(blob).unwrap();
    for flag in ["--dry-run", "--json"] {
        let ran = scene.run(&["audit", "restore", &commit, flag]);
        let named = ran.err.contains("VS-5006") && ran.err.contains(&MESH.to_string());
        assert!(ran.code == Some(1) && named, "{ran:?}");
    }
    assert_eq!((scene.held(), head(&scene)), before);
}

#[test]
fn a_restore_needs_the_daemon() {
    let (scene, commit, _) = changed_since();
    let Scene {
        project, daemon, ..
    } = scene;
    drop(daemon);
    let ran = project.run(&["audit", "restore", &commit]);
    assert!(
        ran.code == Some(1) && ran.err.contains("VS-6003"),
        "{ran:?}"
    );
    // Looking does not.
    let ran = project.run(&["audit", "diff", &commit]);
    assert!(
        ran.code == Some(0) && ran.out.contains(&LATER.to_string()),
        "{ran:?}"
    );
}

#[test]
fn a_difference_is_told_value_by_value() {
    let (mut scene, commit, _) = changed_since();
    let commits = scene.commits();
    let (last, moved) = (&commits[0], &commits[2]);
    let line = |ran: Ran| ran.out.lines().map(str::to_owned).collect::<Vec<_>>();
    let between = line(scene.run(&["audit", "diff", &commit, moved]));
    assert_eq!(
        between,
        [
            format!("~ object \"Cube\" {CUBE}"),
            "    transform.translation: [1.0,0.0,0.0] -> [2.0,0.0,0.0]".to_owned()
        ]
    );
    let now = line(scene.run(&["audit", "diff", &commit]));
    assert_eq!(
        now,
        [
            format!("+ object \"Cube\" {LATER}"),
            format!("- mesh \"Triangle\" {MESH}"),
            format!("- object \"Cube\" {CUBE}"),
        ]
    );
    assert_eq!(line(scene.run(&["audit", "diff", &commit, last])), now);
    let json = scene.run(&["audit", "diff", &commit, moved, "--json"]).out;
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
