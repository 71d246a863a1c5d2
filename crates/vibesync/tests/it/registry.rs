//! `vibesync registry`, with and without a running daemon.

use serde_json::Value;
use vibesync_scene::{Change, Role, Transform, Uuid};
use vibesync_store::registry::Registry;
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, create, editor};
use crate::project::TestProject;

const GONE: Uuid = Uuid::from_u128(0x6043);

/// Returns a project with one cube, and another one that was deleted.
fn with_two() -> (TestProject, Daemon) {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    let made = [CUBE, GONE].map(|uuid| create(uuid, Transform::IDENTITY));
    blender.edit(made.into()).unwrap();
    blender.edit(vec![Change::Delete { uuid: GONE }]).unwrap();
    while !blender.editor.outbox.is_empty() {
        blender.hear().unwrap();
    }
    (project, daemon)
}

fn lists(project: &TestProject, args: &[&str]) -> Vec<Uuid> {
    let ran = project.run(&[&["registry", "list", "--json"], args].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| row["entity"]["uuid"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Checks the output that must be the same with and without the daemon.
fn is_listed(project: &TestProject) {
    assert_eq!(lists(project, &[]), [CUBE]);
    assert_eq!(lists(project, &["--deleted"]), [GONE]);
    assert_eq!(
        lists(project, &["--kind", "object", "--name", "ub"]),
        [CUBE]
    );
    assert!(lists(project, &["--kind", "mesh"]).is_empty());
    assert!(lists(project, &["--name", "Cone"]).is_empty());
    let line = project.run(&["registry", "list"]).out;
    assert!(
        line.contains("object") && line.contains("\"Cube\""),
        "{line}"
    );
    let tree = project.run(&["registry", "list", "--tree"]).out;
    assert_eq!(tree, "Cube  00000000\n");
    let shown = project.run(&["registry", "show", &GONE.to_string()]);
    assert!(
        shown.code == Some(0) && shown.out.contains("deleted"),
        "{shown:?}"
    );
    let json = project
        .run(&["registry", "show", &CUBE.to_string(), "--json"])
        .out;
    let row: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(row["entity"]["components"]["name"], "Cube");
    let nobody = project.run(&["registry", "show", &Uuid::nil().to_string()]);
    assert!(
        nobody.code == Some(1) && nobody.err.contains("VS-3001"),
        "{nobody:?}"
    );
}

#[test]
fn entities_are_listed_with_and_without_daemon() {
    let (project, daemon) = with_two();
    is_listed(&project);
    for args in [["registry", "verify"], ["registry", "rebuild"]] {
        let ran = project.run(&args);
        assert!(
            ran.code == Some(1)
                && ran.err.contains("VS-6002")
                && ran.err.contains("Run `vibesync stop` first"),
            "{ran:?}"
        );
    }
    assert!(daemon.stop().unwrap().success());
    is_listed(&project);
}

#[test]
fn registry_mismatch_is_reported_and_rebuilt_on_request() {
    let (project, daemon) = with_two();
    assert!(daemon.stop().unwrap().success());
    let good = project.run(&["registry", "verify"]);
    assert!(
        good.code == Some(0) && good.out.contains("2 rows"),
        "{good:?}"
    );

    let path = project.root().join(".vibesync/registry");
    let mut registry = Registry::read(&path).unwrap().unwrap();
    let mut row = registry.get(CUBE).unwrap().unwrap();
    row.entity.components.name = Some("Cone".into());
    let position = registry.position();
    registry.apply(&[row], position).unwrap();
    registry.flush().unwrap();
    drop(registry);
    for _ in 0..2 {
        let bad = project.run(&["registry", "verify"]);
        assert!(
            bad.code == Some(1)
                && bad.out.contains("differs")
                && bad
                    .out
                    .trim_end()
                    .ends_with(&format!("different entities: {CUBE}")),
            "{bad:?}"
        );
        let doctor = project.run(&["doctor"]).out;
        assert!(
            doctor.contains("warn  registry") && doctor.contains("VS-5004"),
            "{doctor}"
        );
    }
    let replay = project.run(&["log", "replay"]);
    assert!(
        replay.code == Some(1)
            && replay.out.contains("DIFFERS from the registry")
            && replay.out.contains(&CUBE.to_string()),
        "{replay:?}"
    );
    let rebuilt = project.run(&["registry", "rebuild"]);
    assert!(
        rebuilt.code == Some(0) && rebuilt.out.contains("2 rows"),
        "{rebuilt:?}"
    );
    assert_eq!(project.run(&["registry", "verify"]).code, Some(0));
    assert_eq!(project.run(&["log", "replay"]).code, Some(0));
}

#[test]
fn registry_is_missing_before_the_first_run() {
    let project = TestProject::new();
    assert!(lists(&project, &[]).is_empty());
    let ran = project.run(&["registry", "verify", "--json"]);
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &said["agrees"]), (Some(0), &true.into()));
}
