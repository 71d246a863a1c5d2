//! Objects, meshes, lights and materials.

use std::collections::BTreeMap;

use serde_json::json;
use vibesync_gltf::Note;
use vibesync_scene::{
    DataRef, LightType, Maps, Materials, Nodes, Shown, Skin, Slots, TextureMap, Transform, Uuid,
    Visibility,
};
use vibesync_testkit::actions::{action, playing};
use vibesync_testkit::change::{image, light, mapped, material, object};
use vibesync_testkit::mesh_parts::vertex_groups;
use vibesync_testkit::rigs::armature;

use crate::work::Work;

const SQUARE: [f32; 12] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn show(work: &mut Work, number: u128, data: Uuid) -> Uuid {
    let uuid = work.add(object(id(number), &format!("Object {number}"), None));
    work.components(uuid).data = Some(DataRef { uuid: Some(data) });
    uuid
}

#[test]
fn node_has_name_place_children_and_visibility() {
    let mut work = Work::default();
    work.add(object(id(1), "Upper", None));
    let below = work.add(object(id(2), "Lower", Some(id(1))));
    work.components(below).transform = Some(Transform {
        translation: [1.0, 2.0, 3.0],
        rotation: [0.0, 0.6, 0.0, 0.8],
        scale: [1.0, -2.0, 0.5],
    });
    work.components(below).visibility = Some(Visibility { visible: false });
    let json = work.export().json;
    assert_eq!(json["scenes"], json!([{"nodes": [0]}]));
    assert_eq!(json["nodes"][0]["name"], "Upper");
    assert_eq!(json["nodes"][0]["children"], json!([1]));
    let node = &json["nodes"][1];
    assert_eq!(node["translation"], json!([1.0, 2.0, 3.0]));
    let rotation = node["rotation"].as_array().unwrap().iter();
    let rotation: Vec<f32> = rotation.map(|it| it.as_f64().unwrap() as f32).collect();
    assert_eq!(rotation, [0.0, 0.6, 0.0, 0.8]);
    assert_eq!(node["scale"], json!([1.0, -2.0, 0.5]));
    let hidden = json!({"KHR_node_visibility": {"visible": false}});
    assert_eq!(node["extensions"], hidden);
    assert_eq!(json["extensionsUsed"], json!(["KHR_node_visibility"]));
}

#[test]
fn vertices_split_where_their_corners_differ() {
    let mut work = Work::default();
    let index = [0, 1, 2, 0, 2, 3];
    // The corner of vertex 0 in the second triangle has other texture coordinates.
    let uv = [0.0, 0.25, 1.0, 0.0, 1.0, 1.0, 0.5, 0.5, 1.0, 1.0, 0.0, 1.0];
    let mesh = work.mesh(9, 4, &index, &[("position", &SQUARE), ("uv0", &uv)]);
    show(&mut work, 1, mesh);
    let document = work.export();
    let primitive = &document.json["meshes"][0]["primitives"][0];
    let positions = document.floats(&primitive["attributes"]["POSITION"]);
    assert_eq!(positions.len(), 5 * 3);
    let uv = document.floats(&primitive["attributes"]["TEXCOORD_0"]);
    assert_eq!(uv[..2], [0.0, 0.75], "V points down in glTF");
    let indices = primitive["indices"].as_u64().unwrap() as usize;
    let view = &document.json["accessors"][indices]["bufferView"];
    let words = document.view(view).as_chunks().0.iter();
    let words: Vec<u32> = words.map(|it| u32::from_le_bytes(*it)).collect();
    assert_eq!(words, [0, 1, 2, 3, 2, 4]);
}

#[test]
fn objects_share_a_mesh_unless_their_materials_differ() {
    let mut work = Work::default();
    let mesh = work.mesh(9, 4, &[0, 1, 2], &[("position", &SQUARE)]);
    let [first, other] = [10, 11].map(|number| work.add(material(id(number), 0.5)));
    work.components(mesh).slots = Some(Box::new(Slots {
        materials: vec![Some(first)],
    }));
    let objects = [1, 2, 3].map(|number| show(&mut work, number, mesh));
    let own = BTreeMap::from([(0, Some(other))]);
    work.components(objects[2]).materials = Some(Box::new(Materials { own }));
    let json = work.export().json;
    let meshes = [0, 1, 2].map(|node: usize| json["nodes"][node]["mesh"].clone());
    assert_eq!(meshes, [json!(0), json!(0), json!(1)]);
    let part = |mesh: usize| &json["meshes"][mesh]["primitives"][0];
    assert_eq!(part(0)["attributes"], part(1)["attributes"]);
    assert_ne!(part(0)["material"], part(1)["material"]);
}

#[test]
fn normals_without_length_point_up_and_are_noted() {
    let mut work = Work::default();
    let normals = [0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 1.0];
    let mesh = work.mesh(
        9,
        4,
        &[0, 1, 2],
        &[("position", &SQUARE), ("normal", &normals)],
    );
    show(&mut work, 1, mesh);
    let document = work.export();
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    let written = document.floats(&attributes["NORMAL"]);
    assert_eq!(written, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(document.noted(Note::ZeroNormals), ["Mesh 9"]);
}

#[test]
fn light_above_white_keeps_its_product() {
    let mut work = Work::default();
    let lamp = work.add(light(id(9), 100.0));
    work.components(lamp).light.as_mut().unwrap().color = [2.0, 1.0, 0.0];
    show(&mut work, 1, lamp);
    let json = work.export().json;
    let lights = &json["extensions"]["KHR_lights_punctual"]["lights"];
    assert_eq!(lights[0]["color"], json!([1.0, 0.5, 0.0]));
    assert_eq!(lights[0]["intensity"], json!(200.0));
    assert_eq!(lights[0]["type"], "point");
}

#[test]
fn cone_of_a_spot_has_a_border() {
    let mut work = Work::default();
    let lamp = work.add(light(id(9), 100.0));
    let it = work.components(lamp).light.as_mut().unwrap();
    (it.kind, it.inner, it.outer) = (LightType::Spot, 0.5, 0.5);
    show(&mut work, 1, lamp);
    let json = work.export().json;
    let spot = &json["extensions"]["KHR_lights_punctual"]["lights"][0]["spot"];
    let angle = |name: &str| spot[name].as_f64().unwrap();
    let (inner, outer) = (angle("innerConeAngle"), angle("outerConeAngle"));
    assert!(inner < outer && outer - inner < 1e-5, "{inner} {outer}");
}

#[test]
fn content_without_a_form_is_noted_by_kind_and_name() {
    let mut work = Work::default();
    let lamp = work.add(light(id(9), 100.0));
    work.components(lamp).light.as_mut().unwrap().kind = LightType::Area;
    show(&mut work, 1, lamp);
    let other = work.add(light(id(8), 100.0));
    work.components(other).light.as_mut().unwrap().kind = LightType::Area;
    show(&mut work, 3, other);
    let empty = work.mesh(10, 0, &[], &[("position", &[])]);
    show(&mut work, 2, empty);
    work.mesh(11, 4, &[0, 1, 2], &[("position", &SQUARE)]);
    let document = work.export();
    assert_eq!(document.noted(Note::AreaLight), ["Light", "Light"]);
    assert_eq!(document.noted(Note::EmptyMesh), ["Mesh 10"]);
    assert_eq!(document.noted(Note::Unused), ["Mesh 11"]);
    assert!(document.json.get("meshes").is_none());
    assert_eq!(document.json["nodes"].as_array().unwrap().len(), 3);
}

#[test]
fn omissions_are_noted_by_kind_and_name() {
    let mut work = Work::default();
    let mesh = work.mesh(9, 4, &[0, 1, 2], &[("position", &SQUARE)]);
    work.change(vertex_groups(mesh, &["Arm"], 3, b"groups"));
    let [body, twin] = [1, 2].map(|number| show(&mut work, number, mesh));
    let lump = work.add(object(id(3), "Lump", None));
    work.components(body).skin = Some(Skin {
        armature: Some(lump),
    });
    work.components(twin).skin = Some(Skin { armature: None });
    work.components(lump).nodes = Some(Box::new(Nodes { graph: None }));
    let document = work.export();
    assert_eq!(document.noted(Note::VertexGroups), ["Mesh 9"], "once");
    assert_eq!(document.noted(Note::Skin), ["Object 1"]);
    assert!(document.noted(Note::GeometryNodes).is_empty());
    assert!(document.noted(Note::Unused).is_empty());
}

#[test]
fn actions_and_armatures_without_use_are_noted() {
    let mut work = Work::default();
    let rig = work.add(armature(id(9), 1.0));
    let walk = work.add(action(id(20), &[0; 56], None));
    let document = work.export();
    assert_eq!(document.noted(Note::Unused), ["Armature", "Action"]);
    show(&mut work, 1, rig);
    work.change(playing(id(1), Some(walk)));
    let mut keys = vec![0; 56];
    keys[30] = 0x80; // the second key is later than the first
    keys[31] = 0x3f;
    work.store(keys.clone());
    let action = action(walk, &keys, None);
    work.components(walk).merge(action.components().unwrap());
    assert!(work.export().noted(Note::Unused).is_empty());
}

#[test]
fn geometry_nodes_are_noted_unless_the_mesh_is_evaluated() {
    let mut work = Work::default();
    let mesh = work.mesh(9, 4, &[0, 1, 2], &[("position", &SQUARE)]);
    let body = show(&mut work, 1, mesh);
    let graph = json!({"version": 1});
    work.components(body).nodes = Some(Box::new(Nodes { graph: Some(graph) }));
    assert_eq!(work.export().noted(Note::GeometryNodes), ["Object 1"]);
    let shown = Shown {
        mesh: work.components(mesh).mesh.as_deref().cloned(),
        materials: None,
    };
    work.components(body).shown = Some(Box::new(shown));
    assert!(work.export().noted(Note::GeometryNodes).is_empty());
}

#[test]
fn emission_above_white_needs_a_strength() {
    let mut work = Work::default();
    let mesh = work.mesh(9, 4, &[0, 1, 2], &[("position", &SQUARE)]);
    let glow = work.add(material(id(10), 0.25));
    work.components(glow).emission.as_mut().unwrap().strength = 4.0;
    work.components(mesh).slots = Some(Box::new(Slots {
        materials: vec![Some(glow)],
    }));
    show(&mut work, 1, mesh);
    let json = work.export().json;
    let material = &json["materials"][0];
    assert_eq!(material["emissiveFactor"], json!([1.0, 1.0, 1.0]));
    let strength = json!({"emissiveStrength": 4.0});
    assert_eq!(
        material["extensions"]["KHR_materials_emissive_strength"],
        strength
    );
    assert_eq!(
        material["pbrMetallicRoughness"]["roughnessFactor"],
        json!(0.25)
    );
}

/// Exports two triangles with a normal map along set 1, with these texture coordinates for each corner. Returns the document.
fn relief(uv: &[[f32; 2]; 6]) -> crate::work::Document {
    let mut work = Work::default();
    let index = [0, 1, 2, 0, 2, 3];
    let normals = [0.0, 0.0, 1.0].repeat(6);
    let floats: [(&str, &[f32]); 3] = [
        ("position", &SQUARE),
        ("normal", &normals),
        ("uv1", uv.as_flattened()),
    ];
    let mesh = work.mesh(9, 4, &index, &floats);
    let picture = work.add(image(id(20), b"x"));
    work.store(b"x".to_vec());
    let surface = work.add(material(id(10), 0.5));
    let maps = mapped(surface, Some(picture));
    let map = maps.components().unwrap().maps.clone().unwrap().base_color;
    work.components(surface).maps = Some(Box::new(Maps {
        normal: map.map(|map| TextureMap { uv: 1, ..map }),
        ..Maps::default()
    }));
    work.components(mesh).slots = Some(Box::new(Slots {
        materials: vec![Some(surface)],
    }));
    show(&mut work, 1, mesh);
    work.export()
}

fn tangents(document: &crate::work::Document) -> Vec<[f32; 4]> {
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    let floats = document.floats(&attributes["TANGENT"]);
    floats.as_chunks().0.to_vec()
}

#[test]
fn mesh_with_a_normal_map_gets_tangents_along_u() {
    let corners = [
        [0.0, 0.0],
        [1.0, 0.0],
        [1.0, 1.0],
        [0.0, 0.0],
        [1.0, 1.0],
        [0.0, 1.0],
    ];
    assert_eq!(tangents(&relief(&corners)), [[1.0, 0.0, 0.0, 1.0]; 4]);
    // U along Y, and mirrored: the other axis is to the right, where the sign says so.
    let turned = corners.map(|[u, v]| [v, u]);
    assert_eq!(tangents(&relief(&turned)), [[0.0, 1.0, 0.0, -1.0]; 4]);
    // Without a direction, the tangent is still a unit at right angles to the normal.
    for [x, y, z, sign] in tangents(&relief(&[[0.5, 0.5]; 6])) {
        assert_eq!((z, sign.abs()), (0.0, 1.0));
        assert!((x.hypot(y) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn vertices_split_where_their_tangents_differ() {
    // The second triangle is mirrored, with the same texture coordinates at the common corners.
    let corners = [
        [0.0, 0.0],
        [1.0, 0.0],
        [1.0, 1.0],
        [0.0, 0.0],
        [1.0, 1.0],
        [1.0, 0.0],
    ];
    let mut signs: Vec<f32> = tangents(&relief(&corners)).iter().map(|it| it[3]).collect();
    signs.sort_by(f32::total_cmp);
    assert_eq!(signs, [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn evaluated_mesh_stands_in_place_of_the_data() {
    let mut work = Work::default();
    let base = work.mesh(9, 4, &[0, 1, 2], &[("position", &SQUARE)]);
    let result = work.mesh(8, 4, &[0, 1, 2, 0, 2, 3], &[("position", &SQUARE)]);
    let [slot, other] = [10, 11].map(|number| work.add(material(id(number), 0.5)));
    let mesh = work.components(result).mesh.as_deref().cloned();
    work.components(base).slots = Some(Box::new(Slots {
        materials: vec![Some(slot)],
    }));
    let plain = show(&mut work, 1, base);
    let modified = show(&mut work, 2, base);
    let text = work.add(object(id(3), "Text", None));
    let shown = |materials| Shown {
        mesh: mesh.clone(),
        materials,
    };
    work.components(modified).shown = Some(Box::new(shown(None)));
    work.components(text).shown = Some(Box::new(shown(Some(vec![Some(other)]))));
    let document = work.export();
    let meshes: Vec<_> = document.json["meshes"].as_array().unwrap().iter().collect();
    let names: Vec<_> = meshes.iter().map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["Mesh 9", "Object 2", "Text"].map(Some));
    let corners = |mesh: usize| {
        let accessor = meshes[mesh]["primitives"][0]["indices"].as_u64().unwrap() as usize;
        document.json["accessors"][accessor]["count"]
            .as_u64()
            .unwrap()
    };
    assert_eq!([0, 1, 2].map(corners), [3, 6, 6]);
    let materials = [0, 1, 2].map(|mesh| &meshes[mesh]["primitives"][0]["material"]);
    assert_eq!(materials[0], materials[1], "the slots of the data");
    assert_ne!(materials[1], materials[2]);
    assert!(meshes[0]["extras"].is_object() && meshes[1].get("extras").is_none());
    // The base mesh is used, though no object shows it as it is.
    work.components(plain).data = None;
    assert_eq!(work.export().noted(Note::Unused), ["Mesh 8"]);
}
