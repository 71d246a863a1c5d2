//! Deliveries to an editor: each entity once a window, once after an absence, in an order that can be applied.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_engine::{Input, Options};
use vibesync_protocol::{Code, DaemonMessage, VersionedChange};
use vibesync_scene::{
    Change, Entity, EntityKind, OperationId, Outcome, Payload, Phase, RecordBody, Role, Uuid,
};

use crate::harness::{A, Harness, moved, object, options, parented, renamed, triangle};

/// Pseudo-random numbers that are the same in each run (SplitMix64).
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
    // The uuids are in no particular order: the order of a batch must follow from the scene.
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

/// Returns an edit that a user of this scene could make.
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

/// Returns true if an editor with these entities can apply the change.
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

/// Delivers all messages to Unity. Returns the changes, each checked to be applicable when it arrived.
fn unity_hears(harness: &mut Harness) -> Vec<VersionedChange> {
    let mut sent = Vec::new();
    loop {
        for role in Role::EDITORS {
            let message = harness.wires[&role].to_editor.front();
            if let (Role::Unity, Some(DaemonMessage::Apply { changes, .. })) = (role, message) {
                let mut entities = harness.editor(role).entities.clone();
                for change in changes {
                    assert!(fits(&entities, &change.change), "{change:?}");
                    match &change.change {
                        Change::Delete { uuid } => entities.remove(uuid),
                        Change::Create { uuid, .. } | Change::Update { uuid, .. } => {
                            let scene = harness.engine.scene();
                            entities.insert(*uuid, scene.live(*uuid).unwrap().clone())
                        }
                    };
                }
                sent.extend(changes.clone());
            }
            harness.deliver_to_editor(role);
            harness.deliver_to_daemon(role);
        }
        let is_quiet = harness
            .wires
            .values()
            .all(|wire| wire.to_daemon.is_empty() && wire.to_editor.is_empty());
        match harness.next_deadline() {
            _ if !is_quiet => {}
            Some(deadline) => {
                harness.now = harness.now.max(deadline);
                harness.step(Input::Tick);
            }
            None => return sent,
        }
    }
}

#[test]
fn editor_away_for_5000_changes_gets_each_entity_once_in_order() {
    const CHANGES: usize = 5_000;
    let mut harness = Harness::with(Options {
        max_batch: 50,
        ..options()
    });
    harness.connect_all();
    let objects = (0..300).map(|n| object(uuid(n), "O", None)).collect();
    harness.edit(Role::Blender, objects);
    harness.settle();
    harness.disconnect(Role::Unity);
    let before = harness.editor(Role::Unity).entities.clone();
    let logged = harness.log.len();
    let mut numbers = Numbers(2_026);
    let mut touched = BTreeSet::new();
    for n in 0..CHANGES {
        let changes = any_edit(&harness.editor(Role::Blender).entities, &mut numbers, n);
        touched.extend(changes.iter().map(Change::uuid));
        harness.edit(Role::Blender, changes);
        harness.deliver_to_daemon(Role::Blender);
    }
    harness.settle();
    assert!(harness.editor(Role::Blender).refusals.is_empty());
    harness.crash();
    harness.connect(Role::Blender);
    harness.connect(Role::Unity);
    let sent = unity_hears(&mut harness);
    harness.assert_converged();

    let uuids: Vec<Uuid> = sent.iter().map(|change| change.change.uuid()).collect();
    let once: BTreeSet<Uuid> = uuids.iter().copied().collect();
    assert_eq!(uuids.len(), once.len(), "each entity once");
    let after = &harness.editor(Role::Blender).entities;
    let expected = touched.iter().filter(|uuid| {
        // Entities created and deleted while the editor was away are not sent.
        before.contains_key(uuid) || after.contains_key(uuid)
    });
    assert_eq!(
        once,
        expected.copied().collect(),
        "what changed, and nothing else"
    );
    assert!(
        once.len() * 5 < CHANGES,
        "{} are not much fewer",
        once.len()
    );

    let once: Vec<Uuid> = once.into_iter().collect();
    assert_eq!(
        verified_in_unity(&harness.log[logged..]),
        once,
        "and the log says so"
    );
}

/// Returns the entities of Unity's logged deliveries, which must all be verified.
fn verified_in_unity(log: &[RecordBody]) -> Vec<Uuid> {
    let mut delivered = Vec::new();
    for record in log {
        if let Payload::Deliver {
            role: Role::Unity, ..
        } = record.payload
        {
            let ending = (record.phase, record.outcome);
            assert_eq!(ending, (Phase::Deliver, Outcome::Verified));
            delivered.extend(record.uuids.iter().copied());
        }
    }
    delivered.sort_unstable();
    delivered
}

#[test]
fn stream_of_edits_is_one_change_per_object_and_window() {
    const STEP_MS: u64 = 10;
    const EDITS: u64 = 1_000;
    let mut harness = Harness::connected();
    let objects: Vec<Uuid> = (0..3).map(uuid).collect();
    let create = |uuid: &Uuid| object(*uuid, "O", None);
    harness.edit(Role::Blender, objects.iter().map(create).collect());
    harness.settle();
    harness.now += 60_000;
    let start = harness.now;
    let mut arrivals: BTreeMap<Uuid, Vec<u64>> = BTreeMap::new();
    for n in 1..=EDITS {
        let all = objects.iter().map(|uuid| moved(*uuid, n as f64)).collect();
        harness.edit(Role::Blender, all);
        harness.now += STEP_MS;
        harness.step(Input::Tick);
        for role in Role::EDITORS {
            if let Some(DaemonMessage::Apply { changes, .. }) =
                harness.wires[&role].to_editor.front()
            {
                let mut named = BTreeSet::new();
                for change in changes {
                    let uuid = change.change.uuid();
                    assert!(named.insert(uuid), "twice in a batch");
                    arrivals.entry(uuid).or_default().push(harness.now);
                }
            }
            harness.deliver_to_editor(role);
            harness.deliver_to_daemon(role);
        }
    }
    let window = options().batch_window_ms;
    let most = usize::try_from((harness.now - start) / window + 1).unwrap();
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
    harness.settle();
    harness.assert_converged();
    let count = |phase| {
        let records = harness.log.iter();
        records.filter(|record| record.phase == phase).count() as u64
    };
    assert_eq!(count(Phase::Begin), EDITS + 1);
    assert_eq!(count(Phase::Final), EDITS, "each is verified nonetheless");
    assert!(
        !harness
            .editor(Role::Blender)
            .notices
            .iter()
            .any(|(code, _)| *code == Code::Superseded)
    );
}

#[test]
fn sent_entities_that_the_daemon_lacks_are_requested() {
    let mut harness = Harness::new();
    let blender = harness.wires.get_mut(&Role::Blender).unwrap();
    // The log with the first entity is gone. The second is new, and its intent is pending.
    let both = vec![object(uuid(1), "sent", None), object(uuid(2), "new", None)];
    blender.editor.edit(OperationId(uuid(3)), both);
    blender.editor.versions.insert(uuid(1), 1);
    harness.connect(Role::Blender);
    harness.deliver_to_daemon(Role::Blender);
    let told = harness.wires[&Role::Blender].to_editor.front();
    let Some(DaemonMessage::Sync { want, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!(want, &[uuid(1)]);
}

#[test]
fn up_to_date_editor_gets_nothing_when_it_reconnects() {
    let mut harness = Harness::connected();
    let both = vec![object(uuid(1), "A", None), triangle(uuid(2), b"mesh")];
    harness.edit(Role::Blender, both);
    harness.settle();
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    assert!(unity_hears(&mut harness).is_empty());
}

#[test]
fn changes_reach_an_absent_editor_when_it_returns() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    let mut last = None;
    for x in 1..=50 {
        last = Some(harness.edit(Role::Blender, vec![moved(A, f64::from(x))]));
    }
    harness.settle();
    let end = harness
        .log
        .iter()
        .rfind(|record| record.operation_id == last)
        .unwrap();
    assert_eq!(
        (end.phase, end.outcome),
        (Phase::Final, Outcome::Undelivered)
    );
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(
        harness.editor(Role::Unity).entities,
        harness.editor(Role::Blender).entities
    );
    let delivered = harness
        .log
        .iter()
        .filter(|record| record.phase == Phase::Deliver)
        .count();
    assert_eq!(
        delivered, 1,
        "fifty changes, one delivery, verified and logged"
    );
}

#[test]
fn deletion_reaches_an_editor_that_was_away() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    assert!(harness.editor(Role::Unity).entities.is_empty());
}

#[test]
fn delivered_change_is_not_echoed() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    harness.edit(Role::Unity, vec![moved(A, 4.0)]);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.now += 1_000;
    harness.step(Input::Tick);
    let batches = Role::EDITORS.map(|role| (role, harness.batch_count(role)));
    assert_eq!(batches, [(Role::Blender, 1), (Role::Unity, 0)]);
    harness.settle();
    let intents = harness
        .log
        .iter()
        .filter(|record| record.phase == Phase::Begin)
        .count();
    assert_eq!(intents, 2, "one create, one move, no echo");
}
