//! Sizes of the batches for editors that are far behind.

use vibesync_engine::Options;
use vibesync_protocol::{
    ClientMessage, DaemonMessage, EditorState, Limits, VersionedChange, feature,
};
use vibesync_scene::{Change, Components, Role};

use super::batch::{edit, gathered, id};
use crate::harness::{Harness, object, options};

/// Small batches have two changes, large ones five, and nine for an editor that takes large batches.
fn small_and_large() -> Options {
    Options {
        max_batch: 2,
        max_catch_up_batch: 5,
        max_large_batch: 9,
        ..options()
    }
}

/// Connects a Unity that lacks these objects, in this state of the editor.
fn behind(options: Options, objects: Vec<Change>, state: EditorState) -> Harness {
    catch_up(Harness::with(options), objects, state)
}

/// The same for a Unity that takes large batches.
fn behind_with_large_batches(
    options: Options,
    objects: Vec<Change>,
    state: EditorState,
) -> Harness {
    let mut harness = Harness::with(options);
    let unity = &mut harness.wires.get_mut(&Role::Unity).unwrap().editor;
    unity.features.push(feature::LARGE_BATCHES.to_owned());
    catch_up(harness, objects, state)
}

fn catch_up(mut harness: Harness, objects: Vec<Change>, state: EditorState) -> Harness {
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
fn editor_that_takes_large_batches_gets_them() {
    let make = behind_with_large_batches;
    let mut harness = make(
        small_and_large(),
        objects(12, "Behind"),
        EditorState::Background,
    );
    assert_eq!(sizes(&mut harness), [3, 9]);
    harness.assert_converged();
    let mut harness = make(small_and_large(), objects(3, "Behind"), EditorState::Modal);
    assert_eq!(sizes(&mut harness), [2, 1], "a person works");
}

#[test]
fn batches_of_an_editor_far_behind_are_sorted_by_name() {
    let names = ["d", "B", "g", "a", "F", "c", "E"];
    let objects = names
        .iter()
        .zip(1..)
        .map(|(name, n)| object(id(n), name, None));
    let mut harness = behind(
        small_and_large(),
        objects.collect(),
        EditorState::Background,
    );
    let batches = batches(&mut harness);
    let name = |it: &VersionedChange| it.change.components()?.name.clone();
    let names = |batch: &Vec<_>| batch.iter().filter_map(name).collect::<Vec<_>>();
    let sent: Vec<_> = batches.iter().map(names).collect();
    assert_eq!(sent, [vec!["a", "B"], vec!["c", "d", "E", "F", "g"]]);
    harness.assert_converged();
}

#[test]
fn updates_take_no_room_from_new_entities() {
    let mut harness = Harness::with(small_and_large());
    harness.connect(Role::Blender);
    edit(&mut harness, objects(6, "Old"));
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    let name = |name: &str| Components {
        name: Some(name.to_owned()),
        ..Components::default()
    };
    let renamed = (1..=6).map(|n| Change::Update {
        uuid: id(n),
        components: name("a"),
    });
    let created = (11..=15).map(|n| object(id(n), "b", None));
    gathered(&mut harness, renamed.chain(created).collect());
    let created: Vec<usize> = batches(&mut harness)
        .iter()
        .map(|batch| batch.iter().map(|it| &it.change))
        .map(|changes| {
            changes
                .filter(|it| matches!(it, Change::Create { .. }))
                .count()
        })
        .collect();
    assert_eq!(created, [1, 4, 0, 0, 0]);
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

/// Options without a bound but the header, and objects whose changes take more than half of a header.
fn long_names() -> (Options, Vec<Change>) {
    let options = Options {
        max_catch_up_batch: 10_000,
        max_large_batch: 10_000,
        max_open: 100_000,
        ..options()
    };
    (options, objects(6_000, &"\u{1F600}".repeat(255)))
}

#[test]
fn large_batch_may_have_a_longer_header() {
    let (options, objects) = long_names();
    let mut harness = behind_with_large_batches(options, objects, EditorState::Background);
    assert_eq!(sizes(&mut harness), [6_000]);
}

#[test]
fn large_batch_fits_into_half_a_header() {
    let (options, objects) = long_names();
    let mut harness = behind(options, objects, EditorState::Background);
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
