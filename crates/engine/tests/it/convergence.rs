//! Random events on both wires: in the end, both editors equal the authority, with and without previews.

mod previews;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use vibesync_scene::{ComponentSet, Phase, Role};
use vibesync_testkit::edit::{Edit, as_known};

use self::previews::{PreviewEvent, Previewing, preview_event, put_back_old};
use crate::harness::{Harness, options};

#[derive(Clone, Debug)]
enum Event {
    Create(Role, u8),
    Move(Role, u8, i8),
    Rename(Role, u8, u8),
    Parent(Role, u8, Option<u8>),
    Delete(Role, u8),
    Mesh(Role, u8, u8),
    Light(Role, u8),
    Camera(u8),
    Material(Role, u8),
    EditorHears(Role),
    DaemonHears(Role),
    Swap(Role),
    Busy(Role),
    Disconnect(Role),
    Connect(Role),
    Crash,
    DieWriting(Role, u8),
    Time(u16),
    /// Time passes, and the tick for it comes later.
    LateTick(u16),
    /// Both connect, and all is delivered.
    Rest,
    Preview(PreviewEvent),
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Blender), Just(Role::Unity)]
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..6_u8;
    prop_oneof![
        4 => (role(), who.clone()).prop_map(|(r, w)| Event::Create(r, w)),
        6 => (role(), who.clone(), any::<i8>()).prop_map(|(r, w, x)| Event::Move(r, w, x)),
        2 => (role(), who.clone(), 0..9_u8).prop_map(|(r, w, n)| Event::Rename(r, w, n)),
        2 => (role(), who.clone(), proptest::option::of(who.clone())).prop_map(|(r, w, p)| Event::Parent(r, w, p)),
        1 => (role(), who).prop_map(|(r, w)| Event::Delete(r, w)),
        2 => (role(), any::<u8>(), 0..3_u8).prop_map(|(r, w, content)| Event::Mesh(r, w % 2, content)),
        2 => (role(), 1..9_u8).prop_map(|(r, intensity)| Event::Light(r, intensity)),
        1 => (1..9_u8).prop_map(Event::Camera),
        2 => (role(), 0..9_u8).prop_map(|(r, roughness)| Event::Material(r, roughness)),
        1 => role().prop_map(Event::Swap),
        1 => role().prop_map(Event::Busy),
        8 => role().prop_map(Event::EditorHears),
        8 => role().prop_map(Event::DaemonHears),
        1 => role().prop_map(Event::Disconnect),
        2 => role().prop_map(Event::Connect),
        1 => Just(Event::Crash),
        2 => (role(), 0..4_u8).prop_map(|(r, kept)| Event::DieWriting(r, kept)),
        2 => (0..400_u16).prop_map(Event::Time),
        3 => (0..400_u16).prop_map(Event::LateTick),
        3 => Just(Event::Rest),
        24 => preview_event().prop_map(Event::Preview),
    ]
}

fn happen(harness: &mut Harness, event: Event) {
    let (role, edit) = match event {
        Event::Create(role, who) => (role, Edit::Create(who)),
        Event::Move(role, who, x) => (role, Edit::Move(who, x)),
        Event::Rename(role, who, name) => (role, Edit::Rename(who, name)),
        Event::Parent(role, who, parent) => (role, Edit::Parent(who, parent)),
        Event::Delete(role, who) => (role, Edit::Delete(who)),
        Event::Mesh(role, which, content) => (role, Edit::Mesh(which, content)),
        Event::Light(role, intensity) => (role, Edit::Light(intensity)),
        Event::Camera(focal) => (Role::Blender, Edit::Camera(focal)),
        Event::Material(role, roughness) => (role, Edit::Material(roughness)),
        Event::Swap(role) => return harness.swap_intents(role),
        Event::Busy(role) => return harness.defer(role),
        Event::EditorHears(role) => return harness.deliver_to_editor(role),
        Event::DaemonHears(role) => return harness.deliver_to_daemon(role),
        Event::Disconnect(role) => return harness.disconnect(role),
        Event::Connect(role) => return harness.connect(role),
        Event::Crash => return harness.crash(),
        Event::Rest => return harness.connect_all(),
        Event::DieWriting(role, kept) => return harness.crash_while_writing(role, kept.into()),
        Event::Time(ms) => {
            harness.now += u64::from(ms);
            put_back_old(harness, 0);
            return harness.step(vibesync_engine::Input::Tick);
        }
        Event::LateTick(ms) => {
            harness.now += u64::from(ms);
            return put_back_old(harness, 0);
        }
        Event::Preview(_) => return,
    };
    let changes = edit.changes(&harness.editor(role).entities);
    if !changes.is_empty() {
        harness.edit(role, changes);
    }
}

/// Lets all events happen, and then the end: all connect anew, and all is delivered.
fn run(harness: &mut Harness, events: Vec<Event>, mut previewing: Option<&mut Previewing>) {
    harness.trace = Some(Vec::new());
    for event in events {
        match (event, &mut previewing) {
            (Event::Preview(event), Some(previewing)) => previewing.happen(harness, event),
            (event, _) => happen(harness, event),
        }
    }
    for role in Role::EDITORS {
        harness.disconnect(role);
        harness.connect(role);
    }
    harness.settle();
    previews::end(harness);
}

fn assert_converged(harness: &Harness) {
    let authority: std::collections::BTreeMap<_, _> = harness
        .engine
        .scene()
        .rows()
        .filter(|row| !row.tombstone)
        .map(|row| (row.entity.uuid, row.entity.clone()))
        .collect();
    for role in Role::EDITORS {
        let known: ComponentSet = harness.editor(role).components().collect();
        let wanted = as_known(&authority, known);
        assert_eq!(harness.editor(role).entities, wanted, "{role:?}");
        assert!(
            harness.editor(role).outbox.is_empty(),
            "every intent is answered"
        );
    }
    assert_eq!(harness.engine.status().waiting_intents, 0);
    let replay = harness.replay();
    assert_eq!(
        &replay.scene,
        harness.engine.scene(),
        "the log alone gives the same scene"
    );
    assert!(replay.open.is_empty(), "every BEGIN has an end");
    let begins = harness.log.iter();
    let begins = begins.filter(|record| record.phase == Phase::Begin).count();
    let ends = [Phase::Final, Phase::Commit, Phase::Rollback];
    let ends = harness
        .log
        .iter()
        .filter(|record| ends.contains(&record.phase));
    assert_eq!(begins, ends.count());
}

/// Asserts that two histories have the same records, messages and scenes.
fn assert_same(with: &Harness, without: &Harness) {
    assert_eq!(with.log, without.log, "a preview is in no record");
    assert_eq!(with.trace, without.trace, "and in no other message");
    assert_eq!(with.engine.scene(), without.engine.scene());
    for role in Role::EDITORS {
        assert_eq!(with.editor(role).entities, without.editor(role).entities);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn editors_converge_to_the_authority(events in proptest::collection::vec(event(), 1..200)) {
        let options = options();
        let mut with = Harness::with(options.clone());
        run(&mut with, events.clone(), Some(&mut Previewing::default()));
        assert_converged(&with);
        let mut without = Harness::with(options);
        run(&mut without, events, None);
        assert_same(&with, &without);
    }
}

/// The histories above would prove nothing about previews that are never passed on.
#[test]
fn previews_of_random_histories_are_shown() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let histories = proptest::collection::vec(event(), 100..200);
    let mut previewing = Previewing::default();
    for _ in 0..100 {
        let events = histories.new_tree(&mut runner).unwrap().current();
        run(&mut Harness::new(), events, Some(&mut previewing));
    }
    assert!(previewing.passed > 100, "{}", previewing.passed);
    assert!(previewing.shown > 20, "{}", previewing.shown);
}
