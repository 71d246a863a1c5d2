//! Queries of the scene's rows, a page at a time.

use vibesync_engine::Input;
use vibesync_protocol::{ClientMessage, DaemonMessage, Query, QueryResult};
use vibesync_scene::{Role, Uuid};

use crate::agent::Agent;
use crate::harness::{Harness, object};

/// Returns a page of the scene, and the start of the next page.
fn page(
    harness: &mut Harness,
    agent: &Agent,
    after: Option<Uuid>,
    limit: u32,
) -> (Vec<Uuid>, Option<Uuid>) {
    let message = Box::new(ClientMessage::Query {
        request_id: harness.id(),
        what: Query::Entities,
        after,
        limit: Some(limit),
    });
    harness.received.clear();
    let session = agent.0;
    harness.step(Input::Message { session, message });
    let mut heard = harness.received.drain(..);
    heard
        .find_map(|message| match message {
            DaemonMessage::Result {
                result: QueryResult::Entities { entities, next },
                ..
            } => Some((entities.iter().map(|row| row.entity.uuid).collect(), next)),
            _ => None,
        })
        .unwrap()
}

#[test]
fn pages_list_each_entity_once() {
    let mut harness = Harness::connected();
    let uuids: Vec<Uuid> = (1..=4).map(Uuid::from_u128).collect();
    let all = uuids.iter().map(|uuid| object(*uuid, "A", None)).collect();
    harness.edit(Role::Blender, all);
    harness.settle();
    let agent = Agent::connect(&mut harness);
    let (first, next) = page(&mut harness, &agent, None, 3);
    assert_eq!((&first[..], next), (&uuids[..3], Some(uuids[2])));
    let (rest, next) = page(&mut harness, &agent, next, 3);
    assert_eq!((&rest[..], next), (&uuids[3..], None));
    let (whole, next) = page(&mut harness, &agent, None, 4);
    assert_eq!(
        (whole, next),
        (uuids.clone(), None),
        "just as many as asked for"
    );
    let (one, next) = page(&mut harness, &agent, None, 0);
    assert_eq!(
        (&one[..], next),
        (&uuids[..1], Some(uuids[0])),
        "never none"
    );
}
