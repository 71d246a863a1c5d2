//! Entities that people keep from agents, in dry runs, restores and the states of operations.

use vibesync_protocol::{Intent, RestoreRequest, SCHEMA_VERSION};
use vibesync_scene::Change;

use super::*;
use crate::harness::guarded;

/// Below [`A`], which is kept.
const CHILD: Uuid = Uuid::from_u128(11);

/// Returns editors with the kept objects [`A`] and [`CHILD`], and the free [`B`].
fn kept() -> Harness {
    let mut harness = working();
    let made = vec![object(B, "B", None), object(CHILD, "Child", Some(A))];
    harness.edit(Role::Blender, made);
    harness.settle();
    harness.edit(Role::Blender, vec![guarded(A, true)]);
    harness.settle();
    harness
}

fn dry_run(harness: &mut Harness, changes: Vec<Change>) -> Result<u64, (Code, String)> {
    let agent = connect(harness);
    harness.received.clear();
    let intent = Intent {
        operation_id: OperationId(harness.id()),
        project_id: PROJECT,
        schema_version: SCHEMA_VERSION,
        base_seq: harness.engine.head_seq(),
        label: "Plan".into(),
        dry_run: true,
        request_id: None,
        changes,
    };
    let message = Box::new(ClientMessage::Intent(intent));
    let session = agent.0;
    harness.step(Input::Message { session, message });
    let mut heard = harness.received.iter();
    let found = heard.find_map(|message| match message {
        DaemonMessage::Result {
            result: QueryResult::Plan { total, .. },
            ..
        } => Some(Ok(*total)),
        DaemonMessage::Ack {
            error: Some(error), ..
        } => Some(Err((error.code, error.location.clone()))),
        _ => None,
    });
    found.expect("a plan or a refusal")
}

#[test]
fn dry_run_of_a_change_of_a_kept_entity_is_refused() {
    let mut harness = kept();
    let refused = dry_run(&mut harness, vec![moved(B, 1.0), moved(CHILD, 1.0)]);
    let expected = (Code::KeptForPeople, "changes[1].uuid".to_owned());
    assert_eq!(refused, Err(expected));
    assert_eq!(dry_run(&mut harness, vec![moved(B, 1.0)]), Ok(1));
}

#[test]
fn state_of_an_operation_names_no_kept_entity() {
    let mut harness = kept();
    let id = harness.edit(Role::Blender, vec![moved(A, 3.0), moved(B, 3.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    let agent = connect(&mut harness).0;
    let cli = person(&mut harness, Role::Cli);
    let mut uuids = |session| {
        let query = ClientMessage::Query {
            request_id: Uuid::nil(),
            what: Query::Operation(id),
            after: None,
            limit: None,
        };
        match say(&mut harness, session, query) {
            Ok(QueryResult::Operation { uuids, .. }) => uuids,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((uuids(agent), uuids(cli)), (vec![B], vec![A, B]));
}

fn restore(
    harness: &mut Harness,
    session: SessionId,
    uuids: &[Uuid],
) -> Result<(Vec<Uuid>, u64), Code> {
    let request = RestoreRequest {
        request_id: harness.id(),
        commit: "c0ffee".into(),
        uuids: uuids.to_vec(),
        dry_run: true,
        label: "back".into(),
    };
    match say(harness, session, ClientMessage::Restore(request))? {
        QueryResult::Restore { changes, total, .. } => {
            let uuids = changes.iter().map(|change| change.uuid);
            Ok((uuids.collect(), total))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn restore_by_an_agent_leaves_kept_entities_out() {
    let mut harness = kept();
    // The commit is the empty scene.
    let agent = connect(&mut harness).0;
    let cli = person(&mut harness, Role::Cli);
    assert_eq!(restore(&mut harness, agent, &[]), Ok((vec![B], 1)));
    let all = Ok((vec![A, B, CHILD], 3));
    assert_eq!(restore(&mut harness, cli, &[]), all);
    let named = restore(&mut harness, agent, &[CHILD]);
    assert_eq!(named, Err(Code::UuidUnknown), "as if it did not exist");
}

#[test]
fn restore_by_an_agent_sets_no_guard() {
    let mut harness = kept();
    for uuid in [A, B, CHILD] {
        let entity = harness.engine.scene().live(uuid).cloned();
        harness.commit.insert(uuid, entity.unwrap());
    }
    harness.edit(Role::Blender, vec![guarded(A, false)]);
    harness.settle();
    harness.edit(Role::Blender, vec![moved(A, 4.0), moved(B, 4.0)]);
    harness.settle();
    let agent = connect(&mut harness).0;
    let cli = person(&mut harness, Role::Cli);
    let both = Ok((vec![A, B], 2));
    assert_eq!(restore(&mut harness, agent, &[]), both);
    assert_eq!(restore(&mut harness, cli, &[]), both);
}
