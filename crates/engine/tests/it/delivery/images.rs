//! Images: the maps that name them, the order of batches, editors that know none, and files that are lost.

use vibesync_engine::Input;
use vibesync_scene::{BlobId, Change, Code, Role, Uuid};
use vibesync_testkit::change::{image, mapped, material, slots};

use super::batch::{batch, edit, id};
use super::materials::{refusal, with};
use crate::harness::{A, Harness, object, showing, triangle, update};

const MESH: Uuid = Uuid::from_u128(0x3E);
const WOOD: Uuid = Uuid::from_u128(0xFE);
const GRAIN: Uuid = Uuid::from_u128(0xFC);

/// Returns changes that show a mesh of wood, whose color is an image.
fn furniture() -> Vec<Change> {
    vec![
        image(GRAIN, b"grain"),
        with(material(WOOD, 0.5), mapped(WOOD, Some(GRAIN))),
        with(triangle(MESH, b"mesh"), slots(MESH, vec![Some(WOOD)])),
        showing(A, Some(MESH)),
    ]
}

fn scene() -> Harness {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, furniture());
    harness.settle();
    harness
}

#[test]
fn images_reach_the_other_editor_with_their_maps() {
    let mut harness = scene();
    harness.assert_converged();
    let painted = image(GRAIN, b"painted").components().cloned().unwrap();
    harness.edit(Role::Unity, vec![update(GRAIN, painted)]);
    harness.settle();
    harness.assert_converged();
    let blender = &harness.editor(Role::Blender).entities;
    let blobs: Vec<BlobId> = blender[&GRAIN].components.blobs().collect();
    assert_eq!(blobs, [BlobId::hash(b"painted")]);
    assert!(blender[&WOOD].components.links().eq([GRAIN]));
}

#[test]
fn images_come_before_their_users_and_go_after_them() {
    let mut harness = Harness::connected();
    harness.now += 1_000;
    let (shown, mesh, wood, grain) = (id(1), id(2), id(8), id(9));
    let made = vec![
        with(object(shown, "A", None), showing(shown, Some(mesh))),
        with(triangle(mesh, b"mesh"), slots(mesh, vec![Some(wood)])),
        with(material(wood, 0.5), mapped(wood, Some(grain))),
        image(grain, b"grain"),
    ];
    edit(&mut harness, made);
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [grain, wood, mesh, shown]);
    harness.settle();
    harness.now += 1_000;
    let bark = id(7);
    edit(
        &mut harness,
        vec![mapped(wood, Some(bark)), image(bark, b"bark")],
    );
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [bark, wood]);
    harness.settle();
    harness.now += 1_000;
    let all = [shown, mesh, wood, bark, grain].map(|uuid| Change::Delete { uuid });
    edit(&mut harness, all.to_vec());
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [shown, mesh, wood, bark, grain]);
}

#[test]
fn map_names_a_live_image() {
    let mut harness = scene();
    let missing = Uuid::from_u128(0xDEAD);
    let gone = [image(missing, b"gone"), Change::Delete { uuid: missing }];
    for change in gone {
        harness.edit(Role::Blender, vec![change]);
        harness.settle();
    }
    let faults = [
        (
            mapped(WOOD, Some(MESH)),
            Code::UuidOtherKind,
            "maps.base_color",
        ),
        (
            mapped(WOOD, Some(missing)),
            Code::UuidUnknown,
            "maps.base_color",
        ),
        (showing(A, Some(GRAIN)), Code::UuidOtherKind, "data.uuid"),
    ];
    for (change, code, location) in faults {
        let location = format!("changes[0].components.{location}");
        assert_eq!(refusal(&mut harness, change), (code, location));
        harness.assert_converged();
    }
    let (code, _) = refusal(&mut harness, Change::Delete { uuid: GRAIN });
    assert_eq!(code, Code::ChildrenLeft);
    let emptied = vec![mapped(WOOD, None), Change::Delete { uuid: GRAIN }];
    harness.edit(Role::Blender, emptied);
    harness.settle();
    harness.assert_converged();
    assert!(harness.engine.scene().live(GRAIN).is_none());
}

#[test]
fn editor_without_images_gets_no_maps() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = &["nodes", "camera", "locks", "image"];
    harness.connect(Role::Unity);
    harness.settle();
    harness.edit(Role::Blender, furniture());
    harness.settle();
    harness.assert_converged();
    let unity = harness.editor(Role::Unity);
    assert!(!unity.entities.contains_key(&GRAIN));
    assert!(unity.entities[&WOOD].components.maps.is_none());
    // A material that this editor changes keeps its maps.
    let rough = material(WOOD, 0.9).components().cloned().unwrap();
    harness.edit(Role::Unity, vec![update(WOOD, rough)]);
    harness.settle();
    let wood = harness.engine.scene().live(WOOD).unwrap();
    assert!(wood.components.links().eq([GRAIN]));
}

#[test]
fn material_comes_without_maps_while_a_file_is_lost() {
    let mut harness = Harness::new();
    harness.connect(Role::Blender);
    harness.settle();
    let mut changes = furniture();
    changes.pop();
    changes.push(with(object(A, "Table", None), showing(A, Some(MESH))));
    harness.edit(Role::Blender, changes);
    harness.settle();
    harness.disconnect(Role::Blender);
    harness.missing_blobs.insert(BlobId::hash(b"grain"));
    let lost = harness.lost();
    harness.step(Input::BlobsLost { lost, unsent: None });
    harness.connect(Role::Unity);
    harness.settle();
    let unity = &harness.editor(Role::Unity).entities;
    assert!(!unity.contains_key(&GRAIN));
    assert!(unity[&WOOD].components.maps.is_none());
    assert!(unity[&MESH].components.links().eq([WOOD]));
    let error = harness.engine.status().last_error.unwrap().error;
    let sentence = "image \"Image\" of material \"Material\" (missing)";
    assert!(error.message.contains(sentence), "{}", error.message);
    // Blender still has the file, and sends it again.
    harness.connect(Role::Blender);
    harness.settle();
    harness.assert_converged();
    let unity = &harness.editor(Role::Unity).entities;
    assert!(unity[&WOOD].components.links().eq([GRAIN]));
}
