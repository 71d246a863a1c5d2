//! An editor reconnects after many changes and a daemon kill, and gets each changed object once.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use vibesync_protocol::{ApplyReason, DaemonMessage};
use vibesync_scene::{Change, Role, Transform, Uuid};
use vibesync_testkit::EditorSession;

use crate::harness::{TIMEOUT, create, editor, moved};
use crate::project::TestProject;

const OBJECTS: u128 = 100;
const ROUNDS: u32 = 50;

fn at(x: u32) -> Transform {
    Transform {
        translation: [f64::from(x), 0.5, -1.0],
        ..Transform::IDENTITY
    }
}

/// Changes all objects in one intent and waits until it is acknowledged.
fn change_all(blender: &mut EditorSession, change: impl Fn(Uuid) -> Change) {
    let changes = (1..=OBJECTS).map(|n| change(Uuid::from_u128(n))).collect();
    blender.edit(changes).unwrap();
    while !blender.editor.outbox.is_empty() {
        blender.hear().unwrap();
    }
}

/// Reads from the log which entities were delivered to Unity and verified.
fn delivered(project: &TestProject) -> Vec<Uuid> {
    let mut uuids = Vec::new();
    let segments = fs::read_dir(project.root().join(".vibesync/wal")).unwrap();
    let mut segments: Vec<_> = segments.map(|segment| segment.unwrap().path()).collect();
    segments.sort();
    for segment in segments {
        let text = fs::read_to_string(segment).unwrap();
        let (whole, _) = text.rsplit_once('\n').unwrap_or_default();
        let records = whole
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        for record in records.filter(|record| record["phase"] == "DELIVER") {
            assert_eq!(
                (&record["outcome"], &record["payload"]["role"]),
                (&"verified".into(), &"unity".into())
            );
            let named = record["uuids"].as_array().unwrap().iter();
            uuids.extend(named.map(|uuid| Uuid::parse_str(uuid.as_str().unwrap()).unwrap()));
        }
    }
    uuids
}

#[test]
fn returning_editor_gets_each_changed_object_once() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    change_all(&mut blender, |uuid| create(uuid, at(0)));
    let mut unity = EditorSession::join(&daemon, editor(&daemon, Role::Unity), TIMEOUT).unwrap();
    while unity.editor.entities.len() < OBJECTS as usize {
        unity.hear().unwrap();
    }
    let unity = unity.editor;
    let known = delivered(&project).len();
    for round in 1..=ROUNDS {
        change_all(&mut blender, |uuid| moved(uuid, at(round)));
    }
    let blender = blender.editor;
    drop(daemon);

    let daemon = project.start();
    let mut unity = EditorSession::join(&daemon, unity, TIMEOUT).unwrap();
    let mut sent = Vec::new();
    while unity.editor.entities != blender.entities {
        if let DaemonMessage::Apply {
            changes, reason, ..
        } = unity.hear().unwrap().message
        {
            assert_eq!(reason, ApplyReason::Sync);
            sent.extend(changes.iter().map(|change| change.change.uuid()));
        }
    }
    let once: BTreeSet<Uuid> = sent.iter().copied().collect();
    assert_eq!(
        (sent.len(), once.len()),
        (OBJECTS as usize, OBJECTS as usize)
    );
    let mut asked = EditorSession::join(&daemon, blender, TIMEOUT).unwrap();
    while delivered(&project).len() < known + OBJECTS as usize {
        // The daemon answers a ping only after it has logged all earlier messages.
        asked.hear().unwrap();
    }
    let again: BTreeSet<Uuid> = delivered(&project)[known..].iter().copied().collect();
    assert_eq!(again, once, "and the log says so");
}
