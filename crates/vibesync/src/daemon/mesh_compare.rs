//! Compares the meshes of a read-back with the expected ones.

use std::collections::BTreeMap;

use vibesync_engine::MeshPair;
use vibesync_scene::{Mesh, MeshBytes, Uuid, compare_meshes};
use vibesync_store::blobs::BlobStore;

/// Returns the entities whose meshes differ, with the first difference.
pub fn differing_meshes(blobs: &BlobStore, pairs: &[MeshPair]) -> Vec<(Uuid, String)> {
    pairs
        .iter()
        .filter_map(|pair| Some((pair.uuid, compare_pair(blobs, pair).err()?)))
        .collect()
}

fn compare_pair(blobs: &BlobStore, pair: &MeshPair) -> Result<(), String> {
    let expected = load(blobs, &pair.expected)?;
    let held = load(blobs, &pair.held)?;
    compare_meshes(
        (&pair.expected, &as_slices(&expected)),
        (&pair.held, &as_slices(&held)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

fn load(blobs: &BlobStore, mesh: &Mesh) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut loaded = BTreeMap::new();
    for (name, buffer) in &mesh.buffers {
        let blob = buffer.blob.ok_or("a buffer without content")?;
        let bytes = blobs.get(blob).map_err(|error| error.to_string())?;
        loaded.insert(name.clone(), bytes);
    }
    Ok(loaded)
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

    use vibesync_scene::{Buffer, Submesh};
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

    #[test]
    fn stored_meshes_are_compared_by_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(Arc::new(RealDisk), folder.path()).unwrap();
        let compare = |positions| {
            let pair = MeshPair {
                uuid: Uuid::nil(),
                expected: triangle(&blobs, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
                held: triangle(&blobs, positions),
            };
            differing_meshes(&blobs, &[pair])
        };
        assert_eq!(compare([1e-6, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]), []);
        let differing = compare([0.0, 0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 1.0, 0.0]);
        assert_eq!(
            differing,
            [(Uuid::nil(), "position differs at corner 1".to_owned())]
        );
    }
}
