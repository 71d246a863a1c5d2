//! `vibesync governance` with the real daemon: permanent failures are shown, survive a restart, and can be reset.

use std::time::{Duration, Instant};

use serde_json::Value;
use vibesync_scene::{
    Code, Components, FailureCount, Outcome, Payload, Phase, RecordBody, Role, Scope, Transform,
    Uuid,
};
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, create, editor};
use crate::project::{CommandOutput, TestProject};

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

fn reset(project: &TestProject, scope: &str) -> CommandOutput {
    let why = ["--who", "Ada", "--why", "it tells the truth now"];
    project.run(&[&["governance", "reset", scope][..], &why].concat())
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
    let from_log = show(&project);

    let daemon = project.start();
    let (shown, _) = show(&project);
    assert_eq!(
        from_log.0["troubles"], shown["troubles"],
        "also without a daemon"
    );
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

    let nothing = reset(&project, "operation:mesh");
    assert_eq!(nothing.code, Some(1), "{}", nothing.out);
    assert_eq!(reset(&project, "mesh").code, Some(2), "wrong usage");
    let unknown = reset(&project, "entity:1234");
    assert!(
        unknown.code == Some(2) && unknown.err.contains("entity:1234"),
        "{unknown:?}"
    );
    assert_eq!(
        reset(&project, "entity:00000000-0000").code,
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

#[test]
fn many_failures_are_counted_by_scope_and_code() {
    let project = TestProject::new();
    let failure = |number: u128, opens| {
        let scope = match number {
            0 => Scope::Entity(CUBE),
            number => Scope::Content(format!("{number:064x}")),
        };
        let count = FailureCount {
            scope,
            failures: 1,
            opens,
            permanent: false,
        };
        RecordBody {
            session_id: None,
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::Failure,
            outcome: Outcome::Failed,
            error_code: Some(if opens {
                Code::ApplyFailed
            } else {
                Code::ParentCycle
            }),
            payload: Payload::Failure {
                at: None,
                signature: "0".repeat(16),
                counts: vec![count],
                detail: "no".into(),
            },
        }
    };
    let records: Vec<_> = (0..40).map(|number| failure(number, number == 0)).collect();
    project.write_log(&records);
    let shown = project.run(&["governance", "show"]);
    let expected = format!(
        "entity:{CUBE}: stopped after 1 failure, at last VS-4005 in record 1\n\
         39 contents, watched: VS-3008, at last in record 40\n\
         vibesync governance show --all lists each\n"
    );
    assert_eq!((shown.out, shown.code), (expected, Some(1)));
    let all = project.run(&["governance", "show", "--all"]).out;
    assert_eq!(all.lines().count(), 40, "{all}");
}
