//! Stores the attachments of a client's message as blobs.

use std::collections::BTreeMap;

use vibesync_protocol::{AppliedResult, ApplyStatus, ClientMessage};
use vibesync_scene::{BlobId, Buffer, Change, Code, Components, Invalid, Mesh, check_mesh};
use vibesync_store::blobs::{BlobError, BlobStore};

use super::upload::Attachment;

/// Returns true if the message has a mesh.
pub fn has_attachments(message: &ClientMessage) -> bool {
    let has_mesh = |components: &Components| components.mesh.is_some();
    match message {
        ClientMessage::Intent(intent) => intent
            .changes
            .iter()
            .filter_map(Change::components)
            .any(has_mesh),
        ClientMessage::Applied { results, .. } => results
            .iter()
            .filter_map(|result| result.state.as_ref())
            .any(|state| has_mesh(&state.components)),
        _ => false,
    }
}

/// Stores the attachments of a message and replaces them in its buffers by the ids of blobs. Fails for an intent with an
/// inconsistent mesh. A read-back with an inconsistent mesh becomes a failed result instead.
pub fn store_attachments(
    blobs: &BlobStore,
    message: &mut ClientMessage,
    attachments: &mut [Attachment],
) -> Result<(), Invalid> {
    match message {
        ClientMessage::Intent(intent) => {
            for (i, change) in intent.changes.iter_mut().enumerate() {
                if let Some(components) = change.components_mut() {
                    let location = format!("changes[{i}].components");
                    store_components(blobs, components, attachments, &location)?;
                }
            }
        }
        ClientMessage::Applied { results, .. } => {
            for (i, result) in results.iter_mut().enumerate() {
                let Some(state) = &mut result.state else {
                    continue;
                };
                if state.components.mesh.as_ref().is_some_and(names_only_blobs) {
                    // Equal to what was sent if it names the same blobs; else the comparison reads and checks them.
                    continue;
                }
                let location = format!("results[{i}].state.components");
                let stored = store_components(blobs, &mut state.components, attachments, &location);
                if let Err(invalid) = stored {
                    mark_failed(result, invalid);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns true if no buffer of the mesh has an attachment.
fn names_only_blobs(mesh: &Mesh) -> bool {
    let is_named = |buffer: &Buffer| buffer.attachment.is_none() && buffer.blob.is_some();
    mesh.buffers.values().all(is_named)
}

fn mark_failed(result: &mut AppliedResult, invalid: Invalid) {
    result.status = ApplyStatus::Failed;
    result.state = None;
    result.error = Some(invalid.into());
}

fn store_components(
    blobs: &BlobStore,
    components: &mut Components,
    attachments: &mut [Attachment],
    location: &str,
) -> Result<(), Invalid> {
    let Some(mesh) = &mut components.mesh else {
        return Ok(());
    };
    let location = format!("{location}.mesh");
    let stored = load_stored(blobs, mesh, attachments.len(), &location)?;
    let pieces = mesh.buffers.iter().map(|(name, buffer)| {
        let pieces = match (stored.get(name), attachment_of(buffer, attachments)) {
            (Some(bytes), _) => vec![bytes.as_slice()],
            (None, Some(attachment)) => attachment.pieces.iter().map(AsRef::as_ref).collect(),
            (None, None) => Vec::new(),
        };
        (name.as_str(), pieces)
    });
    check_mesh(mesh, &pieces.collect(), &location)?;
    store_mesh(blobs, mesh, attachments).map_err(|error| {
        let why = format!("it cannot be stored: {error}");
        Invalid::new(error.code(), &location, why)
    })
}

/// Loads the buffers without an attachment. They name blobs that were stored before, and reading a blob checks it.
fn load_stored(
    blobs: &BlobStore,
    mesh: &Mesh,
    attachment_count: usize,
    location: &str,
) -> Result<BTreeMap<String, Vec<u8>>, Invalid> {
    let mut stored = BTreeMap::new();
    for (name, buffer) in &mesh.buffers {
        let location = format!("{location}.buffers.{name}");
        if let Some(blob) = stored_blob(buffer, attachment_count, &location)? {
            let bytes = blobs
                .get(blob)
                .map_err(|error| Invalid::new(Code::BlobUnknown, &location, error.to_string()))?;
            stored.insert(name.clone(), bytes);
        }
    }
    Ok(stored)
}

/// Returns the blob that a buffer names; none if the buffer has an attachment.
fn stored_blob(
    buffer: &Buffer,
    attachment_count: usize,
    location: &str,
) -> Result<Option<BlobId>, Invalid> {
    let fail = |message| Err(Invalid::new(Code::MeshInvalid, location, message));
    match (buffer.attachment, buffer.blob) {
        (Some(index), _) if index as usize >= attachment_count => {
            fail(format!("attachment {index} of {attachment_count}"))
        }
        (Some(_), _) => Ok(None),
        (None, Some(blob)) => Ok(Some(blob)),
        (None, None) => fail("neither an attachment nor a blob".to_owned()),
    }
}

fn attachment_of<'a>(buffer: &Buffer, attachments: &'a [Attachment]) -> Option<&'a Attachment> {
    attachments.get(buffer.attachment? as usize)
}

/// Stores the attachments of a mesh as blobs, except for contents that are stored already.
fn store_mesh(
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
