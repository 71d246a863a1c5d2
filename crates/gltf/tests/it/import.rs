//! Meshes, nodes and files of an import.

use serde_json::{Value, json};
use vibesync_gltf::{Import, ImportNote};
use vibesync_scene::{EntityKind, Mesh, Transform, check_mesh};

use crate::document::{
    all, fill, floats, import, import_beside, import_json, index, noted, only, triangle, vectors,
};

fn mesh(import: &Import) -> &Mesh {
    let mesh = only(import, EntityKind::Mesh).mesh.as_ref().unwrap();
    let blobs = &import.blobs;
    let pieces = mesh.buffers.iter();
    let pieces =
        pieces.map(|(name, it)| (name.as_str(), vec![blobs[&it.blob.unwrap()].as_slice()]));
    check_mesh(mesh, &pieces.collect(), "mesh").unwrap();
    mesh
}

fn place(node: Value) -> (Transform, Import) {
    let mut document = triangle();
    document["nodes"][0] = node;
    let import = import_json(&document).unwrap();
    (only(&import, EntityKind::Object).transform.unwrap(), import)
}

/// The corner of a transform's axes, as rows of the matrix that it stands for.
fn matrix(transform: &Transform) -> [[f64; 3]; 3] {
    let [x, y, z, w] = transform.rotation;
    let rows = [
        [
            1.0 - 2.0 * (y * y + z * z),
            2.0 * (x * y - z * w),
            2.0 * (x * z + y * w),
        ],
        [
            2.0 * (x * y + z * w),
            1.0 - 2.0 * (x * x + z * z),
            2.0 * (y * z - x * w),
        ],
        [
            2.0 * (x * z - y * w),
            2.0 * (y * z + x * w),
            1.0 - 2.0 * (x * x + y * y),
        ],
    ];
    let [a, b, c] = transform.scale;
    rows.map(|[p, q, r]| [p * a, q * b, r * c])
}

#[test]
fn triangle_becomes_an_object_with_a_mesh() {
    let import = import_json(&triangle()).unwrap();
    let object = only(&import, EntityKind::Object);
    assert_eq!(object.name.as_deref(), Some("Node"));
    assert!(object.visibility.unwrap().visible);
    assert_eq!(object.parent.unwrap().uuid, None);
    let meshes = all(&import, EntityKind::Mesh);
    assert_eq!(object.data.unwrap().uuid, Some(meshes[0].uuid));
    let mesh = mesh(&import);
    assert_eq!((mesh.vertex_count, mesh.corner_count), (3, 3));
    assert_eq!(index(&import, mesh), [0, 1, 2]);
    assert!(import.notes.is_empty());
}

#[test]
fn vertices_at_one_position_are_joined() {
    let mut document = triangle();
    let corners = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    // The second triangle has its own copies of two vertices; -0 is 0.
    let more = [1.0, 0.0, -0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];
    fill(&mut document, &floats(&[corners, more].concat()));
    document["bufferViews"][0]["byteLength"] = json!(72);
    document["accessors"][0]["count"] = json!(6);
    document["meshes"][0]["primitives"][0] = json!({"attributes": {"POSITION": 0}});
    let import = import_json(&document).unwrap();
    let mesh = mesh(&import);
    assert_eq!((mesh.vertex_count, mesh.corner_count), (4, 6));
    assert_eq!(index(&import, mesh), [0, 1, 2, 1, 3, 2]);
}

#[test]
fn strips_and_fans_become_triangles() {
    let mut document = triangle();
    let square = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    fill(&mut document, &floats(&square));
    document["bufferViews"][0]["byteLength"] = json!(48);
    document["accessors"][0]["count"] = json!(4);
    let corners = |mode: u32| {
        let mut document = document.clone();
        let primitive = json!({"attributes": {"POSITION": 0}, "mode": mode});
        document["meshes"][0]["primitives"][0] = primitive;
        let import = import_json(&document).unwrap();
        index(&import, mesh(&import))
    };
    assert_eq!(corners(5), [0, 1, 2, 2, 1, 3]);
    assert_eq!(corners(6), [0, 1, 2, 0, 2, 3]);
}

#[test]
fn components_of_any_type_are_read_with_strides() {
    let mut document = triangle();
    // Normalized bytes, each with a byte of padding; the least byte is -1 too.
    let bytes: [u8; 12] = [127, 0, 129, 9, 128, 0, 0, 9, 0, 127, 0, 9];
    fill(&mut document, &bytes);
    document["bufferViews"] = json!([{"buffer": 0, "byteLength": 12, "byteStride": 4}]);
    document["accessors"] = json!([
        {"bufferView": 0, "componentType": 5120, "normalized": true, "count": 3, "type": "VEC3"},
    ]);
    let attributes = json!({"POSITION": 0, "NORMAL": 0});
    document["meshes"][0]["primitives"][0] = json!({"attributes": attributes});
    let import = import_json(&document).unwrap();
    let mesh = mesh(&import);
    let expected = [[1.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    assert_eq!(vectors::<3>(&import, mesh, "position"), expected);
    assert_eq!(vectors::<3>(&import, mesh, "normal"), expected);
}

#[test]
fn sparse_values_replace_those_of_the_view_or_zeros() {
    let mut document = triangle();
    let mut bytes = floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 5.0, 6.0, 7.0]);
    bytes.extend([2, 0, 0, 0]);
    fill(&mut document, &bytes);
    document["bufferViews"] = json!([
        {"buffer": 0, "byteLength": 36},
        {"buffer": 0, "byteOffset": 36, "byteLength": 12},
        {"buffer": 0, "byteOffset": 48, "byteLength": 1},
    ]);
    document["accessors"][0]["sparse"] = json!({
        "count": 1,
        "indices": {"bufferView": 2, "componentType": 5121},
        "values": {"bufferView": 1},
    });
    let primitive = json!({"attributes": {"POSITION": 0}});
    document["meshes"][0]["primitives"][0] = primitive;
    document["accessors"].as_array_mut().unwrap().truncate(1);
    let positions = |document: &Value| {
        let import = import_json(document).unwrap();
        vectors::<3>(&import, mesh(&import), "position")
    };
    assert_eq!(
        positions(&document),
        [[0.0; 3], [1.0, 0.0, 0.0], [5.0, 6.0, 7.0]]
    );
    let accessor = document["accessors"][0].as_object_mut().unwrap();
    accessor.remove("bufferView");
    // Zeros share a vertex.
    assert_eq!(positions(&document), [[0.0; 3], [5.0, 6.0, 7.0]]);
}

#[test]
fn primitives_are_slots_with_the_attributes_of_all() {
    let mut document = triangle();
    let positions = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let uv = [0.25, 0.25, 1.0, 0.0, 0.0, 1.0];
    fill(&mut document, &floats(&[&positions[..], &uv].concat()));
    document["bufferViews"][1] = json!({"buffer": 0, "byteOffset": 36, "byteLength": 24});
    document["accessors"][1] =
        json!({"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"});
    let attributes = json!({"POSITION": 0, "TEXCOORD_1": 1, "NORMAL": 0});
    document["meshes"][0]["primitives"] = json!([
        {"attributes": {"POSITION": 0}, "material": 1},
        {"attributes": {"POSITION": 0}, "mode": 1},
        {"attributes": attributes, "material": 0},
    ]);
    document["materials"] = json!([{"name": "A"}, {"name": "B"}]);
    let import = import_json(&document).unwrap();
    let mesh = mesh(&import);
    let runs: Vec<_> = mesh
        .submeshes
        .iter()
        .map(|it| (it.slot, it.start, it.count))
        .collect();
    assert_eq!(runs, [(0, 0, 3), (1, 3, 3)]);
    let uv = vectors::<2>(&import, mesh, "uv1");
    assert_eq!(uv[..4], [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.25, 0.75]]);
    assert_eq!(vectors::<2>(&import, mesh, "uv0"), [[0.0, 1.0]; 6]);
    // A primitive without normals is flat.
    assert_eq!(
        vectors::<3>(&import, mesh, "normal")[..3],
        [[0.0, 0.0, 1.0]; 3]
    );
    let slots = only(&import, EntityKind::Mesh).slots.as_ref().unwrap();
    let names = slots.materials.iter().map(|uuid| {
        let mut entities = import.entities.iter();
        let found = entities.find(|it| Some(it.uuid) == *uuid).unwrap();
        found.components.name.as_deref().unwrap()
    });
    assert_eq!(names.collect::<Vec<_>>(), ["B", "A"]);
    assert_eq!(noted(&import, &ImportNote::NoTriangles), ["Mesh"]);
}

#[test]
fn meshes_that_differ_in_materials_are_one() {
    let mut document = triangle();
    document["materials"] = json!([{"name": "A"}, {"name": "B"}]);
    document["meshes"][0]["primitives"][0]["material"] = json!(0);
    let mut other = document["meshes"][0].clone();
    other["primitives"][0]["material"] = json!(1);
    document["meshes"].as_array_mut().unwrap().push(other);
    document["nodes"] = json!([{"mesh": 0}, {"mesh": 1}]);
    document["scenes"][0]["nodes"] = json!([0, 1]);
    let import = import_json(&document).unwrap();
    mesh(&import);
    let objects = all(&import, EntityKind::Object);
    let material = |name: &str| {
        let mut all = all(&import, EntityKind::Material).into_iter();
        all.find(|it| it.components.name.as_deref() == Some(name))
            .unwrap()
            .uuid
    };
    assert_eq!(objects[0].components.data, objects[1].components.data);
    assert_eq!(objects[0].components.materials, None);
    let own = &objects[1].components.materials.as_ref().unwrap().own;
    assert_eq!(own.get(&0), Some(&Some(material("B"))));
}

#[test]
fn matrix_is_taken_apart_also_if_mirrored_or_flat() {
    // Columns: X turned to Y and doubled, Y turned to X: a mirror; Z tripled.
    let numbers = [0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 4, 5, 6, 1];
    let (transform, import) = place(json!({"matrix": numbers}));
    assert_eq!(transform.translation, [4.0, 5.0, 6.0]);
    let expected = [[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 3.0]];
    for (row, wanted) in matrix(&transform).iter().zip(expected) {
        for (a, b) in row.iter().zip(wanted) {
            assert!((a - b).abs() < 1e-12, "{transform:?}");
        }
    }
    assert!(import.notes.is_empty());
    // Two of the axes have no length, or one.
    for missing in [&[1][..], &[0], &[2], &[0, 1], &[1, 2], &[0, 2]] {
        let mut numbers = numbers;
        for axis in missing {
            numbers[axis * 4..axis * 4 + 3].fill(0);
        }
        let (transform, import) = place(json!({"matrix": numbers}));
        for (row, made) in matrix(&transform).iter().enumerate() {
            for (column, made) in made.iter().enumerate() {
                let wanted = f64::from(numbers[column * 4 + row]);
                assert!((made - wanted).abs() < 1e-12, "{missing:?}: {transform:?}");
            }
        }
        assert!(import.notes.is_empty());
    }
}

#[test]
fn sheared_matrix_is_noted() {
    let numbers = [
        1.0, 0.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    ];
    let (transform, import) = place(json!({"name": "Slanted", "matrix": numbers}));
    assert_eq!(transform.rotation, [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(noted(&import, &ImportNote::Shear), ["Slanted"]);
}

#[test]
fn rotations_are_made_units() {
    let (transform, _) = place(json!({"rotation": [0.0, 0.0, 0.0, 2.0], "scale": [1, -1, 2]}));
    assert_eq!(transform.rotation, [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(transform.scale, [1.0, -1.0, 2.0]);
}

#[test]
fn node_that_shows_several_things_gets_objects_below() {
    let mut document = triangle();
    document["nodes"][0]["camera"] = json!(0);
    document["nodes"][0]["extensions"] = json!({"KHR_lights_punctual": {"light": 0}});
    document["cameras"] = json!([{
        "type": "perspective", "perspective": {"yfov": 1.0, "znear": 0.5},
    }]);
    document["extensions"] = json!({"KHR_lights_punctual": {"lights": [{"type": "point"}]}});
    let import = import_json(&document).unwrap();
    let objects = all(&import, EntityKind::Object);
    assert_eq!(objects.len(), 3);
    let kind = |at: usize| {
        let data = objects[at].components.data.unwrap().uuid;
        import
            .entities
            .iter()
            .find(|it| Some(it.uuid) == data)
            .unwrap()
            .kind
    };
    assert_eq!(
        [kind(0), kind(1), kind(2)],
        [EntityKind::Mesh, EntityKind::Camera, EntityKind::Light]
    );
    for below in &objects[1..] {
        assert_eq!(below.components.parent.unwrap().uuid, Some(objects[0].uuid));
        assert_eq!(below.components.transform, Some(Transform::IDENTITY));
    }
}

#[test]
fn only_the_scene_that_the_file_shows_is_imported() {
    let mut document = triangle();
    document["nodes"] = json!([{"name": "Other"}, {"name": "Shown", "mesh": 0}]);
    document["scenes"] = json!([{"nodes": [0]}, {"nodes": [1]}]);
    document["scene"] = json!(1);
    let import = import_json(&document).unwrap();
    assert_eq!(
        only(&import, EntityKind::Object).name.as_deref(),
        Some("Shown")
    );
    assert_eq!(noted(&import, &ImportNote::OtherScene), ["Other"]);
}

#[test]
fn what_is_left_out_is_noted_by_kind_and_name() {
    let mut document = triangle();
    document["nodes"][0]["skin"] = json!(0);
    document["nodes"][0]["weights"] = json!([]);
    document["nodes"][0]["extensions"] = json!({"EXT_mesh_gpu_instancing": {}});
    document["skins"] = json!([{"joints": [0]}]);
    document["animations"] = json!([{"name": "Walk"}, {}]);
    document["materials"] = json!([{"extensions": {"KHR_materials_unlit": {}}}]);
    document["extensionsUsed"] = json!(["KHR_materials_unlit", "EXT_mesh_gpu_instancing"]);
    let primitive = &mut document["meshes"][0]["primitives"][0];
    primitive["attributes"]["_HEAT"] = json!(0);
    primitive["attributes"]["COLOR_1"] = json!(0);
    primitive["attributes"]["JOINTS_0"] = json!(0);
    let import = import_json(&document).unwrap();
    let noted = |note| noted(&import, &note);
    assert_eq!(noted(ImportNote::Skin), ["Node"]);
    assert_eq!(noted(ImportNote::Animation), ["Walk", "animations[1]"]);
    assert_eq!(noted(ImportNote::MorphWeights), ["Node"]);
    assert_eq!(noted(ImportNote::Attributes), ["Mesh"]);
    let extension = |name: &str| ImportNote::Extension(name.to_owned());
    assert_eq!(noted(extension("KHR_materials_unlit")), ["materials[0]"]);
    assert_eq!(noted(extension("EXT_mesh_gpu_instancing")), ["nodes[0]"]);
    assert_eq!(import.notes.iter().count(), 6);
}

#[test]
fn files_beside_the_document_are_read_by_their_names() {
    let mut document = triangle();
    let mut bytes = floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    bytes.extend([0, 1, 2]);
    document["buffers"][0]["uri"] = json!("parts/a%20b.bin");
    document["buffers"][0]["byteLength"] = json!(39);
    let file = document.to_string();
    let read = import_beside(file.as_bytes(), |path| {
        assert_eq!(path, "parts/a b.bin");
        Ok(bytes.clone())
    });
    assert_eq!(mesh(&read.unwrap()).corner_count, 3);
    let error = import(file.as_bytes()).unwrap_err();
    assert_eq!(error.location, "buffers[0].uri");
    assert_eq!(error.message, "parts/a b.bin is not there");
}

#[test]
fn same_file_gives_the_same_entities() {
    let document = triangle();
    let [first, second] = [(); 2].map(|()| import_json(&document).unwrap());
    assert_eq!(first.entities, second.entities);
    assert_eq!(first.blobs, second.blobs);
}
