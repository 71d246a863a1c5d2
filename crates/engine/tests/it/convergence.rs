//! Whatever happens on whichever wire, once it stops both editors hold what the authority holds.

use proptest::prelude::*;
use uuid::Uuid;
use vibesync_scene::{Change, Phase, Role};

use crate::world::{World, moved, object, parented, renamed, triangle, update};

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

fn uuid(who: u8) -> Uuid {
    Uuid::from_u128(u128::from(who) + 1)
}

/// What a user can do in an editor: only with what is there, and never a cycle.
fn happen(world: &mut World, event: Event) {
    let holds = |world: &World, role, who| world.editor(role).entities.contains_key(&uuid(who));
    match event {
        Event::Create(role, who) if !holds(world, role, who) => {
            world.edit(role, vec![object(uuid(who), "new", None)]);
        }
        Event::Move(role, who, x) if holds(world, role, who) => {
            world.edit(role, vec![moved(uuid(who), f64::from(x))]);
        }
        Event::Rename(role, who, name) if holds(world, role, who) => {
            world.edit(role, vec![renamed(uuid(who), &format!("N{name}"))]);
        }
        Event::Parent(role, who, parent)
            if holds(world, role, who)
                && parent.is_none_or(|above| {
                    holds(world, role, above) && !is_above(world, role, who, above)
                }) =>
        {
            world.edit(role, vec![parented(uuid(who), parent.map(uuid))]);
        }
        Event::Delete(role, who) if holds(world, role, who) => {
            let closure: Vec<Change> = closure(world, role, uuid(who));
            world.edit(role, closure);
        }
        Event::Mesh(role, which, content) => {
            let uuid = Uuid::from_u128(100 + u128::from(which));
            let mut change = triangle(uuid, &[content]);
            if world.editor(role).entities.contains_key(&uuid)
                && let Change::Create { components, .. } = change
            {
                change = update(uuid, components);
            }
            world.edit(role, vec![change]);
        }
        Event::Swap(role) => world.swap(role),
        Event::Busy(role) => world.defer(role),
        Event::EditorHears(role) => world.editor_hears(role),
        Event::DaemonHears(role) => world.daemon_hears(role),
        Event::Disconnect(role) => world.disconnect(role),
        Event::Connect(role) => world.connect(role),
        Event::Crash => world.crash(),
        Event::DieWriting(role, kept) => world.die_writing(role, kept.into()),
        Event::Time(ms) => {
            world.now += u64::from(ms);
            world.step(vibesync_engine::Input::Tick);
        }
        _ => {}
    }
}

/// Whether `who` is `uuid` itself or stands above it, as this editor has it.
fn is_above(world: &World, role: Role, who: u8, uuid: u8) -> bool {
    let entities = &world.editor(role).entities;
    let mut at = Some(self::uuid(uuid));
    while let Some(above) = at {
        if above == self::uuid(who) {
            return true;
        }
        at = entities
            .get(&above)
            .and_then(|entity| entity.components.parent?.uuid);
    }
    false
}

fn closure(world: &World, role: Role, root: Uuid) -> Vec<Change> {
    let entities = &world.editor(role).entities;
    let mut changes = vec![Change::Delete { uuid: root }];
    for (child, entity) in entities {
        if *child != root && entity.components.parent.and_then(|parent| parent.uuid) == Some(root) {
            changes.extend(closure(world, role, *child));
        }
    }
    changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn editors_converge_to_the_authority(events in proptest::collection::vec(event(), 1..120)) {
        let mut world = World::new();
        for event in events {
            happen(&mut world, event);
        }
        for role in Role::EDITORS {
            world.disconnect(role);
            world.connect(role);
        }
        world.settle();
        let authority: std::collections::BTreeMap<_, _> = world
            .engine
            .scene()
            .rows()
            .filter(|row| !row.tombstone)
            .map(|row| (row.entity.uuid, row.entity.clone()))
            .collect();
        for role in Role::EDITORS {
            prop_assert_eq!(&world.editor(role).entities, &authority, "{:?}", role);
            prop_assert!(world.editor(role).outbox.is_empty(), "every intent is answered");
        }
        prop_assert_eq!(world.engine.status().waiting_intents, 0);
        let replay = world.replay();
        prop_assert_eq!(&replay.scene, world.engine.scene(), "the log alone gives the same scene");
        prop_assert!(replay.open.is_empty(), "every BEGIN has an end");
        let begins = world.log.iter().filter(|record| record.phase == Phase::Begin).count();
        let ends = [Phase::Final, Phase::Commit, Phase::Rollback];
        prop_assert_eq!(begins, world.log.iter().filter(|record| ends.contains(&record.phase)).count());
    }
}
