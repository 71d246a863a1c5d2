//! A slow or silent editor does not slow the other one down. Its delivery queue never grows beyond the size of the scene.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use vibesync_protocol::{
    AckStatus, ClientMessage, DaemonMessage, EditorState, SessionStatus, Status,
};
use vibesync_scene::{Change, OperationId, Role, Transform, Uuid};
use vibesync_testkit::{Client, Daemon, EditorSession, FakeEditor};

use crate::harness::{TIMEOUT, agent, create, dial, editor, moved, status};
use crate::project::TestProject;

const OBJECTS: u128 = 10_000;

/// Changes in one intent; equal to the capacity of a batch.
const INTENT: usize = 2_000;

fn at(x: f64) -> Transform {
    Transform {
        translation: [x, 0.5, -1.0],
        ..Transform::IDENTITY
    }
}

fn objects() -> Vec<Uuid> {
    (1..=OBJECTS).map(Uuid::from_u128).collect()
}

/// Changes all objects with several intents; sends each after the one before it was accepted.
fn change_all(blender: &mut EditorSession, change: impl Fn(Uuid) -> Change) {
    for some in objects().chunks(INTENT) {
        let changes = some.iter().map(|uuid| change(*uuid)).collect();
        let sent = blender.edit(changes).unwrap();
        accepted(blender, sent.operation_id);
    }
}

/// Reads messages until the intent is accepted.
fn accepted(blender: &mut EditorSession, operation: OperationId) {
    loop {
        match blender.hear().unwrap().message {
            DaemonMessage::Ack {
                operation_id,
                status,
                error,
                ..
            } if operation_id == operation => {
                return assert_eq!(status, AckStatus::Accepted, "{error:?}");
            }
            _ => {}
        }
    }
}

fn daemon(settings: &str) -> (TestProject, Daemon) {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", settings);
    let daemon = project.start();
    (project, daemon)
}

/// Returns Unity's session in the daemon's status, if Unity is connected.
fn unity(status: &Status) -> Option<&SessionStatus> {
    let mut sessions = status.sessions.iter();
    sessions.find(|session| session.role == Role::Unity)
}

/// Runs an editor whose user is busy: it defers its batch until `go`, then applies every batch.
///
/// Ends when `wanted` accepts the editor, or when the test fails. Returns the editor, and the number of changes that it
/// received after `go`.
fn busy(
    daemon: &Daemon,
    mut client: Client,
    mut editor: FakeEditor,
    go: &AtomicBool,
    is_over: &AtomicBool,
    wanted: impl Fn(&FakeEditor) -> bool,
) -> (FakeEditor, usize) {
    client.shake_hands(daemon, &mut editor).unwrap();
    client.send(&editor.inventory()).unwrap();
    let (mut put_off, mut sent) = (None, 0);
    while !wanted(&editor) && !is_over.load(Ordering::Acquire) {
        let message = client.receive().unwrap();
        match message {
            DaemonMessage::Ping { nonce, head_seq } => {
                let editor_state = Some(EditorState::Modal);
                let pong = ClientMessage::Pong {
                    nonce,
                    head_seq,
                    editor_state,
                };
                client.send(&pong).unwrap();
            }
            DaemonMessage::Apply { batch_id, .. } if !go.load(Ordering::Acquire) => {
                assert!(put_off.is_none(), "one batch at a time");
                put_off = Some(message);
                let state = EditorState::Modal;
                let later = ClientMessage::Deferred { batch_id, state };
                client.send(&later).unwrap();
            }
            message => {
                if let DaemonMessage::Apply { changes, .. } = &message {
                    sent += changes.len();
                }
                for answer in editor.hear(message) {
                    client.send(&answer).unwrap();
                }
            }
        }
        if go.load(Ordering::Acquire)
            && let Some(batch) = put_off.take()
        {
            for answer in editor.hear(batch) {
                client.send(&answer).unwrap();
            }
        }
    }
    (editor, sent)
}

/// Sets a flag when the test ends, also by a panic.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn editor_that_defers_its_batch_slows_nobody() {
    let (_project, daemon) = daemon("[net]\nheartbeat_ms = 1000\n");
    let (client, unity_editor) = (dial(&daemon), editor(&daemon, Role::Unity));
    let (go, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let last = at(12.0);
    let is_last = |editor: &FakeEditor| {
        let moved = |uuid: &Uuid| {
            let entity = editor.entities.get(uuid);
            entity.is_some_and(|entity| entity.components.transform == Some(last))
        };
        objects().iter().all(moved)
    };
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| busy(&daemon, client, unity_editor, &go, &is_over, is_last));
        // Without this, a failure below would wait for the other thread for ever: heartbeats never stop.
        let _end = SetOnDrop(&is_over);
        let blender_editor = editor(&daemon, Role::Blender);
        let mut blender = EditorSession::join(&daemon, blender_editor, TIMEOUT).unwrap();
        change_all(&mut blender, |uuid| create(uuid, at(0.0)));
        let mut observer = agent(&daemon);
        for x in 1..=12 {
            change_all(&mut blender, |uuid| moved(uuid, at(f64::from(x))));
            let status = status(&mut observer);
            let unity = unity(&status).expect("it is busy, not away");
            assert!(unity.owed <= OBJECTS as usize, "{status:?}");
            assert!(unity.in_flight <= INTENT);
        }
        // 130,000 changes were acknowledged; the transactions of at most 100,000 of them may be open.
        let open = status(&mut observer).open_transactions;
        assert!(open <= 50, "{open} transactions of {INTENT} changes");
        go.store(true, Ordering::Release);
        let deadline = Instant::now() + TIMEOUT;
        while !busy.is_finished() {
            blender.linger(Duration::from_millis(20)).unwrap();
            assert!(
                Instant::now() < deadline,
                "the other editor does not get it"
            );
        }
        let (unity, sent) = busy.join().unwrap();
        assert_eq!(unity.entities, blender.editor.entities);
        assert!(
            sent <= OBJECTS as usize + INTENT,
            "{sent} changes: each object's last"
        );
    });
}

#[test]
fn editor_may_send_more_than_the_core_queue_holds() {
    let (_project, daemon) = daemon("");
    let blender_editor = editor(&daemon, Role::Blender);
    let mut blender = EditorSession::join(&daemon, blender_editor, TIMEOUT).unwrap();
    // The first intent alone is larger than the queue of the core. The editor reads nothing until all are sent.
    let named = |uuid: &Uuid| {
        let mut object = create(*uuid, at(0.0));
        let components = object.components_mut();
        components.unwrap().name = Some("O".repeat(255));
        object
    };
    let mut sent = vec![blender.edit(objects().iter().map(named).collect()).unwrap()];
    for x in 1..=3 {
        let all = objects().into_iter();
        let changes = all.map(|uuid| moved(uuid, at(f64::from(x)))).collect();
        sent.push(blender.edit(changes).unwrap());
    }
    for sent in sent {
        accepted(&mut blender, sent.operation_id);
    }
}

#[test]
fn silent_editor_slows_nobody_and_is_disconnected() {
    let settings = "[net]\nheartbeat_ms = 500\n[engine]\napply_timeout_ms = 600000\n";
    let (_project, daemon) = daemon(settings);
    let join = |role| EditorSession::join(&daemon, editor(&daemon, role), TIMEOUT).unwrap();
    let (mut blender, silent) = (join(Role::Blender), join(Role::Unity));
    change_all(&mut blender, |uuid| create(uuid, at(0.0)));
    change_all(&mut blender, |uuid| moved(uuid, at(1.0)));
    let deadline = Instant::now() + TIMEOUT;
    let mut observer = agent(&daemon);
    while unity(&status(&mut observer)).is_some() {
        blender.linger(Duration::from_millis(50)).unwrap();
        assert!(Instant::now() < deadline, "it is never let go");
    }
    change_all(&mut blender, |uuid| moved(uuid, at(2.0)));
    // The editor reconnects with the empty scene that it still has.
    let mut unity = EditorSession::join(&daemon, silent.editor, TIMEOUT).unwrap();
    let deadline = Instant::now() + TIMEOUT;
    while unity.editor.entities != blender.editor.entities {
        unity.hear().unwrap();
        blender.linger(Duration::from_millis(1)).unwrap();
        assert!(Instant::now() < deadline, "it does not get what it lacks");
    }
}
