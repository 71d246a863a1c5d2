//! `vibesync status`: its output once, and with `--watch` at each change.

use serde_json::Value;
use vibesync_protocol::{AckStatus, DaemonMessage};
#[cfg(unix)]
use vibesync_scene::Transform;
use vibesync_scene::{Change, Role, Uuid};
use vibesync_testkit::EditorSession;

#[cfg(unix)]
use crate::harness::create;
use crate::harness::{EditorsHarness, TIMEOUT, editor};
use crate::project::TestProject;

#[cfg(unix)]
const THING: Uuid = Uuid::from_u128(0x7417);

/// Sends a change that must be refused, and waits for the answer.
fn be_refused(blender: &mut EditorSession) {
    let unknown = Change::Delete {
        uuid: Uuid::from_u128(0xDEAD),
    };
    let sent = blender.edit(vec![unknown]).unwrap().operation_id;
    let is_refusal = |message| matches!(message, DaemonMessage::Ack { operation_id, status: AckStatus::Refused, .. } if operation_id == sent);
    while !is_refusal(blender.hear().unwrap().message) {}
}

#[test]
fn last_error_is_shown_with_its_remedy() {
    let project = TestProject::new();
    let daemon = project.start();
    let before: Value = serde_json::from_str(&project.run(&["status", "--json"]).out).unwrap();
    assert_eq!(before["last_error"], Value::Null);
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
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
fn watch_prints_a_block_per_change_until_ctrl_c() {
    let project = TestProject::new();
    let mut watch = project.follow(&["status", "--watch"]);
    // Reads blocks: a line with the time, the page, an empty line.
    let mut until = |wanted: &[&str]| loop {
        let time = watch.next_line();
        assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
        let lines = std::iter::from_fn(|| Some(watch.next_line()));
        let page: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let page = page.join("\n");
        if wanted.iter().all(|part| page.contains(part)) {
            return;
        }
    };
    until(&["VS-6003"]);
    let daemon = project.start();
    until(&["0 entities", "no editor is connected"]);
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    until(&["blender  ready"]);
    blender
        .edit(vec![create(THING, Transform::IDENTITY)])
        .unwrap();
    until(&["1 entities"]);
    be_refused(&mut blender);
    until(&["VS-3001"]);
    drop(daemon);
    until(&["VS-6003"]);
    watch.process.interrupt().unwrap();
    let status = watch.process.wait(TIMEOUT).unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn watch_prints_json_on_request() {
    let harness = EditorsHarness::new("");
    let mut watch = harness.project.follow(&["status", "--watch", "--json"]);
    let line = watch.next_line();
    let status: Value = serde_json::from_str(&line).unwrap();
    let sessions = status["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "who asks is not shown: {status}");
}
