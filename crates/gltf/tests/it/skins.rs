//! Armatures, poses and weights: joints and skins.

use std::collections::BTreeMap;

use serde_json::json;
use vibesync_gltf::{ImportNote, Note};
use vibesync_scene::{
    Armature, Change, Components, EntityKind, InheritScale, Joint, Pose, Rest, Skin, Transform,
    Uuid, Visibility, Weights,
};
use vibesync_testkit::change::{object, showing};

use crate::document::{all, import, noted};
use crate::skinning::{joints_of, places, skinned_node};
use crate::work::Work;

const ROOT: Uuid = Uuid::from_u128(0xA0);
const CHILD: Uuid = Uuid::from_u128(0xA1);
const RIG: Uuid = Uuid::from_u128(1);
const BODY: Uuid = Uuid::from_u128(2);
const MESH: Uuid = Uuid::from_u128(9);

/// A membership: a group and a weight.
type Row<'a> = &'a [(u32, f32)];

fn joint(name: &str, parent: Option<Uuid>, rest: Rest) -> Joint {
    Joint {
        name: name.to_owned(),
        parent,
        length: 1.0,
        deform: true,
        inherit_scale: InheritScale::Full,
        inherit_rotation: true,
        local_location: true,
        rest,
    }
}

/// A joint along +Z of Blender, and one at its tail that is rolled by 30 degrees.
fn joints() -> Armature {
    let root = Rest {
        translation: [0.0; 3],
        rotation: [0.0, 0.0, 0.0, 1.0],
    };
    let child = Rest {
        translation: [0.0, 1.0, 0.0],
        rotation: [0.0, 0.258_819, 0.0, 0.965_926],
    };
    let joints = BTreeMap::from([
        (ROOT, joint("Root", None, root)),
        (CHILD, joint("Child", Some(ROOT), child)),
    ]);
    Armature { joints }
}

/// Gives a mesh these groups, and each vertex these memberships. `vertex` has the vertex of each corner.
fn give_weights(work: &mut Work, groups: &[&str], vertex: &[u32], rows: &[Row<'_>]) {
    let words = |values: Vec<u32>| values.into_iter().flat_map(u32::to_le_bytes).collect();
    let ends = rows.iter().scan(0, |end, row| {
        *end += row.len() as u32;
        Some(*end)
    });
    let offset: Vec<u32> = std::iter::once(0).chain(ends).collect();
    let all = rows.iter().copied().flatten();
    let group = all.clone().map(|it| it.0).collect();
    let weight = all.map(|it| it.1.to_bits()).collect();
    let weights = Weights {
        vertex_count: rows.len() as u32,
        corner_count: vertex.len() as u32,
        groups: groups.iter().map(|it| (*it).to_owned()).collect(),
        buffers: BTreeMap::from([
            ("group".to_owned(), work.store(words(group))),
            ("offset".to_owned(), work.store(words(offset))),
            ("vertex".to_owned(), work.store(words(vertex.to_vec()))),
            ("weight".to_owned(), work.store(words(weight))),
        ]),
    };
    work.components(MESH).weights = Some(Box::new(weights));
}

/// A triangle on a rig. Its first vertex goes a quarter with the root, and half with the child; a quarter is of a group
/// without a joint. The second goes with the root alone, and the third with nothing.
fn puppet() -> Work {
    let mut work = Work::default();
    let armature = Components {
        name: Some("Bones".to_owned()),
        armature: Some(Box::new(joints())),
        ..Components::default()
    };
    let bones = work.add(Change::Create {
        uuid: Uuid::from_u128(8),
        kind: EntityKind::Armature,
        components: armature,
    });
    work.add(object(RIG, "Rig", None));
    work.change(showing(RIG, Some(bones)));
    let positions = [0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    work.mesh(9, 3, &[0, 1, 2], &[("position", &positions)]);
    let rows: [Row<'_>; 3] = [&[(0, 0.25), (1, 0.5), (2, 0.25)], &[(0, 0.5)], &[(2, 1.0)]];
    give_weights(&mut work, &["Root", "Child", "Cloth"], &[0, 1, 2], &rows);
    work.add(object(BODY, "Body", None));
    work.change(showing(BODY, Some(MESH)));
    work.components(BODY).skin = Some(Skin {
        armature: Some(RIG),
    });
    work
}

fn pose_child(work: &mut Work, place: Transform) {
    let joints = BTreeMap::from([(CHILD, place)]);
    work.components(RIG).pose = Some(Box::new(Pose { joints }));
}

fn assert_near(found: &[[f64; 3]], wanted: &[[f64; 3]]) {
    let mut pairs = found.iter().flatten().zip(wanted.iter().flatten());
    assert!(
        found.len() == wanted.len() && pairs.all(|(a, b)| (a - b).abs() < 1e-5),
        "{found:?}"
    );
}

#[test]
fn joints_are_nodes_below_the_armature_with_their_pose() {
    let mut work = puppet();
    let place = Transform {
        translation: [0.0, 2.0, 0.0],
        ..Transform::IDENTITY
    };
    pose_child(&mut work, place);
    let json = work.export().json;
    let nodes = json["nodes"].as_array().unwrap();
    assert_eq!(nodes[0]["name"], "Rig");
    let root = nodes[0]["children"][0].as_u64().unwrap() as usize;
    assert_eq!(nodes[root]["name"], "Root");
    assert_eq!(nodes[root]["extras"], json!({"vibesync": {"joint": ROOT}}));
    let child = nodes[root]["children"][0].as_u64().unwrap() as usize;
    assert_eq!(nodes[child]["name"], "Child");
    assert_eq!(nodes[child]["translation"], json!([0.0, 2.0, 0.0]));
    assert!(
        nodes[child].get("rotation").is_none(),
        "the pose alone counts"
    );
}

#[test]
fn posed_joints_move_vertices_by_their_shares() {
    let mut work = puppet();
    // The child moves by (0.5, 0, 0) along its own axes, and turns by 90 degrees about its own Z.
    let place = Transform {
        translation: [0.433_013, 1.0, -0.25],
        rotation: [0.183_013, 0.183_013, 0.683_013, 0.683_013],
        scale: [1.0; 3],
    };
    pose_child(&mut work, place);
    let document = work.export();
    // In Blender: (0.57735, 0.33333, 0.83333).
    let moved = [0.577_35, 0.833_33, -0.333_33];
    assert_near(
        &places(&document),
        &[moved, [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    );
    assert_eq!(document.noted(Note::VertexGroups), ["Mesh 9"], "Cloth");
    assert!(document.noted(Note::Skin).is_empty() && document.noted(Note::Unused).is_empty());
}

#[test]
fn mesh_at_rest_is_where_its_object_is() {
    let mut work = puppet();
    work.components(RIG).transform = Some(Transform {
        translation: [3.0, -1.0, 2.0],
        rotation: [0.5, -0.5, 0.5, 0.5],
        scale: [1.0, 2.0, -0.5],
    });
    work.components(BODY).transform = Some(Transform {
        translation: [0.0, 5.0, 0.0],
        rotation: [0.0, 0.0, 0.5_f64.sqrt(), 0.5_f64.sqrt()],
        scale: [2.0, 1.0, 1.0],
    });
    let document = work.export();
    assert_near(
        &places(&document),
        &[[-0.5, 5.0, 0.0], [0.0, 7.0, 0.0], [0.0, 5.0, 1.0]],
    );
    // Readers ignore the place of a node with a skin, so it is a root without one; the object keeps its node.
    let node = skinned_node(&document);
    assert!(
        ["translation", "rotation", "scale"]
            .iter()
            .all(|it| node.get(it).is_none())
    );
    assert_eq!(node["extras"], json!({"vibesync": {"skinned": BODY}}));
    let roots = document.json["scenes"][0]["nodes"].as_array().unwrap();
    assert_eq!(roots.len(), 3);
    let body = &document.json["nodes"][1];
    assert!(body["translation"].is_array() && body.get("mesh").is_none());
}

#[test]
fn weights_are_normalized_and_small_ones_left_out() {
    let mut work = puppet();
    let rows: [Row<'_>; 3] = [&[(0, 0.25), (1, 0.5)], &[(0, 1e-4), (1, 0.5)], &[(0, 1e-5)]];
    give_weights(&mut work, &["Root", "Child"], &[0, 1, 2], &rows);
    let document = work.export();
    assert_eq!(
        joints_of(&document, 0),
        [[1, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]]
    );
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    let weights = document.floats(&attributes["WEIGHTS_0"]);
    let (first, rest) = weights.split_at(2);
    assert!((first[0] - 2.0 / 3.0).abs() < 1e-6 && (first[1] - 1.0 / 3.0).abs() < 1e-6);
    assert_eq!(rest, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    assert!(document.noted(Note::VertexGroups).is_empty());
}

#[test]
fn joints_that_do_not_deform_move_nothing() {
    let mut work = puppet();
    let bones = work
        .components(Uuid::from_u128(8))
        .armature
        .as_mut()
        .unwrap();
    bones.joints.get_mut(&CHILD).unwrap().deform = false;
    let document = work.export();
    assert_eq!(joints_of(&document, 0)[0], [0; 4]);
    let skin = &document.json["skins"][0];
    assert_eq!(
        skin["joints"].as_array().unwrap().len(),
        3,
        "the last is the anchor"
    );
}

#[test]
fn fifth_joint_of_a_vertex_needs_a_second_set() {
    let mut work = puppet();
    let bones = work
        .components(Uuid::from_u128(8))
        .armature
        .as_mut()
        .unwrap();
    let rest = bones.joints[&CHILD].rest;
    let names: Vec<String> = (0..40).map(|i| format!("Bone {i}")).collect();
    for (i, name) in names.iter().enumerate() {
        let bone = joint(name, Some(ROOT), rest);
        bones.joints.insert(Uuid::from_u128(0xB0 + i as u128), bone);
    }
    let groups: Vec<&str> = names.iter().map(String::as_str).collect();
    let five: Vec<(u32, f32)> = (0..5).map(|i| (i, 0.2)).collect();
    let rows: [Row<'_>; 3] = [&five, &[(0, 1.0)], &[(0, 1.0)]];
    give_weights(&mut work, &groups, &[0, 1, 2], &rows);
    let document = work.export();
    assert_eq!(joints_of(&document, 1), [[6, 0, 0, 0], [0; 4], [0; 4]]);
    assert!(document.noted(Note::Influences).is_empty());
    let skin = &document.json["skins"][0];
    assert_eq!(skin["joints"].as_array().unwrap().len(), 42, "no anchor");

    let forty: Vec<(u32, f32)> = (0..40).map(|i| (i, 0.5 + i as f32 / 100.0)).collect();
    let rows: [Row<'_>; 3] = [&forty, &forty, &forty];
    give_weights(&mut work, &groups, &[0, 1, 2], &rows);
    let document = work.export();
    assert_eq!(document.noted(Note::Influences), ["Mesh 9"]);
    assert_eq!(
        joints_of(&document, 7)[0],
        [13, 12, 11, 10],
        "the strongest 32"
    );
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    assert!(attributes.get("JOINTS_8").is_none());
}

#[test]
fn objects_of_one_rig_share_its_skin() {
    let mut work = puppet();
    let twin = Uuid::from_u128(3);
    work.add(object(twin, "Twin", None));
    work.change(showing(twin, Some(MESH)));
    let skin = Skin {
        armature: Some(RIG),
    };
    work.components(twin).skin = Some(skin);
    let json = work.export().json;
    assert_eq!(json["skins"].as_array().unwrap().len(), 1);
    assert_eq!(json["meshes"].as_array().unwrap().len(), 1);
    // At another place, the same joints have other bind matrices; without a skin, the mesh has no joints.
    work.components(twin).transform = Some(Transform {
        translation: [1.0, 0.0, 0.0],
        ..Transform::IDENTITY
    });
    let json = work.export().json;
    assert_eq!(json["skins"].as_array().unwrap().len(), 2);
    work.components(twin).skin = None;
    let json = work.export().json;
    assert_eq!(json["meshes"].as_array().unwrap().len(), 2);
    let plain = &json["meshes"][json["nodes"][2]["mesh"].as_u64().unwrap() as usize];
    let attributes = &plain["primitives"][0]["attributes"];
    assert!(attributes.get("JOINTS_0").is_none());
}

#[test]
fn vertices_split_where_their_weights_differ() {
    let mut work = puppet();
    let mut bytes = Vec::new();
    for index in [0_u32, 1, 2, 0, 1, 2] {
        bytes.extend(index.to_le_bytes());
    }
    let index = work.store(bytes);
    let mesh = work.components(MESH).mesh.as_mut().unwrap();
    mesh.buffers.insert("index".to_owned(), index);
    (mesh.corner_count, mesh.submeshes[0].count) = (6, 6);
    let rows: [Row<'_>; 4] = [&[(0, 1.0)], &[(0, 1.0)], &[(0, 1.0)], &[(1, 1.0)]];
    give_weights(&mut work, &["Root", "Child"], &[0, 1, 2, 3, 1, 2], &rows);
    let joints = joints_of(&work.export(), 0);
    assert_eq!(
        joints.iter().map(|it| it[0]).collect::<Vec<_>>(),
        [0, 0, 0, 1]
    );
}

#[test]
fn hidden_parent_hides_a_skinned_mesh_too() {
    let mut work = puppet();
    let above = Uuid::from_u128(4);
    work.add(object(above, "Above", None));
    work.components(BODY).parent = Some(vibesync_scene::Parent { uuid: Some(above) });
    assert!(skinned_node(&work.export()).get("extensions").is_none());
    work.components(above).visibility = Some(Visibility { visible: false });
    let document = work.export();
    let hidden = json!({"KHR_node_visibility": {"visible": false}});
    assert_eq!(skinned_node(&document)["extensions"], hidden);
}

#[test]
fn armature_without_size_is_noted_and_deforms_nothing() {
    let mut work = puppet();
    work.components(RIG).transform = Some(Transform {
        scale: [1.0, 0.0, 1.0],
        ..Transform::IDENTITY
    });
    let document = work.export();
    assert_eq!(document.noted(Note::Skin), ["Body"]);
    assert!(document.json.get("skins").is_none());
    let body = &document.json["nodes"][1];
    assert!(body["mesh"].is_number());
}

#[test]
fn skinned_object_is_one_object_after_an_import() {
    let mut work = puppet();
    let place = Transform {
        translation: [3.0, -1.0, 2.0],
        ..Transform::IDENTITY
    };
    work.components(BODY).transform = Some(place);
    let import = import(&work.export().export.file).unwrap();
    let objects = all(&import, EntityKind::Object);
    let named = |name: &str| {
        let mut found = objects
            .iter()
            .filter(|it| it.components.name.as_deref() == Some(name));
        let first = found.next().unwrap();
        assert!(found.next().is_none(), "one {name}");
        &first.components
    };
    assert_eq!(named("Body").transform, Some(place));
    let mesh = all(&import, EntityKind::Mesh)[0].uuid;
    assert_eq!(named("Body").data.unwrap().uuid, Some(mesh));
    assert_eq!(objects.len(), 5, "the rig, two joints and the anchor");
    assert_eq!(noted(&import, &ImportNote::Skin), ["Body"]);
}
