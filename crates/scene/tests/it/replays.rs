//! Replay: rebuilds the scene from records alone.

use uuid::Uuid;
use vibesync_scene::{
    Change, Code, Components, Entity, EntityKind, OperationId, Outcome, Path, Payload, Phase,
    RecordBody, Replay, Role,
};

const A: Uuid = Uuid::from_u128(1);

/// Writes records and replays them.
#[derive(Default)]
struct Log {
    replay: Replay,
    seq: u64,
}

impl Log {
    fn write(&mut self, phase: Phase, error_code: Option<Code>, payload: Payload) -> u64 {
        self.seq += 1;
        let record = RecordBody {
            session_id: None,
            operation_id: Some(OperationId(Uuid::from_u128(7))),
            uuids: vec![A],
            phase,
            outcome: Outcome::Ok,
            error_code,
            payload,
        };
        self.replay.record(self.seq, &record);
        self.seq
    }

    fn begin(&mut self, steps: u32) -> u64 {
        let (label, digest) = (String::new(), "d".to_owned());
        let payload = Payload::Begin {
            agent: None,
            origin: Role::Blender,
            path: Path::Slow,
            label,
            base_seq: 0,
            steps,
            digest,
            decision: Some(vibesync_scene::PolicyDecision::default()),
            call: None,
        };
        self.write(Phase::Begin, None, payload)
    }

    fn step(&mut self, change: Change, before: Option<Entity>) {
        self.write(
            Phase::Step,
            None,
            Payload::Step {
                index: 0,
                change,
                before,
            },
        );
    }

    fn end(&mut self, phase: Phase, begin: u64) -> u64 {
        let payload = Payload::End {
            begin,
            verified_by: vec![],
            undelivered_to: vec![],
            detail: None,
        };
        self.write(phase, None, payload)
    }

    fn name(&self) -> Option<&str> {
        self.replay.scene.live(A)?.components.name.as_deref()
    }
}

fn named(name: &str) -> Components {
    Components {
        name: Some(name.into()),
        ..Components::default()
    }
}

fn create(name: &str) -> Change {
    Change::Create {
        uuid: A,
        kind: EntityKind::Light,
        components: named(name),
    }
}

#[test]
fn transaction_takes_effect_when_its_last_step_is_replayed() {
    let mut log = Log::default();
    log.begin(2);
    log.step(create("one"), None);
    assert_eq!(log.name(), None, "an incomplete transaction has no effect");
    log.step(
        Change::Update {
            uuid: A,
            components: named("two"),
        },
        None,
    );
    assert_eq!(log.name(), Some("two"));
}

#[test]
fn incomplete_transaction_leaves_no_trace() {
    let mut log = Log::default();
    let begin = log.begin(2);
    log.step(create("one"), None);
    log.end(Phase::Rollback, begin);
    assert!(log.replay.scene.row(A).is_none(), "not even a tombstone");
    assert!(
        log.replay
            .operations
            .get(OperationId(Uuid::from_u128(7)))
            .is_none(),
        "its client can send it again"
    );
    assert!(log.replay.open.is_empty());
}

#[test]
fn rollback_restores_the_state_under_a_newer_version() {
    let mut log = Log::default();
    let begin = log.begin(1);
    log.step(create("one"), None);
    log.end(Phase::Commit, begin);
    let before = log.replay.scene.live(A).cloned();
    let begin = log.begin(1);
    log.step(
        Change::Update {
            uuid: A,
            components: named("two"),
        },
        before.clone(),
    );
    let end = log.end(Phase::Rollback, begin);
    assert_eq!(log.replay.scene.live(A).cloned(), before);
    assert_eq!(
        log.replay.scene.row(A).unwrap().version,
        end,
        "editors with the undone state are outdated"
    );
}

#[test]
fn tombstone_keeps_the_last_state_of_its_entity() {
    let mut log = Log::default();
    let begin = log.begin(1);
    log.step(create("one"), None);
    log.end(Phase::Commit, begin);
    let before = log.replay.scene.live(A).cloned();
    let begin = log.begin(1);
    log.step(Change::Delete { uuid: A }, before.clone());
    let end = log.end(Phase::Commit, begin);
    let row = log.replay.scene.row(A).unwrap();
    assert_eq!(Some(&row.entity), before.as_ref());
    assert_eq!((row.tombstone, row.version < end), (true, true));
}

#[test]
fn tombstone_is_removed_when_its_delete_is_rolled_back() {
    let mut log = Log::default();
    let begin = log.begin(1);
    log.step(create("one"), None);
    log.end(Phase::Commit, begin);
    let before = log.replay.scene.live(A).cloned();
    let begin = log.begin(1);
    log.step(Change::Delete { uuid: A }, before.clone());
    assert!(log.replay.scene.row(A).unwrap().tombstone && log.name().is_none());
    log.end(Phase::Rollback, begin);
    assert_eq!(log.replay.scene.live(A).cloned(), before);
}
