//! Compares the meshes, the shape keys, the vertex groups and the actions of a read-back with the expected ones.

use std::collections::BTreeMap;

use vibesync_engine::MeshPair;
use vibesync_scene::{
    BlobId, Buffer, KeyedAction, Mesh, MeshBytes, MeshPieces, Shapes, Uuid, Weights, check_action,
    check_mesh, check_shapes_except, check_weights, compare_actions, compare_meshes,
    compare_shapes, compare_weights,
};
use vibesync_store::blobs::BlobStore;

/// The result of a comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The entities whose meshes differ, with the first difference.
    pub differing: Vec<(Uuid, String)>,
    /// Blobs of expected meshes that cannot be read, each with the reason.
    pub lost: BTreeMap<BlobId, String>,
}

/// Compares all pairs.
pub fn compare(blobs: &BlobStore, pairs: &[MeshPair]) -> Compared {
    let mut compared = Compared::default();
    for pair in pairs {
        if let Err(difference) = compare_pair(blobs, pair, &mut compared.lost) {
            compared.differing.push((pair.uuid, difference));
        }
    }
    compared
}

/// Returns the first difference. Adds the blobs of the expected mesh that cannot be read to `lost`.
fn compare_pair(
    blobs: &BlobStore,
    pair: &MeshPair,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<(), String> {
    if let Some((expected, held)) = &pair.meshes {
        compare_geometry(blobs, expected, held, lost)?;
    }
    if let Some((expected, held)) = &pair.shapes {
        compare_keys(blobs, expected, held, lost)?;
    }
    if let Some((expected, held)) = &pair.weights {
        compare_groups(blobs, expected, held, lost)?;
    }
    match &pair.actions {
        Some((expected, held)) => compare_curves(blobs, expected, held, lost),
        None => Ok(()),
    }
}

fn compare_geometry(
    blobs: &BlobStore,
    expected: &Mesh,
    held: &Mesh,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<(), String> {
    let bytes = load(blobs, &expected.buffers, lost)?;
    let held_bytes = load(blobs, &held.buffers, &mut BTreeMap::new())?;
    // A read-back that names blobs was not checked when it arrived.
    check_mesh(held, &as_pieces(&held_bytes), "mesh").map_err(|invalid| invalid.to_string())?;
    compare_meshes(
        (expected, &as_slices(&bytes)),
        (held, &as_slices(&held_bytes)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

fn compare_keys(
    blobs: &BlobStore,
    expected: &Shapes,
    held: &Shapes,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<(), String> {
    let bytes = load(blobs, &expected.buffers, lost)?;
    let held_bytes = load(blobs, &held.buffers, &mut BTreeMap::new())?;
    check_shapes_except(held, &as_pieces(&held_bytes), |_| false, "shapes")
        .map_err(|invalid| invalid.to_string())?;
    compare_shapes(
        (expected, &as_slices(&bytes)),
        (held, &as_slices(&held_bytes)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

fn compare_curves(
    blobs: &BlobStore,
    expected: &KeyedAction,
    held: &KeyedAction,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<(), String> {
    let bytes = load(blobs, &expected.buffers, lost)?;
    let held_bytes = load(blobs, &held.buffers, &mut BTreeMap::new())?;
    check_action(held, &as_pieces(&held_bytes), "action").map_err(|it| it.to_string())?;
    compare_actions(
        (expected, &as_slices(&bytes)),
        (held, &as_slices(&held_bytes)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

fn compare_groups(
    blobs: &BlobStore,
    expected: &Weights,
    held: &Weights,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<(), String> {
    let bytes = load(blobs, &expected.buffers, lost)?;
    let held_bytes = load(blobs, &held.buffers, &mut BTreeMap::new())?;
    check_weights(held, &as_pieces(&held_bytes), "weights").map_err(|it| it.to_string())?;
    compare_weights(
        (expected, &as_slices(&bytes)),
        (held, &as_slices(&held_bytes)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

/// Reads buffers. Adds each blob that cannot be read to `lost`, with the reason.
fn load(
    blobs: &BlobStore,
    buffers: &BTreeMap<String, Buffer>,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut loaded = BTreeMap::new();
    let mut failed = None;
    for (name, buffer) in buffers {
        let blob = buffer.blob.ok_or("a buffer without content")?;
        match blobs.get(blob) {
            Ok(bytes) => {
                loaded.insert(name.clone(), bytes);
            }
            Err(error) => {
                lost.insert(blob, error.to_string());
                failed.get_or_insert(error.to_string());
            }
        }
    }
    failed.map_or(Ok(loaded), Err)
}

fn as_pieces(loaded: &BTreeMap<String, Vec<u8>>) -> MeshPieces<'_> {
    loaded
        .iter()
        .map(|(name, bytes)| (name.as_str(), vec![bytes.as_slice()]))
        .collect()
}

fn as_slices(loaded: &BTreeMap<String, Vec<u8>>) -> MeshBytes<'_> {
    loaded
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vibesync_scene::{ShapeKey, Submesh};
    use vibesync_store::disk::RealDisk;

    use super::*;

    /// Stores one triangle with these corner positions.
    fn triangle(blobs: &BlobStore, positions: [f32; 9]) -> Mesh {
        let position: Vec<u8> = positions.iter().flat_map(|c| c.to_le_bytes()).collect();
        let index: Vec<u8> = [0_u32, 1, 2].iter().flat_map(|i| i.to_le_bytes()).collect();
        let ids = blobs.put(&[&index, &position]).unwrap();
        Mesh {
            vertex_count: 3,
            corner_count: 3,
            submeshes: vec![Submesh {
                slot: 0,
                start: 0,
                count: 3,
            }],
            buffers: BTreeMap::from([
                ("index".into(), Buffer::stored(ids[0], 12)),
                ("position".into(), Buffer::stored(ids[1], 36)),
            ]),
        }
    }

    fn pair((one, other): (Mesh, Mesh)) -> MeshPair {
        MeshPair {
            uuid: Uuid::nil(),
            meshes: Some((Box::new(one), Box::new(other))),
            shapes: None,
            weights: None,
            actions: None,
        }
    }

    /// Stores a shape key of one triangle, which moves its vertices up.
    fn key(blobs: &BlobStore, height: f32) -> Box<Shapes> {
        let delta = [0.0, height, 0.0].repeat(3);
        let delta: Vec<u8> = delta.iter().flat_map(|c| c.to_le_bytes()).collect();
        let vertex: Vec<u8> = [0_u32, 1, 2].iter().flat_map(|i| i.to_le_bytes()).collect();
        let ids = blobs.put(&[&delta, &vertex]).unwrap();
        Box::new(Shapes {
            vertex_count: 3,
            corner_count: 3,
            keys: vec![ShapeKey {
                name: "Up".into(),
                relative_to: None,
                min: 0.0,
                max: 1.0,
            }],
            buffers: BTreeMap::from([
                ("delta".into(), Buffer::stored(ids[0], 36)),
                ("vertex".into(), Buffer::stored(ids[1], 12)),
            ]),
        })
    }

    #[test]
    fn stored_shape_keys_are_compared_by_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(Arc::new(RealDisk), folder.path()).unwrap();
        let compare_with = |held: Box<Shapes>| {
            let pair = MeshPair {
                uuid: Uuid::nil(),
                meshes: None,
                shapes: Some((key(&blobs, 1.0), held)),
                weights: None,
                actions: None,
            };
            let differing = compare(&blobs, &[pair]).differing;
            differing.into_iter().map(|(_, reason)| reason).next()
        };
        assert_eq!(compare_with(key(&blobs, 1.000_005)), None);
        let reason = compare_with(key(&blobs, 2.0)).unwrap();
        assert_eq!(reason, "shape key \"Up\" differs at corner 0");
        let mut damaged = key(&blobs, 1.0);
        damaged.vertex_count = 2;
        assert!(compare_with(damaged).unwrap().starts_with("VS-3005"));
    }

    /// Stores an action with one key of this value.
    fn curve(blobs: &BlobStore, value: f32) -> Box<KeyedAction> {
        let numbers = [1.0, value, 0.5, value, 1.5, value].map(f32::to_le_bytes);
        let key = [numbers.concat(), 2_u32.to_le_bytes().to_vec()].concat();
        let blob = blobs.put(&[&key]).unwrap()[0].to_string();
        let action = serde_json::json!({"fps": {"num": 24, "den": 1}, "range": [1.0, 1.0], "loop": false,
            "slots": [{"id": 1, "kind": "light", "channels": [{"path": "intensity", "component": 0, "locked": false,
            "extrapolation": ["constant", "constant"], "curve": {"start": 0, "count": 1}}]}],
            "buffers": {"keys": {"blob": blob, "bytes": 28}}});
        serde_json::from_value(action).unwrap()
    }

    #[test]
    fn stored_actions_are_compared_by_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(Arc::new(RealDisk), folder.path()).unwrap();
        let compare_with = |held: Box<KeyedAction>| {
            let pair = MeshPair {
                uuid: Uuid::nil(),
                meshes: None,
                shapes: None,
                weights: None,
                actions: Some((curve(&blobs, 5.0), held)),
            };
            let differing = compare(&blobs, &[pair]).differing;
            differing.into_iter().map(|(_, reason)| reason).next()
        };
        assert_eq!(compare_with(curve(&blobs, 5.000_005)), None);
        let reason = compare_with(curve(&blobs, 6.0)).unwrap();
        assert_eq!(reason, "key 0 of intensity[0] in slot 1 differs");
        let mut damaged = curve(&blobs, 5.0);
        damaged.slots[0].channels[0].component = 1;
        assert!(compare_with(damaged).unwrap().starts_with("VS-3004"));
    }

    #[test]
    fn stored_meshes_are_compared_by_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(Arc::new(RealDisk), folder.path()).unwrap();
        let compare_with = |positions| {
            let plain = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
            let meshes = (triangle(&blobs, plain), triangle(&blobs, positions));
            compare(&blobs, &[pair(meshes)])
        };
        let equal = compare_with([1e-6, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(equal, Compared::default());
        let other = compare_with([0.0, 0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 1.0, 0.0]);
        assert_eq!(
            other.differing,
            [(Uuid::nil(), "position differs at corner 1".to_owned())]
        );
    }

    #[test]
    fn read_back_differs_when_its_blob_is_shorter_than_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(Arc::new(RealDisk), folder.path()).unwrap();
        let corners = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        let mut meshes = (triangle(&blobs, corners), triangle(&blobs, corners));
        let short = blobs.put(&[&0_u32.to_le_bytes()]).unwrap()[0];
        let index = Buffer::stored(short, 12);
        meshes.1.buffers.insert("index".into(), index);
        let differing = compare(&blobs, &[pair(meshes)]).differing;
        let reasons: Vec<_> = differing
            .iter()
            .map(|(_, reason)| reason.as_str())
            .collect();
        let expected = "VS-3005 at mesh.buffers.index: 4 bytes arrived where 12 were announced";
        assert_eq!(reasons, [expected]);
    }

    #[test]
    fn unreadable_blob_of_the_expected_mesh_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(Arc::new(RealDisk), folder.path()).unwrap();
        let corners = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        let mut meshes = (triangle(&blobs, corners), triangle(&blobs, corners));
        let gone = BlobId::hash(b"gone");
        let position = Buffer::stored(gone, 36);
        meshes.0.buffers.insert("position".into(), position);
        let lost = compare(&blobs, &[pair(meshes)]).lost;
        assert_eq!(lost.into_keys().collect::<Vec<_>>(), [gone]);
    }
}
