//! `vibesync governance` with the real daemon: permanent failures are shown, survive a restart, and can be reset.

use std::time::{Duration, Instant};

use serde_json::Value;
use vibesync_scene::{Components, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, create, editor};
use crate::project::TestProject;

fn join(daemon: &Daemon, role: Role) -> EditorSession {
    EditorSession::join(daemon, editor(daemon, role), TIMEOUT).unwrap()
}

fn renamed(name: &str) -> vibesync_scene::Change {
    let components = Components {
        name: Some(name.into()),
        ..Components::default()
    };
    vibesync_scene::Change::Update {
        uuid: CUBE,
        components,
    }
}

fn name_in(editor: &EditorSession, uuid: Uuid) -> Option<&str> {
    editor
        .editor
        .entities
        .get(&uuid)?
        .components
        .name
        .as_deref()
}

fn until(editors: &mut [&mut EditorSession], mut holds: impl FnMut(&[&mut EditorSession]) -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !holds(editors) {
        for editor in editors.iter_mut() {
            editor.linger(Duration::from_millis(20)).unwrap();
        }
        assert!(Instant::now() < deadline, "it never holds");
    }
}

fn show(project: &TestProject) -> (Value, Option<i32>) {
    let ran = project.run(&["governance", "show", "--json"]);
    (serde_json::from_str(&ran.out).unwrap(), ran.code)
}

/// Lets Unity read a renamed object back wrongly until the breaker opens.
fn fail_until_stopped(project: &TestProject, daemon: &Daemon) {
    let (mut blender, mut unity) = (join(daemon, Role::Blender), join(daemon, Role::Unity));
    blender
        .edit(vec![create(CUBE, Transform::IDENTITY)])
        .unwrap();
    until(&mut [&mut blender, &mut unity], |it| {
        name_in(it[1], CUBE).is_some()
    });
    unity.editor.lies_about.insert(CUBE);
    blender.edit(vec![renamed("Sphere")]).unwrap();
    until(&mut [&mut blender, &mut unity], |_| {
        show(project).1 == Some(1)
    });
}

#[test]
fn permanent_failure_is_shown_and_reset_with_a_reason() {
    let project = TestProject::new();
    let daemon = project.start();
    let quiet = project.run(&["governance", "show"]);
    assert_eq!(
        (quiet.out.as_str(), quiet.code),
        ("nothing has failed\n", Some(0))
    );
    fail_until_stopped(&project, &daemon);
    daemon.stop().unwrap();

    let daemon = project.start();
    let (shown, _) = show(&project);
    let trouble = &shown["troubles"][0];
    let scope = format!("entity:{CUBE}");
    assert_eq!(trouble["scope"], scope.as_str(), "it outlasts the daemon");
    assert_eq!(
        (&trouble["open"], &trouble["at"]),
        (&true.into(), &"unity".into())
    );
    let text = project.run(&["governance", "show"]).out;
    assert!(
        text.starts_with(&format!("{scope}: stopped after ")),
        "{text}"
    );
    let status = project.run(&["status"]).out;
    assert!(
        status.contains("1 operations are not tried again"),
        "{status}"
    );

    let reset = |scope: &str| {
        let args = [
            "governance",
            "reset",
            scope,
            "--who",
            "Ada",
            "--why",
            "it tells the truth now",
        ];
        project.run(&args)
    };
    let nothing = reset("operation:mesh");
    assert_eq!(nothing.code, Some(1), "{}", nothing.out);
    assert_eq!(reset("mesh").code, Some(2), "wrong usage");
    let unknown = reset("entity:1234");
    assert!(
        unknown.code == Some(2) && unknown.err.contains("entity:1234"),
        "{unknown:?}"
    );
    assert_eq!(
        reset("entity:00000000-0000").code,
        Some(0),
        "first digits are enough"
    );
    assert_eq!(show(&project).1, Some(0));
    let log = project.run(&["log", "grep", "--phase", "reset"]).out;
    assert!(log.contains("by Ada: it tells the truth now"), "{log}");

    let (mut blender, mut unity) = (join(&daemon, Role::Blender), join(&daemon, Role::Unity));
    blender.edit(vec![renamed("Cone")]).unwrap();
    until(&mut [&mut blender, &mut unity], |it| {
        name_in(it[1], CUBE) == Some("Cone")
    });
}
