//! The golden vectors that Rust, Python and C# share.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::{Discovery, Os, runtime_folders};
use vibesync_protocol::{FrameDecoder, Limits, WireError, encode};
use vibesync_scene::{
    Axes, BLENDER, BlobId, Buffer, Components, Entity, EntityKind, LocalFrame, Mesh, ProjectId,
    Submesh, Transform, UNITY, Visibility,
};

use crate::check_kept;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn frames_match_the_golden_vectors() {
    check_kept(
        "tests/golden/frames.json",
        &json!({"valid": valid_frames(), "invalid": invalid_frames()}),
    );
}

fn valid_frames() -> Vec<Value> {
    let valid: &[(&str, &str, &[&[u8]])] = &[
        (
            "ping",
            r#"{"type":"ping","nonce":7,"head_seq":0,"editor_state":"ready"}"#,
            &[],
        ),
        (
            "unicode name",
            r#"{"type":"notice","message":"Würfel – 立方体"}"#,
            &[],
        ),
        (
            "two attachments",
            r#"{"type":"x","attachments":[3,0]}"#,
            &[b"\x00\x01\xff", b""],
        ),
        ("number with a point", r#"{"type":"x","value":1.5}"#, &[]),
    ];
    valid
        .iter()
        .map(|(name, header, attachments)| {
            let frame = encode(header.as_bytes(), attachments).unwrap();
            let decoder = FrameDecoder::new(Limits::SESSION);
            let decoded = decoder.decode(frame.clone().into()).unwrap();
            assert_eq!(decoded.header, header.as_bytes());
            assert_eq!(decoded.attachments().unwrap(), *attachments);
            json!({
                "name": name,
                "header": header,
                "attachments": attachments.iter().map(|a| hex(a)).collect::<Vec<_>>(),
                "frame": hex(&frame),
            })
        })
        .collect()
}

fn decode_error(decoder: &FrameDecoder, frame: &[u8]) -> WireError {
    match decoder.frame_len(frame) {
        Err(error) => error,
        Ok(_) => {
            let frame = decoder.decode(frame.to_vec().into());
            frame.and_then(|frame| frame.attachments()).unwrap_err()
        }
    }
}

fn invalid_frames() -> Vec<Value> {
    let with = |header: &str, bulk: &[u8]| encode(header.as_bytes(), &[bulk]).unwrap();
    let invalid: Vec<(&str, &str, Vec<u8>)> = vec![
        (
            "length above the session limit",
            "session",
            vec![0x10, 0, 0, 1],
        ),
        (
            "length above the handshake limit",
            "handshake",
            vec![0, 1, 0, 1],
        ),
        (
            "length without room for the header length",
            "session",
            vec![0, 0, 0, 3, 0, 0, 0],
        ),
        (
            "header longer than the frame",
            "session",
            vec![0, 0, 0, 6, 0, 0, 0, 3, b'{', b'}'],
        ),
        ("header is not JSON", "session", with("{x}", b"")),
        ("header is not an object", "session", with("[]", b"")),
        (
            "attachment longer than the frame",
            "session",
            with(r#"{"attachments":[9]}"#, b"abc"),
        ),
        (
            "bytes after the last attachment",
            "session",
            with(r#"{"attachments":[1]}"#, b"abc"),
        ),
        (
            "negative attachment length",
            "session",
            with(r#"{"attachments":[-1]}"#, b"abc"),
        ),
    ];
    invalid
        .into_iter()
        .map(|(name, limits, frame)| {
            let taken = if limits == "session" {
                Limits::SESSION
            } else {
                Limits::HANDSHAKE
            };
            let error = decode_error(&FrameDecoder::new(taken), &frame);
            json!({"name": name, "limits": limits, "frame": hex(&frame), "code": error.code})
        })
        .collect()
}

#[test]
fn digests_match_the_golden_vectors() {
    let project = ProjectId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
    let (token, daemon_nonce, client_nonce) = ("0f".repeat(32), "a1".repeat(32), "5e".repeat(32));
    let key = Token::parse(&token).unwrap();
    let auth = json!([{
        "token": token, "daemon_nonce": daemon_nonce, "client_nonce": client_nonce, "project_id": project,
        "client_proof": key.client_proof(&daemon_nonce, &client_nonce, project),
        "daemon_proof": key.daemon_proof(&daemon_nonce, &client_nonce, project),
    }]);
    let buffer = |name: &str, kind: &str, values: Value, bytes: Vec<u8>| {
        json!({
            "name": name, "type": kind, "values": values, "bytes": hex(&bytes),
            "sha256": hex(&Sha256::digest(&bytes)), "blake3": BlobId::hash(&bytes),
        })
    };
    let floats = [0.0_f32, -0.0, 1.0, -1.5, 0.1, 3.402_823_5e38, 1e-7];
    let indices = [0_u32, 1, 2, 65_536, u32::MAX];
    let buffers = json!([
        buffer(
            "position",
            "float32",
            json!(floats),
            floats
                .iter()
                .flat_map(|f| (f + 0.0).to_le_bytes())
                .collect()
        ),
        buffer(
            "index",
            "uint32",
            json!(indices),
            indices.iter().flat_map(|i| i.to_le_bytes()).collect()
        ),
    ]);
    let entities: Vec<Value> = sample_entities()
        .into_iter()
        .map(|entity| {
            let canonical = serde_json::to_string(&entity).unwrap();
            json!({"entity": entity, "canonical": canonical, "blake3": entity.digest().to_hex().as_str()})
        })
        .collect();
    check_kept(
        "tests/golden/digests.json",
        &json!({"auth": auth, "buffers": buffers, "entities": entities}),
    );
}

fn sample_entities() -> Vec<Entity> {
    let object = Components {
        name: Some("Würfel.001".into()),
        transform: Some(Transform {
            translation: [1.5, -2.0, 1e-7],
            ..Transform::IDENTITY
        }),
        visibility: Some(Visibility { visible: true }),
        ..Default::default()
    };
    let bytes = [0_u8; 36];
    let stored = |len: usize| Buffer::stored(BlobId::hash(&bytes[..len]), len as u64);
    let mesh = Mesh {
        vertex_count: 3,
        corner_count: 3,
        submeshes: vec![Submesh {
            slot: 0,
            start: 0,
            count: 3,
        }],
        buffers: BTreeMap::from([
            ("position".into(), stored(36)),
            ("index".into(), stored(12)),
        ]),
    };
    let mesh = Components {
        name: Some("Mesh".into()),
        mesh: Some(Box::new(mesh)),
        ..Default::default()
    };
    let entity = |id, kind, components| Entity {
        uuid: Uuid::from_u128(id),
        kind,
        components,
    };
    vec![
        entity(1, EntityKind::Object, object),
        entity(2, EntityKind::Mesh, mesh),
    ]
}

#[test]
fn coordinates_match_the_golden_vectors() {
    let half = 0.5_f64.sqrt();
    // Single axes, then poses about several: formulas right for one axis and wrong for three are common.
    let poses: [([f64; 3], [f64; 4], [f64; 3]); 6] = [
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0, 1.0], [1.0, 2.0, 3.0]),
        ([0.0, 0.0, 0.0], [0.0, 0.0, half, half], [1.0, 1.0, 1.0]),
        ([-4.5, 0.25, 1e3], [half, 0.0, 0.0, half], [0.5, 1.0, -2.0]),
        (
            [7.358891, -6.925791, 4.958309],
            [0.483536, 0.208704, 0.336872, 0.780483],
            [1.0, 1.0, 1.0],
        ),
        (
            [0.1, -0.2, 0.3],
            [0.182574, -0.365148, 0.547723, 0.730297],
            [3.0, 0.25, 1.75],
        ),
        ([-1.0, -1.0, -1.0], [-0.5, 0.5, -0.5, 0.5], [-1.0, 1.0, 1.0]),
    ];
    let vectors = |axes: Axes, unit_scales: &[f64]| -> Vec<Value> {
        let mut vectors = Vec::new();
        for unit_scale in unit_scales {
            for (translation, rotation, scale) in poses {
                let meters = translation.map(|c| c * unit_scale);
                vectors.push(json!({
                    "unit_scale": unit_scale,
                    "native": {"translation": translation, "rotation": rotation, "scale": scale},
                    "canonical": {
                        "translation": axes.vector_to_canonical(meters),
                        "rotation": axes.rotation_to_canonical(rotation),
                        "scale": axes.scale(scale),
                    },
                }));
            }
        }
        vectors
    };
    let winding = json!({"blender": BLENDER.flips_winding(), "unity": UNITY.flips_winding()});
    let value = json!({"blender": vectors(BLENDER, &[1.0, 0.01]), "unity": vectors(UNITY, &[1.0]), "winding": winding});
    check_kept("tests/golden/coordinates.json", &value);
}

/// Places of objects below objects, where both may show a light or a camera.
#[test]
fn frames_of_objects_match_the_golden_vectors() {
    let half = 0.5_f64.sqrt();
    let poses = [
        ([0.0; 3], [0.0, 0.0, 0.0, 1.0], [1.0; 3]),
        ([1.0, 2.0, 3.0], [0.5, -0.5, 0.5, 0.5], [1.0, 2.0, 3.0]),
        (
            [7.358891, -6.925791, 4.958309],
            [0.483536, 0.208704, 0.336872, 0.780483],
            [1.0, 0.5, -2.0],
        ),
        ([-0.1, 0.2, 0.3], [half, 0.0, 0.0, half], [1.0; 3]),
    ];
    let frames = [
        ("object", LocalFrame::Object),
        ("viewer", LocalFrame::Viewer),
        ("joint", LocalFrame::Joint),
    ];
    let (mut blender, mut unity) = (Vec::new(), Vec::new());
    for (kind, own) in frames {
        for (parent, above) in frames {
            for (translation, rotation, scale) in poses {
                let native = Transform {
                    translation,
                    rotation,
                    scale,
                };
                let entry = |unit_scale: f64, canonical: Transform| json!({"kind": kind, "parent": parent, "unit_scale": unit_scale, "native": native, "canonical": canonical});
                let meters = Transform {
                    translation: translation.map(|c| c * 0.01),
                    ..native
                };
                blender.push(entry(1.0, own.blender_to_canonical(above, &native)));
                blender.push(entry(0.01, own.blender_to_canonical(above, &meters)));
                // Unity has no joints so far.
                if [own, above].iter().all(|it| *it != LocalFrame::Joint) {
                    unity.push(entry(1.0, own.unity_to_canonical(above, &native)));
                }
            }
        }
    }
    let value = json!({"blender": blender, "unity": unity});
    check_kept("tests/golden/object_frames.json", &value);
}

#[test]
fn runtime_paths_match_the_golden_vectors() {
    let cases: [(Os, &str, &[(&str, &str)]); 9] = [
        (
            Os::Unix,
            "unix",
            &[("XDG_RUNTIME_DIR", "/run/user/1000"), ("HOME", "/home/ada")],
        ),
        (Os::Unix, "unix", &[("HOME", "/home/ada")]),
        (
            Os::Unix,
            "unix",
            &[("XDG_RUNTIME_DIR", ""), ("HOME", "/home/ada")],
        ),
        (
            Os::Unix,
            "unix",
            &[
                ("VIBESYNC_RUNTIME_DIR", "/tmp/v"),
                ("XDG_RUNTIME_DIR", "/run/user/1000"),
            ],
        ),
        (
            Os::Unix,
            "unix",
            &[("XDG_RUNTIME_DIR", "/run/user/1000"), ("HOME", "")],
        ),
        (Os::Unix, "unix", &[]),
        (
            Os::MacOs,
            "macos",
            &[("HOME", "/Users/ada"), ("XDG_RUNTIME_DIR", "/ignored")],
        ),
        (
            Os::Windows,
            "windows",
            &[("LOCALAPPDATA", r"C:\Users\Ada\AppData\Local")],
        ),
        (Os::Windows, "windows", &[("HOME", "/ignored")]),
    ];
    let value: Vec<Value> = cases
        .iter()
        .map(|(os, name, env)| {
            let env: BTreeMap<_, _> = env.iter().copied().collect();
            let paths = runtime_folders(*os, |key| env.get(key).map(ToString::to_string));
            json!({"os": name, "env": env, "paths": paths})
        })
        .collect();
    check_kept("tests/golden/runtime-paths.json", &json!(value));
}

/// The Windows program wrote this file.
#[test]
fn discovery_file_of_windows_is_read_and_written_alike() {
    let kept = include_str!("../../../../tests/golden/windows-discovery.json").trim_end();
    let discovery: Discovery = serde_json::from_str(kept).unwrap();
    let root = r"C:\users\Jörg Müller\Käfer 日本\robot arm";
    assert_eq!(discovery.project_root.as_os_str(), root);
    let token = r"C:\users\Jörg Müller\AppData\Local\vibesync\run\token";
    assert_eq!(discovery.token_path.as_os_str(), token);
    assert_eq!(serde_json::to_string(&discovery).unwrap(), kept);
}
