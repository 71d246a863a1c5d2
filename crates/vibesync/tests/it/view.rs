//! Questions about the scene: the answers of a real daemon's view.

use std::time::{Duration, Instant};

use vibesync_protocol::{
    AckStatus, ClientMessage, DaemonMessage, Describe, FoundEntity, Intent, Near, QueryResult,
    Question, SCHEMA_VERSION, Search,
};
use vibesync_scene::{Change, Components, OperationId, Parent, Role, Transform, Uuid, Visibility};
use vibesync_testkit::{Client, Daemon};

use crate::harness::{TIMEOUT, agent, create, hear, moved};
use crate::project::{AGENTS_WORK, TestProject};

/// Sends changes as an agent. Returns the sequence of the transaction.
pub fn commit(client: &mut Client, daemon: &Daemon, changes: Vec<Change>) -> u64 {
    let operation_id = OperationId(Uuid::new_v4());
    let QueryResult::Changes { seq: base_seq, .. } =
        ask(client, Question::Changes { since: u64::MAX })
    else {
        panic!("no sequence");
    };
    let intent = ClientMessage::Intent(Intent {
        operation_id,
        project_id: daemon.discovery().project_id,
        schema_version: SCHEMA_VERSION,
        base_seq,
        label: "Build".into(),
        dry_run: false,
        changes,
        request_id: None,
    });
    client.send(&intent).unwrap();
    let deadline = Instant::now() + TIMEOUT;
    while Instant::now() < deadline {
        if let DaemonMessage::Ack {
            operation_id: answered,
            status,
            seq,
            error,
            ..
        } = hear(client)
            && answered == operation_id
        {
            assert_eq!(status, AckStatus::Accepted, "{error:?}");
            return seq;
        }
    }
    panic!("no ack");
}

/// Asks a question. Returns the answer.
pub fn ask(client: &mut Client, question: Question) -> QueryResult {
    let sent = Uuid::new_v4();
    client
        .send(&ClientMessage::Ask {
            request_id: sent,
            question,
        })
        .unwrap();
    loop {
        match hear(client) {
            DaemonMessage::Result { request_id, result } if request_id == sent => return result,
            DaemonMessage::Error { error, .. } => panic!("{error:?}"),
            _ => {}
        }
    }
}

fn at(x: f64) -> Transform {
    Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    }
}

/// Creates an object with a name below another one.
fn named(number: u128, name: &str, parent: Option<u128>, x: f64) -> Change {
    let uuid = Uuid::from_u128(number);
    let mut change = create(uuid, at(x));
    if let Change::Create { components, .. } = &mut change {
        components.name = Some(name.into());
        components.parent = Some(Parent {
            uuid: parent.map(Uuid::from_u128),
        });
        components.visibility = Some(Visibility {
            visible: number != 3,
        });
    }
    change
}

/// Builds a wall of four stones below each other, and a tower.
fn scene() -> Vec<Change> {
    vec![
        named(1, "Wall", None, 10.0),
        named(2, "Stone A", Some(1), 1.0),
        named(3, "stone b", Some(2), 1.0),
        named(4, "ST\u{d6}NE", Some(1), 5.0),
        named(5, "Tower", None, -5.0),
    ]
}

fn search(client: &mut Client, search: Search) -> (u64, Vec<FoundEntity>) {
    let search = Search {
        limit: 200,
        ..search
    };
    match ask(client, Question::Search(search)) {
        QueryResult::Search { total, found, .. } => (total, found),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn expect(client: &mut Client, conditions: Search, expected: &[u128]) {
    let (total, found) = search(client, conditions.clone());
    let numbers: Vec<u128> = found.iter().map(|it| it.uuid.as_u128()).collect();
    assert_eq!(numbers, expected, "{conditions:?}");
    assert_eq!(total, expected.len() as u64);
}

#[test]
fn search_finds_what_meets_all_conditions() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = agent(&daemon);
    let first = commit(&mut client, &daemon, scene());
    let second = commit(
        &mut client,
        &daemon,
        vec![moved(Uuid::from_u128(5), at(-6.0))],
    );
    assert!(second > first);
    let text = |text: &str| Search {
        text: Some(text.into()),
        ..Search::default()
    };
    let near = |x, radius| Search {
        near: Some(Near {
            point: [x, 0.0, 0.0],
            radius,
        }),
        ..Search::default()
    };
    let client = &mut client;
    expect(client, Search::default(), &[1, 2, 3, 4, 5]);
    expect(client, text("STONE"), &[2, 3]);
    expect(client, text("st\u{f6}ne"), &[4]);
    expect(client, text("nothing"), &[]);
    let under = Search {
        under: Some(Uuid::from_u128(1)),
        ..Search::default()
    };
    expect(client, under.clone(), &[2, 3, 4]);
    let hidden = Search {
        visible: Some(false),
        ..under
    };
    expect(client, hidden, &[3]);
    // The third object is at 10 + 1 + 1.
    expect(client, near(12.0, 0.1), &[3]);
    expect(client, near(11.5, 0.6), &[2, 3]);
    let recent = Search {
        since_seq: Some(first),
        ..Search::default()
    };
    expect(client, recent, &[5]);
    let by_person = Search {
        changed_by: Some(Role::Blender),
        ..Search::default()
    };
    expect(client, by_person, &[]);
    let meshes = Search {
        has: Some("mesh".into()),
        ..Search::default()
    };
    expect(client, meshes, &[]);
}

#[test]
fn renamed_and_deleted_entities_are_found_by_what_they_are_now() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = agent(&daemon);
    commit(&mut client, &daemon, scene());
    let stone = || Search {
        text: Some("stone".into()),
        ..Search::default()
    };
    expect(&mut client, stone(), &[2, 3]);
    let rename = Change::Update {
        uuid: Uuid::from_u128(5),
        components: Components {
            name: Some("Millstone".into()),
            ..Components::default()
        },
    };
    let delete = Change::Delete {
        uuid: Uuid::from_u128(3),
    };
    commit(&mut client, &daemon, vec![rename, delete]);
    expect(&mut client, stone(), &[2, 5]);
}

#[test]
fn pages_of_a_search_join_without_gaps() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = agent(&daemon);
    commit(&mut client, &daemon, scene());
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = Search {
            after,
            limit: 2,
            ..Search::default()
        };
        match ask(&mut client, Question::Search(page)) {
            QueryResult::Search {
                found, next, total, ..
            } => {
                assert_eq!(total, 5);
                numbers.extend(found.iter().map(|it| it.uuid.as_u128()));
                after = next;
            }
            other => panic!("{other:?}"),
        }
        if after.is_none() {
            break;
        }
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[test]
fn tree_is_described_from_the_top_to_its_depth() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = agent(&daemon);
    commit(&mut client, &daemon, scene());
    let tree = |root: Option<u128>, depth| {
        Question::Describe(Describe {
            root: root.map(Uuid::from_u128),
            depth,
            limit: 50,
            ..Describe::default()
        })
    };
    for (root, depth, expected) in [
        (None, 0, &[(1, 0), (5, 0)][..]),
        (None, 1, &[(1, 0), (2, 1), (4, 1), (5, 0)]),
        (None, 8, &[(1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]),
        (Some(2), 8, &[(2, 0), (3, 1)]),
        (Some(77), 8, &[]),
    ] {
        match ask(&mut client, tree(root, depth)) {
            QueryResult::Describe {
                described, missing, ..
            } => {
                let found: Vec<_> = described
                    .iter()
                    .map(|it| (it.row.entity.uuid.as_u128(), it.depth))
                    .collect();
                assert_eq!(found, expected, "{root:?} {depth}");
                assert_eq!(missing.len(), usize::from(root == Some(77)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn answer_includes_what_was_acknowledged_before() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = agent(&daemon);
    commit(&mut client, &daemon, scene());
    for step in 1..50_u32 {
        let x = f64::from(step);
        let seq = commit(&mut client, &daemon, vec![moved(Uuid::from_u128(5), at(x))]);
        match ask(&mut client, Question::Changes { since: seq - 1 }) {
            QueryResult::Changes {
                seq: told, uuids, ..
            } => {
                assert!(told >= seq, "{told} {seq}");
                assert_eq!(uuids, [Uuid::from_u128(5)]);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn view_of_a_restarted_daemon_begins_at_a_checkpoint() {
    let project = TestProject::with_working_agents();
    project.file(
        ".vibesync/vibesync.toml",
        &format!("[wal]\ncheckpoint_every = 1000\n\n{AGENTS_WORK}"),
    );
    let daemon = project.start();
    let mut client = agent(&daemon);
    commit(&mut client, &daemon, scene());
    for step in 1..300_u32 {
        let x = f64::from(step);
        commit(&mut client, &daemon, vec![moved(Uuid::from_u128(5), at(x))]);
    }
    drop(client);
    let checkpoints = project.root().join(".vibesync/checkpoints");
    let deadline = Instant::now() + TIMEOUT;
    while std::fs::read_dir(&checkpoints).unwrap().next().is_none() {
        assert!(Instant::now() < deadline, "no checkpoint");
        std::thread::sleep(Duration::from_millis(20));
    }
    daemon.kill();
    let daemon = project.start();
    let mut client = agent(&daemon);
    let (total, found) = search(&mut client, Search::default());
    assert_eq!(total, 5);
    assert_eq!(found[4].position, Some([299.0, 0.0, 0.0]));
}

#[test]
fn questions_are_answered_while_the_core_is_busy() {
    let project = TestProject::new();
    // Nobody is asked about the large intent.
    let settings = format!("{AGENTS_WORK}many = 10000\n");
    project.file(".vibesync/vibesync.toml", &settings);
    let daemon = project.start();
    let mut client = agent(&daemon);
    let many = (1..=5_000)
        .map(|number| named(number, "Stone", None, 0.0))
        .collect();
    commit(&mut client, &daemon, many);
    // The queue of the core holds these; the question does not wait behind them.
    let mut busy = agent(&daemon);
    for _ in 0..200 {
        let query = ClientMessage::Query {
            request_id: Uuid::new_v4(),
            what: vibesync_protocol::Query::Entities,
            after: None,
            limit: Some(1_000),
        };
        busy.send(&query).unwrap();
    }
    let begun = Instant::now();
    let (total, _) = search(&mut client, Search::default());
    assert_eq!(total, 5_000);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn malformed_question_ends_nothing() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut client = agent(&daemon);
    for question in [
        r#"{"what":"nope"}"#,
        r#"{"what":"search","limit":-1}"#,
        r#"{"what":"search","limit":1,"near":{"point":[0,0],"radius":1}}"#,
        r#"{"what":"changes"}"#,
    ] {
        let id = Uuid::new_v4();
        let header = format!(r#"{{"type":"ask","request_id":"{id}","question":{question}}}"#);
        client
            .send_bytes(&crate::harness::frame(header, &[]))
            .unwrap();
        crate::harness::expect_error(&mut client, "VS-1006");
    }
    let (total, _) = search(&mut client, Search::default());
    assert_eq!(total, 0);
}
