//! `vibesync log tail`, `show` and `verify`: the transaction log as text for people.

use vibesync_scene::{
    Change, Code, Components, Entity, EntityKind, OperationId, Outcome, Path, Payload, Phase,
    ProjectId, RecordBody, Role, SessionId, Transform, Uuid,
};

use crate::project::TestProject;

pub const CUBE: Uuid = Uuid::from_u128(0xC0BE);
pub const MESH: Uuid = Uuid::from_u128(0x3E54);
pub const MOVED: OperationId = OperationId(Uuid::from_u128(1));
pub const UNDONE: OperationId = OperationId(Uuid::from_u128(2));

fn record(
    operation: Option<OperationId>,
    phase: Phase,
    outcome: Outcome,
    payload: Payload,
) -> RecordBody {
    RecordBody {
        session_id: operation.map(|_| SessionId(Uuid::from_u128(0x5E55))),
        operation_id: operation,
        uuids: operation.map_or_else(Vec::new, |_| vec![CUBE]),
        phase,
        outcome,
        error_code: None,
        payload,
    }
}

fn begin(label: &str, path: Path, steps: u32) -> Payload {
    Payload::Begin {
        agent: None,
        origin: Role::Blender,
        path,
        label: label.into(),
        base_seq: 1,
        steps,
        digest: "0".repeat(64),
        decision: Some(vibesync_scene::PolicyDecision::default()),
        call: None,
    }
}

fn cube(name: &str) -> Entity {
    let components = Components {
        name: Some(name.into()),
        ..Components::default()
    };
    Entity {
        uuid: CUBE,
        kind: EntityKind::Object,
        components,
    }
}

fn transform() -> Components {
    let transform = Transform {
        translation: [1.0, 2.0, 3.0],
        rotation: [0.0, 0.0, 0.0, 1.0],
        scale: [1.0; 3],
    };
    Components {
        transform: Some(transform),
        ..Components::default()
    }
}

fn end(begin: u64, verified_by: &[Role], detail: Option<&str>) -> Payload {
    Payload::End {
        begin,
        verified_by: verified_by.to_vec(),
        undelivered_to: vec![],
        detail: detail.map(Into::into),
    }
}

/// Returns the records of a start, a verified move and an import that was rolled back, by two editors.
pub fn sample_records() -> Vec<RecordBody> {
    let boot = Payload::Boot {
        daemon_version: "0.1.0".into(),
        project_id: ProjectId(Uuid::from_u128(7)),
        last_shutdown_clean: true,
        epoch: None,
    };
    let session = Payload::Session {
        role: Role::Unity,
        connected: true,
        detail: "Unity 6000.0".into(),
        diverged_after: None,
    };
    let moved = Change::Update {
        uuid: CUBE,
        components: transform(),
    };
    let made = Change::Create {
        uuid: MESH,
        kind: EntityKind::Mesh,
        components: cube("Gear").components,
    };
    let gone = Change::Delete { uuid: CUBE };
    let step = |index, change, before| Payload::Step {
        index,
        change,
        before,
    };
    let (ok, done) = (Outcome::Ok, Outcome::Verified);
    let mut undone = record(
        Some(UNDONE),
        Phase::Rollback,
        Outcome::RolledBack,
        end(
            7,
            &[],
            Some("Cube: transform.translation is [1, 2, 4], expected [1, 2, 3]"),
        ),
    );
    undone.error_code = Some(Code::VerificationFailed);
    let mut import = record(
        Some(UNDONE),
        Phase::Begin,
        ok,
        begin("Import Gear", Path::Slow, 2),
    );
    import.uuids = (1..=5).map(Uuid::from_u128).collect();
    vec![
        record(None, Phase::Boot, ok, boot),
        record(None, Phase::Session, ok, session),
        record(
            Some(MOVED),
            Phase::Begin,
            ok,
            begin("Move Cube", Path::Fast, 1),
        ),
        record(
            Some(MOVED),
            Phase::Step,
            ok,
            step(0, moved, Some(cube("Cube"))),
        ),
        record(Some(MOVED), Phase::Provisional, ok, Payload::Provisional {}),
        record(
            Some(MOVED),
            Phase::Final,
            done,
            end(3, &[Role::Unity], None),
        ),
        import,
        record(Some(UNDONE), Phase::Step, ok, step(0, made, None)),
        record(
            Some(UNDONE),
            Phase::Step,
            ok,
            step(1, gone, Some(cube("Old Gear"))),
        ),
        undone,
        record(None, Phase::Shutdown, ok, Payload::Shutdown {}),
    ]
}

pub fn project_with_sample_log() -> TestProject {
    let project = TestProject::new();
    project.write_log(&sample_records());
    project
}

#[test]
fn tail_prints_one_line_per_record() {
    let all = project_with_sample_log().run(&["log", "tail"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    insta::assert_snapshot!("log_tail", all.out);
    let two = project_with_sample_log()
        .run(&["log", "tail", "-n", "2"])
        .out;
    assert_eq!(
        two.lines().collect::<Vec<_>>(),
        all.out.lines().skip(9).collect::<Vec<_>>()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn tail_fits_the_terminal_unless_asked_for_full_ids() {
    let project = project_with_sample_log();
    let short = project.run_in_terminal(&["log", "tail"], "");
    assert_eq!(short.code, Some(0), "{short:?}");
    insta::assert_snapshot!("log_tail_terminal", short.out);
    assert!(
        short.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        short.out
    );
    let full = project.run_in_terminal(&["log", "tail", "--full"], "").out;
    assert_eq!(full, project.run(&["log", "tail"]).out);
}

#[test]
fn show_prints_the_records_of_an_operation() {
    let project = project_with_sample_log();
    insta::assert_snapshot!("log_show_final", project.run(&["log", "show", "4"]).out);
    let by_id = project.run(&["log", "show", &UNDONE.to_string()]);
    assert_eq!(by_id.code, Some(0));
    insta::assert_snapshot!("log_show_rollback", by_id.out);
    assert_eq!(
        project.run(&["log", "show", "8"]).out,
        by_id.out,
        "any record leads to its operation"
    );
}

#[test]
fn label_cannot_send_terminal_escapes() {
    let project = TestProject::new();
    let label = "red \u{1b}[31m\nnext line";
    let open = record(
        Some(MOVED),
        Phase::Begin,
        Outcome::Ok,
        begin(label, Path::Fast, 1),
    );
    project.write_log(&[open]);
    for args in [&["log", "tail"][..], &["log", "show", "1"]] {
        let out = project.run(args).out;
        assert!(
            out.contains("red") && !out.contains('\u{1b}') && !out.contains("\nnext"),
            "{out}"
        );
    }
}

#[test]
fn show_names_an_unknown_operation() {
    let project = project_with_sample_log();
    for which in ["0", "12", "00000000-0000-0000-0000-00000000000f"] {
        let ran = project.run(&["log", "show", which]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.starts_with("no record"), "{ran:?}");
    }
}

#[test]
fn verify_accepts_an_intact_log_and_names_damage() {
    let project = project_with_sample_log();
    let whole = project.run(&["log", "verify"]);
    assert_eq!(whole.code, Some(0));
    assert!(
        whole.out.starts_with("11 records in 1 segments"),
        "{}",
        whole.out
    );

    let name = ".vibesync/wal/00000000000000000001.jsonl";
    let text = std::fs::read_to_string(project.root().join(name)).unwrap();
    project.file(name, &text.replacen("Move Cube", "Move Cone", 1));
    let damaged = project.run(&["log", "verify"]);
    assert_eq!(damaged.code, Some(1));
    insta::assert_snapshot!("log_damaged", damaged.err);
    assert_eq!(project.run(&["log", "tail"]).code, Some(1));

    project.file(name, &text[..text.len() - 10]);
    let torn = project.run(&["log", "verify"]);
    assert_eq!(torn.code, Some(0));
    assert!(torn.out.contains("interrupted write"), "{}", torn.out);
}
