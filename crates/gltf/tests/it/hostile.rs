//! Files that are wrong, by mistake or on purpose: each is refused with a code and its place, and costs little.

use serde_json::{Value, json};
use vibesync_scene::Code;
use vibesync_testkit::{Random, scenes};

use crate::document::{fill, floats, import, import_json, triangle};
use crate::work::Work;

/// Asserts that the triangle with a change is refused, and where.
#[track_caller]
fn refused(location: &str, change: impl FnOnce(&mut Value)) {
    let mut document = triangle();
    change(&mut document);
    let error = import_json(&document).unwrap_err();
    let found = (error.code, error.location.as_str());
    assert_eq!(found, (Code::GltfInvalid, location), "{}", error.message);
}

#[test]
fn ranges_beyond_the_bytes_are_refused() {
    refused("bufferViews[0]", |it| {
        it["bufferViews"][0]["byteLength"] = json!(41)
    });
    refused("bufferViews[1]", |it| {
        it["bufferViews"][1]["byteOffset"] = json!(38)
    });
    refused("bufferViews[1]", |it| {
        it["bufferViews"][1]["byteOffset"] = json!(u64::MAX);
        it["bufferViews"][1]["byteLength"] = json!(u64::MAX);
    });
    refused("accessors[0]", |it| it["accessors"][0]["count"] = json!(4));
    refused("accessors[0]", |it| {
        it["accessors"][0]["count"] = json!(u32::MAX)
    });
    refused("accessors[0]", |it| {
        it["accessors"][0]["byteOffset"] = json!(u64::MAX)
    });
    refused("accessors[0]", |it| {
        it["accessors"][0]["byteOffset"] = json!(4)
    });
    refused("accessors[0]", |it| {
        it["bufferViews"][0]["byteStride"] = json!(1_u64 << 62)
    });
    refused("accessors[0]", |it| {
        it["bufferViews"][0]["byteStride"] = json!(11)
    });
    refused("accessors[0]", |it| {
        it["bufferViews"][0]["byteStride"] = json!(0)
    });
    refused("buffers[0].byteLength", |it| {
        it["buffers"][0]["byteLength"] = json!(41)
    });
}

#[test]
fn indices_that_name_nothing_are_refused() {
    refused("nodes[0].mesh", |it| it["nodes"][0]["mesh"] = json!(1));
    refused("scenes[0].nodes[0]", |it| {
        it["scenes"][0]["nodes"] = json!([7])
    });
    refused("scene", |it| it["scene"] = json!(1));
    refused("nodes[0].camera", |it| it["nodes"][0]["camera"] = json!(0));
    refused("accessors[0].bufferView", |it| {
        it["accessors"][0]["bufferView"] = json!(2)
    });
    refused("bufferViews[0].buffer", |it| {
        it["bufferViews"][0]["buffer"] = json!(1)
    });
    refused("meshes[0].primitives[0].material", |it| {
        it["meshes"][0]["primitives"][0]["material"] = json!(0);
    });
    refused("meshes[0].primitives[0].attributes.POSITION", |it| {
        it["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = json!(9);
    });
    refused("nodes[0].extensions.KHR_lights_punctual.light", |it| {
        it["nodes"][0]["extensions"] = json!({"KHR_lights_punctual": {"light": 0}});
    });
}

#[test]
fn primitives_that_contradict_themselves_are_refused() {
    let primitive = "meshes[0].primitives[0]";
    refused(&format!("{primitive}.indices"), |it| {
        let mut bytes = floats(&[0.0; 9]);
        bytes.extend([0, 1, 3]);
        fill(it, &bytes);
    });
    refused(&format!("{primitive}.indices"), |it| {
        it["meshes"][0]["primitives"][0]["indices"] = json!(0);
    });
    refused(primitive, |it| it["accessors"][1]["count"] = json!(2));
    refused(&format!("{primitive}.attributes"), |it| {
        it["meshes"][0]["primitives"][0]["attributes"] = json!({});
    });
    refused(&format!("{primitive}.attributes.NORMAL"), |it| {
        it["meshes"][0]["primitives"][0]["attributes"]["NORMAL"] = json!(1);
    });
    refused(&format!("{primitive}.attributes"), |it| {
        let vectors = json!({"bufferView": 0, "componentType": 5126, "count": 2, "type": "VEC3"});
        it["accessors"].as_array_mut().unwrap().push(vectors);
        it["meshes"][0]["primitives"][0]["attributes"]["NORMAL"] = json!(2);
    });
}

#[test]
fn numbers_that_are_none_are_refused() {
    refused("accessors[0]", |it| {
        let mut bytes = floats(&[0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0, 0.0, 1.0, 0.0]);
        bytes.extend([0, 1, 2]);
        fill(it, &bytes);
    });
    refused("nodes[0].rotation", |it| {
        it["nodes"][0]["rotation"] = json!([0, 0, 0, 0])
    });
    refused("nodes[0].scale", |it| {
        it["nodes"][0]["scale"] = json!([1, 1])
    });
    refused("nodes[0].translation[1]", |it| {
        it["nodes"][0]["translation"] = json!([1, "1", 1])
    });
    refused("accessors[0].componentType", |it| {
        it["accessors"][0]["componentType"] = json!(5124)
    });
    refused("accessors[0].type", |it| {
        it["accessors"][0]["type"] = json!("MAT4")
    });
    refused("nodes[0].mesh", |it| it["nodes"][0]["mesh"] = json!(-1));
    let mut document = triangle();
    document["nodes"][0]["translation"] = json!([1e300, 0, 0]);
    let error = import_json(&document).unwrap_err();
    assert_eq!(error.code, Code::NumberInvalid);
    assert_eq!(
        error.location,
        "nodes[0].components.transform.translation[0]"
    );
}

#[test]
fn nodes_below_themselves_or_too_deep_are_refused() {
    refused("nodes[0]", |it| it["nodes"][0]["children"] = json!([0]));
    refused("nodes[1]", |it| {
        it["nodes"] = json!([{"children": [1]}, {"children": [2]}, {"children": [1]}]);
    });
    refused("nodes[1]", |it| {
        it["nodes"] = json!([{"children": [1, 1]}, {}]);
    });
    refused("nodes[257]", |it| {
        let nodes = (1..=1_000).map(|below| json!({"children": [below]}));
        it["nodes"] = nodes.chain([json!({})]).collect();
    });
}

#[test]
fn sparse_indices_must_ascend_within_the_count() {
    let sparse = |indices: [u8; 2]| {
        move |it: &mut Value| {
            let mut bytes = floats(&[0.0; 9]);
            bytes.extend([0, 1, 2]);
            bytes.extend(indices);
            fill(it, &bytes);
            let view = json!({"buffer": 0, "byteOffset": 39, "byteLength": 2});
            it["bufferViews"].as_array_mut().unwrap().push(view);
            it["accessors"][0]["sparse"] = json!({
                "count": 2,
                "indices": {"bufferView": 2, "componentType": 5121},
                "values": {"bufferView": 0},
            });
        }
    };
    for wrong in [[1, 1], [2, 1], [1, 3]] {
        refused("accessors[0].sparse.indices", sparse(wrong));
    }
    let mut document = triangle();
    sparse([0, 2])(&mut document);
    assert!(import_json(&document).is_ok());
}

#[test]
fn announced_counts_take_no_memory() {
    // Zeros need no bytes in the file.
    let huge = |it: &mut Value, count: u64| {
        it["accessors"][0] = json!({"componentType": 5126, "count": count, "type": "VEC3"});
        it["meshes"][0]["primitives"][0] = json!({"attributes": {"POSITION": 0}});
    };
    refused("meshes[0]", |it| huge(it, 4_294_967_295));
    refused("accessors[0]", |it| huge(it, 4_294_967_296));
    // Each primitive is small enough, all of them are not.
    refused("meshes[0]", |it| {
        huge(it, 1_000_000);
        let one = it["meshes"][0]["primitives"][0].clone();
        it["meshes"][0]["primitives"] = vec![one; 100].into();
    });
    // Each mesh is small enough, all of them are not.
    refused("meshes[4]", |it| {
        huge(it, 900_000);
        let mesh = it["meshes"][0].clone();
        let meshes = (0..100).map(|i| {
            let mut mesh = mesh.clone();
            mesh["name"] = json!(format!("{i}"));
            mesh
        });
        it["meshes"] = meshes.collect();
        it["nodes"] = (0..100).map(|i| json!({"mesh": i})).collect();
        it["scenes"][0]["nodes"] = (0..100).collect();
    });
    let mut objects = b"{\"a\":[".to_vec();
    objects.extend(b"{},".repeat(1 << 20));
    let error = import(&objects).unwrap_err();
    assert_eq!(
        (error.code, &*error.location),
        (Code::GltfInvalid, "document")
    );
    assert!(error.message.contains("objects"), "{}", error.message);
}

#[test]
fn files_outside_of_the_folder_are_never_read() {
    for uri in [
        "../secret",
        "/etc/passwd",
        "a/../../b",
        "C:\\x",
        "file:///x",
        "%2e%2e/x",
        "a//b",
        "",
    ] {
        let mut document = triangle();
        document["buffers"][0]["uri"] = json!(uri);
        let error = import_json(&document).unwrap_err();
        assert_eq!(error.location, "buffers[0].uri", "{uri}");
        assert!(
            error.message.starts_with("only data"),
            "{uri}: {}",
            error.message
        );
    }
    for data in [
        "a;base64,!",
        "a;base64,AAA\u{e9}",
        "a;base64,A",
        "a,AAAA",
        "",
    ] {
        let uri = format!("data:{data}");
        refused("buffers[0].uri", |it| it["buffers"][0]["uri"] = json!(uri));
    }
}

#[test]
fn extensions_that_a_file_needs_are_refused_if_unknown() {
    refused("extensionsRequired[1]", |it| {
        it["extensionsRequired"] = json!(["KHR_mesh_quantization", "KHR_draco_mesh_compression"]);
    });
    refused("asset.version", |it| it["asset"]["version"] = json!("1.0"));
    refused("meshes", |it| it["meshes"] = json!({}));
}

#[test]
fn damaged_containers_are_refused() {
    let whole = Work::default().try_export().unwrap().file;
    let at = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = whole.clone();
        change(&mut file);
        import(&file).unwrap_err().location
    };
    assert_eq!(at(&|it| it.truncate(9)), "header");
    assert_eq!(at(&|it| it[4] = 1), "header.version");
    assert_eq!(at(&|it| it[8] = 0xff), "header.length");
    assert_eq!(at(&|it| it[12] = 0xff), "chunks[0]");
    assert_eq!(at(&|it| it[16] = b'X'), "chunks[0]");
    assert_eq!(at(&|it| it[20] = b'X'), "document");
    assert_eq!(at(&|it| it.clear()), "document");
    let deep = "[".repeat(100_000);
    assert_eq!(import(deep.as_bytes()).unwrap_err().location, "document");
}

#[test]
fn damaged_files_are_imported_or_refused() {
    let mut random = Random::new(5);
    let (mut imported, mut failed) = (0, 0);
    let plain = (1..=20).map(scenes::generate);
    for scene in plain.chain((1..=10).map(scenes::generate_characters)) {
        let (entities, blobs) = (scene.entities, scene.blobs);
        let file = Work { entities, blobs }.try_export().unwrap().file;
        for _ in 0..50 {
            let mut damaged = file.clone();
            for _ in 0..=random.up_to(3) {
                let at = 20 + random.up_to(damaged.len() - 21);
                damaged[at] = random.one_of([b'0', b'9', b'-', b'"', b',', 0xff, 0]);
            }
            match import(&damaged) {
                Ok(_) => imported += 1,
                Err(error) => {
                    assert!(!error.location.is_empty() && !error.message.is_empty());
                    failed += 1;
                }
            }
        }
    }
    assert!(imported > 100 && failed > 100, "{imported} {failed}");
}
