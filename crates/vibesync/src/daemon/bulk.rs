//! Bulk data between frames and the blob store: attachments in, attachments out, meshes compared.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::bytes::Bytes;
use vibesync_engine::MeshPair;
use vibesync_protocol::{
    AppliedResult, ApplyStatus, ClientMessage, DaemonMessage, begin_frame, encode,
};
use vibesync_scene::{
    BlobId, Buffer, Change, Code, Components, Invalid, Mesh, MeshBytes, Uuid, check_mesh,
    compare_meshes,
};
use vibesync_store::blobs::{BlobError, BlobStore};

use super::intake::Attachment;
use super::shared::Shared;

/// Stores a message's attachments and makes its buffers name them by content. A mesh that does not hold together is
/// refused: for an intent as a whole, in a read-back as one result that failed.
pub fn take_in(
    blobs: &BlobStore,
    message: &mut ClientMessage,
    attachments: &mut [Attachment],
) -> Result<(), Invalid> {
    match message {
        ClientMessage::Intent(intent) => {
            for (i, change) in intent.changes.iter_mut().enumerate() {
                if let Some(components) = change.components_mut() {
                    take_in_components(
                        blobs,
                        components,
                        attachments,
                        &format!("changes[{i}].components"),
                    )?;
                }
            }
        }
        ClientMessage::Applied { results, .. } => {
            for (i, result) in results.iter_mut().enumerate() {
                let Some(state) = &mut result.state else {
                    continue;
                };
                let location = format!("results[{i}].state.components");
                if let Err(invalid) =
                    take_in_components(blobs, &mut state.components, attachments, &location)
                {
                    fail(result, invalid);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn fail(result: &mut AppliedResult, invalid: Invalid) {
    result.status = ApplyStatus::Failed;
    result.state = None;
    result.error = Some(invalid.into());
}

fn take_in_components(
    blobs: &BlobStore,
    components: &mut Components,
    attachments: &mut [Attachment],
    location: &str,
) -> Result<(), Invalid> {
    let Some(mesh) = &mut components.mesh else {
        return Ok(());
    };
    let location = format!("{location}.mesh");
    // What is not attached was stored before; reading it checks it.
    let mut stored = BTreeMap::new();
    for (name, buffer) in &mesh.buffers {
        let at = format!("{location}.buffers.{name}");
        if let Some(blob) = not_attached(buffer, attachments.len(), &at)? {
            let unknown = |error| Invalid::new(Code::BlobUnknown, &at, format!("{error}"));
            stored.insert(name.as_str(), blobs.get(blob).map_err(unknown)?);
        }
    }
    let pieces = mesh.buffers.iter().map(|(name, buffer)| {
        let pieces = match (stored.get(name.as_str()), attached(buffer, attachments)) {
            (Some(bytes), _) => vec![bytes.as_slice()],
            (None, Some(attachment)) => attachment.pieces.iter().map(AsRef::as_ref).collect(),
            (None, None) => Vec::new(),
        };
        (name.as_str(), pieces)
    });
    check_mesh(mesh, &pieces.collect(), &location)?;
    store(blobs, mesh, attachments).map_err(|error| {
        let why = format!("it cannot be stored: {error}");
        Invalid::new(error.code(), &location, why)
    })
}

/// The blob that a buffer names, where it has no attachment.
fn not_attached(buffer: &Buffer, count: usize, location: &str) -> Result<Option<BlobId>, Invalid> {
    let fail = |message| Err(Invalid::new(Code::MeshInvalid, location, message));
    match (buffer.attachment, buffer.blob) {
        (Some(index), _) if index as usize >= count => {
            fail(format!("attachment {index} of {count}"))
        }
        (Some(_), _) => Ok(None),
        (None, Some(blob)) => Ok(Some(blob)),
        (None, None) => fail("neither an attachment nor a blob".to_owned()),
    }
}

fn attached<'a>(buffer: &Buffer, attachments: &'a [Attachment]) -> Option<&'a Attachment> {
    attachments.get(buffer.attachment? as usize)
}

/// Makes blobs of the attachments that a mesh names, where they are not there already.
fn store(
    blobs: &BlobStore,
    mesh: &mut Mesh,
    attachments: &mut [Attachment],
) -> Result<(), BlobError> {
    let mut files = Vec::new();
    for buffer in mesh.buffers.values_mut() {
        let index = buffer.attachment.map(|index| index as usize);
        let Some(attachment) = index.and_then(|index| attachments.get_mut(index)) else {
            continue;
        };
        *buffer = Buffer::stored(attachment.id, buffer.bytes);
        if !blobs.has_intact(attachment.id) {
            files.push((attachment.id, attachment.file(blobs)?));
        }
    }
    blobs.commit(files)
}

fn borrowed(loaded: &BTreeMap<String, impl AsRef<[u8]>>) -> MeshBytes<'_> {
    loaded
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_ref()))
        .collect()
}

/// A message as a frame: its blobs attached, each once. In parts, so that bulk data is not copied once more.
pub fn frame(shared: &Shared, mut message: DaemonMessage) -> Result<Vec<Bytes>, String> {
    let mut bulk: Vec<Bytes> = Vec::new();
    let mut lengths: Vec<usize> = Vec::new();
    if let DaemonMessage::Apply { changes, .. } = &mut message {
        let mut index_of: BTreeMap<BlobId, u32> = BTreeMap::new();
        for buffer in changes
            .iter_mut()
            .flat_map(|change| buffers_of(&mut change.change))
        {
            let Some(blob) = buffer.blob else { continue };
            let index = match index_of.get(&blob) {
                Some(index) => *index,
                None => {
                    let index = u32::try_from(lengths.len()).map_err(|error| error.to_string())?;
                    let content = content(shared, blob).map_err(|error| error.to_string())?;
                    lengths.push(content.iter().map(Bytes::len).sum());
                    bulk.extend(content);
                    index_of.insert(blob, index);
                    index
                }
            };
            buffer.attachment = Some(index);
        }
    }
    let mut header = serde_json::to_value(&message).map_err(|error| error.to_string())?;
    let length = lengths.iter().sum();
    if let (Some(map), false) = (header.as_object_mut(), lengths.is_empty()) {
        map.insert("attachments".into(), lengths.into());
    }
    let header = serde_json::to_vec(&header).map_err(|error| error.to_string())?;
    let head = begin_frame(&header, length).map_err(|error| error.to_string())?;
    bulk.insert(0, head.into());
    Ok(bulk)
}

/// From memory where it has just arrived, else from the disk.
fn content(shared: &Shared, blob: BlobId) -> Result<Vec<Bytes>, BlobError> {
    match shared.recent.take(blob) {
        Some(pieces) => Ok(pieces),
        None => Ok(vec![shared.blobs.get(blob)?.into()]),
    }
}

/// A message without bulk data as a frame. Messages are plain data, so writing them cannot fail; were it to, the
/// empty frame would end the connection at the other side.
pub fn plain_frame(message: &DaemonMessage) -> Vec<u8> {
    let header = serde_json::to_vec(message).unwrap_or_default();
    encode(&header, &[] as &[&[u8]]).unwrap_or_default()
}

fn buffers_of(change: &mut Change) -> impl Iterator<Item = &mut Buffer> {
    let mesh = change
        .components_mut()
        .and_then(|components| components.mesh.as_mut());
    mesh.into_iter().flat_map(|mesh| mesh.buffers.values_mut())
}

/// The meshes among `pairs` that differ, and where.
pub fn compare(blobs: &BlobStore, pairs: &[MeshPair]) -> Vec<(Uuid, String)> {
    pairs
        .iter()
        .filter_map(|pair| Some((pair.uuid, compare_pair(blobs, pair).err()?)))
        .collect()
}

fn compare_pair(blobs: &BlobStore, pair: &MeshPair) -> Result<(), String> {
    let expected = load(blobs, &pair.expected)?;
    let held = load(blobs, &pair.held)?;
    compare_meshes(
        (&pair.expected, &borrowed(&expected)),
        (&pair.held, &borrowed(&held)),
    )
    .map_err(|mismatch| mismatch.to_string())
}

fn load(blobs: &BlobStore, mesh: &Mesh) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut loaded = BTreeMap::new();
    for (name, buffer) in &mesh.buffers {
        let blob = buffer.blob.ok_or("a buffer without content")?;
        loaded.insert(
            name.clone(),
            blobs.get(blob).map_err(|error| error.to_string())?,
        );
    }
    Ok(loaded)
}

/// Whether a message carries anything for the blob store.
pub fn has_bulk(message: &ClientMessage) -> bool {
    let with_mesh = |components: &Components| components.mesh.is_some();
    match message {
        ClientMessage::Intent(intent) => intent
            .changes
            .iter()
            .filter_map(Change::components)
            .any(with_mesh),
        ClientMessage::Applied { results, .. } => results
            .iter()
            .filter_map(|result| result.state.as_ref())
            .any(|state| with_mesh(&state.components)),
        _ => false,
    }
}

/// The blobs a message needs to be sent.
pub fn needs_blobs(message: &DaemonMessage) -> bool {
    let DaemonMessage::Apply { changes, .. } = message else {
        return false;
    };
    let ids: BTreeSet<BlobId> = changes
        .iter()
        .filter_map(|change| change.change.components())
        .flat_map(Components::blobs)
        .collect();
    !ids.is_empty()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vibesync_scene::Submesh;
    use vibesync_store::disk::RealDisk;

    use super::*;

    /// One triangle in the store, its corners at these positions.
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
        let compared = |positions| {
            let expected = triangle(&blobs, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
            let held = triangle(&blobs, positions);
            compare(
                &blobs,
                &[MeshPair {
                    uuid: Uuid::nil(),
                    expected,
                    held,
                }],
            )
        };
        assert_eq!(compared([1e-6, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]), []);
        let differing = compared([0.0, 0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 1.0, 0.0]);
        assert_eq!(
            differing,
            [(Uuid::nil(), "position differs at corner 1".to_owned())]
        );
    }
}
