//! Recovery: what each witness gives, which one is chosen, and the log that begins with it.

mod project;
mod swap;

use vibesync_scene::{Payload, Phase, Replay, Scene, Uuid};
use vibesync_store::audit::{Audit, AuditCommit};
use vibesync_store::disk::RealDisk;
use vibesync_store::recover::{Source, Survey, choose, load};
use vibesync_store::wal::{Reader, verify};

use self::project::{EPOCH, Project, RECOVERED};
use crate::sample::{PROJECT, TIME, database, real, uuid};

fn names(scene: &Scene) -> Vec<Uuid> {
    scene.rows().map(|row| row.entity.uuid).collect()
}

fn first(count: u128) -> Vec<Uuid> {
    (1..=count).map(uuid).collect()
}

#[test]
fn log_reaches_its_first_damage() {
    let project = Project::new();
    project.damage(15);
    let best = project.best();
    assert_eq!((best.source, best.tip.seq), (Source::Log, 14));
    assert_eq!(best.entities.len(), 4);
    let why = best.ends_because.unwrap();
    assert!(why.contains("line") && why.contains("hash"), "{why}");
}

#[test]
fn checkpoint_and_the_records_after_it_bridge_damage() {
    let project = Project::new();
    project.checkpoint(16);
    project.damage(9);
    let best = project.best();
    assert_eq!((best.source, best.tip.seq), (Source::Checkpoint(16), 31));
    assert_eq!(best.entities.len(), 10);
    assert_eq!(best.ends_because, None);
}

#[test]
fn registry_and_the_records_after_it_bridge_damage() {
    for (damaged, reached) in [(&[9][..], 31), (&[9, 21], 20)] {
        let project = Project::new();
        // Record 20 is the BEGIN of a transaction that is open at the registry's position, 21 is its STEP.
        project.registry(20);
        project.checkpoint(7);
        damaged.iter().for_each(|seq| project.damage(*seq));
        let best = project.best();
        assert_eq!(
            (best.source.clone(), best.tip.seq),
            (Source::Registry, reached)
        );
        let loaded = load(&real(), &project.folders, &best.source).unwrap();
        // Operations and epochs of the time before come from the checkpoint and the records after it.
        let epochs = loaded.state.epochs.as_slice();
        assert_eq!(epochs.iter().map(|it| it.id).collect::<Vec<_>>(), [EPOCH]);
        assert!(loaded.state.operations.iter().count() >= 2);
        if reached == 31 {
            assert_eq!(loaded.state.scene, project_scene());
            assert!(loaded.state.open.is_empty());
        }
    }
}

fn project_scene() -> Scene {
    Project::new().at(31).0.scene
}

#[test]
fn lost_log_is_recovered_from_the_registry_alone() {
    let project = Project::new();
    project.registry(31);
    project.audit(9);
    project.lose(&project.folders.wal);
    let expected = project_scene();
    assert_eq!(project.best().source, Source::Registry);
    let recovered = project.recover(None);
    assert_eq!(recovered.seq, 32);
    let boot = project.boot();
    assert_eq!(boot.state.scene, expected);
    assert_eq!(boot.state.last_seq, 32);
}

#[test]
fn lost_log_is_recovered_from_a_checkpoint_alone() {
    let project = Project::new();
    project.checkpoint(22);
    let (before, _) = project.at(22);
    project.lose(&project.folders.wal);
    project.recover(None);
    let boot = project.boot();
    assert_eq!(boot.state.scene, before.scene);
    // A recovery is no crash.
    assert!(boot.state.is_clean_shutdown);
    let operations = |state: &Replay| state.operations.iter().count();
    assert_eq!(operations(&boot.state), operations(&before));
}

#[test]
fn lost_log_is_recovered_from_the_audit_alone() {
    let project = Project::new();
    project.audit(7);
    project.lose(&project.folders.wal);
    let best = project.best();
    assert!(matches!(best.source, Source::Audit(_)));
    assert_eq!(best.tip.seq, 22);
    project.recover(None);
    let boot = project.boot();
    assert_eq!(names(&boot.state.scene), first(7));
    assert!(boot.state.scene.rows().all(|row| row.version == 22));
}

#[test]
fn older_commit_of_the_audit_can_be_named() {
    let project = Project::new();
    project.audit(7);
    let commits = vibesync_store::recover::commits(&project.folders, 20).unwrap();
    let fourth = &commits[3].commit;
    project.recover(Some(&format!("audit:{}", &fourth[..10])));
    let boot = project.boot();
    assert_eq!(names(&boot.state.scene), first(4));
    // Record 31 exists: no number is used twice.
    assert_eq!(boot.state.last_seq, 33);
}

#[test]
fn entities_that_the_audit_saw_deleted_stay_deleted() {
    let project = Project::new();
    project.audit(7);
    let mut audit = Audit::open(real(), &project.audit_folder(), PROJECT).unwrap();
    let (state, tip) = project.at(25);
    let mut row = state.scene.row(uuid(3)).unwrap().clone();
    row.tombstone = true;
    let commit = AuditCommit {
        agent: None,
        rows: &[row],
        operation_id: None,
        seq: tip.seq,
        chain_hash: tip.hash,
        phase: Phase::Commit,
        label: "Delete",
        origin: None,
        timestamp: TIME,
    };
    audit.add(&commit).unwrap();
    audit.flush().unwrap();
    project.lose(&project.folders.wal);
    project.recover(None);
    let scene = project.boot().state.scene;
    assert_eq!((scene.len(), scene.live_count()), (7, 6));
    assert!(scene.row(uuid(3)).unwrap().tombstone);
}

#[test]
fn recovered_log_tells_who_why_from_what_and_what_is_lost() {
    let project = Project::new();
    project.damage(15);
    let recovered = project.recover(None);
    // Record 31 is intact behind the damage, so the new log begins after it.
    assert_eq!(recovered.seq, 33);
    let entry = Reader::new(real(), &project.folders.wal, 33, 33)
        .unwrap()
        .next();
    let Payload::Recover {
        epoch,
        who,
        why,
        source,
        recovered_seq,
        lost,
        kept,
    } = entry.unwrap().unwrap().body.payload
    else {
        panic!("no RECOVER record");
    };
    assert_eq!((epoch, recovered_seq), (RECOVERED, 14));
    assert_eq!(
        (who.as_str(), why.as_str(), source.as_str()),
        ("ada", "the disk", "log")
    );
    assert_eq!(kept.as_deref(), Some("recovered/19700101-000000"));
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].witness.as_str(), lost[0].seq), ("log", 31));
}

#[test]
fn epoch_of_a_recovery_begins_after_the_recovered_record() {
    let project = Project::new();
    project.damage(15);
    project.recover(None);
    let epochs = project.boot().state.epochs;
    let found: Vec<_> = epochs
        .as_slice()
        .iter()
        .map(|it| (it.id, it.first_seq))
        .collect();
    assert_eq!(found, [(EPOCH, 1), (RECOVERED, 15)]);
}

#[test]
fn replaced_files_are_kept_and_the_new_log_verifies() {
    let project = Project::new();
    project.checkpoint(7);
    project.registry(31);
    project.damage(9);
    let damaged = std::fs::read(project.folders.wal.join("00000000000000000001.jsonl"));
    let recovered = project.recover(None);
    let kept = project.home().join(&recovered.kept);
    let name = "wal/00000000000000000001.jsonl";
    assert_eq!(std::fs::read(kept.join(name)).unwrap(), damaged.unwrap());
    assert!(kept.join("registry").is_dir() && kept.join("checkpoints").is_dir());
    assert!(!project.folders.registry.exists());
    assert_eq!(verify(&RealDisk, &project.folders.wal).unwrap().tip.seq, 32);
    // Nothing was lost, so the chain goes on.
    let second = project.recover(None);
    assert_eq!(second.kept, "recovered/19700101-000000-2");
}

#[test]
fn open_transaction_stands_if_it_is_complete() {
    // Record 29 is the BEGIN of the last transaction, 30 its only STEP, 31 its COMMIT.
    for (damaged, expected) in [(30, 9), (31, 10)] {
        let project = Project::new();
        project.damage(damaged);
        project.recover(Some("log"));
        let state = project.boot().state;
        assert_eq!(state.scene.live_count(), expected);
        assert!(state.open.is_empty());
        let ends = state.operations.iter().filter(|(_, it)| it.end.is_none());
        assert_eq!(ends.count(), 0);
        assert_eq!(state.operations.iter().count(), expected);
    }
}

#[test]
fn damaged_witness_is_listed_and_not_used() {
    let project = Project::new();
    project.checkpoint(7);
    let path = project
        .folders
        .checkpoints
        .join("00000000000000000007.checkpoint.jsonl");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    vibesync_store::durable::write(&path, &bytes).unwrap();
    project.damage(5);
    let survey = project.survey(None);
    let sources: Vec<_> = survey
        .candidates
        .iter()
        .map(|it| it.source.clone())
        .collect();
    assert_eq!(sources, [Source::Log]);
    assert!(survey.unusable[0].name.contains("checkpoint"), "{survey:?}");
}

#[test]
fn registry_that_lost_a_row_is_not_used() {
    let project = Project::new();
    project.registry(31);
    let rows = database(&project.folders.registry);
    rows.remove(uuid(3).as_bytes()).unwrap();
    rows.flush().unwrap();
    drop(rows);
    let survey = project.survey(None);
    assert!(
        survey
            .candidates
            .iter()
            .all(|it| it.source != Source::Registry)
    );
    assert!(survey.unusable[0].why.contains("9 rows"), "{survey:?}");
}

#[test]
fn record_of_a_newer_version_is_never_recovered_over() {
    let project = Project::new();
    let path = project.folders.wal.join("00000000000000000001.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().next().unwrap();
    let (covered, _) = line.rsplit_once(",\"hash\"").unwrap();
    let newer = covered.replace("\"schema_version\":4", "\"schema_version\":99");
    assert_ne!(newer, covered);
    let hash = blake3::hash(newer.as_bytes());
    let newer = text.replacen(line, &format!("{newer},\"hash\":\"{hash}\"}}"), 1);
    vibesync_store::durable::write(&path, newer.as_bytes()).unwrap();
    let error = Survey::take(&real(), &project.folders, None).unwrap_err();
    assert_eq!(error.code(), vibesync_scene::Code::NewerFormat);
}

#[test]
fn nothing_is_recovered_from_nothing() {
    let project = Project::new();
    project.lose(&project.folders.wal);
    let survey = project.survey(None);
    assert!(choose(&survey.candidates, None).is_none());
}
