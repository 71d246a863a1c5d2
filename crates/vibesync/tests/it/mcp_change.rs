//! `vibesync mcp` changes the scene of a real daemon, and two editors verify it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use vibesync_scene::{Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::harness::{CUBE, TIMEOUT, create, editor};
use crate::mcp::{ERAS, Server};
use crate::project::TestProject;

/// An editor in a thread of its own, which answers until it is stopped.
struct Running {
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

    fn stop(self) -> FakeEditor {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Connects Blender, which makes the cube, and Unity, which lies about some entities.
fn editors(daemon: &Daemon, lies_about: &[Uuid]) -> [Running; 2] {
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
        let project = TestProject::new();
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
