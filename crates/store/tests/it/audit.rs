//! The audit, read through this program.

use std::path::Path;

use git2::Repository;
use vibesync_scene::{Code, Entity, OperationId, Phase, Role, Row};
use vibesync_store::audit::{Audit, AuditCommit, CommitInfo, EntityDiff, History, differences};

use crate::sample::{PROJECT, TIME, entity, real, row, uuid};

fn open(root: &Path) -> Audit {
    Audit::open(real(), root, PROJECT).unwrap()
}

pub fn commit(rows: &[Row], seq: u64) -> AuditCommit<'_> {
    AuditCommit {
        agent: None,
        rows,
        operation_id: Some(OperationId(uuid(5))),
        seq,
        chain_hash: blake3::hash(&seq.to_be_bytes()),
        phase: Phase::Commit,
        label: "Move Cube",
        origin: Some(Role::Blender),
        timestamp: TIME,
    }
}

fn log(audit: &Audit) -> Vec<CommitInfo> {
    let items = audit.history().log().unwrap();
    items.map(Result::unwrap).collect()
}

fn entities_at(audit: &Audit, seq: u64) -> Vec<Entity> {
    let history = audit.history();
    let commit = history.commit_at(seq).unwrap();
    commit.map_or_else(Vec::new, |item| history.entities(&item.commit).unwrap())
}

fn paths(repository: &Repository) -> Vec<String> {
    let tree = repository.head().unwrap().peel_to_tree().unwrap();
    let mut paths = Vec::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |dir, entry| {
        if entry.kind() == Some(git2::ObjectType::Blob) {
            paths.push(format!("{dir}{}", entry.name().unwrap()));
        }
        git2::TreeWalkResult::Ok
    })
    .unwrap();
    paths
}

fn content(repository: &Repository, n: u128) -> String {
    let tree = repository.head().unwrap().peel_to_tree().unwrap();
    let blob = tree.get_path(Path::new(&path(n))).unwrap().id();
    String::from_utf8(repository.find_blob(blob).unwrap().content().to_vec()).unwrap()
}

pub fn path(n: u128) -> String {
    let uuid = uuid(n).to_string();
    let [x, y, z] = [33, 34, 35].map(|at| &uuid[at..=at]);
    format!("entities/{x}/{y}/{z}/{uuid}.json")
}

#[test]
fn commit_contains_exactly_the_scene() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    assert_eq!(audit.last_seq(), 0);
    audit
        .commit(&commit(&[row(1, "A", 3), row(2, "B", 3)], 3))
        .unwrap()
        .unwrap();
    let repository = Repository::open(dir.path()).unwrap();
    assert_eq!(
        paths(&repository),
        [path(1), path(2), "project.json".into()]
    );
    let file = content(&repository, 1);
    assert!(
        file.starts_with("{\n  \"uuid\"") && file.ends_with("}\n"),
        "{file}"
    );
    assert_eq!(
        serde_json::from_str::<Entity>(&file).unwrap(),
        entity(1, "A")
    );
    let project = std::fs::read_to_string(dir.path().join("project.json")).unwrap();
    let project: serde_json::Value = serde_json::from_str(&project).unwrap();
    assert_eq!(
        project,
        serde_json::json!({"schema_version": 1, "project_id": PROJECT})
    );
}

#[test]
fn changes_and_deletions_are_committed() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    audit
        .commit(&commit(&[row(1, "A", 1), row(2, "B", 1)], 1))
        .unwrap();
    let mut gone = row(2, "B", 2);
    gone.tombstone = true;
    let mut never_there = row(3, "C", 2);
    never_there.tombstone = true;
    audit
        .commit(&commit(&[row(1, "A2", 2), gone, never_there], 2))
        .unwrap();
    let repository = Repository::open(dir.path()).unwrap();
    assert_eq!(paths(&repository), [path(1), "project.json".into()]);
    assert!(content(&repository, 1).contains("A2"));
}

#[test]
fn last_entity_can_be_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    audit.commit(&commit(&[row(1, "A", 1)], 1)).unwrap();
    let mut gone = row(1, "A", 2);
    gone.tombstone = true;
    audit.commit(&commit(&[gone], 2)).unwrap();
    assert_eq!(entities_at(&audit, 2), []);
    audit.commit(&commit(&[row(1, "A", 3)], 3)).unwrap();
    assert_eq!(entities_at(&audit, 3), [entity(1, "A")]);
}

#[test]
fn entities_of_any_commit_are_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    for seq in 1..=5_u64 {
        let rows = [
            row(1, &format!("at {seq}"), seq),
            row(u128::from(seq) + 10, "more", seq),
        ];
        audit.commit(&commit(&rows, seq * 10)).unwrap();
    }
    let audit = open(dir.path());
    assert_eq!(entities_at(&audit, 9), []);
    for seq in 10..=59 {
        let made = seq / 10;
        let mut expected = vec![entity(1, &format!("at {made}"))];
        expected.extend((1..=made).map(|n| entity(u128::from(n) + 10, "more")));
        assert_eq!(entities_at(&audit, seq), expected, "at {seq}");
    }
}

#[test]
fn commit_message_names_its_origin() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let mut sneaky = commit(&[], 7);
    sneaky.label = "Rename\n\nSeq: 99\u{7}";
    sneaky.origin = None;
    sneaky.operation_id = None;
    audit.commit(&commit(&[row(1, "A", 3)], 3)).unwrap();
    let id = audit.commit(&sneaky).unwrap().unwrap();
    assert_eq!(open(dir.path()).last_seq(), 7);
    let log = log(&audit);
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].commit.as_str(), log[0].label.as_str(), log[0].seq),
        (id.as_str(), "Rename  Seq: 99", 7)
    );
    assert_eq!(
        (log[0].origin.as_str(), &log[0].operation_id),
        ("daemon", &None)
    );
    assert_eq!(
        (log[1].origin.as_str(), log[1].phase.as_str()),
        ("blender", "COMMIT")
    );
    assert_eq!(log[1].operation_id, Some(uuid(5).to_string()));
    assert_eq!(
        log[1].chain_hash,
        blake3::hash(&3_u64.to_be_bytes()).to_hex().as_str()
    );
    assert_eq!(log[1].time, 1_767_323_045);
}

#[test]
fn commit_of_an_agent_names_it_as_the_author() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let rows = [row(1, "Cube", 7)];
    let name = "claude".parse().unwrap();
    let by_agent = AuditCommit {
        agent: Some(&name),
        origin: Some(Role::Agent),
        ..commit(&rows, 7)
    };
    audit.commit(&by_agent).unwrap();
    let repository = Repository::open(dir.path()).unwrap();
    let head = repository.head().unwrap().peel_to_commit().unwrap();
    let (author, committer) = (head.author(), head.committer());
    assert_eq!(author.name_bytes(), b"agent claude");
    assert_eq!(author.email_bytes(), b"agent@vibesync");
    assert_eq!(committer.name_bytes(), b"VibeSync");
    assert_eq!(log(&audit)[0].agent.as_deref(), Some("claude"));
}

#[test]
fn sequence_is_committed_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    assert!(
        audit
            .commit(&commit(&[row(1, "A", 3)], 3))
            .unwrap()
            .is_some()
    );
    assert_eq!(audit.commit(&commit(&[row(1, "A", 3)], 3)).unwrap(), None);
    assert_eq!(audit.commit(&commit(&[row(1, "old", 2)], 2)).unwrap(), None);
    assert_eq!(log(&audit).len(), 1);
    assert_eq!(entities_at(&audit, 3), [entity(1, "A")]);
}

#[test]
fn commit_succeeds_on_retry_when_the_lock_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    audit.commit(&commit(&[row(1, "A", 1)], 1)).unwrap();
    let lock = dir.path().join(".git/refs/heads/main.lock");
    let held = std::fs::File::create(&lock).unwrap();
    let refused = audit.commit(&commit(&[row(1, "B", 2)], 2)).unwrap_err();
    assert_eq!(refused.code(), Code::AuditUnavailable);
    // A lock that a dead process left.
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    held.set_modified(long_ago).unwrap();
    drop(held);
    audit
        .commit(&commit(&[row(1, "B", 2)], 2))
        .unwrap()
        .unwrap();
    assert_eq!(entities_at(&audit, 2), [entity(1, "B")]);
}

#[test]
fn diff_lists_the_changed_entities_of_two_commits() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let ids: Vec<String> = [
        vec![row(1, "A", 1), row(2, "B", 1), row(3, "C", 1)],
        vec![row(2, "B2", 2), row(4, "D", 2)],
        vec![Row {
            tombstone: true,
            ..row(1, "A", 3)
        }],
    ]
    .iter()
    .zip(1..)
    .map(|(rows, seq)| audit.commit(&commit(rows, seq)).unwrap().unwrap())
    .collect();
    let history = audit.history();
    let expected: Vec<EntityDiff> = [
        EntityDiff::new(uuid(1), Some(entity(1, "A")), None),
        EntityDiff::new(uuid(2), Some(entity(2, "B")), Some(entity(2, "B2"))),
        EntityDiff::new(uuid(4), None, Some(entity(4, "D"))),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert_eq!(history.diff(&ids[0], &ids[2]).unwrap(), expected);
    assert_eq!(history.diff(&ids[1], &ids[1]).unwrap(), []);
    let of = |id: &String| history.entities(id).unwrap();
    assert_eq!(differences(&of(&ids[0]), &of(&ids[2])), expected);
    let components = expected[1].components();
    assert_eq!(components.len(), 1);
    assert_eq!(components["name"], (Some("B".into()), Some("B2".into())));
    assert_eq!(expected[2].components().len(), 2);
}

#[test]
fn commit_is_found_by_its_first_digits() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let id = audit
        .commit(&commit(&[row(1, "A", 1)], 7))
        .unwrap()
        .unwrap();
    let history = History::open(dir.path()).unwrap().unwrap();
    for length in [4, 10, 40] {
        let found = history.find(&id[..length]).unwrap().unwrap();
        assert_eq!((found.commit.as_str(), found.seq), (id.as_str(), 7));
    }
    for nothing in ["", "abc", "HEAD", "main", "0000000000", &format!("{id}0")] {
        assert_eq!(history.find(nothing).ok().flatten(), None, "{nothing}");
    }
    assert!(
        History::open(&dir.path().join("nothing"))
            .unwrap()
            .is_none()
    );
}
