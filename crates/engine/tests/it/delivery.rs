//! What reaches an editor: each entity once a window, and after an absence once at all, in an order that can be applied.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_engine::{Input, Options};
use vibesync_protocol::{Code, DaemonMessage, VersionedChange};
use vibesync_scene::{
    Change, Entity, EntityKind, OperationId, Outcome, Payload, Phase, Role, Uuid,
};

use crate::world::{World, moved, object, options, parented, renamed, triangle};

/// Numbers that look random and are the same in each run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn one_of<'a>(&mut self, uuids: &'a [Uuid]) -> &'a Uuid {
        &uuids[self.below(uuids.len())]
    }
}

fn uuid(n: usize) -> Uuid {
    // Of no particular order: what comes first must follow from the scene, not from the uuids.
    let n = n as u64;
    Uuid::from_u64_pair(n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n)
}

fn is_above(entities: &BTreeMap<Uuid, Entity>, above: Uuid, uuid: Uuid) -> bool {
    let mut at = Some(uuid);
    while let Some(uuid) = at {
        if uuid == above {
            return true;
        }
        at = parent(&entities[&uuid]);
    }
    false
}

fn parent(entity: &Entity) -> Option<Uuid> {
    entity.components.parent?.uuid
}

/// Something that a user of this scene could do.
fn any_edit(entities: &BTreeMap<Uuid, Entity>, numbers: &mut Numbers, n: usize) -> Vec<Change> {
    let objects: Vec<Uuid> = entities
        .values()
        .filter(|entity| entity.kind == EntityKind::Object)
        .map(|entity| entity.uuid)
        .collect();
    let it = *numbers.one_of(&objects);
    let other = *numbers.one_of(&objects);
    match numbers.below(20) {
        0 => vec![object(uuid(10_000 + n), "New", Some(other))],
        1 => vec![triangle(uuid(20_000 + n), &n.to_le_bytes())],
        2..=4 if !is_above(entities, it, other) => vec![parented(it, Some(other))],
        5 if entities.values().all(|entity| parent(entity) != Some(it)) => {
            vec![Change::Delete { uuid: it }]
        }
        6..=9 => vec![renamed(it, &format!("N{n}"))],
        _ => vec![moved(it, n as f64)],
    }
}

/// Whether an editor that holds these can do this now.
fn fits(entities: &BTreeMap<Uuid, Entity>, change: &Change) -> bool {
    let Some(components) = change.components() else {
        return entities
            .values()
            .all(|entity| parent(entity) != Some(change.uuid()));
    };
    let parent = components.parent.and_then(|parent| parent.uuid);
    let data = components.data.and_then(|data| data.uuid);
    let mut needed = [parent, data].into_iter().flatten();
    needed.all(|uuid| entities.contains_key(&uuid))
}

/// Lets Unity hear all that comes; gives each change it was sent, having checked that it could be done then.
fn unity_hears(world: &mut World) -> Vec<VersionedChange> {
    let mut sent = Vec::new();
    loop {
        for role in Role::EDITORS {
            let message = world.wires[&role].to_editor.front();
            if let (Role::Unity, Some(DaemonMessage::Apply { changes, .. })) = (role, message) {
                let mut entities = world.editor(role).entities.clone();
                for change in changes {
                    assert!(fits(&entities, &change.change), "{change:?}");
                    match &change.change {
                        Change::Delete { uuid } => entities.remove(uuid),
                        Change::Create { uuid, .. } | Change::Update { uuid, .. } => {
                            let scene = world.engine.scene();
                            entities.insert(*uuid, scene.live(*uuid).unwrap().clone())
                        }
                    };
                }
                sent.extend(changes.clone());
            }
            world.editor_hears(role);
            world.daemon_hears(role);
        }
        let is_quiet = world
            .wires
            .values()
            .all(|wire| wire.to_daemon.is_empty() && wire.to_editor.is_empty());
        match world.next_deadline() {
            _ if !is_quiet => {}
            Some(deadline) => {
                world.now = world.now.max(deadline);
                world.step(Input::Tick);
            }
            None => return sent,
        }
    }
}

#[test]
fn an_editor_away_for_5000_changes_gets_each_entity_once_in_an_order_that_can_be_applied() {
    const CHANGES: usize = 5_000;
    let mut world = World::with(Options {
        max_batch: 50,
        ..options()
    });
    world.connect_all();
    let objects = (0..300).map(|n| object(uuid(n), "O", None)).collect();
    world.edit(Role::Blender, objects);
    world.settle();
    world.disconnect(Role::Unity);
    let before = world.editor(Role::Unity).entities.clone();
    let logged = world.log.len();
    let mut numbers = Numbers(2_026);
    let mut touched = BTreeSet::new();
    for n in 0..CHANGES {
        let changes = any_edit(&world.editor(Role::Blender).entities, &mut numbers, n);
        touched.extend(changes.iter().map(Change::uuid));
        world.edit(Role::Blender, changes);
        world.daemon_hears(Role::Blender);
    }
    world.settle();
    assert!(world.editor(Role::Blender).refusals.is_empty());
    world.crash();
    world.connect(Role::Blender);
    world.connect(Role::Unity);
    let sent = unity_hears(&mut world);
    world.assert_converged();

    let uuids: Vec<Uuid> = sent.iter().map(|change| change.change.uuid()).collect();
    let once: BTreeSet<Uuid> = uuids.iter().copied().collect();
    assert_eq!(uuids.len(), once.len(), "each entity once");
    let after = &world.editor(Role::Blender).entities;
    let owed = touched.iter().filter(|uuid| {
        // What came and went while the editor was away never existed for it.
        before.contains_key(uuid) || after.contains_key(uuid)
    });
    assert_eq!(
        once,
        owed.copied().collect(),
        "what changed, and nothing else"
    );
    assert!(
        once.len() * 5 < CHANGES,
        "{} are not much fewer",
        once.len()
    );

    let mut delivered = Vec::new();
    for record in &world.log[logged..] {
        if let Payload::Deliver {
            role: Role::Unity, ..
        } = record.payload
        {
            assert_eq!(
                (record.phase, record.outcome),
                (Phase::Deliver, Outcome::Verified)
            );
            delivered.extend(record.uuids.iter().copied());
        }
    }
    delivered.sort_unstable();
    assert_eq!(
        delivered,
        once.into_iter().collect::<Vec<_>>(),
        "and the log says so"
    );
}

#[test]
fn a_stream_of_edits_is_one_mutation_an_object_a_window() {
    const STEP_MS: u64 = 10;
    const EDITS: u64 = 1_000;
    let mut world = World::connected();
    let objects: Vec<Uuid> = (0..3).map(uuid).collect();
    let create = |uuid: &Uuid| object(*uuid, "O", None);
    world.edit(Role::Blender, objects.iter().map(create).collect());
    world.settle();
    world.now += 60_000;
    let start = world.now;
    let mut arrivals: BTreeMap<Uuid, Vec<u64>> = BTreeMap::new();
    for n in 1..=EDITS {
        let all = objects.iter().map(|uuid| moved(*uuid, n as f64)).collect();
        world.edit(Role::Blender, all);
        world.now += STEP_MS;
        world.step(Input::Tick);
        for role in Role::EDITORS {
            if let Some(DaemonMessage::Apply { changes, .. }) = world.wires[&role].to_editor.front()
            {
                let mut named = BTreeSet::new();
                for change in changes {
                    let uuid = change.change.uuid();
                    assert!(named.insert(uuid), "twice in a batch");
                    arrivals.entry(uuid).or_default().push(world.now);
                }
            }
            world.editor_hears(role);
            world.daemon_hears(role);
        }
    }
    let window = options().batch_window_ms;
    let most = usize::try_from((world.now - start) / window + 1).unwrap();
    for times in arrivals.values() {
        assert!(
            times.windows(2).all(|pair| pair[1] - pair[0] >= window),
            "{times:?}"
        );
        assert!(
            (most / 2..=most).contains(&times.len()),
            "{} of {most}",
            times.len()
        );
    }
    world.settle();
    world.assert_converged();
    let begun = |record: &&vibesync_scene::RecordBody| record.phase == Phase::Begin;
    let ended = |record: &&vibesync_scene::RecordBody| record.phase == Phase::Final;
    assert_eq!(world.log.iter().filter(begun).count() as u64, EDITS + 1);
    assert_eq!(
        world.log.iter().filter(ended).count() as u64,
        EDITS,
        "each is verified nonetheless"
    );
    assert!(
        !world
            .editor(Role::Blender)
            .notices
            .iter()
            .any(|(code, _)| *code == Code::Overruled)
    );
}

#[test]
fn what_only_an_editor_knows_is_asked_for_where_it_was_sent_before() {
    let mut world = World::new();
    let blender = world.wires.get_mut(&Role::Blender).unwrap();
    // The log that knew the first is gone; the second is new, and its intent waits.
    let both = vec![object(uuid(1), "sent", None), object(uuid(2), "new", None)];
    blender.editor.edit(OperationId(uuid(3)), both);
    blender.editor.versions.insert(uuid(1), 1);
    world.connect(Role::Blender);
    world.daemon_hears(Role::Blender);
    let told = world.wires[&Role::Blender].to_editor.front();
    let Some(DaemonMessage::Sync { want, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!(want, &[uuid(1)]);
}

#[test]
fn an_editor_that_holds_all_there_is_gets_nothing_when_it_comes_back() {
    let mut world = World::connected();
    let both = vec![object(uuid(1), "A", None), triangle(uuid(2), b"mesh")];
    world.edit(Role::Blender, both);
    world.settle();
    world.disconnect(Role::Unity);
    world.connect(Role::Unity);
    assert!(unity_hears(&mut world).is_empty());
}
