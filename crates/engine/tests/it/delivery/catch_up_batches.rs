//! Sizes of the batches for editors that are far behind.

use vibesync_engine::Options;
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorState, Limits, VersionedChange};
use vibesync_scene::{Change, Role};

use super::batch::{edit, id};
use crate::harness::{Harness, object, options};

/// Small batches have two changes, large ones five.
fn small_and_large() -> Options {
    Options {
        max_batch: 2,
        max_catch_up_batch: 5,
        ..options()
    }
}

/// Connects a Unity that lacks these objects, in this state of the editor.
fn behind(options: Options, objects: Vec<Change>, state: EditorState) -> Harness {
    let mut harness = Harness::with(options);
    harness.connect(Role::Blender);
    edit(&mut harness, objects);
    harness.settle();
    harness.connect(Role::Unity);
    let state = ClientMessage::EditorState {
        state,
        objects: None,
    };
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.to_daemon.push_front(state);
    harness
}

fn objects(count: u128, name: &str) -> Vec<Change> {
    (1..=count).map(|n| object(id(n), name, None)).collect()
}

/// Lets time pass until nothing is under way, and returns the batches that Unity gets.
fn batches(harness: &mut Harness) -> Vec<Vec<VersionedChange>> {
    let mut batches = Vec::new();
    loop {
        harness.deliver_all_to_daemon(Role::Unity);
        let unity = &harness.wires[&Role::Unity];
        match unity.to_editor.front() {
            Some(DaemonMessage::Apply { changes, .. }) => batches.push(changes.clone()),
            Some(_) => {}
            None => match harness.next_deadline() {
                Some(deadline) => {
                    harness.now = harness.now.max(deadline);
                    harness.step(vibesync_engine::Input::Tick);
                    continue;
                }
                None => return batches,
            },
        }
        harness.deliver_to_editor(Role::Unity);
    }
}

fn sizes(harness: &mut Harness) -> Vec<usize> {
    batches(harness).iter().map(Vec::len).collect()
}

#[test]
fn editor_far_behind_gets_large_batches_rest_first() {
    let mut harness = behind(
        small_and_large(),
        objects(12, "Behind"),
        EditorState::Background,
    );
    assert_eq!(sizes(&mut harness), [2, 5, 5]);
    harness.assert_converged();
}

#[test]
fn editor_not_far_behind_gets_small_batches() {
    let mut harness = behind(
        small_and_large(),
        objects(2, "Behind"),
        EditorState::Background,
    );
    assert_eq!(sizes(&mut harness), [2]);
}

#[test]
fn editor_in_which_a_person_works_gets_small_batches() {
    for state in [EditorState::Modal, EditorState::Edit] {
        let mut harness = behind(small_and_large(), objects(7, "Behind"), state);
        assert_eq!(sizes(&mut harness), [2, 2, 2, 1]);
        harness.assert_converged();
    }
}

#[test]
fn large_batch_fits_into_half_a_header() {
    let options = Options {
        max_catch_up_batch: 10_000,
        max_open: 100_000,
        ..options()
    };
    let name = "\u{1F600}".repeat(255);
    let mut harness = behind(options, objects(6_000, &name), EditorState::Background);
    let batches = batches(&mut harness);
    let most = batches
        .iter()
        .map(|batch| serde_json::to_vec(batch).unwrap().len());
    let most = most.max().unwrap();
    let limit = Limits::SESSION.header_bytes as usize / 2;
    assert!(most <= limit, "{most} bytes");
    assert_eq!(batches.len(), 2, "and the first is as full as it may be");
    harness.assert_converged();
}
