//! What `vibesync status` shows, once and as it changes.

use serde_json::Value;
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{Change, Role, Transform, Uuid};
use vibesync_testkit::EditorSession;

use crate::project::TestProject;
use crate::stage::{PATIENCE, Stage, create, editor};

const THING: Uuid = Uuid::from_u128(0x7417);

/// Sends a change that is refused, and waits for the answer.
fn be_refused(blender: &mut EditorSession) {
    let unknown = Change::Delete {
        uuid: Uuid::from_u128(0xDEAD),
    };
    let sent = blender.edit(vec![unknown]).unwrap().operation_id;
    let is_refusal = |message| matches!(message, DaemonMessage::Ack { operation_id, status: AckStatus::Refused, .. } if operation_id == sent);
    while !is_refusal(blender.hear().unwrap().message) {}
}

#[test]
fn the_last_error_is_shown_with_what_to_do() {
    let project = TestProject::new();
    let daemon = project.start();
    let before: Value = serde_json::from_str(&project.run(&["status", "--json"]).out).unwrap();
    assert_eq!(before["last_error"], Value::Null);
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), PATIENCE).unwrap();
    be_refused(&mut blender);
    let shown = project.run(&["status"]).out;
    let help = vibesync_scene::Code::UuidUnknown.help();
    assert!(shown.contains("VS-3001") && shown.contains(help), "{shown}");
    let json: Value = serde_json::from_str(&project.run(&["status", "--json"]).out).unwrap();
    assert_eq!(json["last_error"]["code"], "VS-3001");
    assert_eq!(
        json["last_error"]["uuids"],
        serde_json::json!([Uuid::from_u128(0xDEAD)])
    );
}

#[cfg(unix)]
#[test]
fn a_watched_status_tells_each_change_on_a_line_and_ends_at_ctrl_c() {
    let project = TestProject::new();
    let mut watch = project.follow(&["status", "--watch"]);
    let mut until = |wanted: &[&str]| loop {
        let line = watch.next_line();
        if wanted.iter().all(|part| line.contains(part)) {
            return line;
        }
    };
    until(&["daemon=VS-6003"]);
    let daemon = project.start();
    until(&["daemon=ok", "entities=0", "blender=away", "unity=away"]);
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), PATIENCE).unwrap();
    until(&["blender=ready", "unity=away"]);
    blender
        .edit(vec![create(THING, Transform::IDENTITY)])
        .unwrap();
    until(&["entities=1"]);
    be_refused(&mut blender);
    until(&["error=VS-3001"]);
    drop(daemon);
    until(&["daemon=VS-6003"]);
    watch.process.interrupt().unwrap();
    let status = watch.process.wait(PATIENCE).unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_watched_status_is_json_for_machines() {
    let stage = Stage::new("");
    let mut watch = stage.project.follow(&["status", "--watch", "--json"]);
    let line = watch.next_line();
    let status: Value = serde_json::from_str(&line).unwrap();
    let sessions = status["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "who asks is not shown: {status}");
}
