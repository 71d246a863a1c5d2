//! Random events on both wires: in the end, both editors equal the authority.

use proptest::prelude::*;
use vibesync_scene::{Phase, Role};
use vibesync_testkit::edit::Edit;

use crate::harness::Harness;

#[derive(Clone, Debug)]
enum Event {
    Create(Role, u8),
    Move(Role, u8, i8),
    Rename(Role, u8, u8),
    Parent(Role, u8, Option<u8>),
    Delete(Role, u8),
    Mesh(Role, u8, u8),
    EditorHears(Role),
    DaemonHears(Role),
    Swap(Role),
    Busy(Role),
    Disconnect(Role),
    Connect(Role),
    Crash,
    DieWriting(Role, u8),
    Time(u16),
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
        1 => role().prop_map(Event::Swap),
        1 => role().prop_map(Event::Busy),
        8 => role().prop_map(Event::EditorHears),
        8 => role().prop_map(Event::DaemonHears),
        1 => role().prop_map(Event::Disconnect),
        2 => role().prop_map(Event::Connect),
        1 => Just(Event::Crash),
        2 => (role(), 0..4_u8).prop_map(|(r, kept)| Event::DieWriting(r, kept)),
        2 => (0..400_u16).prop_map(Event::Time),
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
        Event::Swap(role) => return harness.swap_intents(role),
        Event::Busy(role) => return harness.defer(role),
        Event::EditorHears(role) => return harness.deliver_to_editor(role),
        Event::DaemonHears(role) => return harness.deliver_to_daemon(role),
        Event::Disconnect(role) => return harness.disconnect(role),
        Event::Connect(role) => return harness.connect(role),
        Event::Crash => return harness.crash(),
        Event::DieWriting(role, kept) => return harness.crash_while_writing(role, kept.into()),
        Event::Time(ms) => {
            harness.now += u64::from(ms);
            return harness.step(vibesync_engine::Input::Tick);
        }
    };
    let changes = edit.changes(&harness.editor(role).entities);
    if !changes.is_empty() {
        harness.edit(role, changes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn editors_converge_to_the_authority(events in proptest::collection::vec(event(), 1..120)) {
        let mut harness = Harness::new();
        for event in events {
            happen(&mut harness, event);
        }
        for role in Role::EDITORS {
            harness.disconnect(role);
            harness.connect(role);
        }
        harness.settle();
        let authority: std::collections::BTreeMap<_, _> = harness
            .engine
            .scene()
            .rows()
            .filter(|row| !row.tombstone)
            .map(|row| (row.entity.uuid, row.entity.clone()))
            .collect();
        for role in Role::EDITORS {
            prop_assert_eq!(&harness.editor(role).entities, &authority, "{:?}", role);
            prop_assert!(harness.editor(role).outbox.is_empty(), "every intent is answered");
        }
        prop_assert_eq!(harness.engine.status().waiting_intents, 0);
        let replay = harness.replay();
        prop_assert_eq!(&replay.scene, harness.engine.scene(), "the log alone gives the same scene");
        prop_assert!(replay.open.is_empty(), "every BEGIN has an end");
        let begins = harness.log.iter().filter(|record| record.phase == Phase::Begin).count();
        let ends = [Phase::Final, Phase::Commit, Phase::Rollback];
        prop_assert_eq!(begins, harness.log.iter().filter(|record| ends.contains(&record.phase)).count());
    }
}
