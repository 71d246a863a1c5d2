//! Agents at the real daemon: their secret, and the decisions of people with `vibesync agents`.

use serde_json::{Value, json};
use vibesync_protocol::auth::Token;
use vibesync_protocol::{
    AckStatus, AgentIdentity, ClientMessage, DaemonMessage, Describe, Intent, QueryResult,
    Question, SCHEMA_VERSION, Search,
};
use vibesync_scene::{Guard, OperationId, Role, Transform, Uuid};
use vibesync_testkit::{Client, Daemon};

use crate::harness::{
    CUBE, TIMEOUT, create, dial, editor, expect_fatal_error, hear, moved, with_fields,
};
use crate::project::TestProject;

fn agent_token(project: &TestProject) -> Token {
    let secret = std::fs::read_to_string(project.runtime().join("agent-token")).unwrap();
    Token::parse(&secret).unwrap()
}

/// Connects as a named agent, with the secret of agents alone.
fn connect(project: &TestProject, daemon: &Daemon, name: &str) -> Client {
    let mut client = dial(daemon);
    let mut agent = editor(daemon, Role::Agent);
    agent.agent = Some(AgentIdentity {
        name: name.parse().unwrap(),
        ..AgentIdentity::default()
    });
    client.prove(&agent_token(project), &mut agent).unwrap();
    client
}

fn intent(daemon: &Daemon) -> Intent {
    Intent {
        operation_id: OperationId(Uuid::new_v4()),
        project_id: daemon.discovery().project_id,
        schema_version: SCHEMA_VERSION,
        request_id: None,
        dry_run: false,
        base_seq: 0,
        label: "Make a cube".into(),
        changes: vec![create(CUBE, Transform::IDENTITY)],
    }
}

/// Returns the next acknowledgment: status, and code of the error.
fn acknowledged(client: &mut Client) -> (AckStatus, Option<String>) {
    loop {
        if let DaemonMessage::Ack { status, error, .. } = hear(client) {
            return (status, error.map(|error| error.code.to_string()));
        }
    }
}

fn listed(project: &TestProject) -> Value {
    let mut command = project.command(&["agents", "list", "--json"]);
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

#[test]
fn secret_of_agents_proves_no_other_role() {
    let project = TestProject::new();
    let daemon = project.start();
    let secret = agent_token(&project);
    for role in [Role::Cli, Role::Blender, Role::Unity] {
        let mut client = dial(&daemon);
        let DaemonMessage::Challenge {
            nonce,
            project_id,
            features,
            ..
        } = hear(&mut client)
        else {
            panic!("the challenge comes first");
        };
        assert_eq!(
            features,
            [
                "agents",
                "apply_patches",
                "capabilities",
                "large_batches",
                "mesh_previews",
                "previews",
                "upload_patches",
                "view"
            ]
        );
        let own = "ab".repeat(32);
        let proof = secret.client_proof(&nonce, &own, project_id);
        let hello = editor(&daemon, role).hello(own, proof);
        client.send(&ClientMessage::Hello(hello)).unwrap();
        expect_fatal_error(&mut client, "VS-2002");
    }
    connect(&project, &daemon, "claude");
}

#[cfg(unix)]
#[test]
fn secret_of_agents_is_private_and_a_damaged_one_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let project = TestProject::new();
    let daemon = project.start();
    let path = project.runtime().join("agent-token");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(daemon);
    vibesync_store::durable::write_private(&path, b"damaged").unwrap();
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("VS-6005") && ran.err.contains("agent-token"),
        "{}",
        ran.err
    );
    let doctor = project.run(&["doctor"]);
    assert!(doctor.out.contains("agent-token"), "{}", doctor.out);
}

#[test]
fn person_allows_a_new_agent_on_the_command_line() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut client = connect(&project, &daemon, "claude");
    client
        .send(&ClientMessage::Intent(intent(&daemon)))
        .unwrap();
    assert_eq!(acknowledged(&mut client), (AckStatus::Waiting, None));
    let list = listed(&project);
    assert_eq!(list["agents"][0]["name"], "claude");
    assert_eq!(list["agents"][0]["mode"], "ask");
    let id = list["approvals"][0]["approval_id"].as_str().unwrap();
    let page = project.run(&["agents"]).out;
    let question = "claude wants to change this scene: Make a cube";
    assert!(page.contains(question), "{page}");
    let status = project.run(&["status"]).out;
    assert!(
        status.contains(question) && status.contains("agent claude: ask"),
        "{status}"
    );
    let approved = project.run(&["agents", "approve", &id[..6], "--always", "--who", "Ada"]);
    assert!(
        approved.out.starts_with("allowed (project): claude"),
        "{}",
        approved.out
    );
    assert_eq!(acknowledged(&mut client), (AckStatus::Accepted, None));
    let shown = project.run(&["agents", "show", "claude"]).out;
    assert!(shown.contains("claude work, connected"), "{shown}");
    assert!(shown.contains("has created 1 of 10000"), "{shown}");
    let log = project.run(&["log", "grep", "--agent", "claude"]).out;
    assert!(log.contains("\"Make a cube\" by agent claude"), "{log}");
    assert!(log.contains("allowed (project) by Ada"), "{log}");
}

#[test]
fn person_refuses_an_agent_and_turns_it_off() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut client = connect(&project, &daemon, "claude");
    client
        .send(&ClientMessage::Intent(intent(&daemon)))
        .unwrap();
    assert_eq!(acknowledged(&mut client).0, AckStatus::Waiting);
    let id = listed(&project)["approvals"][0]["approval_id"].clone();
    let refused = project.run(&["agents", "refuse", id.as_str().unwrap()]);
    assert!(
        refused.out.starts_with("refused: claude"),
        "{}",
        refused.out
    );
    let no = (AckStatus::Refused, Some("VS-9203".to_owned()));
    assert_eq!(acknowledged(&mut client), no);
    let gone = project.run(&["agents", "refuse", id.as_str().unwrap()]);
    assert_eq!(gone.code, Some(2), "{}", gone.err);
    let off = project.run(&["agents", "off", "claude", "--why", "too eager"]);
    assert!(
        off.out.starts_with("claude: off, see record"),
        "{}",
        off.out
    );
    expect_fatal_error(&mut client, "VS-9201");
    drop(daemon);
    let daemon = project.start();
    for first in [None, Some(Question::Changes { since: 0 })] {
        let mut client = dial(&daemon);
        let DaemonMessage::Challenge {
            nonce, project_id, ..
        } = hear(&mut client)
        else {
            panic!("the challenge comes first");
        };
        let own = "ab".repeat(32);
        let proof = agent_token(&project).client_proof(&nonce, &own, project_id);
        let hello = editor(&daemon, Role::Agent).hello(own, proof);
        let named = json!({"agent": {"name": "claude"}});
        let hello = with_fields(&ClientMessage::Hello(hello), named);
        client.send_bytes(&hello).unwrap();
        if let Some(question) = first {
            // It does not wait for the welcome.
            let request_id = Uuid::new_v4();
            let ask = ClientMessage::Ask {
                request_id,
                question,
            };
            client.send(&ask).unwrap();
        }
        expect_fatal_error(&mut client, "VS-9201");
    }
    connect(&project, &daemon, "other");
}

#[test]
fn history_names_the_agent() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = connect(&project, &daemon, "claude");
    client
        .send(&ClientMessage::Intent(intent(&daemon)))
        .unwrap();
    assert_eq!(acknowledged(&mut client), (AckStatus::Accepted, None));
    let deadline = std::time::Instant::now() + TIMEOUT;
    let log = loop {
        let log = project.run(&["audit", "log"]).out;
        if log.contains("Make a cube") {
            break log;
        }
        assert!(std::time::Instant::now() < deadline, "{log}");
        let _ = hear(&mut client);
    };
    assert!(log.contains("Make a cube by agent claude |"), "{log}");
}

/// Asks a question as an agent.
fn ask(client: &mut Client, question: Question) -> QueryResult {
    let request_id = Uuid::new_v4();
    let ask = ClientMessage::Ask {
        request_id,
        question,
    };
    client.send(&ask).unwrap();
    loop {
        if let DaemonMessage::Result { result, .. } = hear(client) {
            return result;
        }
    }
}

#[test]
fn person_takes_back_what_an_agent_did() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = connect(&project, &daemon, "claude");
    client
        .send(&ClientMessage::Intent(intent(&daemon)))
        .unwrap();
    assert_eq!(acknowledged(&mut client), (AckStatus::Accepted, None));
    let undo = ["agents", "undo", "claude", "--since"];
    let planned = project.run(&[&undo[..], &["@0", "--dry-run"]].concat());
    assert!(
        planned.out.contains("takes back 1, leaves 0"),
        "{planned:?}"
    );
    let later = project.run(&[&undo[..], &["1ms", "--dry-run"]].concat());
    assert!(later.out.contains("takes back 0, leaves 0"), "{later:?}");
    let done = project.run(&[&undo[..], &["10m", "--yes"]].concat());
    assert!(done.out.contains("taken back at sequence"), "{done:?}");
    let QueryResult::Search { total, .. } = ask(&mut client, Question::Search(Search::default()))
    else {
        panic!("no rows");
    };
    assert_eq!(total, 0);
    let log = project.run(&["log", "grep", "--operation", "delete"]).out;
    assert!(!log.is_empty());
}

#[test]
fn agent_is_told_nothing_of_what_a_person_keeps() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut person = dial(&daemon);
    let mut cli = editor(&daemon, Role::Cli);
    person.shake_hands(&daemon, &mut cli).unwrap();
    let (kept, free) = (Uuid::from_u128(71), Uuid::from_u128(72));
    let mut secret = create(kept, Transform::IDENTITY);
    if let Some(components) = secret.components_mut() {
        components.guard = Some(Guard { human_only: true });
    }
    let made = Intent {
        label: "Hide the secret".into(),
        changes: vec![secret, create(free, Transform::IDENTITY)],
        ..intent(&daemon)
    };
    person.send(&ClientMessage::Intent(made)).unwrap();
    assert_eq!(acknowledged(&mut person), (AckStatus::Accepted, None));
    let mut client = connect(&project, &daemon, "claude");
    let uuids = vec![kept, free];
    let described = Question::Describe(Describe {
        uuids: uuids.clone(),
        limit: 10,
        ..Describe::default()
    });
    let tree = Question::Describe(Describe {
        limit: 10,
        ..Describe::default()
    });
    let all = Question::Search(Search::default());
    let totals = |client: &mut Client| {
        let questions = [described.clone(), tree.clone(), all.clone()];
        questions.map(|question| match ask(client, question) {
            QueryResult::Describe { total, .. } | QueryResult::Search { total, .. } => total,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(totals(&mut client), [1, 1, 1]);
    assert_eq!(totals(&mut person), [2, 2, 2]);
    let QueryResult::Changes { uuids: changed, .. } =
        ask(&mut client, Question::Changes { since: 0 })
    else {
        panic!("no changes");
    };
    assert_eq!(changed, [free]);
    let QueryResult::Visible { uuids, .. } = ask(&mut client, Question::Visible { uuids }) else {
        panic!("no answer");
    };
    assert_eq!(uuids, [free]);
    client
        .send(&ClientMessage::Intent(Intent {
            changes: vec![moved(kept, Transform::IDENTITY)],
            ..intent(&daemon)
        }))
        .unwrap();
    let refused = (AckStatus::Refused, Some("VS-9205".to_owned()));
    assert_eq!(acknowledged(&mut client), refused);
}
