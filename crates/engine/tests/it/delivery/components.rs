//! Each component that is read back is compared with what was sent.

use vibesync_protocol::{AppliedResult, ClientMessage};
use vibesync_scene::{
    Components, DataRef, Entity, Parent, Phase, RecordBody, Role, Transform, Uuid,
};

use crate::harness::{A, Harness, object, triangle};

const PARENT: Uuid = Uuid::from_u128(2);
const MESH: Uuid = Uuid::from_u128(3);

/// Creates an object in Blender, and lets Unity answer with results that `change` has made wrong. Returns the reason of
/// the rollback; none if the transaction was committed.
fn reason_of_rollback(change: impl FnOnce(&mut Vec<AppliedResult>)) -> Option<String> {
    let mut harness = Harness::connected();
    let others = vec![object(PARENT, "P", None), triangle(MESH, b"mesh")];
    harness.edit(Role::Blender, others);
    harness.settle();
    harness.now += 1_000;
    let mut created = object(A, "A", Some(PARENT));
    created.components_mut().unwrap().data = Some(DataRef { uuid: Some(MESH) });
    let id = harness.edit(Role::Blender, vec![created]);
    harness.deliver_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.front_mut() else {
        panic!("no answer")
    };
    change(results);
    harness.settle();
    if harness.phases(id).last() == Some(&Phase::Commit) {
        return None;
    }
    let failed = |record: &&RecordBody| record.phase == Phase::Failure;
    let record = harness.log.iter().find(failed).unwrap();
    let payload = serde_json::to_value(&record.payload).unwrap();
    Some(payload["detail"].as_str().unwrap().to_owned())
}

fn reason_when_state_differs(change: impl FnOnce(&mut Entity)) -> Option<String> {
    reason_of_rollback(|results| change(results[0].state.as_mut().unwrap()))
}

#[test]
fn each_component_of_an_object_is_compared() {
    assert_eq!(reason_when_state_differs(|_| {}), None);
    type Change = fn(&mut Components);
    let transform = |change: fn(&mut Transform)| {
        move |components: &mut Components| change(components.transform.as_mut().unwrap())
    };
    let cases: [(&str, Change); 4] = [
        ("name", |it| it.name = Some("B".into())),
        ("visibility", |it| {
            it.visibility.as_mut().unwrap().visible = false;
        }),
        ("parent", |it| it.parent = Some(Parent { uuid: None })),
        ("data", |it| it.data = Some(DataRef { uuid: None })),
    ];
    for (name, change) in cases {
        let reason = reason_when_state_differs(|entity| change(&mut entity.components)).unwrap();
        assert!(reason.contains(&format!("{name} was sent as")), "{reason}");
        let missing = reason_when_state_differs(|entity| {
            let mut held = serde_json::to_value(&entity.components).unwrap();
            held.as_object_mut().unwrap().remove(name);
            entity.components = serde_json::from_value(held).unwrap();
        });
        assert!(missing.unwrap().contains(name), "{name} is missing");
    }
    let parts: [fn(&mut Transform); 3] = [
        |it| it.translation[2] += 2e-5,
        |it| it.rotation = [0.0, 0.0, 1.0, 0.0],
        |it| it.scale[1] = -1.0,
    ];
    for part in parts {
        let change = transform(part);
        let reason = reason_when_state_differs(|entity| change(&mut entity.components)).unwrap();
        assert!(reason.contains("transform was sent as"), "{reason}");
    }
}

#[test]
fn entity_that_is_not_read_back_is_rolled_back() {
    let silent = reason_of_rollback(Vec::clear).unwrap();
    assert!(silent.contains("did not say"), "{silent}");
    let gone = reason_of_rollback(|results| results[0].state = None).unwrap();
    assert!(gone.contains("not there"), "{gone}");
    let other = reason_when_state_differs(|entity| entity.uuid = PARENT).unwrap();
    assert!(other.contains("another uuid"), "{other}");
}
