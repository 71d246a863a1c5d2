//! Previews through the real daemon: shown at once, superseded by the durable change, and gone with their sender.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use serde_json::json;
use vibesync_protocol::{ClientMessage, DaemonMessage, PreviewChange, Status};
use vibesync_scene::{Components, Role, Transform};
use vibesync_testkit::{Client, Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, agent, create, editor, expect_error, frame, moved, status};
use crate::project::TestProject;

/// A value that no durable change has.
const SHOWN: f64 = 123_456.75;

struct Drag {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
    unity: EditorSession,
    seq: u64,
}

impl Drag {
    /// Connects two editors that both hold the cube.
    fn begin() -> Self {
        let project = TestProject::new();
        let daemon = project.start();
        let join = |role| EditorSession::join(&daemon, editor(&daemon, role), TIMEOUT).unwrap();
        let (mut blender, mut unity) = (join(Role::Blender), join(Role::Unity));
        blender.edit(vec![create(CUBE, at(0.0))]).unwrap();
        until(&mut unity, |it| matches!(it, DaemonMessage::Apply { .. }));
        until(&mut blender, |it| {
            matches!(it, DaemonMessage::Outcome { .. })
        });
        Self {
            project,
            daemon,
            blender,
            unity,
            seq: 0,
        }
    }

    fn show(&mut self, x: f64) {
        self.seq += 1;
        let message = ClientMessage::Preview {
            seq: self.seq,
            changes: vec![value(x)],
        };
        self.blender.client().send(&message).unwrap();
    }

    fn log(&self) -> String {
        let folder = self.project.root().join(".vibesync/wal");
        let files = std::fs::read_dir(folder).unwrap();
        let texts = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        texts
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .collect()
    }

    fn status(&self) -> Status {
        status(&mut agent(&self.daemon))
    }
}

fn at(x: f64) -> Transform {
    Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    }
}

fn value(x: f64) -> PreviewChange {
    PreviewChange {
        uuid: CUBE,
        components: Components {
            transform: Some(at(x)),
            ..Components::default()
        },
        positions: None,
    }
}

/// Returns the place of the cube in a preview.
fn place(changes: &[PreviewChange]) -> Option<f64> {
    let transform = changes.first()?.components.transform?;
    Some(transform.translation[0])
}

/// Returns the place of the cube in an editor.
fn x(editor: &EditorSession) -> f64 {
    let held = &editor.editor.entities[&CUBE].components;
    held.transform.unwrap().translation[0]
}

/// Reads messages until one is `wanted`. The deadline is needed because heartbeats never stop.
#[track_caller]
fn until(editor: &mut EditorSession, wanted: impl Fn(&DaemonMessage) -> bool) -> DaemonMessage {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let message = editor.hear().unwrap().message;
        if wanted(&message) {
            return message;
        }
        assert!(Instant::now() < deadline, "it does not come");
    }
}

/// Counts the records of a log but for those of connections and the start, which come at their own time.
fn records_of_work(log: &str) -> usize {
    let phases = ["\"SESSION\"", "\"BOOT\""];
    let of_work = |line: &&str| !phases.iter().any(|phase| line.contains(phase));
    log.lines().filter(of_work).count()
}

fn is_preview(message: &DaemonMessage) -> bool {
    matches!(message, DaemonMessage::Preview { .. })
}

#[test]
fn drag_is_shown_and_superseded_by_the_durable_change() {
    let mut drag = Drag::begin();
    let records = records_of_work(&drag.log());
    drag.show(SHOWN);
    let shown = until(&mut drag.unity, is_preview);
    let expected = DaemonMessage::Preview {
        from: Role::Blender,
        changes: vec![value(SHOWN)],
    };
    assert_eq!(shown, expected);
    assert_eq!(x(&drag.unity), SHOWN);
    assert_eq!(drag.status().previews.sent, 1);
    assert_eq!(records_of_work(&drag.log()), records);

    drag.blender.edit(vec![moved(CUBE, at(2.0))]).unwrap();
    until(&mut drag.unity, |it| {
        matches!(it, DaemonMessage::Apply { .. })
    });
    let outcome = until(&mut drag.blender, |it| {
        matches!(it, DaemonMessage::Outcome { .. })
    });
    assert!(format!("{outcome:?}").contains("Verified"), "{outcome:?}");
    assert_eq!(x(&drag.unity), 2.0);
    assert_eq!(drag.unity.editor.shown().count(), 0);
    assert!(!drag.log().contains("123456.75"));
}

#[test]
fn lost_sender_ends_what_it_shows() {
    let mut drag = Drag::begin();
    drag.show(SHOWN);
    until(&mut drag.unity, is_preview);
    drop(drag.blender);
    let ended = until(&mut drag.unity, |it| {
        !matches!(it, DaemonMessage::Ping { .. })
    });
    assert_eq!(ended, DaemonMessage::PreviewEnd { uuids: vec![CUBE] });
    assert_eq!(x(&drag.unity), 0.0);
}

#[test]
fn flood_stops_no_durable_change_and_comes_in_order() {
    let mut drag = Drag::begin();
    for step in 1..=3_000 {
        drag.show(f64::from(step));
    }
    drag.blender.edit(vec![moved(CUBE, at(-1.0))]).unwrap();
    let mut shown = Vec::new();
    loop {
        match drag.unity.hear().unwrap().message {
            DaemonMessage::Preview { changes, .. } => shown.extend(place(&changes)),
            DaemonMessage::Apply { .. } => break,
            _ => {}
        }
    }
    assert_eq!(x(&drag.unity), -1.0);
    let mut step = 10_000.0;
    while shown.last() != Some(&step) {
        std::thread::sleep(Duration::from_millis(20));
        step += 1.0;
        drag.show(step);
        if let DaemonMessage::Preview { changes, .. } = drag.unity.hear().unwrap().message {
            shown.extend(place(&changes));
        }
    }
    assert!(shown.is_sorted(), "{shown:?}");
    let counts = drag.status().previews;
    assert!(counts.dropped > 2_000, "{counts:?}");
    assert_eq!(counts.refused, 0);
}

#[test]
fn preview_with_an_unknown_component_is_malformed() {
    let mut drag = Drag::begin();
    let preview = |components| {
        let changes = [json!({"uuid": CUBE, "components": components})];
        let header = json!({"type": "preview", "seq": 1, "changes": changes});
        frame(header.to_string(), &[])
    };
    let client: &mut Client = drag.blender.client();
    let unknown = preview(json!({"warp": 1}));
    client.send_bytes(&unknown).unwrap();
    expect_error(client, "VS-1006");
    let attached = json!({"type": "preview", "seq": 1, "changes": [], "attachments": [3]});
    client
        .send_bytes(&frame(attached.to_string(), &[b"abc"]))
        .unwrap();
    status(client);
}

#[test]
fn returning_receiver_gets_no_old_preview() {
    let mut drag = Drag::begin();
    let editor = drag.unity.editor.clone();
    let socket = drag.unity.client().sender().unwrap();
    socket.shutdown(Shutdown::Both).unwrap();
    drag.show(SHOWN);
    let mut unity = EditorSession::join(&drag.daemon, editor, TIMEOUT).unwrap();
    status(drag.blender.client());
    let answer = ClientMessage::Ping {
        nonce: 77,
        head_seq: 0,
        editor_state: None,
    };
    unity.client().send(&answer).unwrap();
    let first = until(&mut unity, |it| {
        is_preview(it) || matches!(it, DaemonMessage::Pong { nonce: 77, .. })
    });
    assert!(!is_preview(&first));
}
