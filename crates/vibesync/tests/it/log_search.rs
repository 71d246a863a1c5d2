//! `vibesync log grep`, `tail -f` and `replay`.

use serde_json::Value;
use vibesync_protocol::{ClientMessage, DaemonMessage, Intent, SCHEMA_VERSION};
use vibesync_scene::{OperationId, Role, Transform, Uuid};
use vibesync_testkit::EditorSession;
use vibesync_testkit::change::parented;

use crate::harness::{CUBE as MOVED_CUBE, TIMEOUT, agent, create, editor, hear, moved};
use crate::log::{CUBE, MOVED, UNDONE, project_with_sample_log, sample_records};
use crate::project::TestProject;

/// Runs a search; returns the sequences of the printed records and the exit code.
fn found(project: &TestProject, args: &[&str]) -> (Vec<u64>, Option<i32>) {
    let ran = project.run(&[&["log", "grep", "--json"], args].concat());
    let records = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    (
        records
            .map(|record| record["seq"].as_u64().unwrap())
            .collect(),
        ran.code,
    )
}

#[test]
fn each_filter_finds_its_records() {
    let project = project_with_sample_log();
    let (moved, undone) = (MOVED.to_string(), UNDONE.to_string());
    let (cube, nobody) = (CUBE.to_string(), Uuid::from_u128(9).to_string());
    let session = Uuid::from_u128(0x5E55).to_string();
    let cases: [(&[&str], &[u64]); 15] = [
        (&["--uuid", &cube], &[3, 4, 5, 6, 8, 9, 10]),
        (&["--uuid", &nobody], &[]),
        (&["--operation", &moved], &[3, 4, 5, 6]),
        (&["--operation", &undone], &[7, 8, 9, 10]),
        (&["--operation", "create"], &[8]),
        (&["--operation", "update"], &[4]),
        (&["--operation", "delete"], &[9]),
        (&["--operation", "transform"], &[4]),
        (&["--operation", "parent"], &[]),
        (&["--session", &session, "--phase", "step"], &[4, 8, 9]),
        (&["--phase", "ROLLBACK"], &[10]),
        (&["--code", "VS-4001"], &[10]),
        (&["--since", "2026-01-02T03:04:05.009Z"], &[9, 10, 11]),
        (
            &[
                "--since",
                "2026-01-02T03:04:05.002Z",
                "--until",
                "2026-01-02T03:04:05.004Z",
            ],
            &[2, 3, 4],
        ),
        (&["--since", "1day", "--until", "1h"], &[]),
    ];
    for (args, expected) in cases {
        let code = if expected.is_empty() { 1 } else { 0 };
        assert_eq!(
            found(&project, args),
            (expected.to_vec(), Some(code)),
            "{args:?}"
        );
    }
}

#[test]
fn refused_intents_are_found_with_their_reason() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut agent = agent(&daemon);
    let wrong = parented(MOVED_CUBE, Some(Uuid::from_u128(9)));
    let intent = Intent {
        operation_id: MOVED,
        project_id: daemon.discovery().project_id,
        schema_version: SCHEMA_VERSION,
        base_seq: 0,
        label: "Tidy up".into(),
        dry_run: false,
        changes: vec![wrong],
        request_id: None,
    };
    agent.send(&ClientMessage::Intent(intent)).unwrap();
    while !matches!(hear(&mut agent), DaemonMessage::Ack { .. }) {}
    let refused = project.run(&["log", "grep", "--refused"]);
    assert_eq!(refused.code, Some(0), "{refused:?}");
    assert_eq!(refused.out.lines().count(), 1, "{refused:?}");
    for text in [
        "REFUSED",
        "Tidy up",
        "by agent",
        "VS-3001",
        &MOVED.to_string(),
    ] {
        assert!(refused.out.contains(text), "{text} in {refused:?}");
    }
    let shown = project.run(&["log", "show", &MOVED.to_string()]).out;
    assert!(shown.contains("refused: nothing was changed"), "{shown}");
    assert!(shown.contains("no entity"), "{shown}");
}

#[test]
fn ids_are_found_by_their_first_digits() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut agent = agent(&daemon);
    let ids: [u128; 2] = [0x379F_ACFC << 96 | 1, 0x379F_BCFC << 96 | 2];
    for id in ids {
        let intent = Intent {
            operation_id: OperationId(Uuid::from_u128(id)),
            project_id: daemon.discovery().project_id,
            schema_version: SCHEMA_VERSION,
            base_seq: 0,
            label: format!("Add {}", id % 8),
            dry_run: false,
            changes: vec![create(Uuid::from_u128(id), Transform::IDENTITY)],
            request_id: None,
        };
        agent.send(&ClientMessage::Intent(intent)).unwrap();
        while !matches!(hear(&mut agent), DaemonMessage::Outcome { .. }) {}
    }
    for filter in ["--uuid", "--operation"] {
        let whole = found(&project, &[filter, &Uuid::from_u128(ids[0]).to_string()]);
        assert!(!whole.0.is_empty());
        assert_eq!(found(&project, &[filter, "379fa"]), whole);
        let ambiguous = project.run(&["log", "grep", filter, "379F"]);
        assert_eq!(ambiguous.code, Some(2), "{ambiguous:?}");
        for id in ids {
            assert!(
                ambiguous.err.contains(&Uuid::from_u128(id).to_string()),
                "{ambiguous:?}"
            );
        }
        assert_eq!(found(&project, &[filter, "379c"]), (vec![], Some(1)));
    }
    let shown = project.run(&["log", "show", "379f-b"]);
    assert!(
        shown.code == Some(0) && shown.out.contains("Add 2"),
        "{shown:?}"
    );
    let ambiguous = project.run(&["log", "show", "379f"]);
    let described = ambiguous.err.contains("\"Add 1\" by agent agent, record ");
    assert!(ambiguous.code == Some(2) && described, "{ambiguous:?}");
    let row = project.run(&["registry", "show", "379fb"]);
    assert!(
        row.code == Some(0) && row.out.contains("379fbcfc-"),
        "{row:?}"
    );
    let ambiguous = project.run(&["registry", "show", "379f"]);
    let described = ambiguous.err.contains("object \"Cube\"");
    assert!(ambiguous.code == Some(2) && described, "{ambiguous:?}");
    let nobody = project.run(&["registry", "show", "379c"]);
    assert!(
        nobody
            .err
            .contains("VS-3001: no entity's uuid begins with 379c"),
        "{nobody:?}"
    );
}

#[test]
fn grep_without_a_filter_asks_for_one() {
    let project = project_with_sample_log();
    for args in [
        &["log", "grep"][..],
        &["log", "grep", "-f"],
        &["log", "grep", "--json"],
    ] {
        let ran = project.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
        assert!(
            ran.err.contains("needs a filter") && ran.err.contains("--phase"),
            "{ran:?}"
        );
    }
}

#[test]
fn replay_beyond_the_end_names_the_end() {
    let ran = project_with_sample_log().run(&["log", "replay", "--seq", "12"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("the log ends at record 11"), "{ran:?}");
    assert!(ran.err.contains("from 1 to 11"), "{ran:?}");
}

#[test]
fn meaningless_filter_is_wrong_usage() {
    let project = project_with_sample_log();
    for args in [
        ["--uuid", "cube"],
        ["--operation", "explode"],
        ["--phase", "later"],
        ["--since", "yesterday"],
        ["--code", "VS-0"],
    ] {
        let ran = project.run(&[&["log", "grep"], &args[..]].concat());
        assert_eq!(ran.code, Some(2), "{args:?}: {ran:?}");
    }
}

#[test]
fn json_records_are_printed_unchanged() {
    let project = project_with_sample_log();
    let log = std::fs::read_to_string(
        project
            .root()
            .join(".vibesync/wal/00000000000000000001.jsonl"),
    );
    let all = ["log", "grep", "--since", "2026-01-01T00:00:00Z"];
    let json = project.run(&[&all[..], &["--json"]].concat()).out;
    assert_eq!(json, log.unwrap());
    let human = project.run(&all).out;
    assert_eq!(human, project.run(&["log", "tail", "-n", "100"]).out);
}

#[test]
fn follow_continues_into_new_segments() {
    let project = TestProject::new();
    let records = sample_records();
    project.write_log(&records[..2]);
    let mut tail = project.follow(&["log", "tail", "-f"]);
    let mut grep = project.follow(&["log", "grep", "-f", "--phase", "step"]);
    assert!(tail.next_line().contains("BOOT") && tail.next_line().contains("SESSION"));
    project.write_segments(&records[2..6], 1);
    assert!(tail.next_line().contains("Move Cube") && tail.next_line().contains("STEP"));
    assert!(grep.next_line().contains("STEP"));
    project.write_segments(&records[6..], 1);
    assert!(tail.next_line().contains("PROVISIONAL") && tail.next_line().contains("FINAL"));
    assert!(tail.next_line().contains("BEGIN") && grep.next_line().contains("create mesh"));
}

#[cfg(unix)]
#[test]
fn follow_ends_at_ctrl_c() {
    let project = project_with_sample_log();
    let mut tail = project.follow(&["log", "tail", "-f", "-n", "1"]);
    assert!(tail.next_line().contains("SHUTDOWN"));
    // A new record shows that the command follows, and so handles signals.
    project.write_log(&sample_records()[..1]);
    assert!(tail.next_line().contains("BOOT"));
    tail.process.interrupt().unwrap();
    let status = tail.process.wait(TIMEOUT).unwrap();
    assert_eq!(status.code(), Some(0));
}

/// Returns a project in which a cube was moved forty times, with a checkpoint in between.
fn worked_on() -> TestProject {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[wal]\ncheckpoint_every = 100\n");
    let daemon = project.start();
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    for x in 1..=40 {
        let transform = Transform {
            translation: [f64::from(x), 0.0, 0.0],
            ..Transform::IDENTITY
        };
        let change = match x {
            1 => create(MOVED_CUBE, transform),
            _ => moved(MOVED_CUBE, transform),
        };
        blender.edit(vec![change]).unwrap();
        while !blender.editor.outbox.is_empty() {
            blender.hear().unwrap();
        }
    }
    assert!(daemon.stop().unwrap().success());
    project
}

#[test]
fn replay_prints_the_state_and_agrees_with_checkpoints() {
    let project = worked_on();
    let ran = project.run(&["log", "replay", "--json", "--entities"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut lines = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let summary = lines.next().unwrap();
    assert_eq!(
        (&summary["entities"], &summary["tombstones"]),
        (&1.into(), &0.into())
    );
    let compared = summary["compared"].as_array().unwrap();
    assert!(!compared.is_empty(), "{summary}");
    assert!(
        compared.iter().all(|found| found["agrees"] == true),
        "{summary}"
    );
    let cube = lines.next().unwrap();
    assert_eq!(cube["entity"]["uuid"], MOVED_CUBE.to_string());
    assert_eq!(lines.next(), None);

    let (begins, _) = found(&project, &["--phase", "begin"]);
    let third = (begins[3] - 1).to_string();
    let ran = project.run(&[
        "log",
        "replay",
        "--seq",
        &third,
        "--json",
        "--operation",
        "transform",
    ]);
    let then: Value = serde_json::from_str(ran.out.lines().nth(1).unwrap()).unwrap();
    let x = &then["entity"]["components"]["transform"]["translation"][0];
    assert_eq!(x, 3.0, "as the third edit left it: {ran:?}");
    assert_ne!(then["version"], cube["version"]);
}

#[test]
fn replay_names_a_checkpoint_that_differs_from_the_log() {
    let project = worked_on();
    let folder = project.root().join(".vibesync/checkpoints");
    let newest = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .max()
        .unwrap();
    let text = std::fs::read_to_string(&newest).unwrap();
    let damaged = text.replacen("\"translation\":[", "\"translation\":[9", 1);
    assert_ne!(damaged, text);
    vibesync_store::durable::write(&newest, damaged.as_bytes()).unwrap();
    let ran = project.run(&["log", "replay"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let name = newest.file_name().unwrap().to_str().unwrap();
    let line = ran
        .out
        .lines()
        .find(|line| line.contains("DIFFERS"))
        .unwrap();
    assert!(line.contains(name) && line.contains("hash"), "{line}");
}
