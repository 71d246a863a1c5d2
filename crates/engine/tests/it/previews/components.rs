//! Tests that a preview carries the components of the table, on their kinds of entities, and no locked field.

use std::collections::BTreeSet;

use vibesync_protocol::{ClientMessage, PreviewChange};
use vibesync_scene::{Change, Components, EntityKind, Locks, Role, SessionId, Uuid};
use vibesync_testkit::change::{camera, light, locked, material, moved, triangle, update};

use super::{counts, preview, send, value};
use crate::harness::{A, Harness};

const LIGHT: Uuid = Uuid::from_u128(10);
const CAMERA: Uuid = Uuid::from_u128(11);
const MATERIAL: Uuid = Uuid::from_u128(12);
const MESH: Uuid = Uuid::from_u128(13);

/// Two editors that hold an object, a light, a camera, a material and a mesh.
fn with_data() -> Harness {
    let mut harness = Harness::with_object();
    for role in Role::EDITORS {
        let wire = harness.wires.get_mut(&role).unwrap();
        wire.editor.unknown = &[];
        harness.disconnect(role);
        harness.connect(role);
    }
    let mesh = triangle(MESH, b"mesh");
    let data = vec![
        light(LIGHT, 1.0),
        camera(CAMERA, 50.0),
        material(MATERIAL, 0.5),
    ];
    harness.settle();
    harness.edit(Role::Blender, data);
    harness.edit(Role::Blender, vec![mesh]);
    harness.settle();
    harness
}

/// Returns the values of a created entity, as a preview of this one.
fn shown(uuid: Uuid, change: &Change) -> PreviewChange {
    let created = change.components().unwrap();
    let components = created.only(["light", "camera", "pbr", "emission"].into_iter().collect());
    PreviewChange {
        uuid,
        components,
        positions: None,
    }
}

fn samples() -> Vec<PreviewChange> {
    vec![
        shown(LIGHT, &light(LIGHT, 7.0)),
        shown(CAMERA, &camera(CAMERA, 35.0)),
        shown(MATERIAL, &material(MATERIAL, 0.25)),
        value(A, 2.0),
    ]
}

#[test]
fn values_of_lights_cameras_and_materials_are_passed_on() {
    let mut harness = with_data();
    let records = harness.log.len();
    assert_eq!(preview(&mut harness, 1, samples()), samples());
    assert_eq!(counts(&harness).refused, 0);
    assert_eq!(harness.log.len(), records);
}

#[test]
fn component_on_another_kind_or_out_of_range_is_refused() {
    let mut harness = with_data();
    let mut rough = shown(MATERIAL, &material(MATERIAL, 0.5));
    rough.components.pbr.as_mut().unwrap().roughness = 1.5;
    let mut dark = shown(LIGHT, &light(LIGHT, 1.0));
    dark.components.light.as_mut().unwrap().intensity = -1.0;
    let mut flat = shown(CAMERA, &camera(CAMERA, 50.0));
    flat.components.camera.as_mut().unwrap().near = f64::INFINITY;
    let mesh = triangle(MESH, b"other").components().unwrap().clone();
    let unsound = [
        shown(CAMERA, &light(CAMERA, 1.0)),
        shown(A, &material(A, 0.5)),
        PreviewChange {
            uuid: MESH,
            components: mesh,
            positions: None,
        },
        rough,
        dark,
        flat,
    ];
    for (seq, change) in (1..).zip(unsound) {
        let passed = preview(&mut harness, seq, vec![change.clone()]);
        assert_eq!(passed, [], "{change:?}");
        assert_eq!(counts(&harness).refused, seq, "{change:?}");
    }
}

/// Says that an editor cannot write the roughness of the material.
fn lock_roughness(harness: &mut Harness, role: Role) {
    let mut locks = Locks::default();
    let own = match role {
        Role::Unity => &mut locks.unity,
        _ => &mut locks.blender,
    };
    own.insert("pbr".into(), BTreeSet::from(["roughness".into()]));
    let locks = Components {
        locks: Some(Box::new(locks)),
        ..Components::default()
    };
    harness.edit(role, vec![update(MATERIAL, locks)]);
    harness.settle();
}

#[test]
fn locked_field_is_shown_by_its_owner_alone() {
    let mut harness = with_data();
    lock_roughness(&mut harness, Role::Unity);
    let rough = shown(MATERIAL, &material(MATERIAL, 0.25));
    assert_eq!(preview(&mut harness, 1, vec![rough.clone()]), []);
    assert_eq!(counts(&harness).refused, 1);
    let mut colored = shown(MATERIAL, &material(MATERIAL, 0.5));
    colored.components.pbr.as_mut().unwrap().base_color = [1.0, 0.0, 0.0, 1.0];
    let colored = vec![colored];
    assert_eq!(preview(&mut harness, 2, colored.clone()), colored);
    let unity = harness.session_of(Role::Unity);
    let message = ClientMessage::Preview {
        seq: 1,
        changes: vec![rough],
    };
    assert_eq!(send(&mut harness, unity, message).len(), 1);
    assert_eq!(counts(&harness).refused, 1);

    harness.edit(Role::Blender, vec![locked(A, true)]);
    harness.settle();
    let moving = ClientMessage::Preview {
        seq: 2,
        changes: vec![value(A, 9.0)],
    };
    assert!(send(&mut harness, unity, moving).is_empty());
    assert_eq!(counts(&harness).refused, 2);
    let Change::Update { components, .. } = moved(A, 9.0) else {
        panic!("a move is an update");
    };
    let own = vec![PreviewChange {
        uuid: A,
        components,
        positions: None,
    }];
    assert_eq!(preview(&mut harness, 3, own.clone()), own);
}

#[test]
fn receiver_gets_no_component_that_it_did_not_announce() {
    let mut harness = with_data();
    harness.disconnect(Role::Unity);
    let session = SessionId(harness.id());
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let mut hello = wire.editor.hello(String::new(), String::new());
    let lacks = ["camera", "emission"];
    hello
        .components
        .retain(|name| !lacks.contains(&name.as_str()));
    wire.session = Some(session);
    let hello = Box::new(hello);
    harness.step(vibesync_engine::Input::Connected { session, hello });
    harness.settle();
    let mut known = samples();
    known.retain(|it| it.uuid != CAMERA);
    known[1].components.emission = None;
    assert_eq!(preview(&mut harness, 1, samples()), known);
    assert_eq!(
        harness.engine.scene().live(CAMERA).unwrap().kind,
        EntityKind::Camera
    );
}
