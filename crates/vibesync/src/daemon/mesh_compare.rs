//! Compares the meshes of a read-back with the expected ones.

use std::collections::BTreeMap;

use vibesync_engine::MeshPair;
use vibesync_scene::{BlobId, Mesh, MeshBytes, Uuid, check_mesh, compare_meshes};
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
    let expected = load(blobs, &pair.expected, lost)?;
    let held = load(blobs, &pair.held, &mut BTreeMap::new())?;
    // A read-back that names blobs was not checked when it arrived.
    let pieces = as_slices(&held)
        .into_iter()
        .map(|(name, bytes)| (name, vec![bytes]));
    check_mesh(&pair.held, &pieces.collect(), "mesh").map_err(|invalid| invalid.to_string())?;
    compare_meshes(
        (&pair.expected, &as_slices(&expected)),
        (&pair.held, &as_slices(&held)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

/// Reads the buffers of a mesh. Adds each blob that cannot be read to `lost`, with the reason.
fn load(
    blobs: &BlobStore,
    mesh: &Mesh,
    lost: &mut BTreeMap<BlobId, String>,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut loaded = BTreeMap::new();
    let mut failed = None;
    for (name, buffer) in &mesh.buffers {
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
        let compare_with = |positions| {
            let pair = MeshPair {
                uuid: Uuid::nil(),
                expected: triangle(&blobs, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
                held: triangle(&blobs, positions),
            };
            compare(&blobs, &[pair])
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
        let mut pair = MeshPair {
            uuid: Uuid::nil(),
            expected: triangle(&blobs, corners),
            held: triangle(&blobs, corners),
        };
        let short = blobs.put(&[&0_u32.to_le_bytes()]).unwrap()[0];
        let index = Buffer::stored(short, 12);
        pair.held.buffers.insert("index".into(), index);
        let differing = compare(&blobs, &[pair]).differing;
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
        let mut pair = MeshPair {
            uuid: Uuid::nil(),
            expected: triangle(&blobs, corners),
            held: triangle(&blobs, corners),
        };
        let gone = BlobId::hash(b"gone");
        let position = Buffer::stored(gone, 36);
        pair.expected.buffers.insert("position".into(), position);
        let lost = compare(&blobs, &[pair]).lost;
        assert_eq!(lost.into_keys().collect::<Vec<_>>(), [gone]);
    }
}
