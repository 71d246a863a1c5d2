//! `vibesync doctor`: the checks, their results and the exit code.

use serde_json::Value;
use vibesync_protocol::{ClientMessage, DaemonMessage, Intent, SCHEMA_VERSION};
use vibesync_scene::{
    Components, Entity, EntityKind, LastWriters, OperationId, Outcome, Path, Payload, Phase,
    ProjectId, RecordBody, Role, Row, Transform, Uuid,
};
use vibesync_store::audit::{Audit, AuditCommit};
use vibesync_store::registry::{Position, Registry};
use vibesync_store::wal::Tip;

use crate::harness::{agent, create, hear};
use crate::project::{CommandOutput, TestProject};

/// Returns state and text of one check.
fn check(ran: &CommandOutput, name: &str) -> (String, String) {
    let lines = ran
        .out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = lines
        .filter(|words| words.get(1) == Some(&name))
        .collect::<Vec<_>>();
    let [words] = found.as_slice() else {
        panic!("one line for {name} in:\n{}", ran.out)
    };
    (words[0].to_owned(), words[2..].join(" "))
}

fn state(ran: &CommandOutput, name: &str) -> String {
    check(ran, name).0
}

#[test]
fn new_folder_is_healthy() {
    let ran = TestProject::new().run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let names: Vec<_> = ran
        .out
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    let all = "settings project runtime token agent-token lock daemon service log blobs witnesses checkpoints registry audit space clock";
    assert_eq!(names.join(" "), all);
    assert_eq!(state(&ran, "daemon"), "warn");
}

#[test]
fn project_is_healthy_with_and_after_a_daemon() {
    let project = TestProject::new();
    let daemon = project.start();
    let during = project.run(&["doctor"]);
    assert_eq!(during.code, Some(0), "{}", during.out);
    assert!(check(&during, "lock").1.contains(&daemon.pid().to_string()));
    assert!(
        check(&during, "daemon").1.contains("answers"),
        "{}",
        during.out
    );
    assert!(daemon.stop().unwrap().success());
    let after = project.run(&["doctor"]);
    assert_eq!(after.code, Some(0), "{}", after.out);
    assert!(check(&after, "lock").1.starts_with("free"));
    assert!(
        check(&after, "registry").1.starts_with("agrees"),
        "{}",
        after.out
    );
}

#[test]
fn project_is_healthy_right_after_every_edit() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut agent = agent(&daemon);
    for number in 0..5 {
        let intent = Intent {
            operation_id: OperationId(Uuid::new_v4()),
            project_id: daemon.discovery().project_id,
            schema_version: SCHEMA_VERSION,
            base_seq: 0,
            label: "Add".into(),
            dry_run: false,
            changes: vec![create(Uuid::new_v4(), Transform::IDENTITY)],
            request_id: None,
        };
        agent.send(&ClientMessage::Intent(intent)).unwrap();
        while !matches!(hear(&mut agent), DaemonMessage::Outcome { .. }) {}
        let ran = project.run(&["doctor"]);
        let (state, text) = check(&ran, "audit");
        assert_eq!(state, "ok", "edit {number}: {text}");
        assert!(!ran.out.contains("VS-"), "{}", ran.out);
    }
}

#[test]
fn wrong_settings_and_identity_fail_only_their_checks() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[nett]\n");
    project.file(".vibesync/project.json", "{");
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(1));
    let (failed, text) = check(&ran, "settings");
    assert!(
        failed == "fail" && text.contains("VS-6001") && text.contains("vibesync.toml:1"),
        "{text}"
    );
    assert_eq!(state(&ran, "project"), "fail");
    assert_eq!(state(&ran, "space"), "ok");
}

#[cfg(unix)]
#[test]
fn token_that_others_can_read_fails() {
    use std::os::unix::fs::PermissionsExt;
    let project = TestProject::new();
    assert!(project.start().stop().unwrap().success());
    let token = project.runtime().join("token");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = project.run(&["doctor"]);
    assert_eq!(
        (ran.code, state(&ran, "token")),
        (Some(1), "fail".into()),
        "{}",
        ran.out
    );
    assert!(check(&ran, "token").1.contains("VS-6005"));
}

#[test]
fn discovery_file_of_a_killed_daemon_is_no_daemon() {
    let project = TestProject::new();
    project.start().kill();
    assert!(
        crate::project::is_announced(&project.runtime()),
        "a killed daemon leaves its discovery file"
    );
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert_eq!(state(&ran, "daemon"), "warn");
    assert_eq!(project.run(&["status"]).code, Some(1));
}

#[test]
fn damaged_log_fails_and_is_located() {
    let project = TestProject::new();
    assert!(project.start().stop().unwrap().success());
    let name = ".vibesync/wal/00000000000000000001.jsonl";
    let text = std::fs::read_to_string(project.root().join(name)).unwrap();
    project.file(name, &text.replacen("BOOT", "BOAT", 1));
    let ran = project.run(&["doctor"]);
    let (failed, text) = check(&ran, "log");
    assert_eq!(
        (ran.code, failed.as_str()),
        (Some(1), "fail"),
        "{}",
        ran.out
    );
    assert!(
        text.contains("VS-5001") && text.contains("line 1, byte 0"),
        "{text}"
    );
}

const PROJECT: &str = "01912345-0000-7000-8000-000000000001";

/// Returns a project whose log ends with a verified change at sequence 2.
fn with_a_verified_change() -> (TestProject, ProjectId) {
    let project = TestProject::new();
    let identity = format!(r#"{{"schema_version":1,"project_id":"{PROJECT}"}}"#);
    project.file(".vibesync/project.json", &identity);
    let record = |phase, payload| RecordBody {
        session_id: None,
        operation_id: Some(OperationId(Uuid::from_u128(1))),
        uuids: vec![],
        phase,
        outcome: Outcome::Verified,
        error_code: None,
        payload,
    };
    let begin = Payload::Begin {
        agent: None,
        origin: Role::Unity,
        path: Path::Fast,
        label: "Move".into(),
        base_seq: 0,
        steps: 0,
        digest: "0".repeat(64),
        decision: Some(vibesync_scene::PolicyDecision::default()),
        call: None,
    };
    let end = Payload::End {
        begin: 1,
        verified_by: vec![Role::Blender],
        undelivered_to: vec![],
        detail: None,
    };
    project.write_log(&[record(Phase::Begin, begin), record(Phase::Final, end)]);
    (project, ProjectId(PROJECT.parse().unwrap()))
}

fn commit(project: &TestProject, id: ProjectId, seq: u64) {
    let disk = std::sync::Arc::new(vibesync_store::disk::RealDisk);
    let mut audit = Audit::open(disk, &project.root().join(".git_safety"), id).unwrap();
    let commit = AuditCommit {
        agent: None,
        rows: &[],
        operation_id: Some(OperationId(Uuid::from_u128(1))),
        seq,
        chain_hash: Tip::START.hash,
        phase: Phase::Final,
        label: "Move",
        origin: Some(Role::Unity),
        timestamp: "2026-01-02T03:04:05.000000Z",
    };
    audit.commit(&commit).unwrap().expect("a new commit");
}

#[test]
fn audit_history_is_compared_with_the_log() {
    let (project, id) = with_a_verified_change();
    for (seq, expected, word) in [
        (1, "warn", "VS-5005"),
        (2, "ok", "sequence 2"),
        (3, "fail", "VS-5010"),
    ] {
        commit(&project, id, seq);
        let (state, text) = check(&project.run(&["doctor"]), "audit");
        assert!(
            state == expected && text.contains(word),
            "{seq}: {state} {text}"
        );
    }
    let log = project.run(&["audit", "log", "-n", "2"]);
    let lines: Vec<_> = log.out.lines().collect();
    assert_eq!(lines.len(), 2, "{log:?}");
    let newest = "2026-01-02T03:04:05Z      3 FINAL    Move by unity | operation=00000000-0000-0000-0000-000000000001";
    assert!(lines[0].ends_with(newest), "{}", lines[0]);
}

#[test]
fn registry_mismatch_is_reported_and_not_repaired() {
    let (project, _) = with_a_verified_change();
    let wrong = Row {
        entity: Entity {
            uuid: Uuid::from_u128(9),
            kind: EntityKind::Object,
            components: Components {
                name: Some("Ghost".into()),
                ..Components::default()
            },
        },
        version: 1,
        tombstone: false,
        changed: LastWriters::default(),
        quarantine: None,
    };
    let path = project.root().join(".vibesync/registry");
    let mut position = Position::START;
    position.tip.seq = 2;
    drop(Registry::rebuild(&path, [&wrong].into_iter(), position).unwrap());
    for _ in 0..2 {
        let (state, text) = check(&project.run(&["doctor"]), "registry");
        assert!(state == "warn" && text.contains("VS-5004"), "{text}");
    }
    let ran = project.run(&["doctor", "--json"]);
    let checks = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let registry = checks
        .into_iter()
        .find(|it| it["check"] == "registry")
        .unwrap();
    assert_eq!(registry["state"], "warn");
}
