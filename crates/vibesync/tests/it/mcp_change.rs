//! `vibesync mcp` changes the scene of a real daemon, and two editors verify it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, DaemonMessage, Intent, SCHEMA_VERSION};
use vibesync_scene::{Change, EntityKind, OperationId, Outcome, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::harness::{CUBE, TIMEOUT, agent, create, dial, editor, hear, moved, status};
use crate::mcp::{ERAS, Server};
use crate::project::TestProject;

/// An editor in a thread of its own, which answers until it is stopped.
pub struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<FakeEditor>,
}

impl Running {
    fn start(mut session: EditorSession) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                // Ends with the daemon.
                if session.linger(Duration::from_millis(50)).is_err() {
                    break;
                }
            }
            session.editor
        });
        Self { stop, thread }
    }

    pub fn stop(self) -> FakeEditor {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Connects Blender, which makes the cube, and Unity, which lies about some entities.
pub fn editors(daemon: &Daemon, lies_about: &[Uuid]) -> [Running; 2] {
    let join = |role| {
        let mut editor = editor(daemon, role);
        editor.lies_about = lies_about.iter().copied().collect::<BTreeSet<_>>();
        EditorSession::join(daemon, editor, TIMEOUT).unwrap()
    };
    let (mut blender, unity) = (join(Role::Blender), join(Role::Unity));
    blender
        .edit(vec![create(CUBE, Transform::IDENTITY)])
        .unwrap();
    [Running::start(blender), Running::start(unity)]
}

/// Waits until the scene has the cube. Returns the sequence of the answer.
fn seq_with_cube(server: &mut Server) -> Value {
    let deadline = std::time::Instant::now() + TIMEOUT;
    loop {
        let described = server.call("scene_describe", json!({"uuids": [CUBE]}));
        if described["total"] == 1 {
            return described["seq"].clone();
        }
        assert!(std::time::Instant::now() < deadline, "{described}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn moved_object_is_verified_by_both_editors() {
    for era in ERAS {
        let project = TestProject::with_working_agents();
        let daemon = project.start();
        let editors = editors(&daemon, &[]);
        let (mut server, _) = Server::open(&project, era);
        let seq = seq_with_cube(&mut server);
        let change = json!({"op": "update", "uuid": CUBE, "translation": [1, 2, 3]});
        let arguments = json!({"changes": [change], "base_seq": seq, "label": "Move the cube"});
        let answer = server.call("scene_change", arguments);
        assert_eq!(answer["state"], "verified", "{answer}");
        assert_eq!(answer["changes"][0]["uuid"], json!(CUBE));
        for editor in editors {
            let held = &editor.stop().entities[&CUBE];
            let transform = held.components.transform.unwrap();
            assert_eq!(transform.translation, [1.0, 2.0, 3.0]);
        }
        server.close();
    }
}

/// Waits until an operation has one of these states. Returns the answer.
fn wait_for(server: &mut Server, operation: &Value, states: &[&str]) -> Value {
    let deadline = std::time::Instant::now() + TIMEOUT;
    loop {
        let arguments = json!({"operation_id": operation, "wait_ms": 5_000});
        let answer = server.call("change_wait", arguments);
        if states.iter().any(|state| answer["state"] == *state) {
            return answer;
        }
        assert!(std::time::Instant::now() < deadline, "{answer}");
    }
}

#[test]
fn tree_of_new_objects_is_created_and_deleted_in_both_editors() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let editors = editors(&daemon, &[]);
    let (mut server, _) = Server::open(&project, ERAS[0]);
    seq_with_cube(&mut server);
    let changes = json!([
        {"op": "create", "key": "table", "primitive": "cube", "size": [2, 0.1, 1], "name": "Table"},
        {"op": "create", "key": "lamp", "parent": "table", "primitive": "uv_sphere", "translation": [0, 1, 0]},
    ]);
    let made = server.call("scene_change", json!({"changes": changes}));
    assert_eq!(made["state"], "verified", "{made}");
    let [table, lamp] = ["table", "lamp"].map(|key| made["keys"][key].clone());
    let described = server.call("scene_describe", json!({"uuids": [table, lamp]}));
    assert_eq!(described["entities"][1]["parent"], table, "{described}");
    let delete = |with_children: bool| json!({"op": "delete", "uuid": table, "with_children": with_children});
    let arguments = json!({"changes": [delete(false)], "base_seq": described["seq"]});
    let refused = server.call("scene_change", arguments);
    assert_eq!(refused["state"], "refused", "{refused}");
    assert_eq!(refused["error"]["code"], "VS-3009");
    let arguments = json!({"changes": [delete(true)], "base_seq": described["seq"]});
    let deleted = server.call("scene_change", arguments);
    assert_eq!(deleted["state"], "verified", "{deleted}");
    for editor in editors {
        let held = editor.stop().entities;
        let objects = held.values().filter(|it| it.kind == EntityKind::Object);
        assert_eq!(objects.count(), 1);
    }
    server.close();
}

#[test]
fn dry_run_tells_the_plan_and_changes_nothing() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let editors = editors(&daemon, &[]);
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let seq = seq_with_cube(&mut server);
    let head = server.call("status", json!({}))["seq"].clone();
    let change = json!({"op": "update", "uuid": CUBE, "translation": [5, 5, 5]});
    let arguments = json!({"changes": [change], "base_seq": seq, "dry_run": true});
    let planned = server.call("scene_change", arguments);
    assert_eq!(planned["state"], "planned", "{planned}");
    assert_eq!(planned["changes"][0]["components"], json!(["transform"]));
    let change = json!({"op": "update", "uuid": CUBE, "parent": CUBE});
    let arguments = json!({"changes": [change], "base_seq": seq, "dry_run": true});
    let refused = server.call("scene_change", arguments);
    assert_eq!(refused["error"]["code"], "VS-3008", "{refused}");
    assert_eq!(refused["error"]["place"], "changes[0].parent", "{refused}");
    let after = server.call("history", json!({"since_seq": head}));
    assert_eq!(after["rows"], json!([]), "{after}");
    for editor in editors {
        let held = &editor.stop().entities[&CUBE];
        assert_eq!(held.components.transform, Some(Transform::IDENTITY));
    }
    server.close();
}

#[test]
fn change_that_an_editor_holds_wrongly_is_rolled_back() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let create = json!({"op": "create", "key": "cone", "primitive": "cone"});
    let mut arguments = json!({"changes": [create], "operation_id": Uuid::from_u128(0xBAD),
        "wait_ms": 20_000, "dry_run": true});
    let planned = server.call("scene_change", arguments.clone());
    let cone: Uuid = planned["keys"]["cone"].as_str().unwrap().parse().unwrap();
    let editors = editors(&daemon, &[cone]);
    arguments["dry_run"] = json!(false);
    let answer = server.call("scene_change", arguments);
    assert_eq!(answer["state"], "rolled_back", "{answer}");
    assert_eq!(answer["error"]["code"], "VS-4001");
    let again = server.call(
        "change_wait",
        json!({"operation_id": answer["operation_id"]}),
    );
    assert_eq!(again["state"], "rolled_back", "{again}");
    wait_until(|| {
        let sessions = status(&mut agent(&daemon)).sessions;
        sessions.iter().all(|it| it.owed + it.in_flight == 0)
    });
    for editor in editors {
        assert!(!editor.stop().entities.contains_key(&cone));
    }
    server.close();
}

#[test]
fn same_operation_is_done_once_also_after_restarts() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let operation = json!(Uuid::from_u128(0xABBA));
    let change = json!({"op": "create", "key": "a", "primitive": "cone"});
    let arguments = json!({"changes": [change], "operation_id": operation});
    let first = server.call("scene_change", arguments.clone());
    // No editor is there to verify it.
    assert_eq!(first["state"], "owed", "{first}");
    let second = server.call("scene_change", arguments.clone());
    assert_eq!(
        (&second["state"], &second["error"]),
        (&json!("owed"), &Value::Null)
    );
    daemon.kill();
    let daemon = project.start();
    let waited = server.call("change_wait", json!({"operation_id": operation}));
    assert_eq!(waited["state"], "owed", "{waited}");
    // Another process sends the same: the daemon knows it.
    let (mut other, _) = Server::open(&project, ERAS[1]);
    let third = other.call("scene_change", arguments);
    assert_eq!(third["state"], "owed", "{third}");
    assert_eq!(third["keys"], first["keys"]);
    let change = json!({"op": "create", "key": "a", "primitive": "cube"});
    let arguments = json!({"changes": [change], "operation_id": operation});
    let (mut third, _) = Server::open(&project, ERAS[1]);
    let refused = third.call("scene_change", arguments);
    assert_eq!(refused["error"]["code"], "VS-4003", "{refused}");
    let found = other.call("scene_search", json!({"kind": "object"}));
    assert_eq!(found["total"], 1, "{found}");
    drop(daemon);
}

#[test]
fn change_survives_a_daemon_killed_before_its_answer() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    assert_eq!(server.call("status", json!({}))["entities"], 0);
    // The daemon takes the intent, and dies without an answer: a person holds everything.
    let mut person = EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    let state = vibesync_protocol::ClientMessage::EditorState {
        state: vibesync_protocol::EditorState::Modal,
        objects: None,
    };
    person
        .edit(vec![create(CUBE, Transform::IDENTITY)])
        .unwrap();
    let seq = seq_with_cube(&mut server);
    person.client().send(&state).unwrap();
    let operation = json!(Uuid::from_u128(0xDEAD));
    let change = json!({"op": "update", "uuid": CUBE, "translation": [1, 0, 0]});
    let arguments =
        json!({"changes": [change], "base_seq": seq, "operation_id": operation, "wait_ms": 20_000});
    let id = server.start_call("scene_change", arguments);
    wait_until(|| status(&mut agent(&daemon)).paused_intents == 1);
    drop(person);
    daemon.kill();
    let daemon = project.start();
    let answer = server.answer_of(id)["result"]["structuredContent"].clone();
    assert_eq!(answer["state"], "owed", "{answer}");
    let waited = wait_for(&mut server, &operation, &["owed"]);
    assert!(waited["seq"].is_number());
    let described = server.call("scene_describe", json!({"uuids": [CUBE]}));
    let translation = &described["entities"][0]["transform"]["translation"];
    assert_eq!(*translation, json!([1.0, 0.0, 0.0]));
    drop(daemon);
    server.close();
}

#[test]
fn object_in_a_persons_hands_is_waited_for() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let mut person = EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    person
        .edit(vec![create(CUBE, Transform::IDENTITY)])
        .unwrap();
    let seq = seq_with_cube(&mut server);
    let state = |state| vibesync_protocol::ClientMessage::EditorState {
        state,
        objects: None,
    };
    let send = |person: &mut EditorSession, it| person.client().send(&state(it)).unwrap();
    send(&mut person, vibesync_protocol::EditorState::Modal);
    let change = json!({"op": "update", "uuid": CUBE, "translation": [1, 0, 0]});
    let arguments = json!({"changes": [change], "base_seq": seq, "wait_ms": 300});
    // The state is on its way on another connection.
    wait_until(|| {
        server
            .call("status", json!({}))
            .to_string()
            .contains("person_edits")
    });
    let answer = server.call("scene_change", arguments);
    assert_eq!(answer["state"], "waits_for_person", "{answer}");
    assert_eq!(answer["waits_for"], "person");
    // Other calls go on meanwhile.
    assert_eq!(server.call("scene_search", json!({}))["total"], 1);
    send(&mut person, vibesync_protocol::EditorState::Ready);
    let person = Running::start(person);
    let ended = wait_for(&mut server, &answer["operation_id"], &["verified", "owed"]);
    assert!(ended["error"].is_null(), "{ended}");
    person.stop();
    server.close();
}

/// Waits until a condition holds.
fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + TIMEOUT;
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "it never happened");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn new_agent_waits_for_the_answer_of_a_person() {
    let project = TestProject::new();
    let _daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let create = |key: &str| json!([{"op": "create", "key": key, "primitive": "cone"}]);
    for (number, decision, state) in [(1, "approve", "owed"), (2, "refuse", "refused")] {
        let operation = json!(Uuid::from_u128(number));
        let arguments = json!({"changes": create("a"), "operation_id": operation, "wait_ms": 100});
        let asked = server.call("scene_change", arguments);
        assert_eq!(asked["state"], "waits_for_person", "{asked}");
        let waiting = json!({"operation_id": operation, "wait_ms": 0});
        let still = server.call("change_wait", waiting);
        assert_eq!(still["approval_id"], asked["approval_id"], "{still}");
        let approval = asked["approval_id"].as_str().unwrap();
        let ran = project.run(&["agents", decision, approval]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let decided = server.call("change_wait", json!({"operation_id": operation}));
        assert_eq!(decided["state"], state, "{decided}");
        let code = &decided["error"]["code"];
        assert_eq!(*code == "VS-9203", decision == "refuse", "{decided}");
    }
    server.close();
}

/// Makes a change as a person at the command line.
fn change_as_person(daemon: &Daemon, change: Change) {
    let mut person = dial(daemon);
    let mut cli = editor(daemon, Role::Cli);
    person.shake_hands(daemon, &mut cli).unwrap();
    let made = Intent {
        operation_id: OperationId(Uuid::new_v4()),
        project_id: daemon.discovery().project_id,
        schema_version: SCHEMA_VERSION,
        request_id: None,
        dry_run: false,
        base_seq: status(&mut person).head_seq,
        label: "By hand".into(),
        changes: vec![change],
    };
    person.send(&ClientMessage::Intent(made)).unwrap();
    loop {
        match hear(&mut person) {
            DaemonMessage::Ack { error, .. } => assert_eq!(error, None),
            DaemonMessage::Outcome { outcome, .. } => {
                return assert_eq!(outcome, Outcome::Verified);
            }
            _ => {}
        }
    }
}

fn at(x: f64) -> Transform {
    Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    }
}

#[test]
fn undo_takes_back_what_nobody_changed_since_and_names_the_rest() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let editors = editors(&daemon, &[]);
    let (mut server, _) = Server::open(&project, ERAS[0]);
    seq_with_cube(&mut server);
    let other = Uuid::from_u128(91);
    change_as_person(&daemon, create(other, Transform::IDENTITY));
    let seq = server.call("status", json!({}))["seq"].clone();
    let change = |uuid: Uuid| json!({"op": "update", "uuid": uuid, "translation": [1, 0, 0]});
    let changes = json!([change(CUBE), change(other)]);
    let done = server.call("scene_change", json!({"changes": changes, "base_seq": seq}));
    assert_eq!(done["state"], "verified", "{done}");
    change_as_person(&daemon, moved(other, at(2.0)));
    let arguments = json!({"operations": [done["operation_id"]], "dry_run": true});
    let planned = server.call("undo", arguments);
    assert_eq!(planned["state"], "planned", "{planned}");
    let undone = server.call("undo", json!({"since_seq": seq}));
    assert_eq!(undone["state"], "verified", "{undone}");
    for answer in [&planned, &undone] {
        let (changes, left_out) = (&answer["changes"], &answer["left_out"]);
        assert_eq!(changes.as_array().unwrap().len(), 1, "{answer}");
        assert_eq!(changes[0]["uuid"], json!(CUBE));
        assert_eq!(left_out.as_array().unwrap().len(), 1, "{answer}");
        assert_eq!(left_out[0]["uuid"], json!(other));
        assert_eq!(left_out[0]["by"], "cli");
        assert_eq!(left_out[0]["components"], json!(["transform"]));
    }
    for editor in editors {
        let held = editor.stop().entities;
        let x = |uuid| held[&uuid].components.transform.unwrap().translation[0];
        assert_eq!((x(CUBE), x(other)), (0.0, 2.0));
    }
    server.close();
}

/// Waits until the history has a commit of a sequence.
fn await_commit(server: &mut Server, to: &str) {
    let deadline = std::time::Instant::now() + TIMEOUT;
    loop {
        let planned = server.call("history_restore", json!({"to": to, "dry_run": true}));
        if planned["error"].is_null() {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{planned}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn repeated_restore_waits_for_the_same_person() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let editors = editors(&daemon, &[]);
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let to = format!("@{}", seq_with_cube(&mut server));
    change_as_person(&daemon, moved(CUBE, at(2.0)));
    await_commit(&mut server, &to);
    let operation = Uuid::from_u128(71);
    let call = json!({"to": to, "operation_id": operation, "wait_ms": 200});
    let asked = server.call("history_restore", call.clone());
    assert_eq!(asked["state"], "waits_for_person", "{asked}");
    assert_eq!(asked["changes"][0]["uuid"], json!(CUBE), "{asked}");
    let repeated = server.call("history_restore", call);
    assert_eq!(repeated["state"], "waits_for_person", "{repeated}");
    assert_eq!(repeated["approval_id"], asked["approval_id"]);
    assert_eq!(repeated["changes"], json!(null), "{repeated}");
    server.close();
    for editor in editors {
        editor.stop();
    }
}
